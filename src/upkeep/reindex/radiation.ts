import type { JobQueue } from '../../core/ports/jobs.ts';
import type { HoldWrites } from '../../core/ports/records/holds.ts';
import type { ObjectRow, ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { type Hold, scansHeld } from '../../core/radiation/hold.ts';
import { jobs } from '../../stored/job-ids.ts';
import { asStored, objectRow } from '../../stored/object-row.ts';
import { holdSnapshot } from '../../stored/radiation-store.ts';
import { readHold } from '../../stored/read-object.ts';

/** The holds of a radiation record as their newest snapshots have them; returns how many. Damaged ones are named. */
export async function rebuildHolds(
  { objects, records }: Stores<ObjectRowWrites & HoldWrites & JobQueue>,
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
      for (const held of scansHeld(value)) await tx.enqueue(jobs.notifyLaneOfHold(value, held));
    }
  });
  return newest.size;
}
