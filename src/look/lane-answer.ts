import type { LaneAnswer } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Cases } from '../core/ports/records/cases.ts';
import type { Holds } from '../core/ports/records/holds.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { Hold } from '../core/radiation/hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { type RulesTx, rulesAt } from '../stored/rules.ts';
import { mayBeOf, nearScanOf } from '../triage/holds/near-scan.ts';
import { type Asked, laneAnswer } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';

export interface LaneAnswerDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

type KnownTx = Cases & Holds & Revisions;
export type LaneAnswerTx = KnownTx & RulesTx;

/** What the lane may do with the vehicle now. */
export async function answerFor(deps: LaneAnswerDeps, tx: LaneAnswerTx, scan: ScanRow): Promise<LaneAnswer> {
  const rules = await rulesAt(tx, scan, deps.policy);
  const known = await knownOf(tx, scan, rules);
  const { instructionMinutes: minutes, version } = rules.policy;
  return laneAnswer({ scanId: scan.id, ...known }, { at: deps.clock.now(), minutes, policy: version });
}

/** Everything that bears on the instruction now. */
export async function knownOf(tx: KnownTx, scan: ScanRow, rules: SiteRules): Promise<Omit<Asked, 'scanId'>> {
  const holds = await tx.holdsOn(scan.id);
  return {
    scan: { state: scan.state, ...defined({ completeness: scan.completeness }) },
    cases: await tx.casesOfScan(scan.id),
    holds,
    near: (await holdsNear(tx, scan, rules)).filter(({ id }) => holds.every((own) => own.id !== id)),
  };
}

/** Alarms that are surely of no scan yet and may be of this one. */
async function holdsNear(tx: Holds & Revisions, scan: ScanRow, rules: SiteRules): Promise<readonly Hold[]> {
  const unjoined = await tx.unjoinedHolds(scan);
  if (unjoined.length === 0) return [];
  const row = await tx.newestConverted(scan.id);
  const seen = nearScanOf(scan, row, rules);
  return unjoined.filter((hold) => mayBeOf(hold, seen, rules));
}
