import { keys } from '../core/keys.ts';
import type { JobQueue } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { HoldWrites } from '../core/ports/records/holds.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import { type Hold, scansHeld } from '../core/radiation/hold.ts';
import type { LaneTarget } from '../triage/lane.ts';

import { storeDerived } from './case-store.ts';
import { jobs } from './job-ids.ts';
import { jsonBytes } from './manifest.ts';
import type { Derived } from './object-row.ts';

export type StoreHoldTx = ObjectRowWrites & HoldWrites & JobQueue & ChangeWrites;

/**
 * Keeps a hold that moved: its snapshot as an object first, then the record, the change and the word to the lane of
 * every scan that it bears on or bore on, in the caller's transaction. The caller holds the lock on the hold.
 */
export async function storeHold(
  deps: { readonly objects: ObjectWrites; readonly lane: LaneTarget | undefined },
  tx: StoreHoldTx,
  before: Hold | undefined,
  after: Hold,
): Promise<void> {
  await storeDerived(deps, tx, after, holdSnapshot(after));
  await tx.saveHold(after);
  const { administration, site, id, revision } = after;
  const kind = before === undefined ? 'hold.opened' : 'hold.changed';
  await tx.appendChange({ administration, site, kind, subject: id, revision });
  if (deps.lane === undefined) return;
  const held = before === undefined ? [] : scansHeld(before);
  for (const scanId of new Set([...held, ...scansHeld(after)])) {
    await tx.enqueue(jobs.notifyLaneOfHold(after, scanId));
  }
}

/** The hold as it is after its last event. */
export function holdSnapshot(value: Hold): Derived {
  return {
    key: keys.hold(value.scanId, value.id, value.history.length),
    kind: 'hold',
    body: jsonBytes(value),
    contentType: 'application/json',
    producer: 'radiation',
  };
}
