import { expect, test } from 'vitest';
import type { Case, CaseEvent } from '../../../src/core/case/case.ts';
import { lastDecisionOf, resultOf } from '../../../src/features/own-decisions/rules.ts';
import { caseOf } from '../../support/contract/sample-records.ts';

/** A history in which the actors did these one after the other. */
function historyOf(...did: readonly (readonly [actor: string, kind: CaseEvent['kind']])[]): Case['history'] {
  return did.map(([actor, kind], at) => ({
    seq: at + 1,
    at: `2026-03-01T08:0${at}:00.000Z`,
    actor,
    kind,
    detail: kind === 'decided' || kind === 'settled' ? { kind: 'normal', reason: 'other', revision: 1 } : {},
  }));
}

test('the last decision is the own one, also one that settled, and under a former name', () => {
  const history = historyOf(['a', 'decided'], ['b', 'decided'], ['a2', 'settled'], ['b', 'reopened']);
  expect(lastDecisionOf({ history }, ['a', 'a2'])?.at).toBe('2026-03-01T08:02:00.000Z');
  expect(lastDecisionOf({ history }, ['c'])).toBeUndefined();
});

test('a verdict that was taken back is none, until it is given again', () => {
  const taken = historyOf(['a', 'decided'], ['a', 'verdict-taken-back']);
  expect(lastDecisionOf({ history: taken }, ['a'])).toBeUndefined();
  const given = historyOf(['a', 'decided'], ['a', 'verdict-taken-back'], ['a', 'decided']);
  expect(lastDecisionOf({ history: given }, ['a'])?.at).toBe('2026-03-01T08:02:00.000Z');
});

test('a disagreement is shown once no one may still read the image, and another reading never', () => {
  const verdict = {
    kind: 'normal',
    reason: 'other',
    analyst: 'a',
    at: '2026-03-01T08:00:00.000Z',
    revision: 1,
  } as const;
  const verdicts = [verdict, { ...verdict, analyst: 'b', kind: 'suspect' as const }];
  expect(resultOf(caseOf({ state: 'disputed', verdicts }), ['a'])).toBe('disputed');
  expect(resultOf(caseOf({ state: 'queued', verdicts: [verdict] }), ['a'])).toBe('open');
  expect(resultOf(caseOf({ state: 'queued', verdicts: [] }), ['a'])).toBe('open');
  expect(resultOf(caseOf({ state: 'decided', verdicts: [{ ...verdict, analyst: 'b' }] }), ['a'])).toBe(
    'recalled',
  );
});
