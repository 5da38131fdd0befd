import { describe, expect, it } from 'vitest';
import { detect } from '../../../src/simulate/physics/detector.ts';
import { classifyMaterial } from '../../../src/simulate/physics/material-map.ts';
import { materials } from '../../../src/simulate/physics/materials.ts';
import { layerAttenuation } from '../../../src/simulate/physics/physics.ts';
import { Random } from '../../../src/simulate/random.ts';

const perfect = {
  openBeam: { high: 60_000, low: 58_000 },
  scatter: { high: 0, low: 0 },
  scatterSigmaMm: 300,
  blurSigmaMm: 0.1,
  quantaPerMm2: { high: 5_000, low: 2_500 },
  rowGain: 0,
  pulseGain: 0,
  noise: 0,
  deadRows: 0,
  failures: 0,
  paddingMm: 0,
};
const grid = { rows: 100, columns: 200, pitchMm: 11 };
const pixels = grid.rows * grid.columns;

function uniform(high: number, low: number) {
  return { high: new Float32Array(pixels).fill(high), low: new Float32Array(pixels).fill(low) };
}

function spread(values: Uint16Array): { mean: number; deviation: number } {
  const measured = [...values].filter((value) => value > 0);
  const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
  const variance = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0) / measured.length;
  return { mean, deviation: Math.sqrt(variance) };
}

describe('the detector', () => {
  it('reads transmission times open beam, with the noise of counting', () => {
    const { high } = detect(1, grid, uniform(0.25, 0.2), perfect);
    const { mean, deviation } = spread(high);
    const quanta = 0.25 * 5_000 * 11 * 11;
    expect(mean / 60_000).toBeCloseTo(0.25, 3);
    expect(deviation / mean).toBeGreaterThan(0.97 / Math.sqrt(quanta));
    expect(deviation / mean).toBeLessThan(1.03 / Math.sqrt(quanta));
  });

  it('adds scatter as a share of what surrounds a pixel', () => {
    const field = uniform(1, 1);
    field.high.fill(0, 50 * grid.columns);
    const { high } = detect(1, grid, field, { ...perfect, scatter: { high: 0.01, low: 0.01 } });
    expect(high[55 * grid.columns + 100]).toBeGreaterThan(60);
    expect(high[55 * grid.columns + 100]).toBeLessThan(600);
    const none = detect(1, grid, field, perfect).high;
    expect(none[55 * grid.columns + 100]).toBe(1);
  });

  it('writes 0 for every second sample of a dead row, and for padding', () => {
    const { high } = detect(4, grid, uniform(1, 1), { ...perfect, deadRows: 1, paddingMm: 33 });
    const rows = Array.from(
      { length: grid.rows },
      (_, row) =>
        high.subarray(row * grid.columns, (row + 1) * grid.columns).filter((value) => value === 0).length,
    );
    expect(rows.slice(-3)).toEqual([200, 200, 200]);
    expect(rows.slice(0, -3).filter((zeros) => zeros >= 100)).toHaveLength(1);
  });
});

describe('the material map', () => {
  function classes(name: keyof typeof materials, grams: number): number[] {
    const { high, low } = layerAttenuation(materials[name], grams);
    const counts = detect(2, grid, uniform(Math.exp(-high), Math.exp(-low)), perfect);
    return [...new Set(classifyMaterial(grid, counts.high, counts.low, perfect.openBeam))];
  }

  it.each(['cellulose', 'water', 'food', 'polyethylene', 'textile'] as const)('calls %s organic', (name) => {
    for (const grams of [10, 40, 100]) {
      for (const value of classes(name, grams)) {
        expect(value).toBeGreaterThanOrEqual(41);
        expect(value).toBeLessThanOrEqual(120);
      }
    }
  });

  it.each(['steel', 'copper', 'lead'] as const)('calls %s metal', (name) => {
    for (const grams of [10, 40, 100]) {
      for (const value of classes(name, grams)) expect(value).toBeGreaterThanOrEqual(121);
    }
  });

  it('calls air background', () => {
    const counts = detect(2, grid, uniform(1, 1), perfect);
    expect(new Set(classifyMaterial(grid, counts.high, counts.low, perfect.openBeam))).toEqual(new Set([0]));
  });
});

describe('the random numbers', () => {
  it('are those of the seed, on every machine', () => {
    const random = new Random(12345, 'check');
    const drawn = Array.from({ length: 4 }, () => random.next());
    expect(drawn).toMatchInlineSnapshot(`
      [
        0.8485227224882692,
        0.8393096250947565,
        0.37811948941089213,
        0.4795112404972315,
      ]
    `);
  });

  it('have the mean and spread they claim', () => {
    const random = new Random(99);
    const count = 20_000;
    const moments = (draw: () => number) => {
      const values = Array.from({ length: count }, draw);
      const mean = values.reduce((sum, value) => sum + value, 0) / count;
      return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count };
    };
    const normal = moments(() => random.normal());
    expect(normal.mean).toBeCloseTo(0, 1);
    expect(normal.variance).toBeCloseTo(1, 1);
    for (const mean of [0.5, 8, 200]) {
      const poisson = moments(() => random.poisson(mean));
      expect(Math.abs(poisson.mean / mean - 1)).toBeLessThan(0.03);
      expect(Math.abs(poisson.variance / mean - 1)).toBeLessThan(0.06);
    }
  });
});
