import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { containerState } from '../../../src/core/check-digits.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { anomalyKinds, cargoKinds, type SimulatedScan, simulateScan } from '../../../src/simulate/index.ts';
import { transmit } from '../../../src/simulate/physics/physics.ts';
import { buildScene } from '../../../src/simulate/scene/scene.ts';
import { runs } from '../../support/search-size.ts';

const PITCH = 22;
const seeds = fc.integer({ min: 0, max: 0xffffffff });

function digest({ high, low, material, mask, ...rest }: SimulatedScan): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const plane of [high, low, material, mask]) hash.update(plane);
  return hash.digest('hex');
}

describe('a simulated scan', () => {
  it('is the same for the same seed and options, bit for bit', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(digest(simulateScan({ seed, pitchMm: PITCH }))).toBe(
          digest(simulateScan({ seed, pitchMm: PITCH })),
        );
      }),
      { numRuns: runs(6) },
    );
  });

  it('is another for another seed', () => {
    const digests = [1, 2, 3, 4].map((seed) => digest(simulateScan({ seed, pitchMm: PITCH })));
    expect(new Set(digests).size).toBe(4);
  });

  it.each([4.2, 8.5, 11])('covers 4.6 m of height at %d mm', (pitchMm) => {
    const scan = simulateScan({ seed: 5, pitchMm, container: '20ft', tractor: false, cargo: 'empty' });
    expect(scan.rows).toBe(Math.round(4600 / pitchMm));
    expect(scan.high.length).toBe(scan.rows * scan.columns);
    expect(scan.columns * pitchMm).toBeGreaterThan(6_058 + 400);
    expect(scan.columns * pitchMm).toBeLessThan(6_058 + 1_300);
  });

  it('reads the open beam it states in the air at the top, and far less behind steel coils', () => {
    const scan = simulateScan({
      seed: 9,
      pitchMm: 11,
      container: '20ft',
      cargo: 'steel-coils',
      tractor: false,
    });
    for (const energy of ['high', 'low'] as const) {
      const air = [...scan[energy].subarray(0, 4 * scan.columns)]
        .filter((value) => value > 0)
        .sort((a, b) => a - b);
      expect(air[Math.floor(air.length / 2)]! / scan.openBeam[energy]).toBeCloseTo(1, 1);
      expect(scan.openBeam[energy]).toBeGreaterThanOrEqual(54_500);
      expect(scan.openBeam[energy]).toBeLessThanOrEqual(62_000);
      const dark = scan[energy].filter((value) => value > 0 && value < scan.openBeam[energy] / 100).length;
      expect(dark / scan[energy].length).toBeGreaterThan(0.02);
    }
  });

  it('has samples that were not measured, written as 0, in both channels', () => {
    for (const seed of [1, 2, 3]) {
      const scan = simulateScan({ seed, pitchMm: PITCH });
      for (const plane of [scan.high, scan.low]) {
        const zeros = plane.filter((value) => value === 0).length;
        expect(zeros).toBeGreaterThan(0);
        expect(zeros / plane.length).toBeLessThan(0.05);
      }
    }
  });

  const loadedWith = (cargo: (typeof cargoKinds)[number]) =>
    simulateScan({ seed: 77, pitchMm: PITCH, container: '20ft', cargo, tractor: false });
  let behindNothing = Number.NaN;
  beforeAll(() => {
    behindNothing = meanTransmission(loadedWith('empty'));
  });

  it.each(cargoKinds)('can be loaded with %s', (cargo) => {
    const scan = loadedWith(cargo);
    expect(scan.units).toHaveLength(1);
    expect(scan.units[0]).toMatchObject({ cargo });
    expect(scan.description.length).toBeGreaterThan(3);
    const behindCargo = meanTransmission(scan);
    if (cargo === 'empty') expect(behindCargo).toBe(behindNothing);
    else expect(behindCargo).toBeLessThan(behindNothing * 0.99);
  });

  it('of two containers gives each its number, its cargo and its columns', () => {
    const scan = simulateScan({
      seed: 3,
      pitchMm: PITCH,
      container: '2x20ft',
      cargo: ['tyres', 'empty'],
      tractor: true,
    });
    const [left, right] = scan.units;
    expect(scan.units).toHaveLength(2);
    expect(new Set([left!.cargo, right!.cargo])).toEqual(new Set(['empty', 'tyres']));
    expect(left!.container).not.toBe(right!.container);
    expect(left!.columns.to).toBeLessThanOrEqual(right!.columns.from + 1);
    for (const { container, columns } of scan.units) {
      expect(containerState(container)).toBe('valid');
      expect((columns.to - columns.from) * PITCH).toBeCloseTo(6_058, -2);
      expect(columns.from).toBeGreaterThanOrEqual(0);
      expect(columns.to).toBeLessThanOrEqual(scan.columns);
    }
  });

  it('takes less than a second of processor time for a 20-ft box at 11 mm', () => {
    const run = () => {
      const before = process.cpuUsage();
      simulateScan({ seed: 8, pitchMm: 11, container: '20ft', cargo: 'cartons', tractor: false });
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    expect(Math.min(run(), run(), run())).toBeLessThan(1000);
  });
});

function meanTransmission({ high, openBeam }: SimulatedScan): number {
  return high.reduce((sum, value) => sum + value, 0) / high.length / openBeam.high;
}

describe('an anomaly', () => {
  const cargo = 'cartons';
  const base = { pitchMm: 11, container: '20ft', cargo, tractor: false } as const;

  const beamOf = ({ canvas, mask }: ReturnType<typeof buildScene>) =>
    transmit(canvas.planes(), mask.length).high;
  /** The beam through the goods alone, by the seed of the scene. */
  const clean = new Map<number, Float32Array>();
  beforeAll(() => {
    for (const seed of [21, 22]) clean.set(seed, beamOf(buildScene({ ...base, seed })));
  });

  it.each(anomalyKinds)('%s changes the beam where its mask is, and nowhere else', (kind) => {
    for (const [seed, before] of clean) {
      const dirty = buildScene({ ...base, seed, anomalies: [kind] });
      const pixels = dirty.mask.length;
      expect(before.length).toBe(pixels);
      const after = beamOf(dirty);
      let [changedOutside, changedInside, inside] = [0, 0, 0];
      for (let i = 0; i < pixels; i++) {
        const change = Math.abs(Math.log(after[i]! / before[i]!));
        const marked = dirty.mask[i]! > 0;
        if (marked) inside++;
        if (marked && change > 0.008) changedInside++;
        if (!marked && change > 0.03) changedOutside++;
      }
      expect(changedOutside).toBe(0);
      expect(inside).toBeGreaterThan(20);
      expect(changedInside / inside).toBeGreaterThan(0.6);
    }
  });

  it.each(anomalyKinds)('%s marks its own class in the mask, inside its box', (kind) => {
    const scan = simulateScan({ ...base, seed: 31, anomalies: [kind] });
    const value = anomalyKinds.indexOf(kind) + 1;
    const marked = [...scan.mask.keys()].filter((i) => scan.mask[i]! > 0);
    expect(marked.length).toBeGreaterThan(20);
    expect(new Set(marked.map((i) => scan.mask[i]))).toEqual(new Set([value]));
    const [found] = scan.anomalies;
    expect(found!.kind).toBe(kind);
    const rows = marked.map((i) => Math.floor(i / scan.columns));
    const columns = marked.map((i) => i % scan.columns);
    expect(found!.box).toEqual({
      top: Math.min(...rows),
      bottom: Math.max(...rows) + 1,
      left: Math.min(...columns),
      right: Math.max(...columns) + 1,
    });
  });

  it('that was not asked for is not there', () => {
    const scan = simulateScan({ ...base, seed: 31 });
    expect(scan.anomalies).toEqual([]);
    expect(scan.mask.every((value) => value === 0)).toBe(true);
  });

  it('goes into the container that was named', () => {
    const scan = simulateScan({
      seed: 41,
      pitchMm: 11,
      container: '2x20ft',
      cargo: ['tyres', 'tobacco'],
      anomalies: [{ kind: 'bricks', container: 1 }],
    });
    const second = scan.units.find(({ cargo: kind }) => kind === 'tobacco');
    const { box } = scan.anomalies[0]!;
    expect(box.left).toBeGreaterThanOrEqual(second!.columns.from);
    expect(box.right).toBeLessThanOrEqual(second!.columns.to);
  });

  it.each(['scrap', 'furniture', 'machinery', 'cars', 'timber', 'steel-profiles'] as const)(
    'missing-unit is refused in %s, where a gap is normal',
    (cargo) => {
      const wish = { ...base, seed: 1, cargo, anomalies: ['missing-unit'] as const };
      expect(refusalOf(() => simulateScan(wish))).toBe('NII_BAD_REQUEST');
    },
  );

  it('missing-unit leaves other goods above the hole in a stack', () => {
    const wish = { ...base, seed: 5, cargo: 'tobacco' } as const;
    const [whole, holed] = [simulateScan(wish), simulateScan({ ...wish, anomalies: ['missing-unit'] })];
    const { box } = holed.anomalies[0]!;
    const above = (box.top - 6) * whole.columns + Math.round((box.left + box.right) / 2);
    expect(whole.high[above]! / whole.openBeam.high).toBeLessThan(0.6);
    // only the haze of what lies around differs
    expect(holed.high[above]! / whole.high[above]!).toBeCloseTo(1, 2);
  });

  it.each(['cavity', 'missing-unit'] as const)('%s is refused in an empty container', (kind) => {
    expect(refusalOf(() => simulateScan({ ...base, seed: 1, cargo: 'empty', anomalies: [kind] }))).toBe(
      'NII_BAD_REQUEST',
    );
  });
});

describe('a wagon', () => {
  it('carries one container of 40 feet, with what is hidden in it', () => {
    const scan = simulateScan({ seed: 3, pitchMm: 22, vehicle: 'wagon', anomalies: ['dense-block'] });
    const [unit, ...others] = scan.units;
    const { box } = scan.anomalies[0]!;
    expect(others).toEqual([]);
    expect((unit!.columns.to - unit!.columns.from) * 22).toBeCloseTo(12_192, -2);
    expect(scan.columns * 22).toBeGreaterThan(13_800);
    expect(box.left).toBeGreaterThanOrEqual(unit!.columns.from);
    expect(box.right).toBeLessThanOrEqual(unit!.columns.to);
  });
});

describe('options out of range', () => {
  it.each([
    { seed: -1, pitchMm: 11 },
    { seed: 1.5, pitchMm: 11 },
    { seed: 2 ** 32, pitchMm: 11 },
    { seed: 1, pitchMm: 0 },
    { seed: 1, pitchMm: 1e9 },
    { seed: 1, pitchMm: Number.NaN },
  ])('are refused: %o', (options) => {
    expect(refusalOf(() => simulateScan(options))).toBe('NII_BAD_REQUEST');
  });

  it('such as cargo or anomalies that do not exist are refused', () => {
    const unchecked = JSON.parse('{"cargo":"moon rock","anomaly":"ghost"}');
    expect(refusalOf(() => simulateScan({ seed: 1, pitchMm: 22, cargo: unchecked.cargo }))).toBe(
      'NII_BAD_REQUEST',
    );
    expect(refusalOf(() => simulateScan({ seed: 1, pitchMm: 22, anomalies: [unchecked.anomaly] }))).toBe(
      'NII_BAD_REQUEST',
    );
  });
});

function refusalOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return isNiiError(error) ? error.code : String(error);
  }
  return undefined;
}
