import { describe, expect, it, test } from 'vitest';
import { MapReader } from '../../../src/infer/analysis.ts';
import type { Geometry } from '../../../src/infer/geometry.ts';
import { type ModelManifest, parseManifest } from '../../../src/infer/manifest.ts';
import { Absorption } from '../../../src/infer/population/absorption.ts';
import { findHold, kindOfLoad } from '../../../src/infer/population/hold.ts';
import { whyUnlike } from '../../../src/infer/population/likeness.ts';
import type { ModelImage } from '../../../src/infer/tiling.ts';
import { atOnce } from '../../../src/infer/turns.ts';
import type { CargoKind } from '../../../src/simulate/cargo/index.ts';
import { simulateChannels } from '../../../src/simulate/scan.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, scanOf, unitOf, viewOf } from '../../support/infer/scans.ts';

const PITCH_MM = 22;
/** Floor and frame of the simulator's trucks stand between these heights above the ground. */
const [LOWEST_FLOOR_MM, HIGHEST_FLOOR_MM] = [1180 + 165 - 100, 1290 + 165 + 150];
const SCENE_MM = 4600;

function simulated(cargo: CargoKind, seed: number) {
  const scan = simulateChannels({ seed, pitchMm: PITCH_MM, cargo, container: '20ft', tractor: false });
  const pixels = scan.rows * scan.columns;
  const data = new Float32Array(2 * pixels);
  scan.high.forEach((count, i) => {
    data[i] = count / scan.openBeam.high;
  });
  scan.low.forEach((count, i) => {
    data[pixels + i] = count / scan.openBeam.low;
  });
  const image: ModelImage = { channels: 2, rows: scan.rows, columns: scan.columns, data };
  const { from, to } = scan.units[0]!.columns;
  return { image, area: { rowFrom: 0, rowTo: scan.rows, columnFrom: from, columnTo: to } };
}

function read({ image, area }: ReturnType<typeof simulated>, width = image.columns) {
  const absorption = new Absorption(image.rows, [area]);
  for (let from = 0; from < image.columns; from += width)
    absorption.add(image, 0, from, Math.min(image.columns, from + width));
  return absorption;
}

describe('the hold of a simulated truck', () => {
  it.each(['empty', 'cartons', 'tobacco', 'sacks', 'machinery', 'tyres'] as const)(
    'ends at the floor, with %s in it',
    (cargo) => {
      for (const seed of [1, 2, 3]) {
        const hold = findHold(read(simulated(cargo, seed)).rowClasses[0]!, PITCH_MM)!;
        const floorMm = SCENE_MM - hold.rowTo * PITCH_MM;
        expect(floorMm).toBeGreaterThan(LOWEST_FLOOR_MM);
        expect(floorMm).toBeLessThan(HIGHEST_FLOOR_MM);
        expect((hold.rowTo - hold.rowFrom) * PITCH_MM).toBeGreaterThan(1800);
      }
    },
  );

  it('is not found where nothing is dense along the whole length', () => {
    const image = { channels: 1, rows: 100, columns: 50, data: new Float32Array(5000).fill(0.5) };
    const area = { rowFrom: 0, rowTo: 100, columnFrom: 0, columnTo: 50 };
    expect(findHold(read({ image, area }).rowClasses[0]!, PITCH_MM)).toBeUndefined();
  });
});

describe('the kind of a load', () => {
  const kindOf = (cargo: CargoKind, seed: number) => {
    const rows = read(simulated(cargo, seed)).rowClasses[0]!;
    return kindOfLoad(rows, findHold(rows, PITCH_MM));
  };

  it.each([
    ['empty', 'empty'],
    ['tobacco', 'homogeneous'],
    ['fruit', 'homogeneous'],
    ['machinery', 'heterogeneous'],
    ['furniture', 'heterogeneous'],
    ['cars', 'heterogeneous'],
  ] as const)('%s looks %s', (cargo, kind) => {
    expect([1, 2, 3].map((seed) => kindOf(cargo, seed))).toEqual([kind, kind, kind]);
  });
});

test('what is read does not depend on the columns that come together', () => {
  const scan = simulated('electronics', 4);
  const [whole, parts] = [read(scan), read(scan, 37)];
  expect(parts.rowClasses).toEqual(whole.rowClasses);
  expect(parts.facts.energyRatio).toBeCloseTo(whole.facts.energyRatio!, 9);
  expect(parts.facts.openShare).toBe(whole.facts.openShare);
});

describe('likeness', () => {
  const facts = { openShare: 0.3, openNoise: 0.01, darkShare: 0, absorption: 0.8, heightM: 0.66 };

  it('names what is beyond the reference, and the limits', () => {
    expect(whyUnlike(facts, { openNoise: [0.02, 0.05] })).toBe(
      'The scan differs from the model’s reference scans: the noise in open beam is 0.01, but 0.02 to 0.05 in the reference',
    );
    expect(whyUnlike(facts, { openNoise: [0.002, 0.05], energyRatio: [1, 1.4] })).toBeUndefined();
    expect(whyUnlike(facts, { heightM: [2, 9] })).toBe(
      'The scan differs from the model’s reference scans: the height of the picture in metres is 0.66, but 2 to 9 in the reference',
    );
  });

  it('steel has an energy ratio that the physics gives', () => {
    const { energyRatio } = read(simulated('steel-coils', 1)).facts;
    expect(energyRatio).toBeGreaterThan(1.05);
    expect(energyRatio).toBeLessThan(1.25);
  });
});

describe('a package that compares by the image', () => {
  const base = manifestOf(new Uint8Array());
  const reference = { ...base.reference, count: 4, scores: [0.1, 0.2, 0.6, 0.9] };
  const manifest: ModelManifest = {
    ...base,
    schemaVersion: '1.1',
    input: { ...base.input, units: 'transmission', pitchMm: PITCH_MM },
    reference: {
      ...reference,
      within: 'hold',
      loads: [
        { load: 'homogeneous', scores: [0.1, 0.2] },
        { load: 'heterogeneous', scores: [0.6, 0.9] },
      ],
    },
  };

  function analyse(cargo: CargoKind, marked: 'chassis' | 'hold', known = manifest) {
    const { image, area } = simulated(cargo, 1);
    const { rows, columns } = image;
    const unit = unitOf('u1', { from: area.columnFrom, to: area.columnTo });
    const geometry: Geometry = {
      view: 'side',
      stored: { rows, columns },
      rule: { flipRows: false, rotate: 0, flipColumns: false },
      model: { rows, columns },
      pitch: { rowMm: PITCH_MM, columnMm: PITCH_MM, source: 'file' },
      openBeam: [],
      filled: 0,
      leftOut: [],
    };
    const values = new Float32Array(rows * columns).fill(0.15);
    const row = marked === 'chassis' ? rows - 30 : Math.round(rows / 2);
    for (let r = row; r < row + 9; r++) values.fill(0.7, r * columns + 100, r * columns + 109);
    const reader = new MapReader(scanOf([viewOf([channelOf(rows, columns)])], [unit]), known, geometry);
    reader.look(image, 0, columns);
    atOnce(reader.add({ rows, columns, values, from: 0 }));
    return atOnce(reader.finish(1)).analysis;
  }

  it('scores and marks the hold, not the chassis', () => {
    const [hold, chassis] = [analyse('tobacco', 'hold'), analyse('tobacco', 'chassis')];
    expect(hold.units[0]!.score).toBeCloseTo(0.7, 5);
    expect(hold.findings).toHaveLength(1);
    expect(chassis.units[0]!.score).toBeCloseTo(0.15, 5);
    expect(chassis.findings).toEqual([]);
    const { within, ...everywhere } = manifest.reference;
    const unlimited = analyse('tobacco', 'chassis', { ...manifest, reference: everywhere });
    expect(within).toBe('hold');
    expect(unlimited.findings).toHaveLength(1);
  });

  it('says the percentile among all, and among loads of the same kind', () => {
    expect(analyse('tobacco', 'hold').units[0]).toMatchObject({
      anomalyPercentile: 75,
      load: 'homogeneous',
      loadPercentile: expect.closeTo((100 * 2) / 3, 9),
    });
    expect(analyse('machinery', 'hold').units[0]).toMatchObject({
      anomalyPercentile: 75,
      load: 'heterogeneous',
      loadPercentile: 50,
    });
  });

  it('does not score a scan that is unlike the reference, and says so', () => {
    const analysis = analyse('tobacco', 'hold', {
      ...manifest,
      reference: { ...manifest.reference, ranges: { openNoise: [0.2, 0.3] } },
    });
    expect(analysis).toMatchObject({ status: 'not-analysed', units: [], findings: [] });
    expect(analysis.reason).toMatch(
      /^The scan differs from the model’s reference scans: the noise in open beam is /,
    );
  });

  it('must take its input in transmission, and its scores in rising order', () => {
    const wrong = (part: object) => () => parseManifest({ ...manifest, ...part }, 'a/1');
    expect(wrong({ input: { ...manifest.input, units: 'log' } })).toThrow(/units 'transmission'/);
    const loads = [{ load: 'empty', scores: [0.3, 0.1] }];
    expect(wrong({ reference: { ...manifest.reference, loads } })).toThrow(/rising order/);
    expect(parseManifest(manifest, 'a/1').reference.loads).toHaveLength(2);
  });
});
