import type { Case, ReleasedWhileOpen, SearchOutcome } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Move } from '../core/person/move.ts';
import type { Documents } from '../core/ports/records/documents.ts';
import type { AllScans } from '../core/ports/records/scans.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { knownOf, type LaneInstructionTx } from '../look/lane-instruction.ts';
import { reportOutcome } from '../stored/reports.ts';
import { rulesAt } from '../stored/rules.ts';
import * as triage from '../triage/case.ts';
import { openRowsOf } from '../triage/instruction.ts';
import { mustHold } from '../triage/moved.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { raiseDanger } from '../triage/verdict/danger.ts';
import { rejectEarly } from '../triage/verdict/second-thoughts.ts';
import type { CaseAnswer, Command } from './command.ts';
import {
  alone,
  commit,
  earlierCase,
  lockedCase,
  type MoveByPolicyDeps,
  type MoveCaseDeps,
  type MoveCaseTx,
  moveCase,
} from './move-case.ts';
import { photographsToName } from './photographs.ts';
import {
  type DecideCaseDeps,
  draw,
  type InWindow,
  moveOn,
  moveWithWindow,
  reportIfLeft,
  standing,
} from './verdict/second-thoughts.ts';

/**
 * What people do with cases. Each call is one transaction: the move, its snapshot and report, the audit entry, the
 * change and the answer kept for a repeated request are all there, or none is.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH
 */

/** A verdict, with what its reader drew as regions; once it can be taken back no more, what follows from it: it stands, another analyst reads, or a supervisor settles it. */
export function decideCase(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  const apply: InWindow = (current, given, move, { policy, seconds }) => {
    const system = { ...move, actor: 'system' };
    const raised = withDanger(current, given, policy, move);
    const decided = triage.decide(raised, given, policy, move, seconds);
    if (decided.secondThoughts !== undefined) return decided;
    return triage.drawSearch(triage.followVerdict(decided, policy, draw(), system), policy, draw(), system);
  };
  return moveWithWindow(deps, command, id, { what: 'decide', decision }, apply);
}

/** A verdict whose reason is a person in danger raises the alarm, where nobody has yet. */
function withDanger(
  current: Case,
  { kind, reason, note }: triage.Decision,
  { dangerDueMinutes }: Pick<TriagePolicy, 'dangerDueMinutes'>,
  move: Move,
): Case {
  if (reason !== 'person-in-danger') return current;
  if (kind !== 'suspect') {
    const detail = `Invalid reason "${reason}" for the verdict "${kind}": a person in danger is suspect`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'reason' });
  }
  mustHold(current, move);
  return current.danger === undefined ? raiseDanger(current, note, dangerDueMinutes, move) : current;
}

export function requestOpinion(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveOn(deps, command, id, 'second opinion', (current, move) =>
    triage.requestSecondOpinion(current, why, move),
  );
}

export function referCase(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
) {
  return moveOn(deps, command, id, 'refer', (current, move) => triage.refer(current, move, note));
}

export interface RecordOutcomeDeps extends MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx & Pick<Documents, 'documentsAbout'>> & Locks;
}

/** What was found, with the photographs that are there. */
export function recordSearchOutcome(
  deps: RecordOutcomeDeps,
  command: Command,
  id: string,
  outcome: SearchOutcome,
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, async (tx) => {
    const current = await lockedCase(tx, command.actor, id);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const recorded = { ...outcome, ...(await photographsToName(tx, current)) };
    const apply = (value: Case, move: Move) => triage.recordOutcome(value, recorded, move);
    return commit(deps, tx, command, current, 'outcome', apply, reportOutcome);
  });
}

/** The word of a supervisor where readings disagree, or none could tell. */
export function settleCase(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  const apply: InWindow = (current, given, move, { policy, seconds }) => {
    const settled = triage.settle(standing(current, move, policy), given, policy, move, seconds);
    if (settled.secondThoughts !== undefined) return settled;
    return triage.drawSearch(settled, policy, draw(), { ...move, actor: 'system' });
  };
  return moveWithWindow(deps, command, id, { what: 'settle', decision }, apply);
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
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  { why }: { readonly why?: string } = {},
): Promise<CaseAnswer> {
  return moveOn(deps, command, id, 'close', (current, move, before) => {
    rejectEarly(before);
    return triage.close(current, move, why);
  });
}

export function reopenCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  const apply = (current: Case, move: Move) => triage.reopen(current, why, move);
  return moveCase(deps, command, id, 'reopen', apply, reportIfLeft);
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
