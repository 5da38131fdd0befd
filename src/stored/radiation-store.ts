import type { Scope } from '../core/access.ts';
import { keys } from '../core/keys.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import { type Hold, holdsAllNear, isSurelyJoined, marksOfHold, scansHeld } from '../core/radiation/hold.ts';
import { holdStatesThat } from '../core/radiation/hold-states.ts';
import { isRadiationOnly } from '../core/radiation/radiation.ts';
import { writtenRanges } from '../core/rules/clock.ts';
import { isNoMark } from '../core/rules/site.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { withDetail } from '../triage/radiation.ts';
import { alarmWindow, clocksAt, type SiteRules, widest } from '../triage/site-rules.ts';
import { storeDerived } from './case-store.ts';
import { jobs } from './job-ids.ts';
import { jsonBytes } from './manifest.ts';
import type { Derived } from './object-row.ts';
import { type AlongTx, daysOfHold, scansOfMark } from './vehicle-scans.ts';

export type KeepHoldTx = Tx<'putObjects' | 'saveHold' | 'appendChange'>;
export type StoreHoldTx = KeepHoldTx &
  AlongTx &
  Tx<'scans' | 'scansOfHold' | 'enqueue' | 'scansTaken' | 'scansReceived' | 'newestConvertedOf'>;

export interface StoreHoldDeps {
  readonly objects: ObjectWrites;
  readonly lane: LaneTarget | undefined;
  /** Of the site of the hold. */
  readonly rules: SiteRules;
}

/** More scans than any site makes within the windows of an alarm. */
const SCANS_NEAR = 1000;

/**
 * Keeps a hold that moved: its snapshot as an object first, then the record, the change and the word to the lane of
 * every scan that it bears on or bore on, or may be near to, in the caller's transaction. The caller holds the lock on the hold.
 * @returns the hold as it is kept: where it stopped holding the scans near it, its last event says how many they were
 */
export async function storeHold(
  deps: StoreHoldDeps,
  tx: StoreHoldTx,
  before: Hold | undefined,
  moved: Hold,
): Promise<Hold> {
  const moves = [before, moved].filter((hold) => hold !== undefined);
  const isOver = before !== undefined && stopsHolding(before, moved);
  const near = moves.every(isSurelyJoined) ? [] : await scansNear(tx, moves, deps.rules);
  const after = isOver ? await withVehiclesHeld(deps, tx, before, moved, near) : moved;
  await keepHold(deps, tx, after, before === undefined ? 'hold.opened' : 'hold.changed');
  const again = await tx.scansOfHold(after.id);
  const named = await scansNamed(tx, moves, deps.rules);
  const ids = [...near, ...named].map(({ id }) => id);
  for (const scanId of new Set([...moves.flatMap(scansHeld), ...again, ...ids]))
    await tellOfHold(deps, tx, after, scanId);
  return after;
}

/** Scans of the vehicle by its marks, of as many days as the alarm holds it. */
async function scansNamed(
  tx: AlongTx & Tx<'scans'>,
  moves: readonly Hold[],
  rules: SiteRules,
): Promise<readonly ScanRow[]> {
  const found: ScanRow[] = [];
  for (const hold of moves) {
    const { administration, site, openedAt } = hold;
    const days = daysOfHold(hold, rules);
    for (const mark of marksOfHold(hold).filter(({ value }) => !isNoMark(rules.site, value)))
      found.push(...(await scansOfMark(tx, { administration, site }, mark, rules, new Date(openedAt), days)));
  }
  return found;
}

/** The lane, and whoever chases vehicles that left. */
async function tellOfHold(
  { lane }: Pick<StoreHoldDeps, 'lane'>,
  tx: Tx<'enqueue'>,
  hold: Hold,
  scanId: string,
): Promise<void> {
  if (lane !== undefined) await tx.enqueue(jobs.notifyLaneOfHold(hold, scanId));
  await tx.enqueue(jobs.watchPassagesOfHold(hold, scanId));
}

/** Keeps a hold that a supervisor is told of. Nothing that the lane is told has moved. */
export async function storeEscalated(
  deps: Pick<StoreHoldDeps, 'objects'>,
  tx: KeepHoldTx,
  after: Hold,
): Promise<void> {
  await keepHold(deps, tx, after, 'hold.changed');
  await tx.appendChange(changeOf(after, 'hold.escalated'));
}

async function keepHold(
  deps: Pick<StoreHoldDeps, 'objects'>,
  tx: KeepHoldTx,
  after: Hold,
  kind: string,
): Promise<void> {
  await storeDerived(deps, tx, after, holdSnapshot(after));
  await tx.saveHold(after);
  await tx.appendChange(changeOf(after, kind));
}

function changeOf({ administration, site, id, revision }: Hold, kind: string) {
  return { administration, site, kind, subject: id, revision };
}

/** The scans near it are let go of. Those of a duplicate are held by the other hold, so they count there. */
function stopsHolding(before: Hold, after: Hold): boolean {
  return holdsAllNear(before) && !holdsAllNear(after) && after.state !== 'duplicate';
}

/** The event by which it stops says how many scans it held, without those that the hold is itself of. */
async function withVehiclesHeld(
  { rules }: Pick<StoreHoldDeps, 'rules'>,
  tx: Tx<'newestConvertedOf'>,
  before: Hold,
  after: Hold,
  near: readonly ScanRow[],
): Promise<Hold> {
  const own = scansHeld(after);
  const others = near.filter(({ id }) => !own.includes(id));
  const converted = await tx.newestConvertedOf(others.map(({ id }) => id));
  const rows = new Map(converted.map((row) => [row.scanId, row]));
  const held = others.filter((scan) => {
    const row = rows.get(scan.id);
    const isVehicle = row?.scan === undefined || !isRadiationOnly(row.scan);
    return isVehicle && couldBelongTo(before, nearScanOf(scan, row, rules), rules);
  });
  return withDetail(after, { vehiclesHeld: held.length });
}

/** The word to the lane of a radiation record that tells of an occupancy which has its hold already. */
export const tellLaneOfRecord = tellOfHold;

/** Scans to which the alarm is, or was, perhaps near: the answer on each of them says whether it is. */
async function scansNear(
  tx: Tx<'scansTaken' | 'scansReceived'>,
  moves: readonly Hold[],
  rules: SiteRules,
): Promise<readonly ScanRow[]> {
  const found = new Map<string, ScanRow>();
  for (const { administration, site, passage, openedAt } of moves) {
    const { from = openedAt, to = from, receivedAt = openedAt } = passage ?? {};
    for (const [start, end] of [around(from, to, rules), around(receivedAt, receivedAt, rules)]) {
      const place = { administration, site };
      for (const range of writtenRanges(start, end, clocksAt(rules)))
        for (const scan of await tx.scansTaken(place, ...range, SCANS_NEAR)) found.set(scan.id, scan);
      for (const scan of await tx.scansReceived(place, start, end, SCANS_NEAR)) found.set(scan.id, scan);
    }
  }
  return [...found.values()];
}

/** From the earliest that a window of the site begins to the latest that one ends. */
function around(from: string, to: string, rules: SiteRules): readonly [from: string, to: string] {
  const { fromSeconds, toSeconds } = widest([alarmWindow(rules), ...rules.site.windows]);
  const moved = (time: string, seconds: number) => new Date(Date.parse(time) + seconds * 1000).toISOString();
  return [moved(from, fromSeconds), moved(to, toSeconds)];
}

/** More holds than a site has open at once. */
const HOLDS_AT_ONCE = 200;

/** Queues the joins of every hold of a site that still holds: what is decided of times there has changed. */
export async function joinHoldsAgain(
  tx: Tx<'holds' | 'enqueue'>,
  place: Scope,
  cause: string,
): Promise<void> {
  const states = holdStatesThat(({ isHolding }) => isHolding);
  const found = new Set<string>();
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const { rows, next } = await tx.holds(place, { states }, HOLDS_AT_ONCE, cursor);
    for (const { scanId } of rows) found.add(scanId);
    cursor = next;
  }
  const { administration, site } = place;
  for (const id of found) await tx.enqueue(jobs.joinRadiation({ id, administration, site }, cause));
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
