import { describe, expect, test } from 'vitest';
import {
  CALIBRATION_POINTS,
  CALIBRATION_STEP,
  calibrationOf9And6,
  whyNoMaterial,
} from '../../../../src/core/material/calibration.ts';
import { MIXED_TO_METAL, materialColour, ORGANIC_TO_MIXED } from '../../../../src/core/material/colours.ts';
import { evidenceAt, legendEvidence } from '../../../../src/core/material/evidence.ts';
import { countsAtOpenBeam } from '../../../../src/core/material/source.ts';
import { buildPicture } from '../../../../src/page/viewer/build-picture.ts';
import { planeInMemory } from '../../../../src/page/viewer/plane.ts';
import { materials } from '../../../../src/simulate/physics/materials.ts';
import { layerAttenuation } from '../../../../src/simulate/physics/physics.ts';
import {
  attenuationAt,
  COUNTS,
  channelOf,
  OPEN_BEAM,
  slabAt,
  slabPicture,
  slabs,
} from '../../../support/page/slabs.ts';

const rows = 300;
const columns = 100;
const { view, samples } = slabPicture({ rows, columns });
const of = (id: string) => Uint16Array.from(samples.get(id) ?? []);
const both = { rows, columns, high: of('high'), low: of('low'), level: 0 };
const facts = (id: string) => ({ id, openBeam: OPEN_BEAM, countsAtOpenBeam: COUNTS });
const dual = {
  high: facts('high'),
  low: facts('low'),
  calibration: calibrationOf9And6,
  ratioNoise: 0,
  calibrated: 'for-these-beams',
} as const;

/** Metal shares of the certain samples of one slab, away from its edges, at attenuations of this range. */
function sharesOf(slab: number, from: number, to: number): readonly number[] {
  const shares: number[] = [];
  for (let row = 0; row < rows; row++) {
    const attenuation = attenuationAt(row, rows);
    if (attenuation < from || attenuation > to) continue;
    for (let column = 3; column < columns - 3; column++) {
      if (slabAt(column - 3, columns) !== slab || slabAt(column + 3, columns) !== slab) continue;
      const { metalShare, certainty } = evidenceAt(both, dual, row, column);
      if (certainty > 0.5) shares.push(metalShare);
    }
  }
  return shares;
}

const certainties = (from: number, to: number, one = dual) =>
  Array.from({ length: rows * columns }, (_, i) => i)
    .filter(
      (i) =>
        attenuationAt(Math.floor(i / columns), rows) >= from &&
        attenuationAt(Math.floor(i / columns), rows) <= to,
    )
    .filter((i) => slabAt(i % columns, columns) < slabs.length)
    .map((i) => evidenceAt(both, one, Math.floor(i / columns), i % columns).certainty);

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const within = (values: readonly number[], from: number, to: number) =>
  values.filter((value) => value >= from && value <= to).length / values.length;

describe('two energies', () => {
  test('tell cellulose, aluminium and steel apart, where they are certain', () => {
    const [organic = [], light = [], metal = []] = [0, 1, 2].map((slab) => sharesOf(slab, 0.8, 4));
    for (const one of [organic, light, metal]) expect(one.length).toBeGreaterThan(500);
    expect(within(organic, -1, ORGANIC_TO_MIXED[1])).toBeGreaterThan(0.9);
    expect(within(light, ORGANIC_TO_MIXED[0], MIXED_TO_METAL[1])).toBeGreaterThan(0.85);
    expect(within(metal, MIXED_TO_METAL[0], 3)).toBeGreaterThan(0.9);
  });

  test('are not certain where almost nothing or almost everything is stopped', () => {
    expect(Math.max(...certainties(0, 0.05))).toBeLessThan(0.5);
    expect(mean(certainties(6.6, 9))).toBe(0);
    expect(mean(certainties(1, 4))).toBeGreaterThan(0.5);
  });

  test('are less certain the fewer photons are counted', () => {
    const poor = {
      high: { ...dual.high, countsAtOpenBeam: 100 },
      low: { ...dual.low, countsAtOpenBeam: 100 },
    };
    expect(mean(certainties(1, 4, { ...dual, ...poor }))).toBeLessThan(0.01);
  });

  test('a sample that counted nothing says nothing', () => {
    const dark = { rows: 5, columns: 5, high: new Uint16Array(25), low: new Uint16Array(25), level: 0 };
    expect(evidenceAt(dark, dual, 2, 2)).toEqual({ metalShare: 0, certainty: 0 });
  });
});

test.each([
  ['cellulose', calibrationOf9And6.organic],
  ['steel', calibrationOf9And6.metal],
] as const)('the curve of %s is what the photon attenuation of NIST gives', (material, curve) => {
  expect(curve).toHaveLength(CALIBRATION_POINTS);
  curve.forEach((ratio, point) => {
    const wanted = Math.max(0.01, point * CALIBRATION_STEP);
    let grams = 1;
    for (let i = 0; i < 40; i++) grams *= wanted / layerAttenuation(materials[material], grams).high;
    const { high, low } = layerAttenuation(materials[material], grams);
    expect(ratio, `attenuation ${wanted}`).toBeCloseTo(low / high, 3);
  });
});

test('the noise of open beam tells how many photons were counted', () => {
  const open = slabPicture({ rows: 40, columns: 800 }).samples.get('high');
  const counts = countsAtOpenBeam([Uint16Array.from(open ?? [])], OPEN_BEAM);
  expect(counts / COUNTS).toBeGreaterThan(0.9);
  expect(counts / COUNTS).toBeLessThan(1.1);
});

test("the scanner's own legend names the material; a label that names none says nothing", () => {
  const found = legendEvidence([
    { from: 0, to: 0, label: 'background' },
    { from: 1, to: 9, label: 'organic (site calibration)' },
    { from: 10, to: 19, label: 'inorganic' },
    { from: 20, to: 29, label: 'light metal' },
    { from: 30, to: 255, label: 'METAL' },
  ]);
  expect(found.map(({ certainty }) => certainty)).toEqual([0, ...new Array(255).fill(1)]);
  const shares = [5, 15, 25, 35].map((value) => found[value]?.metalShare ?? -1);
  expect(
    shares.map((share) =>
      share < ORGANIC_TO_MIXED[0] ? 'organic' : share > MIXED_TO_METAL[1] ? 'metal' : 'mixed',
    ),
  ).toEqual(['organic', 'mixed', 'mixed', 'metal']);
});

describe('colours', () => {
  const colour = (metalShare: number, certainty = 1, only: 'all' | 'organic' | 'metal' = 'all') =>
    materialColour({ metalShare, certainty }, 0.5, only);

  test('organic is orange, mixed is green, metal is blue', () => {
    const [organic, mixed, metal] = [colour(0), colour(0.46), colour(1)];
    expect(organic[0]).toBeGreaterThan(organic[1]);
    expect(organic[1]).toBeGreaterThan(organic[2]);
    expect(mixed[1]).toBe(Math.max(...mixed));
    expect(metal[2]).toBe(Math.max(...metal));
  });

  test('what is not certain, or not asked for, is grey', () => {
    for (const grey of [
      colour(0, 0),
      colour(1, 1, 'organic'),
      colour(0, 1, 'metal'),
      colour(0.46, 1, 'metal'),
    ])
      expect(grey).toEqual([0.5, 0.5, 0.5]);
  });

  test('black stays black and white stays white', () => {
    expect(materialColour({ metalShare: 1, certainty: 1 }, 0, 'all')).toEqual([0, 0, 0]);
    expect(materialColour({ metalShare: 1, certainty: 1 }, 1, 'all')).toEqual([1, 1, 1]);
  });
});

describe('a view of a record', () => {
  const planeFor = (channel: { rows: number; columns: number }) =>
    planeInMemory({ ...channel, fullScale: OPEN_BEAM }, new Uint16Array(channel.rows * channel.columns));

  test('has materials by two energies, by curves for beams of 9 and 6 MV', () => {
    expect(buildPicture(view, planeFor)?.picture.material).toMatchObject({
      kind: 'two-energies',
      dual: { calibrated: 'for-these-beams', high: { openBeam: OPEN_BEAM } },
    });
  });

  const unknown = {
    ...view,
    channels: view.channels.map(({ nominalEnergyMev: _, openBeam: __, ...rest }) => rest),
  };
  const planeOf = ({ id }: { id: string }) => planeInMemory({ rows, columns, fullScale: 65_535 }, of(id));

  test('of other beams is calibrated by what the scan has in it, open beam included', () => {
    const material = buildPicture(unknown, planeOf)?.picture.material;
    if (material?.kind !== 'two-energies') throw new Error('no material by two energies');
    const { dual: found } = material;
    expect(found.calibrated).toBe('by-this-scan');
    expect(Math.abs(found.high.openBeam / OPEN_BEAM - 1)).toBeLessThan(0.01);
    for (const point of [2, 4, 6]) {
      expect(found.calibration.organic[point]).toBeCloseTo(calibrationOf9And6.organic[point] ?? 0, 1.7);
      expect(found.calibration.metal[point]).toBeCloseTo(calibrationOf9And6.metal[point] ?? 0, 1.7);
    }
  });

  test('of other beams has no materials where one material is all there is', () => {
    const steel = (id: string) => {
      const all = of(id);
      // three times the slab of steel, and open beam at the right as before
      return all.map((value, i) =>
        i % columns < 75 ? (all[i - (i % columns) + 50 + (i % 25)] ?? 0) : value,
      );
    };
    const found = buildPicture(unknown, ({ id }) =>
      planeInMemory({ rows, columns, fullScale: 65_535 }, steel(id)),
    );
    const material = found?.picture.material;
    const share = (only: readonly number[]) => only.filter((one) => one > 0.5).length / only.length;
    if (material?.kind !== 'two-energies') expect(found?.noMaterial).toBe('no-calibration');
    else {
      const flat = { rows, columns, high: steel('high'), low: steel('low'), level: 0 };
      const certainty = Array.from(
        { length: 200 },
        (_, i) => evidenceAt(flat, material.dual, 20 + i, 50).certainty,
      );
      expect(share(certainty)).toBeLessThan(0.1);
    }
  });

  test('of other beams has no materials where detector elements differ more than materials do', () => {
    const uneven = ({ id }: { id: string }) => {
      // each block of five columns of the low channel attenuates by up to 8 % more or less
      const share = (i: number) =>
        id === 'low' ? 1 + 0.08 * Math.sin(Math.floor((i % columns) / 5) * 99) : 1;
      const faulty = of(id).map((value, i) => OPEN_BEAM * (value / OPEN_BEAM) ** share(i));
      return planeInMemory({ rows, columns, fullScale: 65_535 }, faulty);
    };
    expect(buildPicture(unknown, uneven)?.noMaterial).toBe('no-calibration');
  });

  test('of other beams and without anything in it has no materials, and says so', () => {
    expect(buildPicture(unknown, planeFor)?.noMaterial).toBe('no-calibration');
  });

  test.each([
    ['one energy', [channelOf('a', 4, 4, { energy: 'single' })], 'no-high-and-low'],
    [
      'energies below 1 MeV',
      [
        channelOf('h', 4, 4, { energy: 'high', nominalEnergyMev: 0.3 }),
        channelOf('l', 4, 4, { energy: 'low', nominalEnergyMev: 0.16 }),
      ],
      'below-1-MeV',
    ],
    [
      'a polarity that is not known',
      [
        channelOf('h', 4, 4, { energy: 'high', polarity: 'unknown' }),
        channelOf('l', 4, 4, { energy: 'low' }),
      ],
      'not-transmission',
    ],
  ] as const)('has none by %s, and says why', (_, channels, why) => {
    expect(buildPicture({ ...view, channels: [...channels] }, planeFor)?.noMaterial).toBe(why);
  });

  test('names the channels that are not drawn, and why', () => {
    const channels = [
      channelOf('high', 4, 4),
      channelOf('small', 2, 4),
      channelOf('colour', 4, 4, { samplesPerPixel: 3, kind: 'display' }),
      channelOf('film', 4, 4, { frames: 2 }),
      channelOf('away', 4, 4),
    ];
    const found = buildPicture({ ...view, channels }, (one) =>
      one.id === 'away' ? undefined : planeFor(one),
    );
    expect(found?.notDrawn).toEqual([
      { id: 'small', why: 'other-sides' },
      { id: 'colour', why: 'not-counts' },
      { id: 'film', why: 'more-frames' },
      { id: 'away', why: 'no-samples' },
    ]);
    expect([...(found?.picture.planes.keys() ?? [])]).toEqual(['high']);
  });

  test('of colours alone is not drawn at all', () => {
    const channels = [channelOf('colour', 4, 4, { samplesPerPixel: 3 })];
    expect(buildPicture({ ...view, channels }, planeFor)).toBeUndefined();
  });

  test('energies of different sides give no material', () => {
    const [high, low] = [channelOf('h', 4, 4, { energy: 'high' }), channelOf('l', 4, 5, { energy: 'low' })];
    expect(whyNoMaterial(high, low)).toBe('sides-differ');
  });
});
