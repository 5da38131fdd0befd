import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/in-process.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { notMeasuredOf } from '../../../src/core/radiation/not-measured.ts';
import { holdingAlarms } from '../../../src/core/radiation/radiation.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

async function recordOf(file: NamedBytes) {
  const group = onlyGroup(stage(temporaryFolder(), [file]));
  const { scan } = await runInProcess({
    converter: converterOf(group),
    files: toConvert(group),
    limits: defaultLimits,
  });
  return scan;
}

const lines = (...written: readonly string[]) => Buffer.from(`${written.join('\r\n')}\r\n`);

describe('alarm lines', () => {
  it('that cannot be read are alarms all the same, and are named', async () => {
    const bytes = lines('GS,000060,000061,000062,000063', 'GA,000300,0003', 'GX,000001,002250');
    const scan = await recordOf({ name: 'lane.txt', bytes });
    expect(scan.radiation?.flatMap(holdingAlarms)).toMatchObject([{ category: 'gamma', written: 'GA' }]);
    expect(scan.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_LINE_UNREAD', field: 'line 2', value: 'GA,000300,0003' }),
    );
  });

  it('of a vehicle that stands in the portal for a day are one alarm', async () => {
    const alarms = 'NA,000009,000001,000002,000001\r\n'.repeat(300_000);
    const bytes = Buffer.from(`${alarms}GX,000001,002250\r\n`);
    const scan = await recordOf({ name: 'lane.txt', bytes });
    expect(scan.radiation?.flatMap(holdingAlarms)).toMatchObject([
      { category: 'neutron', description: '300000 alarm lines, highest count of one detector 9' },
    ]);
  });
});

describe('a damaged line', () => {
  const ascii = (written: string) => Buffer.from(`${written}\r\n`, 'latin1');
  const scan = ascii('GS,000060,000061,000062,000063');
  const passage = (number: number) => [scan, scan, scan, ascii(`GX,00000${number},002250`)];
  const [first, second, third] = [passage(1), passage(2), passage(3)];

  /** Why each occupancy of the file counts as not measured. */
  async function reasonsOf(...bytes: readonly Buffer[]) {
    const scan = await recordOf({ name: 'lane.txt', bytes: Buffer.concat(bytes) });
    return scan.radiation?.map(notMeasuredOf);
  }

  const other = ['other-fault'];
  it.each([
    ['bytes of a disk block', Buffer.alloc(64, 0xff)],
    ['zeros of a power cut', Buffer.alloc(64)],
    ['a message with one wrong byte', ascii('G\xc1,000300,000301,000302,000303')],
    ['a message with a control character', ascii('G\x01,000300,000301,000302,000303')],
  ])('(%s) leaves no occupancy measured that it may be of', async (_, damage) => {
    const line = Buffer.concat([damage, ascii('')]);
    expect(await reasonsOf(...first, scan, line, ...second, ...third)).toEqual([[], other, []]);
    expect(await reasonsOf(...first, line, ...second, ...third)).toEqual([other, other, []]);
    expect(await reasonsOf(...first, ...second, damage)).toEqual([[], other]);
    expect(await reasonsOf(...first, line, line)).toEqual([other]);
  });

  it.each([
    ['a remark of the recorder', ascii('# lane 3, shift B')],
    ['one in its own language', Buffer.from('# Полоса 3, смена Б\r\n')],
    ['one in Latin letters', ascii('# v\xeda 3, d\xeda 2')],
    ['a message of another kind', ascii('CC,000300,000301')],
  ])('is not %s', async (_, remark) => {
    expect(await reasonsOf(...first, remark, ...second)).toEqual([[], []]);
  });
});
