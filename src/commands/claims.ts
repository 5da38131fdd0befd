import { type Actor, actingAs, idsOf, placeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import { type ConflictAbout, conflictsInForce, hasConflictIn } from '../core/person/person.ts';
import type { Drawing } from '../core/ports/records/cases.ts';
import type { Tx } from '../core/ports/records.ts';
import { storeCase } from '../stored/case-store.ts';
import { policyOf } from '../stored/rules.ts';
import { claim, handBack, leaseOver, renew, takeBack } from '../triage/claims.ts';
import { canEscalate, escalate } from '../triage/overdue.ts';
import { redactForReaders } from '../triage/redact.ts';
import type { CaseAnswer, Command } from './command.ts';
import { movePast, type PastCasesDeps } from './past-time.ts';
import {
  type CaseContext,
  commitMove,
  earlierCase,
  inExclusiveTransaction,
  type MakeMove,
  type MoveCaseDeps,
  type MoveCaseTx,
  withCase,
} from './with-case.ts';

/** Assigns cases to readers and takes them back. Readers cannot choose a case. */

export type ClaimCaseDeps = MoveCaseDeps<MoveCaseTx & Tx<'caseInHand' | 'person'>>;
export type NextCaseDeps = MoveCaseDeps<MoveCaseTx & Tx<'caseInHand' | 'person' | 'drawCase'>>;

/**
 * The case that the caller has in hand; else the next one, drawn as the policy has it among those that the caller may
 * read: not read or handed back before, and without a conflict of interest. Undefined: none waits.
 */
export async function nextCase(deps: NextCaseDeps, command: Command): Promise<CaseAnswer | undefined> {
  const { actor } = command;
  return inExclusiveTransaction(deps, drawLock(actor), async (tx) => {
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const inHand = await tx.caseInHand(actor.administration, idsOf(actor));
    if (inHand !== undefined) return { case: redactForReaders(inHand), replayed: false };
    const policy = await policyOf(tx, actor.administration, deps.policy);
    const drawn = await tx.drawCase(placeOf(actor), await drawingFor({ ...deps, policy }, tx, actor));
    if (drawn === undefined) return undefined;
    return commitMove(deps, tx, command, drawn, toClaim);
  });
}

const toClaim: MakeMove<unknown> = ({ current, move, policy }) => ({
  what: 'claim',
  next: claim(current, move, policy),
});

const toChoose: MakeMove<unknown> = ({ current, move, policy }) => ({
  what: 'claim',
  next: claim(current, move, policy, 'chosen'),
});

/** A person gets one case at a time. */
function drawLock(actor: Actor): string {
  return `draw:${actingAs(actor)}`;
}

async function drawingFor(
  { clock, policy }: Pick<MoveCaseDeps, 'clock' | 'policy'>,
  tx: Tx<'person'>,
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
export function claimCase(deps: ClaimCaseDeps, command: Command, id: string): Promise<CaseAnswer> {
  const { actor } = command;
  const move = async (at: CaseContext<Tx<'caseInHand' | 'person'>>) => {
    const inHand = await at.tx.caseInHand(actor.administration, idsOf(actor));
    if (inHand !== undefined && inHand.id !== id)
      throw new NiiError(
        'NII_STATE_CONFLICT',
        `You already have case ${inHand.id}; decide it, or hand it back`,
      );
    await rejectConflicted(at.tx, actor, at.current);
    return toChoose(at);
  };
  return withCase(deps, command, id, move, { lock: drawLock(actor) });
}

/** @throws NII_STATE_CONFLICT where the caller has an interest in the case */
export async function rejectConflicted(tx: Tx<'person'>, actor: Actor, current: Case): Promise<void> {
  const person = await tx.person(actor.administration, actingAs(actor));
  if (person !== undefined && hasConflictIn(person, current))
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'You have a conflict of interest in this case: another person must read it',
    );
}

export function renewClaim(deps: MoveCaseDeps, command: Command, id: string): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move, policy }) => ({
    what: 'renew',
    next: renew(current, move, policy),
  }));
}

export type ReleaseDeps = MoveCaseDeps<MoveCaseTx & Tx<'handBacksSince'>>;

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
  return withCase(deps, command, id, async ({ tx, current, move, policy }) => {
    const isOwn = current.claim !== undefined && idsOf(actor).includes(current.claim.analyst);
    if (isOwn) await rejectTooManyHandBacks({ clock: deps.clock, policy }, tx, actor);
    const give = isOwn || actor.role !== 'supervisor' ? handBack : takeBack;
    return { what: 'release', next: give(current, why, move) };
  });
}

const DAY_MS = 86_400_000;

async function rejectTooManyHandBacks(
  { clock, policy }: Pick<MoveCaseDeps, 'clock' | 'policy'>,
  tx: Tx<'handBacksSince'>,
  actor: Actor,
): Promise<void> {
  const since = new Date(clock.now().getTime() - DAY_MS).toISOString();
  const count = await tx.handBacksSince(actor.administration, idsOf(actor), since);
  if (count < policy.handBacksPerDay) return;
  const detail = `You handed back ${count} cases in 24 hours, but only ${policy.handBacksPerDay} are allowed: a supervisor can hand this one back`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

/** Puts claimed cases whose lease is over back into the queue; returns how many. */
export function takeBackLapsed(deps: PastCasesDeps<Tx<'casesPastLease'>>): Promise<number> {
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

/** Tells of cases that were not settled when they were due, each once; returns how many. */
export function escalateOverdue(deps: PastCasesDeps<Tx<'casesPastDue' | 'passOverDue'>>): Promise<number> {
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
