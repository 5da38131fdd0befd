import type { RadiationLink } from '../core/hold.ts';
import type { RevisionRow, ScanRow } from '../core/ports.ts';
import type { RadiationRecord } from '../core/radiation.ts';
import type { NiiScan } from '../core/scan.ts';

/** An occupancy before it is joined. Without a time in the file the receipt stands for it, if the file has but one. */
export function linkOf(
  scan: Pick<ScanRow, 'id' | 'receivedAt'>,
  row: Pick<RevisionRow, 'revision'>,
  record: NiiScan,
  one: RadiationRecord,
): RadiationLink {
  const { start, end } = one.occupancy;
  const from = start?.utc ?? end?.utc;
  const alone = record.radiation?.length === 1;
  const lane = one.lane ?? record.source.lane;
  const times =
    from !== undefined
      ? { from, to: end?.utc ?? from, timeFrom: 'file' as const }
      : { ...(alone ? { from: scan.receivedAt, to: scan.receivedAt } : {}), timeFrom: 'receipt' as const };
  return {
    scanId: scan.id,
    recordId: one.id,
    revision: row.revision,
    ...times,
    ...(lane === undefined ? {} : { lane }),
    containers: [...new Set(record.units.flatMap(({ containers }) => containers.map(({ value }) => value)))],
    alarms: [...new Set(one.alarms.map(({ category }) => category))],
    join: { kind: 'none', why: 'not joined yet' },
  };
}
