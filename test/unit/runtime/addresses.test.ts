import { describe, expect, test } from 'vitest';
import { addressList, isListed } from '../../../src/http/connections/addresses.ts';
import { isPlainAddress } from '../../../src/runtime/plain-connections.ts';

describe('a list of addresses', () => {
  const list = addressList(['10.0.0.7', '192.0.2.0/24', '2001:db8::/32']);

  test.each(['10.0.0.7', '::ffff:10.0.0.7', '192.0.2.255', '2001:db8:1::5'])('has %s', (address) => {
    expect(isListed(list, address)).toBe(true);
  });

  test.each(['10.0.0.8', '192.0.3.0', '2001:db9::1', 'local', ''])('has not %s', (address) => {
    expect(isListed(list, address)).toBe(false);
  });

  test.each(['10.0.0', '10.0.0.0/33', '::1/129', 'proxy.example', '10.0.0.0/8/8', '10.0.0.0/', '/8'])(
    'rejects %s by name',
    (text) => {
      expect(() => addressList([text])).toThrow(text);
    },
  );
});

test.each([
  ['http://nii.example/', true],
  ['http://10.0.0.1:8080/', true],
  ['http://127.0.0.1:8080/', false],
  ['http://[::1]:8080/', false],
  ['http://localhost/', false],
  ['http://127.0.0.1.example/', true],
  ['https://nii.example/', false],
])('%s goes over a wire in the clear: %s', (url, isPlain) => {
  expect(isPlainAddress(new URL(url))).toBe(isPlain);
});
