import { randomInt } from 'node:crypto';
import { type Actor, idsOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { type Move, systemMove } from '../core/person/move.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { type CasePolicyTx, casePolicyOf } from '../stored/controls.ts';
import { checkVerdict, reportVerdict, type WriteReportTx } from '../stored/reports.ts';
import { policyOf } from '../stored/rules.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { finalizeVerdict, takeVerdictBack } from '../triage/undo-window.ts';
import type { CaseAnswer, Command } from './command.ts';
import { movePast, type PastCasesDeps } from './past-time.ts';
import {
  type CaseContext,
  type CaseMove,
  inExclusiveTransaction,
  type MoveCaseDeps,
  withCase,
} from './with-case.ts';

/** The seconds in which a verdict can be taken back, and how they end. */

/** The report of a verdict is written once the verdict is final. Until then it is only checked. */
export function verdictReport(next: Case): Pick<CaseMove, 'report'> {
  return { report: next.undoWindow === undefined ? reportVerdict : checkVerdict };
}

/** The case after its undo window, for a move that goes on from the verdict. */
export function finalizeNow({ current, move, policy }: Omit<CaseContext<unknown>, 'tx' | 'site'>): Case {
  // where a person goes on, chance does not
  return finalizeVerdict(current, policy, { reading: draw(), search: 1 }, asSystem(move));
}

/** The report of a verdict that this move made final. */
export function reportIfFinalized(before: Case): Pick<CaseMove, 'report'> {
  return before.undoWindow === undefined ? {} : { report: reportVerdict };
}

export function asSystem(move: Move): Move {
  return { ...move, actor: 'system' };
}

/** @throws NII_STATE_CONFLICT where the time is over, for a verdict that holds the vehicle, and for another person */
export function takeBackVerdict(deps: MoveCaseDeps, command: Command, id: string): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move, policy }) => ({
    what: 'take the verdict back',
    next: takeVerdictBack(current, move, policy),
  }));
}

export interface FinalizeExpiredDeps
  extends PastCasesDeps<
    WriteReportTx & CasePolicyTx & Tx<'isAnyPastUndoWindow' | 'casesPastUndoWindow' | 'documentInForce'>
  > {
  readonly objects: ObjectReads & ObjectWrites;
  readonly policy: TriagePolicy;
}

export interface FinalizeEarlierDeps {
  readonly records: Transactions<
    WriteReportTx & StoreCaseTx & CasePolicyTx & Tx<'casesInUndoWindow' | 'documentInForce'>
  > &
    Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
  readonly policy: TriagePolicy;
}

/**
 * Makes earlier verdicts of a reader final: one case at a time can be taken back. Otherwise a reader goes through the queue and
 * keeps the case that they want.
 */
export async function finalizeEarlier(
  deps: FinalizeEarlierDeps,
  actor: Actor,
  except: string,
): Promise<void> {
  const move = systemMove(deps.clock.now());
  await inExclusiveTransaction(deps, 'undo-window', async (tx) => {
    const own = await tx.casesInUndoWindow(actor.administration, idsOf(actor));
    for (const current of own) if (current.id !== except) await finalize(deps, tx, current, move);
  });
}

async function finalize(
  deps: Pick<FinalizeEarlierDeps, 'objects' | 'lane' | 'policy'>,
  tx: WriteReportTx & StoreCaseTx & CasePolicyTx & Tx<'documentInForce'>,
  current: Case,
  move: Move,
): Promise<void> {
  const decided = await policyOf(tx, current.administration, deps.policy);
  const policy = await casePolicyOf(tx, current, decided);
  const next = finalizeVerdict(current, policy, { reading: draw(), search: draw() }, move);
  await reportVerdict(deps, tx, next);
  await storeCase(deps, tx, current, next);
}

/** Makes verdicts final whose undo window is over, and informs the lane; returns how many. */
export async function finalizeExpired(deps: FinalizeExpiredDeps): Promise<number> {
  const now = deps.clock.now().toISOString();
  if (!(await deps.records.transaction((tx) => tx.isAnyPastUndoWindow(now)))) return 0;
  return movePast(
    deps,
    'undo-window',
    (tx, at, limit) => tx.casesPastUndoWindow(at, limit),
    async (tx, current, move) => {
      await finalize(deps, tx, current, move);
      return true;
    },
  );
}

/** From 0 to below 1, which nobody can foresee. */
export function draw(): number {
  return randomInt(DRAWS) / DRAWS;
}

const DRAWS = 2 ** 47;
