import { isIP } from 'node:net';

/** Whether the name is this machine's own: nothing goes over a wire. */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '');
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** Whether what is sent to this address goes over a wire in the clear. */
export function isPlainAddress(url: URL): boolean {
  return url.protocol === 'http:' && !isLoopback(url.hostname);
}
