import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantile } from '../../../src/format/downscale.ts';

const meansOf = (values: readonly number[]) => ({
  rows: 1,
  columns: values.length,
  values: Float64Array.from(values),
});

/** What a sort says. */
function sorted(values: readonly number[], share: number): number {
  const valid = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return valid.length === 0 ? Number.NaN : (valid[Math.round(share * (valid.length - 1))] ?? Number.NaN);
}

test('a quantile is what a sort would find, also among equal, far apart and missing values', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 65_535 }),
    fc.double({ min: -1e9, max: 1e9 }),
    fc.constantFrom(Number.NaN, 0, 0.1, 0.1 + Number.EPSILON, 1e308, -1e308),
  );
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        expect(quantile(meansOf(values), share)).toBe(sorted(values, share));
      },
    ),
  );
});
