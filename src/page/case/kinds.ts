import type { OutcomeKind, QueueBand, VerdictKind } from '../../core/case/case.ts';
import type { CaseState } from '../../core/case/case-states.ts';

/** What the page decides by kinds of core. A new kind does not compile until each table answers for it. */

/** The keys of a table, in its order. */
export function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  // a table that is typed by a union has no other keys
  return Object.keys(table) as Key[];
}

/** Whether a case with the verdict can be referred to a search, in the order in which verdicts are offered. */
export const canBeSearched: Readonly<Record<VerdictKind, boolean>> = {
  normal: false,
  suspect: true,
  inconclusive: true,
  'scan-again': false,
};
export const verdictKinds = keysOf(canBeSearched);

export const outcomeKinds = keysOf<OutcomeKind>({ found: true, 'nothing-found': true, unsearched: true });

/** The most urgent first. */
export const queueBands = keysOf<QueueBand>({ high: true, raised: true, routine: true });

/** What a person does next with a case in each state. */
export const nextSteps: Readonly<
  Record<CaseState, 'claim' | 'verdict' | 'referral' | 'settlement' | 'outcome' | 'acceptance' | 'none'>
> = {
  queued: 'claim',
  claimed: 'verdict',
  decided: 'referral',
  disputed: 'settlement',
  search: 'outcome',
  searched: 'acceptance',
  closed: 'none',
};

/** States in which somebody still has something to do. */
export const openStates = keysOf<Exclude<CaseState, 'closed'>>({
  queued: true,
  claimed: true,
  decided: true,
  disputed: true,
  search: true,
  searched: true,
});
