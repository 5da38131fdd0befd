import { randomInt } from 'node:crypto';
import { scopeOf } from '../core/access.ts';
import type { Case, SearchOutcome } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import { normaliseContainer } from '../core/numbers/iso6346.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { CaseClaims } from '../core/ports/records/cases.ts';
import type { Policies } from '../core/ports/records/rules/policies.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { reportOutcome, reportVerdict, type WriteReportTx } from '../stored/reports.ts';
import { policyOf } from '../stored/rules.ts';
import { blind } from '../triage/blind.ts';
import * as triage from '../triage/case.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { type CaseAnswer, type Command, earlierAnswer, keepAnswer } from './command.ts';

/**
 * What people do with cases. Each call is one transaction: the move, its snapshot and report, the audit entry, the
 * change and the answer kept for a repeated request are all there, or none is.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH
 */

export type MoveCaseTx = WriteReportTx & StoreCaseTx & Audit & Answers;

export interface MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

export interface MoveByPolicyDeps extends MoveCaseDeps {
  readonly records: Transactions<MoveCaseTx & Policies> & Locks;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

export interface NextCaseDeps extends MoveByPolicyDeps {
  readonly records: Transactions<MoveCaseTx & CaseClaims & Policies> & Locks;
}

/** The next case for this analyst: drawn at random within the first band that has any. Undefined: none waits. */
export async function nextCase(
  deps: NextCaseDeps,
  command: Command,
  { excludeContainers = [] }: { readonly excludeContainers?: readonly string[] } = {},
): Promise<CaseAnswer | undefined> {
  return alone(deps, `draw:${command.actor.keyId}`, async (tx) => {
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const excluded = excludeContainers.map(normaliseContainer);
    const drawn = await tx.drawCase(scopeOf(command.actor), command.actor.keyId, excluded);
    if (drawn === undefined) return undefined;
    const policy = await policyOf(tx, command.actor.administration, deps.policy);
    return commit(deps, tx, command, drawn, 'claim', (current, move) => triage.claim(current, move, policy));
  });
}

export function claimCase(deps: MoveByPolicyDeps, command: Command, id: string): Promise<CaseAnswer> {
  return moveByPolicy(deps, command, id, 'claim', triage.claim);
}

export function releaseCase(deps: MoveCaseDeps, command: Command, id: string): Promise<CaseAnswer> {
  return moveCase(deps, command, id, 'release', triage.release);
}

/** A verdict, and at once what follows from it: it stands, another analyst reads, or a supervisor settles it. */
export function decideCase(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  const apply: ByPolicy = (current, move, policy) => {
    const decided = triage.decide(current, decision, policy, move);
    return triage.followVerdict(decided, policy, draw(), { ...move, actor: 'system' });
  };
  return moveByPolicy(deps, command, id, 'decide', apply, reportVerdict);
}

/** From 0 to below 1, which nobody can foresee. */
function draw(): number {
  return randomInt(DRAWS) / DRAWS;
}

const DRAWS = 2 ** 47;

export function requestOpinion(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveByPolicy(deps, command, id, 'second opinion', (current, move, policy) =>
    triage.requestSecondOpinion(current, why, policy, move),
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
  const apply: ByPolicy = (current, move, policy) => triage.settle(current, decision, policy, move);
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
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveByPolicy(deps, command, id, 'reopen', (current, move, policy) =>
    triage.reopen(current, why, policy, move),
  );
}

export function recordCustomsRelease(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { reference }: { readonly reference?: string },
) {
  return moveCase(deps, command, id, 'customs release', (current, move) =>
    triage.customsRelease(current, move, reference),
  );
}

export interface TakeBackLapsedDeps {
  readonly records: Transactions<StoreCaseTx & CaseClaims> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Puts claimed cases whose lease is over back into the queue; returns how many. */
export async function takeBackLapsed(deps: TakeBackLapsedDeps): Promise<number> {
  const at = deps.clock.now().toISOString();
  return alone(deps, 'lapsed', async (tx) => {
    const lapsed = await tx.casesPastLease(at, 100);
    for (const current of lapsed) {
      await storeCase(deps, tx, current, triage.leaseOver(current, { actor: 'system', at }));
    }
    return lapsed.length;
  });
}

/** One transaction that writes objects before it commits, so the sweep waits for it. */
function alone<Tx, T>(
  { records }: { readonly records: Transactions<Tx> & Locks },
  name: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return records.exclusively(name, () => records.transaction(work), OBJECTS_LOCK);
}

type Transition = (current: Case, move: triage.Move) => Case;
type Report = typeof reportVerdict;

function moveCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, (tx) => moveIn(deps, tx, command, id, what, transition, report));
}

type ByPolicy = (current: Case, move: triage.Move, policy: TriagePolicy) => Case;

/** The same for a move that goes by the policy of the administration as it is now. */
function moveByPolicy(
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
    return moveIn(deps, tx, command, id, what, apply, report);
  });
}

async function moveIn(
  deps: CommitDeps,
  tx: MoveCaseTx,
  command: Command,
  id: string,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  const current = await tx.lockCase(scopeOf(command.actor), id);
  if (current === undefined) throw new NiiError('NII_NOT_FOUND', 'There is no such case');
  const earlier = await earlierCase(tx, command);
  if (earlier !== undefined) return earlier;
  return commit(deps, tx, command, current, what, transition, report);
}

export interface CommitDeps {
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

async function commit(
  deps: CommitDeps,
  tx: MoveCaseTx,
  command: Command,
  current: Case,
  what: string,
  transition: Transition,
  report?: Report,
): Promise<CaseAnswer> {
  if (command.ifMatch !== undefined && command.ifMatch !== current.history.length) {
    throw new NiiError('NII_PRECONDITION_FAILED', 'The case has moved since it was read');
  }
  const next = transition(current, { actor: command.actor.keyId, at: deps.clock.now().toISOString() });
  await report?.(deps, tx, next);
  await storeCase(deps, tx, current, next);
  await tx.audit({
    actor: command.actor,
    action: `change case: ${what}`,
    subject: next.id,
    detail: { seq: next.history.length },
  });
  const shown = blind(next);
  await keepAnswer(tx, command, shown);
  return { case: shown, replayed: false };
}

async function earlierCase(tx: Answers, command: Command): Promise<CaseAnswer | undefined> {
  const body = await earlierAnswer(tx, command);
  // What was kept is a case that this service wrote; it is read back as it is.
  return body === undefined ? undefined : { case: body as Case, replayed: true };
}
