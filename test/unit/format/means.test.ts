import fc from 'fast-check';
import { expect, test } from 'vitest';
import { downscale, quantile } from '../../../src/format/downscale.ts';
import { channelOf } from '../../support/scan.ts';

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

test('counts of 16 bits give the same means, whichever loop adds them', () => {
  const unused = 40_000;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 50 }),
      fc.infiniteStream(
        fc.oneof(
          { weight: 1, arbitrary: fc.constant(0) },
          { weight: 4, arbitrary: fc.integer({ min: 1, max: 30_000 }) },
        ),
      ),
      (rows, columns, maxSide, stream) => {
        const samples = Uint16Array.from({ length: rows * columns }, () => stream.next().value);
        const plane = new Uint8Array(samples.buffer);
        const { invalidValue: _, ...channel } = channelOf({
          rows,
          columns,
          notMeasured: { rows: [], columns: [] },
        });
        const plain = downscale(channel, plane, maxSide);
        const general = downscale({ ...channel, invalidValue: unused }, plane, maxSide);
        expect(plain.values.length).toBe(general.values.length);
        for (const [i, value] of plain.values.entries())
          expect(value).toBeCloseTo(general.values[i] ?? Number.NaN, 6);
      },
    ),
  );
});
