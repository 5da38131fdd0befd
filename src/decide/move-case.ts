import { type Actor, idsOf, placeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import { type Move, moveOf } from '../core/person/move.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { CaseWrites } from '../core/ports/records/cases.ts';
import type { Documents } from '../core/ports/records/documents.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { isOpenTo } from '../look/read.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import type { WriteReportTx } from '../stored/reports.ts';
import { policyOf } from '../stored/rules.ts';
import { blind, blindBut } from '../triage/blind.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { type CaseAnswer, type Command, earlierAnswer, keepAnswer, versionOfCase } from './command.ts';

/** One move of a case in one transaction. */

export type MoveCaseTx = WriteReportTx & StoreCaseTx & Audit & Answers;

export interface MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

export interface MoveByPolicyDeps extends MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx & Pick<Documents, 'documentInForce'>> & Locks;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** One transaction that writes objects before it commits, so the sweep waits for it. */
export function alone<Tx, T>(
  { records }: { readonly records: Transactions<Tx> & Locks },
  name: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return records.exclusively(name, () => records.transaction(work), OBJECTS_LOCK);
}

type Transition = (current: Case, move: Move) => Case;
/** What is written of a move, in its transaction. */
export type Report = (
  deps: Pick<MoveCaseDeps, 'objects'>,
  tx: WriteReportTx,
  next: Case,
  before: Case,
) => Promise<void>;

export function moveCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, (tx) => moveLocked(deps, tx, command, id, what, transition, report));
}

export type ByPolicy = (current: Case, move: Move, policy: TriagePolicy) => Case;

/** The same for a move that goes by the policy of the administration as it is now. */
export function moveByPolicy(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  what: string,
  transition: ByPolicy,
  report?: Report,
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, async (tx) => {
    const policy = await policyOf(tx, command.actor.administration, deps.policy);
    const apply: Transition = (current, move) => transition(current, move, policy);
    return moveLocked(deps, tx, command, id, what, apply, report);
  });
}

async function moveLocked(
  deps: CommitDeps,
  tx: MoveCaseTx,
  command: Command,
  id: string,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  const current = await lockedCase(tx, command.actor, id);
  const earlier = await earlierCase(tx, command);
  if (earlier !== undefined) return earlier;
  return commit(deps, tx, command, current, what, transition, report);
}

/** An analyst moves the case in hand, and those that he has read. */
export async function lockedCase(tx: CaseWrites, actor: Actor, id: string): Promise<Case> {
  const current = await tx.lockCase(placeOf(actor), id);
  if (current === undefined || !isOpenTo(actor, current))
    throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
  return current;
}

export interface CommitDeps {
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

export async function commit(
  deps: CommitDeps,
  tx: MoveCaseTx,
  command: Command,
  current: Case,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  // Of before there were tags, the blind view had a number of its own.
  const seen = [current, blind(current)].map(versionOfCase);
  if (command.ifMatch !== undefined && !seen.includes(command.ifMatch)) {
    throw new NiiError('NII_PRECONDITION_FAILED', 'The case has changed; reload and retry');
  }
  const next = transition(current, moveOf(command.actor, deps.clock.now()));
  const own = idsOf(command.actor);
  if (next === current) return { case: blindBut(current, own), replayed: false };
  await report?.(deps, tx, next, current);
  await storeCase(deps, tx, current, next);
  await tx.audit({
    actor: command.actor,
    action: `change case: ${what}`,
    subject: next.id,
    detail: { seq: next.history.length },
  });
  const shown = blindBut(next, own);
  await keepAnswer(tx, command, shown);
  return { case: shown, replayed: false };
}

export async function earlierCase(tx: Answers, command: Command): Promise<CaseAnswer | undefined> {
  const body = await earlierAnswer(tx, command);
  // What was kept is a case that this service wrote; it is read back as it is.
  return body === undefined ? undefined : { case: body as Case, replayed: true };
}
