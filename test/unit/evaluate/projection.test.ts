import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wholePlane } from '../../../src/core/scan/plane-source.ts';
import { depthOf, factorOf } from '../../../src/evaluate/projection/attenuation.ts';
import { ownLibraryPath, parseLibrary, type ThreatObject } from '../../../src/evaluate/projection/library.ts';
import { holdOf, placeFor } from '../../../src/evaluate/projection/place.ts';
import { measuredAnew, project } from '../../../src/evaluate/projection/project.ts';
import { scannerOf } from '../../../src/evaluate/projection/scanner.ts';
import { drawShape, layersOf } from '../../../src/evaluate/projection/shape.ts';
import { openUpright, type UprightView, withPatch } from '../../../src/evaluate/projection/upright.ts';
import { openBackground, projectObject } from '../../../src/evaluate/subjects/projected.ts';
import { simulatedObject, simulatedOrdinary } from '../../../src/evaluate/subjects/simulated.ts';
import { drawDetector } from '../../../src/simulate/physics/detector.ts';
import type { Material } from '../../../src/simulate/physics/materials.ts';
import { materialAttenuation, transmit } from '../../../src/simulate/physics/physics.ts';
import { Random } from '../../../src/simulate/random.ts';

const dual = {
  input: {
    name: 'input',
    channels: [
      { kind: 'transmission' as const, energy: 'high' as const },
      { kind: 'transmission' as const, energy: 'low' as const },
    ],
    units: 'transmission' as const,
    pitchMm: 11,
    pad: 1,
    invalid: 'neighbour-mean' as const,
  },
};

/** One pixel through layers of g/cm², by the simulator's own sum over the spectrum. */
function through(layers: readonly (readonly [Material, number])[]) {
  const planes = layers.map(([material, grams]) => ({
    attenuation: materialAttenuation(material),
    density: Float32Array.of(grams),
  }));
  const { high, low } = transmit(planes, 1);
  return { high: high[0] ?? 1, low: low[0] ?? 1 };
}

describe('attenuation', () => {
  test.each([
    [[['water', 40]], [['lead', 11]]],
    [[['food', 90]], [['steel', 12]]],
    [[['steel', 60]], [['lead', 23]]],
    [
      [
        ['cellulose', 25],
        ['steel', 20],
      ],
      [['food', 60]],
    ],
    [[['ceramic', 120]], [['copper', 50]]],
    [[['water', 1]], [['steel', 80]]],
  ] as const)(
    'behind %j an object of %j lets through what the simulator’s physics says, within 4 %%',
    (goods, object) => {
      const before = through(goods);
      const after = through([...goods, ...object]);
      for (const beam of ['high', 'low'] as const) {
        const other = beam === 'high' ? 'low' : 'high';
        const depth = depthOf({ beam, primary: before[beam], other: before[other] });
        const factor = factorOf(depth, { added: object, removed: 0 }, beam);
        const wanted = Math.log(after[beam] / before[beam]);
        expect(Math.log(factor) / wanted).toBeGreaterThan(0.96);
        expect(Math.log(factor) / wanted).toBeLessThan(1.04);
      }
    },
  );

  test('taking half of the goods away leaves half of them', () => {
    const before = through([['water', 80]]);
    const depth = depthOf({ beam: 'high', primary: before.high, other: before.low });
    const factor = factorOf(depth, { added: [], removed: 0.5 }, 'high');
    expect((before.high * factor) / through([['water', 40]]).high).toBeCloseTo(1, 2);
  });

  test('more of a material never lets more through, and nothing changes nothing', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (primary, grams) => {
          const depth = depthOf({ beam: 'high', primary });
          const at = (of: number) => factorOf(depth, { added: [['steel', of]], removed: 0 }, 'high');
          expect(at(0)).toBeCloseTo(1, 12);
          expect(at(grams)).toBeLessThanOrEqual(1);
          expect(at(grams + 1)).toBeLessThan(at(grams));
        },
      ),
    );
  });
});

test('the variance of a changed sample is that of counting the new signal', () => {
  const random = new Random(5, 'test');
  const quanta = 400;
  for (const [before, after] of [
    [0.8, 0.3],
    [0.5, 0.05],
    [0.2, 0.6],
  ] as const) {
    const values = Array.from({ length: 40_000 }, () => {
      const measured = before + random.normal() * Math.sqrt(before / quanta);
      return measuredAnew(random, { measured, before, after, quanta, electronics: 0 });
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(mean / after).toBeCloseTo(1, 2);
    expect(variance / (after / quanta)).toBeGreaterThan(0.97);
    expect(variance / (after / quanta)).toBeLessThan(1.03);
  }
});

const crate = {
  id: 'crate',
  class: 'shielded-box',
  outline: [
    [0, 0],
    [400, 0],
    [400, 300],
    [0, 300],
  ] satisfies ThreatObject['outline'],
  material: 'food' as const,
  arealDensity: 20,
};
const box: ThreatObject = { ...crate, lining: { material: 'lead', thicknessMm: 20, depthMm: 350 } };

test('a lined box has two sheets of lead over its middle and a rim as deep as the box', () => {
  const upright = {
    ...drawShape(new Random(1, 'x'), box),
    thickness: 1,
    pieces: [box.outline],
    widthMm: 400,
    heightMm: 300,
  };
  const { rows, columns, added } = layersOf(upright, 10, 10);
  const [lead, food] = [added.get('lead'), added.get('food')];
  const middle = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  expect([rows, columns]).toEqual([30, 40]);
  expect(lead?.[middle]).toBeCloseTo(1.134 * 40, 3);
  expect(food?.[middle]).toBeCloseTo(20, 3);
  expect(lead?.[0]).toBeCloseTo(1.134 * 350, 2);
  expect(food?.[0]).toBe(0);
});

test('the mass of a shape does not depend on the pixels that it is drawn on', () => {
  const massOn = (mm: number, seed: number) => {
    const shape = drawShape(new Random(seed, 'mass'), crate);
    const { added } = layersOf(shape, mm, mm);
    return (
      [...added.values()].flatMap((plane) => [...plane]).reduce((sum, grams) => sum + grams, 0) * mm * mm
    );
  };
  for (const seed of [1, 2, 3]) expect(massOn(11, seed) / massOn(4, seed)).toBeCloseTo(1, 1);
});

describe('on a simulated scan', () => {
  const scan = simulatedOrdinary('development', 3, dual);
  const opened = openUpright(scan.source, dual);
  if ('reason' in opened) throw new Error(opened.reason);
  const view: UprightView = opened;
  const detector = drawDetector(new Random(100_000_003, 'scanner'));

  test('quanta are found in open beam within a fifth of what the simulator counts, and scatter is no less than it is', () => {
    const found = scannerOf(view);
    const told = scannerOf(view, scan.told);
    for (const [i, energy] of (['high', 'low'] as const).entries()) {
      const truth = detector.quantaPerMm2[energy] * view.rowMm * view.columnMm;
      expect(told.channels[i]?.quanta).toBeCloseTo(truth, 6);
      expect((found.channels[i]?.quanta ?? 0) / truth).toBeGreaterThan(0.8);
      expect((found.channels[i]?.quanta ?? 0) / truth).toBeLessThan(1.2);
      const at = view.columns * 100 + 100;
      expect(found.channels[i]?.scatter[at] ?? 0).toBeGreaterThan(0.9 * (told.channels[i]?.scatter[at] ?? 1));
    }
  });

  test('an opaque object leaves the scatter, and nothing changes beside it', () => {
    const random = new Random(2, 'opaque');
    const shape = drawShape(random, { ...crate, material: 'lead', arealDensity: 900 });
    const scanner = scannerOf(view, scan.told);
    const unit = view.units[0];
    const hold = unit === undefined ? undefined : holdOf(view, unit);
    const spot = hold === undefined ? undefined : placeFor(random, view, hold, shape);
    if (spot === undefined) throw new Error('no place');
    const { patch, mask, contrast, dPrimeSquared } = project(random, view, scanner, shape, spot);
    const middle = Math.floor(patch.rows / 2) * patch.columns + Math.floor(patch.columns / 2);
    const scatter =
      scanner.channels[0]?.scatter[
        (patch.top + Math.floor(patch.rows / 2)) * view.columns + patch.left + Math.floor(patch.columns / 2)
      ] ?? 0;
    expect(mask[middle]).toBe(1);
    expect(patch.transmission[0]?.[middle] ?? 1).toBeLessThan(scatter + 0.002);
    expect(contrast).toBeGreaterThan(1);
    expect(dPrimeSquared).toBeGreaterThan(1000);

    const key = 'main-high';
    const before = wholePlane(scan.source.planes.get(key) ?? { byteLength: 0, read: () => new Uint8Array() });
    const changed = withPatch(scan.source.planes, view, patch).get(key);
    const after = changed === undefined ? new Uint8Array() : wholePlane(changed);
    const differing = [...before.keys()].filter((i) => before[i] !== after[i]);
    const rows = differing.map((i) => Math.floor(i / 2 / view.columns));
    expect(differing.length).toBeGreaterThan(100);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(patch.top);
    expect(Math.max(...rows)).toBeLessThan(patch.top + patch.rows);
  });

  test('the same seed projects the same samples, and the mask lies where they changed', () => {
    const library = parseLibrary(readFileSync(ownLibraryPath()));
    const background = openBackground(scan, dual);
    if ('reason' in background) throw new Error(background.reason);
    const [once, again] = [7, 7].map((seed) => projectObject(background, library, 'dense-block', seed));
    expect(once?.object).toEqual(again?.object);
    const sample = (of: typeof once) =>
      wholePlane(of?.source.planes.get('main-low') ?? { byteLength: 0, read: () => new Uint8Array() });
    expect(Buffer.from(sample(once)).equals(sample(again))).toBe(true);
    expect(once?.mask.bytes.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(30);
  });
});

describe('the library', () => {
  test('that comes with the product has the six classes of the simulator', () => {
    const { objects } = parseLibrary(readFileSync(ownLibraryPath()));
    expect(new Set(objects.map((one) => one.class))).toEqual(
      new Set(['weapon', 'dense-block', 'bricks', 'cavity', 'missing-unit', 'shielded-box']),
    );
  });

  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const library = { schemaVersion: '1.0', title: 'x', licence: 'x', objects: [box] };

  test.each([
    ['no JSON', new TextEncoder().encode('{'), 'not JSON'],
    [
      'a material that is none',
      text({ ...library, objects: [{ ...box, material: 'unobtainium' }] }),
      '/objects/0',
    ],
    [
      'a flat outline',
      text({
        ...library,
        objects: [
          {
            ...box,
            outline: [
              [0, 0],
              [1, 1],
              [2, 2],
            ],
          },
        ],
      }),
      'is smaller than 1 mm²',
    ],
    ['no objects', text({ ...library, objects: [] }), '/objects'],
  ])('%s is rejected by code', (_, bytes, detail) => {
    expect(() => parseLibrary(bytes)).toThrow(
      expect.objectContaining({ code: 'NII_MALFORMED', message: expect.stringContaining(detail) }),
    );
  });
});

test('for a model of one channel the simulator is a scanner of the high energy, and shows less of an object', () => {
  const channels = [{ kind: 'transmission' as const, energy: 'single' as const }];
  const single = { input: { ...dual.input, channels } };
  const opened = openUpright(simulatedOrdinary('development', 3, single).source, single);
  if ('reason' in opened) throw new Error(opened.reason);
  expect(opened.channels.map(({ beam }) => beam)).toEqual(['high']);
  const [ofOne, ofTwo] = [single, dual].map((each) => simulatedObject('development', 5, each).object);
  expect(ofOne!.dPrime).toBeLessThan(ofTwo!.dPrime);
  expect(ofOne!.contrast).toBeCloseTo(ofTwo!.contrast, 10);
});
