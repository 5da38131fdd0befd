import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/in-process.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
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
