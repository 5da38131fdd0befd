import Type, { type Static } from 'typebox';
import type { Case, Verdict } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { isRedacted } from '../../triage/redact.ts';

/** The result of a decided case, as far as the person who decided it may see it. */
export const Became = Type.Enum(
  ['open', 'in-search', 'found', 'nothing-found', 'not-searched', 'disputed', 'recalled'],
  {
    description:
      'open: somebody may still read the image. not-searched: it went by the verdict, or could not be searched. disputed: readers disagree. recalled: the case was opened again after the verdict',
  },
);
export type Became = Static<typeof Became>;

type Said = Pick<Verdict, 'kind' | 'reason' | 'reasonLabel' | 'revision' | 'at'>;

/** The last decision of one of these, with what was decided; undefined where it was taken back or there is none. */
export function lastDecisionOf({ history }: Pick<Case, 'history'>, own: readonly string[]): Said | undefined {
  const last = history.findLast(
    ({ actor, kind }) => own.includes(actor) && (isDecision(kind) || kind === 'verdict-taken-back'),
  );
  if (last === undefined || !isDecision(last.kind)) return undefined;
  // What triage.decide or triage.settle wrote
  const { kind, reason, reasonLabel, revision } = last.detail as Said;
  return { at: last.at, kind, reason, revision, ...defined({ reasonLabel }) };
}

function isDecision(kind: Case['history'][number]['kind']): boolean {
  return kind === 'decided' || kind === 'settled';
}

/** While somebody may still read the image nothing more is said: what it waits for would tell of other readers. */
export function resultOf(value: Case, own: readonly string[]): Became {
  if (isRedacted(value)) return 'open';
  if (!value.verdicts.some(({ analyst }) => own.includes(analyst))) return 'recalled';
  if (value.state === 'disputed') return 'disputed';
  if (value.state === 'search') return 'in-search';
  const kind = value.outcome?.kind;
  return kind === undefined || kind === 'unsearched' ? 'not-searched' : kind;
}
