import { Compile } from 'typebox/compile';
import { NiiError } from '../../core/errors.ts';
import type { JobQueue } from '../../core/ports/jobs.ts';
import type { HoldWrites } from '../../core/ports/records/holds.ts';
import type { ObjectRow, ObjectRowWrites } from '../../core/ports/records/object-rows.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { Hold, scansHeld } from '../../core/radiation/hold.ts';
import { jobs } from '../../stored/job-ids.ts';
import { parseJson } from '../../stored/manifest.ts';
import { objectRow } from '../../stored/object-row.ts';
import { holdSnapshot } from '../../stored/radiation-store.ts';

const holdCheck = Compile(Hold);

/** The holds of a radiation record as their newest snapshots have them; returns how many. Damaged ones are named. */
export async function rebuildHolds(
  { objects, records }: Stores<ObjectRowWrites & HoldWrites & JobQueue>,
  scanId: string,
  orDamaged: <T>(what: string, step: () => Promise<T>) => Promise<T | undefined>,
): Promise<number> {
  const newest = new Map<string, Hold>();
  const rows: ObjectRow[] = [];
  for await (const { key } of objects.list(`holds/${scanId}/`)) {
    const value = await orDamaged(key, async () => holdOf(await objects.get(key), key));
    if (value === undefined) continue;
    newest.set(value.id, value);
    rows.push(objectRow(value, holdSnapshot(value)));
  }
  await records.transaction(async (tx) => {
    await tx.putObjects(rows);
    for (const value of newest.values()) {
      await tx.saveHold(value);
      // Whether the lane had acknowledged the last answer is not known: it is told again.
      for (const held of scansHeld(value)) await tx.enqueue(jobs.notifyLaneOfHold(value, held));
    }
  });
  return newest.size;
}

function holdOf(bytes: Uint8Array, key: string): Hold {
  const value = parseJson(bytes, key);
  if (!holdCheck.Check(value)) throw new NiiError('NII_CORRUPT', `${key} is not a hold`);
  return value;
}
