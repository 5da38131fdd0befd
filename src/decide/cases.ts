import { randomInt } from 'node:crypto';
import type { Case, ReleasedWhileOpen, SearchOutcome } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import type { AllScans } from '../core/ports/records/scans.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { knownOf, type LaneInstructionTx } from '../look/lane-instruction.ts';
import { reportOutcome, reportVerdict } from '../stored/reports.ts';
import { rulesAt } from '../stored/rules.ts';
import * as triage from '../triage/case.ts';
import { openRowsOf } from '../triage/instruction.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { CaseAnswer, Command } from './command.ts';
import {
  alone,
  type ByPolicy,
  commit,
  earlierCase,
  lockedCase,
  type MoveByPolicyDeps,
  type MoveCaseDeps,
  type MoveCaseTx,
  moveByPolicy,
  moveCase,
} from './move-case.ts';

/**
 * What people do with cases. Each call is one transaction: the move, its snapshot and report, the audit entry, the
 * change and the answer kept for a repeated request are all there, or none is.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH
 */

/** A verdict, and at once what follows from it: it stands, another analyst reads, or a supervisor settles it. */
export function decideCase(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  const apply: ByPolicy = (current, move, policy) => {
    const system = { ...move, actor: 'system' };
    const followed = triage.followVerdict(
      triage.decide(current, decision, policy, move),
      policy,
      draw(),
      system,
    );
    return triage.drawSearch(followed, policy, draw(), system);
  };
  return moveByPolicy(deps, command, id, 'decide', apply, reportVerdict);
}

/** From 0 to below 1, which nobody can foresee. */
function draw(): number {
  return randomInt(DRAWS) / DRAWS;
}

const DRAWS = 2 ** 47;

export function requestOpinion(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveCase(deps, command, id, 'second opinion', (current, move) =>
    triage.requestSecondOpinion(current, why, move),
  );
}

export function referCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
) {
  return moveCase(deps, command, id, 'refer', (current, move) => triage.refer(current, move, note));
}

export function recordSearchOutcome(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  outcome: SearchOutcome,
) {
  return moveCase(
    deps,
    command,
    id,
    'outcome',
    (current, move) => triage.recordOutcome(current, outcome, move),
    reportOutcome,
  );
}

/** The word of a supervisor where readings disagree, or none could tell. */
export function settleCase(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  const apply: ByPolicy = (current, move, policy) => {
    const settled = triage.settle(current, decision, policy, move);
    return triage.drawSearch(settled, policy, draw(), { ...move, actor: 'system' });
  };
  return moveByPolicy(deps, command, id, 'settle', apply, reportVerdict);
}

export function acceptSearch(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'accept search', (current, move) =>
    triage.acceptSearch(current, why, move),
  );
}

export function closeCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why?: string } = {},
): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'close', (current, move) => triage.close(current, move, why));
}

export function reopenCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveCase(deps, command, id, 'reopen', (current, move) => triage.reopen(current, why, move));
}

export type RecordReleaseTx = MoveCaseTx & LaneInstructionTx & AllScans;

export interface RecordReleaseDeps extends MoveByPolicyDeps {
  readonly records: Transactions<RecordReleaseTx> & Locks;
}

/** Customs' act. Where a case, a search or an alarm is open it raises an alarm of its own. */
export function recordCustomsRelease(
  deps: RecordReleaseDeps,
  command: Command,
  id: string,
  { reference }: { readonly reference?: string },
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, async (tx) => {
    const current = await lockedCase(tx, command.actor, id);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const open = await openOf(deps, tx, current);
    return commit(deps, tx, command, current, 'customs release', (value, move) =>
      triage.customsRelease(value, open, move, reference),
    );
  });
}

async function openOf(
  { policy }: { readonly policy: TriagePolicy },
  tx: LaneInstructionTx & AllScans,
  { scanId, unitId }: Case,
): Promise<ReleasedWhileOpen['open']> {
  const scan = await tx.scanById(scanId);
  if (scan === undefined) return [];
  const rules = await rulesAt(tx, scan, policy);
  const rows = openRowsOf(await knownOf(tx, scan, rules), unitId);
  return rows.map(({ code, holdId }) => ({ code, ...defined({ holdId }) }));
}

export function reviewRelease(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'review release', (current, move) =>
    triage.reviewRelease(current, why, move),
  );
}
