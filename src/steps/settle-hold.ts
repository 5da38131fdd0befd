import { defined } from '../core/defined.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold, Passage, RadiationJoin } from '../core/radiation/hold.ts';
import { holdIdOf } from '../stored/identity.ts';
import { type StoreHoldTx, storeHold } from '../stored/radiation-store.ts';
import { samenessOf } from '../triage/holds/duplicate-hold.ts';
import { dueAfter } from '../triage/holds/overdue-hold.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { openHold, rejoin, reopenForAnother, withRecord } from '../triage/radiation.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import type { Occupancy } from './occupancies.ts';

export type SettleHoldTx = StoreHoldTx &
  Tx<'lockHold' | 'noteOccupancy' | 'holdsOfOccupancy' | 'holdsOfContent' | 'mayJoin'>;

export interface SettleHoldDeps {
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly rules: SiteRules;
  readonly lane: LaneTarget | undefined;
}

/**
 * The hold of an occupancy, opened where it has an alarm or was not measured, or else brought up to what this record says;
 * undefined where there is nothing to hold for. A hold belongs to the occupancy, not to the file that told of it first.
 */
export async function settleHold(
  deps: SettleHoldDeps,
  tx: SettleHoldTx,
  one: Occupancy,
  join: RadiationJoin,
): Promise<Hold | undefined> {
  const { scan, link, evidence } = one;
  const own = await tx.lockHold(scan, holdIdOf(scan.id, link.recordId));
  if (own !== undefined) return withNews(deps, tx, own, one, join);
  if (evidence.alarms.length === 0 && evidence.notMeasured === undefined) return undefined;
  if (!deps.rules.policy.queuedPurposes.includes(one.purpose)) return undefined;
  const alike = await holdsAlike(tx, one);
  if (alike.same !== undefined) return withNews(deps, tx, alike.same, one, join);
  const opened = openHold(openingOf(one, alike.possibly, deps.rules), evidence, join);
  return storeHold(deps, tx, undefined, opened);
}

async function withNews(
  deps: SettleHoldDeps,
  tx: StoreHoldTx & Tx<'noteOccupancy'>,
  current: Hold,
  { scan, link, evidence }: Occupancy,
  join: RadiationJoin,
): Promise<Hold> {
  const isOwn = current.scanId === scan.id && current.recordId === link.recordId;
  const record = isOwn ? undefined : { scanId: scan.id, recordId: link.recordId };
  if (isOwn && current.identity === undefined) await tx.noteOccupancy(current.id, evidence.identity.key);
  const move = { actor: 'system', at: deps.clock.now().toISOString() };
  const said = { ...evidence, ...defined({ record }) };
  const dueAt = dueAfter(move.at, deps.rules.policy);
  const known = reopenForAnother(withRecord(current, said, move, dueAt), join, move, dueAt);
  const next = rejoin(known, join, move);
  return next === current ? current : storeHold(deps, tx, current, next);
}

interface Alike {
  readonly same: Hold | undefined;
  readonly possibly: readonly Hold[];
}

/** Cuts of a log are looked for among those of the day before. */
const UNIDENTIFIED_DAY_MS = 24 * 3_600_000;
/** As many as a hold names. */
const MOST_POSSIBLE = 16;

/** The hold of this very occupancy, else those that may be of it. What another sender says is never surely the same. */
async function holdsAlike(
  tx: Tx<'holdsOfOccupancy' | 'holdsOfContent' | 'lockHold' | 'mayJoin'>,
  one: Occupancy,
): Promise<Alike> {
  const { scan, evidence } = one;
  const { identity } = evidence;
  const possibly: Hold[] = [];
  const known = identity.unidentified === true ? [] : await tx.holdsOfOccupancy(scan, identity.key);
  for (const hold of known) {
    const sameness = samenessOf(hold, { identity, ...defined({ number: evidence.occupancy }) });
    const isOfSender = await tx.mayJoin(scan.senders[0] ?? '', hold.scanId);
    const isSame = sameness === 'same' && isOfSender && saysNoOtherPlace(evidence.passage, hold.passage);
    if (isSame) return { same: await tx.lockHold(scan, hold.id), possibly: [] };
    if (sameness !== 'other') possibly.push(hold);
  }
  const others = [...(await unidentifiedOf(tx, one)), ...(await tx.holdsOfContent(scan, identity.content))];
  const alike = new Map([...possibly, ...others].map((hold) => [hold.id, hold]));
  return { same: undefined, possibly: [...alike.values()].slice(0, MOST_POSSIBLE) };
}

/**
 * Whether a record says no lane or visit but those that the hold has. One that does is a fact of its own, with a hold of its own: what
 * one record says takes no vehicle out of the hold of another.
 */
function saysNoOtherPlace({ lane, visit }: Passage, known: Passage | undefined): boolean {
  if (known === undefined) return true;
  return [lane, visit].every((said, i) => said === undefined || said === [known.lane, known.visit][i]);
}

/** Holds of the portal that nothing identifies, opened within a day before; none for what has a time. */
async function unidentifiedOf(
  tx: Tx<'holdsOfOccupancy'>,
  { scan, evidence, unidentified, receivedAt }: Occupancy,
) {
  if (evidence.passage.from !== undefined) return [];
  const since = Date.parse(receivedAt) - UNIDENTIFIED_DAY_MS;
  const holds = await tx.holdsOfOccupancy(scan, unidentified);
  return holds.filter(({ openedAt }) => Date.parse(openedAt) >= since);
}

function openingOf(
  { scan, link, receivedAt: openedAt }: Occupancy,
  possibly: readonly Hold[],
  { policy }: Pick<SiteRules, 'policy'>,
) {
  const { administration, site, id: scanId } = scan;
  const { recordId } = link;
  const ids = possibly.map(({ id }) => id);
  const possiblySameAs = ids.length === 0 ? undefined : ids;
  return {
    id: holdIdOf(scanId, recordId),
    administration,
    site,
    scanId,
    recordId,
    openedAt,
    dueAt: dueAfter(openedAt, policy),
    ...defined({ possiblySameAs }),
  };
}
