import { type Actor, actingAs, idsOf, placeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import { type ConflictAbout, conflictsInForce, hasConflictIn } from '../core/person/person.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { CaseClaims, CaseDeadlines, Drawing, HandBacks } from '../core/ports/records/cases.ts';
import type { Documents } from '../core/ports/records/documents.ts';
import type { Persons } from '../core/ports/records/persons.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { policyOf } from '../stored/rules.ts';
import { blind } from '../triage/blind.ts';
import { claim, handBack, leaseOver, renew, takeBack } from '../triage/claims.ts';
import type { LaneTarget } from '../triage/lane.ts';
import { canEscalate, escalate } from '../triage/overdue.ts';
import type { CaseAnswer, Command } from './command.ts';
import {
  alone,
  commit,
  earlierCase,
  lockedCase,
  type MoveByPolicyDeps,
  type MoveCaseTx,
  moveByPolicy,
} from './move-case.ts';
import { movePast } from './past-time.ts';

/** How cases come to readers and back: nobody chooses his own. */

export interface NextCaseDeps extends MoveByPolicyDeps {
  readonly records: Transactions<MoveCaseTx & CaseClaims & Persons & Pick<Documents, 'documentInForce'>> &
    Locks;
}

/**
 * The case that the caller has in hand; else the next one, drawn as the policy has it among those that the caller may
 * read: not read or handed back before, and without a conflict of interest. Undefined: none waits.
 */
export async function nextCase(deps: NextCaseDeps, command: Command): Promise<CaseAnswer | undefined> {
  const { actor } = command;
  return alone(deps, `draw:${actingAs(actor)}`, async (tx) => {
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const inHand = await tx.caseInHand(actor.administration, idsOf(actor));
    if (inHand !== undefined) return { case: blind(inHand), replayed: false };
    const policy = await policyOf(tx, actor.administration, deps.policy);
    const drawn = await tx.drawCase(placeOf(actor), await drawingFor({ ...deps, policy }, tx, actor));
    if (drawn === undefined) return undefined;
    return commit(deps, tx, command, drawn, 'claim', (current, move) => claim(current, move, policy));
  });
}

async function drawingFor(
  { clock, policy }: Pick<MoveByPolicyDeps, 'clock' | 'policy'>,
  tx: Persons,
  actor: Actor,
): Promise<Drawing> {
  const person = await tx.person(actor.administration, actingAs(actor));
  const inForce = (about: ConflictAbout) => (person === undefined ? [] : conflictsInForce(person, about));
  return {
    reader: idsOf(actor),
    isLinked: actor.person?.isLinked === true,
    containers: inForce('container'),
    declarations: inForce('declaration'),
    urgentBefore: new Date(clock.now().getTime() + policy.urgentMinutes * 60_000).toISOString(),
  };
}

/** This very case. @throws also NII_STATE_CONFLICT where the caller has another in hand, or a conflict of interest */
export function claimCase(deps: NextCaseDeps, command: Command, id: string): Promise<CaseAnswer> {
  const { actor } = command;
  return alone(deps, `draw:${actingAs(actor)}`, async (tx) => {
    const current = await lockedCase(tx, actor, id);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const inHand = await tx.caseInHand(actor.administration, idsOf(actor));
    if (inHand !== undefined && inHand.id !== id)
      throw new NiiError(
        'NII_STATE_CONFLICT',
        `You have case ${inHand.id} in hand; decide it, or hand it back`,
      );
    await rejectConflicted(tx, actor, current);
    const policy = await policyOf(tx, actor.administration, deps.policy);
    return commit(deps, tx, command, current, 'claim', (value, move) => claim(value, move, policy));
  });
}

/** @throws NII_STATE_CONFLICT where the caller has an interest in the case */
export async function rejectConflicted(tx: Persons, actor: Actor, current: Case): Promise<void> {
  const person = await tx.person(actor.administration, actingAs(actor));
  if (person !== undefined && hasConflictIn(person, current))
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'You have a conflict of interest in this case: another person must take it',
    );
}

export function renewClaim(deps: MoveByPolicyDeps, command: Command, id: string): Promise<CaseAnswer> {
  return moveByPolicy(deps, command, id, 'renew', renew);
}

export interface ReleaseDeps extends MoveByPolicyDeps {
  readonly records: Transactions<MoveCaseTx & HandBacks & Pick<Documents, 'documentInForce'>> & Locks;
}

/**
 * Back to the queue: by who has it in hand, as often in a day as the policy allows, or by a supervisor from whoever has.
 * @throws also NII_STATE_CONFLICT where it is once too often
 */
export function handBackCase(
  deps: ReleaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  const { actor } = command;
  return alone(deps, `case:${id}`, async (tx) => {
    const current = await lockedCase(tx, actor, id);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const isOwn = current.claim !== undefined && idsOf(actor).includes(current.claim.analyst);
    const policy = await policyOf(tx, actor.administration, deps.policy);
    if (isOwn) await rejectTooManyHandBacks({ ...deps, policy }, tx, actor);
    const give = isOwn || actor.role !== 'supervisor' ? handBack : takeBack;
    return commit(deps, tx, command, current, 'release', (value, move) => give(value, why, move));
  });
}

const DAY_MS = 86_400_000;

async function rejectTooManyHandBacks(
  { clock, policy }: Pick<MoveByPolicyDeps, 'clock' | 'policy'>,
  tx: HandBacks,
  actor: Actor,
): Promise<void> {
  const since = new Date(clock.now().getTime() - DAY_MS).toISOString();
  const count = await tx.handBacksSince(actor.administration, idsOf(actor), since);
  if (count < policy.handBacksPerDay) return;
  const detail = `You handed back ${count} cases in 24 hours, and ${policy.handBacksPerDay} are allowed: a supervisor can hand this one back`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

export interface TakeBackLapsedDeps {
  readonly records: Transactions<StoreCaseTx & CaseClaims> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Puts claimed cases whose lease is over back into the queue; returns how many. */
export function takeBackLapsed(deps: TakeBackLapsedDeps): Promise<number> {
  return movePast(
    deps,
    'lapsed',
    (tx, at, limit) => tx.casesPastLease(at, limit),
    async (tx, current, move) => {
      await storeCase(deps, tx, current, leaseOver(current, move));
      return true;
    },
  );
}

export interface EscalateDeps {
  readonly records: Transactions<StoreCaseTx & CaseDeadlines> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
}

/** Tells of cases that were not settled when they were due, each once; returns how many. */
export function escalateOverdue(deps: EscalateDeps): Promise<number> {
  return movePast(
    deps,
    'overdue',
    (tx, at, limit) => tx.casesPastDue(at, limit),
    async (tx, current, move) => {
      const isTold = canEscalate(current);
      if (isTold) await storeCase(deps, tx, current, escalate(current, move));
      else await tx.passOverDue(current.id);
      return isTold;
    },
  );
}
