import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import { type Asked, issueLaneInstruction } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { knownOfVisit, type ScanOfVisit, visitWindow } from '../triage/visit.ts';
import { type RulesTx, rulesAt } from './rules.ts';

export interface LaneInstructionDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

type KnownTx = Tx<
  'casesOfScan' | 'holdsOn' | 'unjoinedHolds' | 'newestConverted' | 'scansOfVisit' | 'hasUnreadRadiation'
>;
export type LaneInstructionTx = KnownTx & RulesTx;

/** What the lane may do with the vehicle now. */
export async function issueInstructionFor(
  deps: LaneInstructionDeps,
  tx: LaneInstructionTx,
  scan: ScanRow,
): Promise<IssuedLaneInstruction> {
  const rules = await rulesAt(tx, scan, deps.policy);
  const known = await knownOf(tx, scan, rules);
  const { instructionMinutes: minutes, version } = rules.policy;
  return issueLaneInstruction(
    { scanId: scan.id, ...known },
    { at: deps.clock.now(), minutes, policy: version },
  );
}

/** Everything that bears on the instruction now. */
export async function knownOf(tx: KnownTx, scan: ScanRow, rules: SiteRules): Promise<Omit<Asked, 'scanId'>> {
  // first, because a record that is read meanwhile has become a hold by then
  const hasUnread = await tx.hasUnreadRadiation(scan, rules.policy.queuedPurposes);
  const [own, ...others] = await scansOfVehicle(tx, scan);
  const all = [own, ...others];
  const holds = new Map<string, Hold>();
  const near = new Map<string, Hold>();
  for (const { scan: one } of all) {
    const isOf = ({ notOf = [] }: Hold) => !notOf.includes(one.id) && !notOf.includes(scan.id);
    for (const hold of (await tx.holdsOn(one.id)).filter(isOf)) holds.set(hold.id, hold);
    for (const hold of (await holdsNear(tx, one, rules)).filter(isOf)) near.set(hold.id, hold);
  }
  return {
    ...knownOfVisit(own, others),
    cases: own.cases,
    others: others.map((other) => ({ scanId: other.scan.id, ...knownOfVisit(other, all) })),
    holds: [...holds.values()],
    near: [...near.values()].filter(({ id }) => !holds.has(id)),
    hasUnread,
    ...defined({ visit: scan.visit }),
  };
}

/** Scans and radiation records of the vehicle, this one first. */
async function scansOfVehicle(
  tx: Tx<'casesOfScan' | 'newestConverted' | 'scansOfVisit'>,
  scan: ScanRow,
): Promise<readonly [ScanOfVisit, ...ScanOfVisit[]]> {
  const read = async (one: ScanRow): Promise<ScanOfVisit> => ({
    scan: one,
    cases: await tx.casesOfScan(one.id),
    record: (await tx.newestConverted(one.id))?.scan,
  });
  const others: ScanOfVisit[] = [];
  for (const one of await scansOfVisit(tx, scan)) if (one.id !== scan.id) others.push(await read(one));
  return [await read(scan), ...others];
}

/** Scans and radiation records of the visit of a scan, with itself; none where it has no visit id. */
export async function scansOfVisit(tx: Tx<'scansOfVisit'>, scan: ScanRow): Promise<readonly ScanRow[]> {
  if (scan.visit === undefined) return [];
  const found = new Map<string, ScanRow>();
  for (const time of new Set([scan.acquiredAt ?? scan.receivedAt, scan.receivedAt]))
    for (const one of await tx.scansOfVisit(scan, scan.visit, ...visitWindow(time))) found.set(one.id, one);
  return [...found.values()];
}

/** Alarms that are surely of no scan yet and may be of this one. */
async function holdsNear(
  tx: Tx<'unjoinedHolds' | 'newestConverted'>,
  scan: ScanRow,
  rules: SiteRules,
): Promise<readonly Hold[]> {
  const unjoined = await tx.unjoinedHolds(scan);
  if (unjoined.length === 0) return [];
  const row = await tx.newestConverted(scan.id);
  const seen = nearScanOf(scan, row, rules);
  return unjoined.filter((hold) => couldBelongTo(hold, seen, rules));
}
