import { randomInt } from 'node:crypto';
import type { Case } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import type { Move } from '../../core/person/move.ts';
import type { ObjectReads, ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { SecondThoughts } from '../../core/ports/records/cases.ts';
import type { Documents } from '../../core/ports/records/documents.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { unsetSite } from '../../core/rules/site.ts';
import { type StoreCaseTx, storeCase } from '../../stored/case-store.ts';
import { checkVerdict, reportVerdict, type WriteReportTx } from '../../stored/reports.ts';
import { policyOf, siteInForce } from '../../stored/rules.ts';
import type { Decision } from '../../triage/case.ts';
import type { LaneTarget } from '../../triage/lane.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { secondThoughtsAt } from '../../triage/site-rules.ts';
import { requireOffered, withLabel } from '../../triage/verdict/reasons.ts';
import { letVerdictStand, takeVerdictBack } from '../../triage/verdict/second-thoughts.ts';
import { withAnnotations } from '../annotate.ts';
import type { CaseAnswer, Command } from '../command.ts';
import {
  alone,
  type ByPolicy,
  commit,
  earlierCase,
  lockedCase,
  type MoveByPolicyDeps,
  type MoveCaseTx,
  moveByPolicy,
  type Report,
} from '../move-case.ts';
import { movePast } from '../past-time.ts';

/** Verdicts that can be taken back for some seconds: how they are given, taken back, and come to stand. */

export interface DecideCaseDeps extends MoveByPolicyDeps {
  readonly records: Transactions<DecideCaseTx> & Locks;
}

interface Terms {
  readonly policy: TriagePolicy;
  /** For how long the site lets the verdict be taken back. */
  readonly seconds: number;
  /** In which the site names reasons. */
  readonly language: string | undefined;
}
export type InWindow = (current: Case, decision: Decision, move: Move, terms: Terms) => Case;

/** One move that gives a verdict, with what its reader drew. Its report is written once it stands. */
export function moveWithWindow(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  { what, decision }: { readonly what: string; readonly decision: Decision },
  transition: InWindow,
): Promise<CaseAnswer> {
  return atSite(deps, command, id, async (tx, current, terms) => {
    requireOffered(terms.policy.reasons, decision.reason);
    const said = withLabel(decision, terms.policy.reasons, terms.language);
    const given = await withAnnotations(tx, command.actor, current, said);
    const apply = (value: Case, move: Move) => transition(value, given, move, terms);
    return commit(deps, tx, command, current, what, apply, reportOrCheck);
  });
}

/** One move that goes by what the site decided. */
export function moveAtSite(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  what: string,
  transition: ByPolicy,
): Promise<CaseAnswer> {
  return atSite(deps, command, id, (tx, current, { policy }) =>
    commit(deps, tx, command, current, what, (value, move) => transition(value, move, policy)),
  );
}

type DecideCaseTx = MoveCaseTx &
  Pick<Documents, 'documentInForce'> &
  Pick<Documents, 'documentInForce'> &
  Pick<Documents, 'documentsAbout'>;

function atSite(
  deps: Pick<DecideCaseDeps, 'records' | 'policy'>,
  command: Command,
  id: string,
  work: (tx: DecideCaseTx, current: Case, terms: Terms) => Promise<CaseAnswer>,
): Promise<CaseAnswer> {
  return alone(deps, `case:${id}`, async (tx) => {
    const current = await lockedCase(tx, command.actor, id);
    const earlier = await earlierCase(tx, command);
    if (earlier !== undefined) return earlier;
    const { administration, site } = current;
    const decided = await policyOf(tx, administration, deps.policy);
    const terms = (await siteInForce(tx, { administration, site }))?.terms ?? unsetSite;
    const policy = { ...decided, ...defined({ dangerDueMinutes: terms.dangerDueMinutes }) };
    return work(tx, current, { policy, seconds: secondThoughtsAt(terms, decided), language: terms.language });
  });
}

const reportOrCheck: Report = (deps, tx, next) =>
  next.secondThoughts === undefined ? reportVerdict(deps, tx, next) : checkVerdict(deps, tx, next);

/** A move by which somebody goes on from a verdict, which stands from then on. */
export function moveOn(
  deps: MoveByPolicyDeps,
  command: Command,
  id: string,
  what: string,
  transition: (current: Case, move: Move, before: Case) => Case,
): Promise<CaseAnswer> {
  return moveByPolicy(
    deps,
    command,
    id,
    what,
    (current, move, policy) => transition(standing(current, move, policy), move, current),
    reportIfLeft,
  );
}

/** The case as it is once its verdict cannot be taken back any more. */
export function standing(current: Case, move: Move, policy: TriagePolicy): Case {
  // where a person goes on, chance does not
  return letVerdictStand(current, policy, { reading: draw(), search: 1 }, { ...move, actor: 'system' });
}

/** The report of a verdict that stands from this move on. */
export const reportIfLeft: Report = async (deps, tx, next, before) => {
  if (before.secondThoughts !== undefined) await reportVerdict(deps, tx, next);
};

/** @throws NII_STATE_CONFLICT where the time is over, and for another person */
export function takeBackVerdict(deps: MoveByPolicyDeps, command: Command, id: string): Promise<CaseAnswer> {
  return moveByPolicy(deps, command, id, 'take the verdict back', takeVerdictBack);
}

export interface EndSecondThoughtsDeps {
  readonly records: Transactions<
    StoreCaseTx & WriteReportTx & SecondThoughts & Pick<Documents, 'documentInForce'>
  > &
    Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
  readonly policy: TriagePolicy;
}

/** Lets verdicts stand that can be taken back no more, and the lane be told; returns how many. */
export async function endSecondThoughts(deps: EndSecondThoughtsDeps): Promise<number> {
  const now = deps.clock.now().toISOString();
  if (!(await deps.records.transaction((tx) => tx.isAnyPastSecondThoughts(now)))) return 0;
  return movePast(
    deps,
    'second-thoughts',
    (tx, at, limit) => tx.casesPastSecondThoughts(at, limit),
    async (tx, current, move) => {
      const policy = await policyOf(tx, current.administration, deps.policy);
      const next = letVerdictStand(current, policy, { reading: draw(), search: draw() }, move);
      await reportVerdict(deps, tx, next);
      await storeCase(deps, tx, current, next);
      return true;
    },
  );
}

/** From 0 to below 1, which nobody can foresee. */
export function draw(): number {
  return randomInt(DRAWS) / DRAWS;
}

const DRAWS = 2 ** 47;
