import type { ObjectRow } from '../../core/ports/records/object-rows.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { type Hold, scansHeld } from '../../core/radiation/hold.ts';
import { occupanciesOf } from '../../steps/occupancies.ts';
import { jobs } from '../../stored/job-ids.ts';
import { asStored, objectRow } from '../../stored/object-row.ts';
import { holdSnapshot } from '../../stored/radiation-store.ts';
import { readHold } from '../../stored/read-object.ts';
import { undecided } from '../../triage/site-rules.ts';

/** The holds of a radiation record as their newest snapshots have them; returns how many. Damaged ones are named. */
export async function rebuildHolds(
  { objects, records }: Stores<NoteTx & Tx<'putObjects' | 'saveHold' | 'enqueue'>>,
  scanId: string,
  orDamaged: <T>(what: string, step: () => Promise<T>) => Promise<T | undefined>,
): Promise<number> {
  const newest = new Map<string, Hold>();
  const rows: ObjectRow[] = [];
  for await (const { key } of objects.list(`holds/${scanId}/`)) {
    await orDamaged(key, async () => {
      const body = await objects.get(key);
      const value = readHold(body, key);
      rows.push(asStored(objectRow(value, holdSnapshot(value)), key, body));
      newest.set(value.id, value);
    });
  }
  await records.transaction(async (tx) => {
    await tx.putObjects(rows);
    for (const value of newest.values()) {
      await tx.saveHold(value);
      // It is unknown whether the lane acknowledged the last answer: it is sent again.
      for (const held of scansHeld(value)) {
        await tx.enqueue(jobs.notifyLaneOfHold(value, held));
        await tx.enqueue(jobs.watchPassagesOfHold(value, held));
      }
    }
    await noteOccupancies(tx, scanId, [...newest.values()]);
  });
  return newest.size;
}

type NoteTx = Tx<'noteOccupancy' | 'scanById' | 'newestConverted'>;

/** Which occupancy a hold of before is of, so that a record that comes to it first finds it, too. */
async function noteOccupancies(tx: NoteTx, scanId: string, holds: readonly Hold[]): Promise<void> {
  const unsaid = holds.filter(({ identity }) => identity === undefined);
  if (unsaid.length === 0) return;
  const scan = await tx.scanById(scanId);
  const row = await tx.newestConverted(scanId);
  if (scan === undefined || row?.scan === undefined) return;
  const keys = new Map(
    occupanciesOf(scan, { row, record: row.scan, brought: row }, undecided).map(({ link, evidence }) => [
      link.recordId,
      evidence.identity.key,
    ]),
  );
  for (const { id, recordId } of unsaid) {
    const key = keys.get(recordId);
    if (key !== undefined) await tx.noteOccupancy(id, key);
  }
}
