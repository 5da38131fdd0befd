import type { LaneAnswer } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Cases } from '../core/ports/records/cases.ts';
import type { Holds } from '../core/ports/records/holds.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { Hold, Passage } from '../core/radiation/hold.ts';
import { trueTime } from '../core/rules/clock.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import { type RulesTx, rulesAt } from '../stored/rules.ts';
import { isNear, type NearWindow, type ScanMoment } from '../triage/alarm-near.ts';
import { type Asked, laneAnswer } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { alarmWindow, clockOf, pairWindow, type SiteRules, widest } from '../triage/site-rules.ts';

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
  const scanner = row === undefined ? '' : scannerOf(row);
  const time = trueTime(row?.scan?.acquired, clockOf(rules, scanner));
  const moment = {
    isZoneStated: time?.isZoneStated === true,
    receivedAt: scan.receivedAt,
    ...defined({ acquiredAt: time?.at, lane: row?.scan?.source.lane }),
  };
  return unjoined.filter(({ passage, openedAt }) => {
    const passed = passage ?? { isZoneStated: false, receivedAt: openedAt };
    return isNear(passed, moment, nearWindow(rules, passed, moment, scanner));
  });
}

/** The window of the pair, where both times are sure; a time that is not may be outside of it. */
function nearWindow(rules: SiteRules, passage: Passage, moment: ScanMoment, scanner: string): NearWindow {
  const pair = pairWindow(rules, passage, scanner);
  if (pair === undefined) return { ...alarmWindow(rules), isOfPair: false };
  const isSure = passage.isZoneStated && moment.isZoneStated;
  return { ...(isSure ? pair : widest([pair, alarmWindow(rules)])), isOfPair: true };
}
