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

/**
 * Returns the network by which limits count a client: one IPv4 address, or a /64 of IPv6, which one client may use as a
 * whole; a /48 where one organisation counts, to which no more is assigned (RFC 6177). Text that is not an address is
 * returned unchanged.
 */
export function networkOf(address: string, bits: 48 | 64 = 64): string {
  const plain = withoutMapping(address);
  if (isIP(plain) !== 6) return plain;
  const [head = [], tail] = plain
    .replace(/%.*$/, '')
    .split('::')
    .map((text) => text.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : IPV6_GROUPS - head.length - countGroups(tail);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])];
  const network = groups.slice(0, bits / GROUP_BITS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/${bits}`;
}

/** That a rate limit tells apart in a minute. */
export const COUNTED_NETWORKS = 20_000;

const IPV6_GROUPS = 8;
const GROUP_BITS = 16;

/** An IPv4 address at the end takes the place of two groups. */
function countGroups(groups: readonly string[]): number {
  return groups.length + (groups.at(-1)?.includes('.') === true ? 1 : 0);
}

/** IPv4 where it is written as IPv6. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[0-9.]+$)/i, '');
}

/** Whether the list has the address of a connection; IPv4 also where it is written as IPv6. */
export function isListed(list: BlockList, address: string): boolean {
  const plain = withoutMapping(address);
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
