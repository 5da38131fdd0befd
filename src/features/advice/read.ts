import { type Actor, actingAs, idsOf, isReader, placeOf } from '../../core/access.ts';
import type { Advice } from '../../core/case/advice.ts';
import type { Case } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import { hasConflictIn } from '../../core/person/person.ts';
import type { Tx } from '../../core/ports/records.ts';
import { isOpenTo, type Viewing, viewed } from '../../queries/read.ts';
import { isInHandOrLookedAt } from '../../triage/redact.ts';
import { canLookAlong } from './rules.ts';

/** Who asks for advice, and what colleagues say. Each view is in the audit. */

interface Named {
  readonly by: string;
  /** As the administration calls the person. */
  readonly name?: string;
}

/** A case in hand whose reader asks. */
export interface AdviceAsked extends Named {
  readonly caseId: string;
  readonly site: string;
  /** Hidden from an analyst until they observe the case. */
  readonly container?: string;
  readonly since: string;
  readonly question: string;
  /** The caller already observes. */
  readonly looksAlong: boolean;
  readonly colleagues: readonly (Named & { readonly at: string; readonly answers: number })[];
}

/**
 * Readers get cases that they observe or may observe; answers are visible only to the reader and the observers,
 * so that a supervisor who reads the list can still read the case.
 */
export function listAdvice(
  deps: Viewing<Tx<'adviceAsked' | 'person'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<AdviceAsked>> {
  return viewed(deps, actor, 'advice asked', '', {}, async (tx) => {
    const page = await tx.adviceAsked(placeOf(actor), limit, cursor);
    const rows: AdviceAsked[] = [];
    for (const value of page.rows)
      if (await isListedFor(tx, actor, value)) rows.push(...(await asked(tx, actor, value)));
    return { ...page, rows };
  });
}

async function isListedFor(tx: Tx<'person'>, actor: Actor, value: Case): Promise<boolean> {
  if (actor.role !== 'analyst') return true;
  const own = idsOf(actor);
  if (value.claim !== undefined && own.includes(value.claim.analyst)) return false;
  if (isInHandOrLookedAt(value, own)) return true;
  const { formerIds = [], isLinked = false } = actor.person ?? {};
  if (!canLookAlong(value, { actor: actingAs(actor), formerIds, isLinked })) return false;
  const person = await tx.person(actor.administration, actingAs(actor));
  return person === undefined || !hasConflictIn(person, value);
}

async function asked(tx: Tx<'person'>, actor: Actor, value: Case): Promise<readonly AdviceAsked[]> {
  const { claim, id: caseId, site, container } = value;
  const question = claim?.advice?.questions.at(-1);
  if (claim?.advice === undefined || question === undefined) return [];
  const own = idsOf(actor);
  const looksAlong = claim.advice.colleagues.some(({ by }) => own.includes(by));
  const isTold = actor.role !== 'analyst' || looksAlong;
  const colleagues = [];
  for (const { by, at, answers } of claim.advice.colleagues)
    colleagues.push({ ...(await named(tx, actor, by)), at, answers: answers.length });
  const row = {
    ...(await named(tx, actor, claim.analyst)),
    caseId,
    site,
    ...defined({ container: isTold ? container : undefined }),
    since: claim.advice.questions[0]?.at ?? question.at,
    question: question.words,
    looksAlong,
    colleagues,
  };
  return [row];
}

/** All that is said on a case in hand; nothing where nobody asks. */
export interface AdviceGiven {
  readonly questions: Advice['questions'];
  readonly colleagues: readonly (Named & Omit<Advice['colleagues'][number], 'by'>)[];
}

/** @throws NII_NOT_FOUND; NII_STATE_CONFLICT for a person who neither asks nor observes */
export function getAdvice(
  deps: Viewing<Tx<'case' | 'person'>>,
  actor: Actor,
  caseId: string,
): Promise<AdviceGiven> {
  return viewed(deps, actor, 'advice', caseId, {}, async (tx) => {
    const current = await tx.case(placeOf(actor), caseId);
    if (current === undefined || !isOpenTo(actor, current))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${caseId}"`);
    const { questions, colleagues } = current.claim?.advice ?? { questions: [], colleagues: [] };
    if (questions.length > 0 && isReader(actor) && !isInHandOrLookedAt(current, idsOf(actor)))
      throw new NiiError(
        'NII_STATE_CONFLICT',
        'Only the reader and observers can see advice: observe the case first',
      );
    const shown = [];
    for (const { by, ...one } of colleagues) shown.push({ ...(await named(tx, actor, by)), ...one });
    return { questions, colleagues: shown };
  });
}

async function named(tx: Tx<'person'>, { administration }: Actor, by: string): Promise<Named> {
  return { by, ...defined({ name: (await tx.person(administration, by))?.name }) };
}
