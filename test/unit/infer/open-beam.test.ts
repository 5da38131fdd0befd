import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { estimatedOpenBeam } from '../../../src/infer/open-beam.ts';
import { Random } from '../../../src/simulate/random.ts';

const sorted = (values: Iterable<number>) => Float64Array.from(values).sort();

/** A scanner's picture: so many samples of each brightness, with 2 % of noise. */
function picture(parts: readonly { readonly count: number; readonly level: number }[], noise = 0.02) {
  const random = new Random(1, 'picture');
  return parts.flatMap(({ count, level }) =>
    Array.from({ length: count }, () => level * (1 + noise * random.normal())),
  );
}

describe('the open beam that nothing states', () => {
  test('is the middle of the air, noisy as it may be, not the top of its noise', () => {
    const samples = picture([
      { count: 2000, level: 56_000 },
      { count: 8000, level: 9000 },
    ]);
    expect(estimatedOpenBeam(sorted(samples)) ?? 0).toBeGreaterThan(0.99 * 56_000);
    expect(estimatedOpenBeam(sorted(samples)) ?? 0).toBeLessThan(1.01 * 56_000);
  });

  test('is not lifted by bad samples, of which a real rail scan has one in two hundred', () => {
    const good = picture([
      { count: 2000, level: 56_000 },
      { count: 8000, level: 9000 },
    ]);
    const bad = Array.from({ length: 60 }, (_, i) => 58_500 + i * 118);
    const [without, with_] = [estimatedOpenBeam(sorted(good)), estimatedOpenBeam(sorted([...good, ...bad]))];
    expect(Math.abs((with_ ?? 0) / (without ?? 1) - 1)).toBeLessThan(0.002);
  });

  test('is the air also where the walls of a container are in more of the picture', () => {
    const samples = picture([
      { count: 1500, level: 56_000 },
      { count: 6000, level: 45_500 },
    ]);
    expect(Math.abs((estimatedOpenBeam(sorted(samples)) ?? 0) / 56_000 - 1)).toBeLessThan(0.01);
  });

  test('is what is there where every sample is alike, and nothing of no samples', () => {
    expect(estimatedOpenBeam(sorted(new Array(500).fill(255)))).toBe(255);
    expect(estimatedOpenBeam(sorted([7]))).toBe(7);
    expect(estimatedOpenBeam(new Float64Array())).toBeUndefined();
  });

  test('is a sample of the picture, and grows with the picture’s values', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 300 }),
        (values) => {
          const found = estimatedOpenBeam(sorted(values));
          expect(values).toContain(found);
          expect(estimatedOpenBeam(sorted(values.map((value) => 2 * value)))).toBe(2 * (found ?? 0));
        },
      ),
    );
  });
});
