import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/in-process.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { notMeasuredOf } from '../../../src/core/radiation/not-measured.ts';
import type { RadiationRecord } from '../../../src/core/radiation/radiation.ts';
import { converterOf, onlyGroup, stage, temporaryFolder, toConvert } from '../../support/staging.ts';
import { occupancy } from './samples.ts';

const judged = (more: Partial<RadiationRecord>) => notMeasuredOf(occupancy({ number: 7, start: 0 }, more));

/** Why each occupancy of the lines was not measured. */
function notMeasuredIn(...lines: readonly string[]) {
  return notMeasuredInText(`${lines.join('\r\n')}\r\n`);
}

async function notMeasuredInText(text: string) {
  const bytes = Buffer.from(text);
  const group = onlyGroup(stage(temporaryFolder(), [{ name: 'lane.txt', bytes }]));
  const files = toConvert(group);
  const { scan } = await runInProcess({ converter: converterOf(group), files, limits: defaultLimits });
  return scan.radiation?.map(({ notMeasured = [] }) => notMeasured);
}

const background = ['GB,000250,000251,000252,000253', 'NB,000002,000002,000001,000003'];
const scan = ['GS,000060,000061,000062,000063', 'NS,000000,000001,000000,000001'];
const end = 'GX,000001,002250';
const fault = 'GH,000900,000910,000905,000899';

describe('an occupancy', () => {
  it('is measured unless something says that it was not', () => {
    expect(judged({})).toEqual([]);
    expect(judged({ faults: [{ kind: 'tamper-cleared' }, { kind: 'other', severity: 'Warning' }] })).toEqual(
      [],
    );
  });

  it.each([
    ['tamper', { faults: [{ kind: 'tamper' }] }],
    ['high-fault', { faults: [{ kind: 'high-background' }, { kind: 'high-background' }] }],
    ['low-fault', { faults: [{ kind: 'low-background' }] }],
    ['other-fault', { faults: [{ kind: 'other', severity: 'Fatal' }] }],
    ['no-neutron-background', { occupancy: { ended: true, neutronBackground: 0 } }],
    [
      'dead-detector',
      { counts: [{ detector: 'gamma-1', class: 'foreground', counts: 0, samples: 9, maximum: 0 }] },
    ],
    [
      'no-neutron-background',
      {
        occupancy: { ended: true },
        detectors: [{ id: 'n', kind: 'neutron' }],
        counts: [{ detector: 'n', class: 'background', counts: 0, samples: 1, maximum: 0, liveSeconds: 60 }],
      },
    ],
  ] as const)('is not measured by %s', (reason, more) => {
    expect(judged(more as unknown as Partial<RadiationRecord>)).toEqual([reason]);
  });

  it('is not there where faults come while nobody is in the portal', () => {
    const nobody = { occupancy: { ended: false }, counts: [], alarms: [] };
    expect(judged({ ...nobody, faults: [{ kind: 'tamper' }] })).toEqual([]);
  });
});

describe('lines of a portal', () => {
  it('of a fault in an occupancy, or of one that still stands when it begins, make it not measured', async () => {
    expect(await notMeasuredIn(...background, scan[0]!, fault, scan[1]!, end)).toEqual([['high-fault']]);
    expect(await notMeasuredIn(...background, fault, ...scan, end)).toEqual([['high-fault']]);
    expect(await notMeasuredIn('TT,000000', ...background, ...scan, end)).toEqual([['tamper']]);
  });

  it('of a fault that is over before it begins do not', async () => {
    expect(await notMeasuredIn(fault, 'TT,000000', ...background, 'TC,000000', ...scan, end)).toEqual([[]]);
  });

  it('of a tamper that nobody clears count for every vehicle that follows, until it is cleared', async () => {
    const passages = ['TT,000000', ...scan, end, ...background, ...scan, end, 'TC,000000', ...scan, end];
    expect(await notMeasuredIn(...background, ...passages)).toEqual([['tamper'], ['tamper'], []]);
  });

  it('of a dead detector, or of a neutron background of 0, make it not measured', async () => {
    expect(await notMeasuredIn(...background, 'GS,000060,000000,000062,000063', end)).toEqual([
      ['dead-detector'],
    ]);
    expect(await notMeasuredIn(...background, ...scan, 'GX,000001,000000')).toEqual([
      ['no-neutron-background'],
    ]);
  });

  it('are read in one pass, however many faults they tell of', async () => {
    const faults = `TT,000000\r\n${background[0]}\r\n`.repeat(100_000);
    expect(await notMeasuredInText(`${faults}${scan[0]}\r\n${end}\r\n`)).toEqual([['tamper']]);
  });
});
