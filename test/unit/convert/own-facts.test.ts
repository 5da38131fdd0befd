import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { maskRecord } from '../../../src/core/disclosure/mask.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { NiiScan } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { encodeMedical } from '../../../src/format/medical/medical.ts';
import { fullRecord } from '../../support/record/full-record.ts';
import { channelOf, ids, noise } from '../../support/scan.ts';
import { converterOf, onlyGroup, sha256, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();
const plane = noise(channelOf().bytes, 'facts');
const { invalidValue: _, ...counted } = channelOf({ sha256: sha256(plane) });
const channel = {
  ...counted,
  notMeasured: { rows: [], columns: [] },
  opaqueSamples: 0,
  label: 'high energy, filtered',
  rescale: { slope: 0.25, intercept: -7, units: 'g/cm2' },
};
const full: NiiScan = {
  ...fullRecord(),
  views: fullRecord().views.map((view) => ({ ...view, channels: [channel] })),
};

type Encode = typeof encodeDx | typeof encodeMedical;

async function back(scan: NiiScan, encode: Encode, change = (bytes: Uint8Array) => bytes): Promise<NiiScan> {
  const { bytes } = await encode({ scan, viewId: 'side', channelId: 'high', plane, ids });
  const group = onlyGroup(stage(folder, [{ name: 'a.dcs', bytes: change(bytes) }]));
  const files = toConvert(group);
  return (await runInProcess({ converter: converterOf(group), files, limits: defaultLimits })).scan;
}

/** What travels: a visit id means something at its own site alone. */
function travelling({
  source: { visit: _, ...source },
  acquired,
  purpose,
  units,
  views,
  history,
  consignments,
  control,
}: NiiScan) {
  return { source, acquired, purpose, units, views, history, consignments, control };
}

describe('a record that is written and read again', () => {
  it.each([
    ['DICOS', encodeDx],
    ['medical files', encodeMedical],
  ] as const)('as %s is the same, field by field', async (_, encode) => {
    expect(travelling(await back(full, encode))).toEqual(travelling(full));
  });

  it('is the same where its time zone, its pitch or its verdict of completeness was assumed', async () => {
    const assumed: NiiScan = {
      ...full,
      acquired: { ...full.acquired, zone: 'assumed-utc' },
      views: full.views.map((view) => ({
        ...view,
        channels: view.channels.map((one) => ({
          ...one,
          pitch: { rowMm: 4, columnMm: 4, source: 'assumed' as const },
        })),
      })),
    };
    expect(travelling(await back(assumed, encodeDx))).toEqual(travelling(assumed));
  });

  it('without personal and commercial fields holds none of them in any byte', async () => {
    const masked = maskRecord(full, ['personal', 'commercial']);
    const { bytes } = await encodeDx({ scan: masked, viewId: 'side', channelId: 'high', plane, ids });
    const text = Buffer.from(bytes).toString('latin1');
    expect(text).not.toMatch(/person-|trade-|CSQU3054383/);
    expect(travelling(await back(masked, encodeDx))).toEqual(travelling(masked));
  });

  it('is not believed where a tool gave the file another object of inspection', async () => {
    const anonymous = await back(full, encodeDx, (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      // The first is the header's, in (0010,0020)
      return Buffer.from(text.replace('CSQU3054383', 'ANONYMOUS01'), 'latin1');
    });
    expect(anonymous.units.flatMap(({ containers }) => containers)).toEqual([]);
    expect(anonymous.consignments).toBeUndefined();
    expect(anonymous.history).toBeUndefined();
    expect(anonymous.warnings.map(({ code, field }) => [code, field])).toContainEqual([
      'NII_W_FIELD_MALFORMED',
      '(0041,1001)',
    ]);
  });
});
