import { keys } from '../core/keys.ts';
import type { JobQueue } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { HoldWrites } from '../core/ports/records/holds.ts';
import type { ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Radiation } from '../core/ports/records/radiation.ts';
import type { NearbyScans } from '../core/ports/records/scans.ts';
import { type Hold, isSurelyJoined, scansHeld } from '../core/radiation/hold.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';

import { storeDerived } from './case-store.ts';
import { jobs } from './job-ids.ts';
import { jsonBytes } from './manifest.ts';
import type { Derived } from './object-row.ts';

export type StoreHoldTx = ObjectRowWrites & HoldWrites & Radiation & JobQueue & ChangeWrites & NearbyScans;

export interface StoreHoldDeps {
  readonly objects: ObjectWrites;
  readonly lane: LaneTarget | undefined;
  readonly policy: Pick<TriagePolicy, 'alarmWindowMinutes'>;
}

/** More scans than any site makes within the windows of an alarm. */
const SCANS_NEAR = 1000;

/**
 * Keeps a hold that moved: its snapshot as an object first, then the record, the change and the word to the lane of
 * every scan that it bears on or bore on, or may be near to, in the caller's transaction. The caller holds the lock on the hold.
 */
export async function storeHold(
  deps: StoreHoldDeps,
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
  const moves = [before, after].filter((hold) => hold !== undefined);
  const near = moves.every(isSurelyJoined) ? [] : await scansNear(tx, after, deps.policy.alarmWindowMinutes);
  const again = await tx.scansOfHold(after.id);
  for (const scanId of new Set([...moves.flatMap(scansHeld), ...again, ...near])) {
    await tx.enqueue(jobs.notifyLaneOfHold(after, scanId));
  }
}

/** The word to the lane of a radiation record that tells of an occupancy which has its hold already. */
export async function tellLaneOfRecord(
  { lane }: Pick<StoreHoldDeps, 'lane'>,
  tx: JobQueue,
  hold: Hold,
  scanId: string,
): Promise<void> {
  if (lane !== undefined) await tx.enqueue(jobs.notifyLaneOfHold(hold, scanId));
}

/** Scans to which the alarm may be near: the answer on each of them says whether it is. */
async function scansNear(
  tx: NearbyScans,
  { administration, site, passage, openedAt }: Hold,
  minutes: number,
): Promise<readonly string[]> {
  const { from = openedAt, to = from, receivedAt = openedAt } = passage ?? {};
  const window = minutes * 60_000;
  const before = (time: string) => new Date(Date.parse(time) - window).toISOString();
  const after = (time: string) => new Date(Date.parse(time) + window).toISOString();
  const place = { administration, site };
  const taken = [
    ...(await tx.scansTaken(place, before(from), after(to), SCANS_NEAR)),
    ...(await tx.scansTaken(place, before(receivedAt), after(receivedAt), SCANS_NEAR)),
    ...(await tx.scansReceived(place, before(from), after(to), SCANS_NEAR)),
    ...(await tx.scansReceived(place, before(receivedAt), after(receivedAt), SCANS_NEAR)),
  ];
  return [...new Set(taken.map(({ id }) => id))];
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
