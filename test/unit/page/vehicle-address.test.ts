import { expect, test } from 'vitest';
import { markFrom, vehicleAt, vehiclePath } from '../../../src/page/vehicles/address.ts';

test('what has the form of a container number is one in every spelling, and anything else is a visit', () => {
  expect(markFrom(' msku 123456-5')).toEqual({ kind: 'container', mark: 'MSKU1234565' });
  expect(markFrom('MSKU1234560')).toEqual({ kind: 'container', mark: 'MSKU1234560' });
  expect(markFrom('MS?U1234565')).toEqual({ kind: 'container', mark: 'MS?U1234565' });
  expect(markFrom('v-26 2')).toEqual({ kind: 'visit', mark: 'V262' });
  expect(markFrom(' - ')).toEqual({ kind: 'visit', mark: '' });
});

test('the address of a vehicle leads back to it, whatever letters its mark has', () => {
  for (const mark of ['MSKU1234565', 'Ü#42?', 'A%2FB'])
    for (const kind of ['container', 'visit', 'plate'] as const) {
      const address = { site: 'harbour', kind, mark };
      expect(vehicleAt(vehiclePath(address))).toEqual(address);
    }
});

test.each(['/vehicles', '/vehicles/harbour', '/vehicles/harbour/chassis/B-1', '/radiation/container/x/y'])(
  '%s is the address of no vehicle',
  (path) => {
    expect(vehicleAt(path)).toBeUndefined();
  },
);
