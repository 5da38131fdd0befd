import { BlockList, isIP } from 'node:net';
import { NiiError } from '../../core/errors.ts';

/** Addresses and networks, as `10.0.0.7` or `10.0.0.0/8`. @throws NII_CONFIG naming what is neither */
export function addressList(written: readonly string[], setting = 'NII_TRUSTED_PROXIES'): BlockList {
  const list = new BlockList();
  for (const text of written) addTo(list, text, setting);
  return list;
}

function addTo(list: BlockList, text: string, setting: string): void {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const type = version === 6 ? 'ipv6' : 'ipv4';
  const most = version === 6 ? 128 : 32;
  if (version === 0 || more.length > 0 || (bits !== undefined && !isCount(bits, most)))
    throw new NiiError(
      'NII_CONFIG',
      `Invalid address "${text}" in ${setting}: use 10.0.0.7, 10.0.0.0/8 or similar`,
    );
  if (bits === undefined) list.addAddress(address, type);
  else list.addSubnet(address, Number(bits), type);
}

function isCount(text: string, most: number): boolean {
  return /^[0-9]{1,3}$/.test(text) && Number(text) <= most;
}

/** Whether the list has the address of a connection; IPv4 also where it is written as IPv6. */
export function isListed(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=[0-9.]+$)/, '');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
