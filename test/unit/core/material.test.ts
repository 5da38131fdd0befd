import { describe, expect, test } from 'vitest';
import { calibrationOf9And6 } from '../../../src/core/material/calibration.ts';
import { evidenceAt, evidenceByRow } from '../../../src/core/material/evidence.ts';
import { materialChannels } from '../../../src/core/material/source.ts';
import { COUNTS, channelOf, classPicture, OPEN_BEAM, slabPicture } from '../../support/page/slabs.ts';

const facts = (id: string) => ({ id, openBeam: OPEN_BEAM, countsAtOpenBeam: COUNTS });
const dual = {
  high: facts('high'),
  low: facts('low'),
  calibration: calibrationOf9And6,
  ratioNoise: 0.004,
  calibrated: 'for-these-beams',
} as const;

describe('the evidence of all samples, row by row', () => {
  test.each([
    [30, 50, 0],
    [4, 9, 0],
    [1, 7, 1.3],
    [9, 1, 0.5],
  ])('is that of each sample alone: %d x %d samples of level %d', (rows, columns, level) => {
    const { samples } = slabPicture({ rows: Math.max(2, rows), columns: Math.max(8, columns) });
    const of = (id: string) => Uint16Array.from(samples.get(id) ?? []).slice(0, rows * columns);
    const both = { rows, columns, high: of('high'), low: of('low'), level };
    let row = 0;
    for (const found of evidenceByRow(both, dual)) {
      expect(found).toHaveLength(columns);
      for (const [column, { metalShare, certainty }] of found.entries()) {
        const alone = evidenceAt(both, dual, row, column);
        expect(metalShare).toBeCloseTo(alone.metalShare, 6);
        expect(certainty).toBeCloseTo(alone.certainty, 6);
      }
      row += 1;
    }
    expect(row).toBe(rows);
  });
});

describe('the channels of materials', () => {
  const names = (channels: ReturnType<typeof materialChannels>) =>
    typeof channels === 'string' ? channels : channels.map(({ id }) => id);
  const high = channelOf('high', 4, 4, { energy: 'high' });
  const low = channelOf('low', 4, 4, { energy: 'low' });

  test('are high and low energy, and no other', () => {
    expect(names(materialChannels([channelOf('extra', 4, 4, { kind: 'unknown' }), low, high]))).toEqual([
      'low',
      'high',
    ]);
  });

  test('are the class map and what is bright beside it, where the scanner sent one', () => {
    const { view } = classPicture(4, 16);
    expect(names(materialChannels(view.channels))).toContain(
      view.channels.find(({ kind }) => kind === 'class-map')?.id,
    );
  });

  test.each([
    ['one energy', [channelOf('one', 4, 4, { energy: 'single' })], 'no-high-and-low'],
    ['no counts', [channelOf('colour', 4, 4, { samplesPerPixel: 3 })], 'no-high-and-low'],
    ['a low energy of other sides', [high, { ...low, rows: 5 }], 'no-high-and-low'],
    ['an unknown polarity', [high, { ...low, polarity: 'unknown' as const }], 'not-transmission'],
    ['energies below 1 MeV', [{ ...high, nominalEnergyMev: 0.3 }, low], 'below-1-MeV'],
  ] as const)('are none with %s, and the reason is said', (_, channels, why) => {
    expect(materialChannels(channels)).toBe(why);
  });
});
