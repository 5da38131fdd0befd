import type { Case, Verdict, VerdictKind } from '../core/case/case.ts';
import type { CasePolicy, TriagePolicy } from './policy.ts';
import { verdicts } from './verdicts.ts';

/** What several readings of one image come to. A reading is the verdict of one analyst, blind to those before. */

/**
 * The verdict that stands: undefined while there is none, and where readings disagree and nobody has settled it. Who
 * settles has the last word; of three readers two agree. A reader who could not tell disagrees with nobody after.
 */
export function standingVerdict({ verdicts: given }: Pick<Case, 'verdicts'>): Verdict | undefined {
  const last = given.at(-1);
  if (last === undefined || last.settles === true) return last;
  // what a supervisor has settled as suspect no number of readers outvotes
  const isUpheld = given.some(({ kind, settles }) => kind === 'suspect' && settles === true);
  if (isUpheld && last.kind !== 'suspect') return undefined;
  const kinds = given.map(({ kind }) => kind);
  const told = kinds.slice(kinds.findIndex((kind) => kind !== 'inconclusive'));
  return isAgreed(told) ? last : undefined;
}

function isAgreed(kinds: readonly VerdictKind[]): boolean {
  const last = kinds.at(-1);
  const before = kinds.slice(0, -1);
  if (last === undefined || before.length === 0) return true;
  return before.length === 1 ? before[0] === last : before.includes(last);
}

/** Of three readers two agree, or none can; a shift that asks on and on would run out of readers. */
export const MOST_READINGS = 3;

/** What a verdict that was just given leads to. */
export type AfterVerdict = 'stands' | 'another reading' | 'disputed';

/** @param draw - in [0, 1); below the share of the policy a normal verdict gets another reader */
export function afterVerdict(
  current: Pick<Case, 'verdicts'>,
  policy: Pick<
    CasePolicy,
    'secondOpinionOn' | 'secondOpinionShare' | 'disagreement' | 'separation' | 'readers'
  >,
  draw: number,
): AfterVerdict {
  const [first, ...more] = current.verdicts;
  if (first === undefined) return 'stands';
  const isChosen = policy.separation !== 'small-post' && isClearedByChoice(current);
  if (isChosen || isReadByTooFew(current, policy.readers))
    return current.verdicts.length < MOST_READINGS ? 'another reading' : 'disputed';
  if (more.length === 0) return isReadAgain(first.kind, policy, draw) ? 'another reading' : 'stands';
  if (standingVerdict(current) !== undefined) return 'stands';
  return policy.disagreement === 'third-reader' && more.length === 1 ? 'another reading' : 'disputed';
}

/** It may go, and everybody who says so had chosen the case. */
function isClearedByChoice(current: Pick<Case, 'verdicts'>): boolean {
  const standing = standingVerdict(current);
  if (standing === undefined || standing.settles === true || !verdicts[standing.kind].letsGo) return false;
  return current.verdicts.every(({ kind, chosen }) => kind !== standing.kind || chosen === true);
}

/** It may go by fewer readers than the policy requires of it, and no supervisor has settled it. */
export function isReadByTooFew(current: Pick<Case, 'verdicts'>, readers = 1): boolean {
  const standing = standingVerdict(current);
  if (standing === undefined || standing.settles === true || !verdicts[standing.kind].letsGo) return false;
  return current.verdicts.filter(({ kind }) => kind === standing.kind).length < readers;
}

/** Whether a verdict of this kind may get another reader by rule or by draw, for all that its reader knows. */
export function mayBeReadAgain(
  kind: VerdictKind,
  policy: Pick<CasePolicy, 'secondOpinionOn' | 'secondOpinionShare' | 'readers'>,
): boolean {
  return (policy.readers !== undefined && verdicts[kind].letsGo) || isReadAgain(kind, policy, 0);
}

function isReadAgain(
  kind: VerdictKind,
  policy: Pick<TriagePolicy, 'secondOpinionOn' | 'secondOpinionShare'>,
  draw: number,
): boolean {
  const { secondOpinion } = verdicts[kind];
  if (secondOpinion === 'never') return false;
  if (policy.secondOpinionOn.includes(kind)) return true;
  return secondOpinion === 'by policy or draw' && draw < policy.secondOpinionShare;
}
