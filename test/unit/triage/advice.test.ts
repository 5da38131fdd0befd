import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { Case } from '../../../src/core/case/case.ts';
import { ineligibleReaders } from '../../../src/core/case/not-readers.ts';
import { NiiError } from '../../../src/core/errors.ts';
import { askAdvice, giveAdvice, observe } from '../../../src/features/advice/rules.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim, handBack } from '../../../src/triage/claims.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import { redactExceptOwn, redactForReaders } from '../../../src/triage/redact.ts';
import { opening } from './samples.ts';

const policy = { ...defaultPolicy, secondOpinionShare: 0 };
const by = (actor: string, more: object = {}) => ({
  actor,
  isLinked: true,
  at: '2026-01-02T03:05:00.000Z',
  ...more,
});
const check = Compile(Case);

function inHand(): Case {
  const queued = triage.openCase(opening, { revision: 1, declarationReasons: [] }, policy);
  return claim(queued, by('ann'), policy);
}

/** Ann asks, and Ben observes and answers. */
function advised(): Case {
  const asked = askAdvice(inHand(), 'what is it?', by('ann'));
  return giveAdvice(observe(asked, by('ben')), 'frozen fish', by('ben'));
}

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NiiError ? error.code : String(error);
  }
  return undefined;
}

describe('a colleague who observes', () => {
  test('is recorded with what was asked and said, and moves nothing else', () => {
    const value = advised();
    expect(check.Check(value)).toBe(true);
    expect(value.claim?.advice).toMatchObject({
      questions: [{ words: 'what is it?' }],
      colleagues: [{ by: 'ben', answers: [{ words: 'frozen fish' }] }],
    });
    expect(value.history.slice(-3).map(({ kind, actor }) => [kind, actor])).toEqual([
      ['advice-asked', 'ann'],
      ['advice-joined', 'ben'],
      ['advice-given', 'ben'],
    ]);
    expect(value).toMatchObject({ state: 'claimed', claim: { analyst: 'ann' }, verdicts: [] });
    expect(observe(value, by('ben')), 'twice is once').toBe(value);
  });

  test('decides nothing', () => {
    const decision = { kind: 'normal', reason: 'other' } as const;
    expect(codeOf(() => triage.decide(advised(), decision, policy, by('ben')))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => handBack(advised(), 'x', by('ben')))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => askAdvice(advised(), 'x', by('ben')))).toBe('NII_STATE_CONFLICT');
  });

  test('is neither dealt the case later nor settles it', () => {
    const back = handBack(advised(), 'cannot tell', by('ann'));
    expect(back.claim).toBeUndefined();
    expect(ineligibleReaders(back)).toContain('ben');
    expect(codeOf(() => claim(back, by('ben'), policy))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => claim(back, by('new', { formerIds: ['ben'] }), policy))).toBe('NII_STATE_CONFLICT');
    expect(claim(back, by('cem'), policy).claim?.analyst).toBe('cem');
    const open = triage.decide(advised(), { kind: 'inconclusive', reason: 'other' }, policy, by('ann'));
    const decision = { kind: 'normal', reason: 'other' } as const;
    expect(codeOf(() => triage.settle(open, decision, policy, by('ben')))).toBe('NII_STATE_CONFLICT');
    expect(triage.settle(open, decision, policy, by('cem')).verdicts).toHaveLength(2);
  });

  test('is surely another person, who has not read the case', () => {
    const asked = askAdvice(inHand(), 'what is it?', by('ann'));
    expect(codeOf(() => observe(asked, by('ann')))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => observe(asked, by('ann 2', { formerIds: ['ann'] })))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => observe(asked, by('ben', { isLinked: false })))).toBe('NII_STATE_CONFLICT');
    const decided = triage.decide(inHand(), { kind: 'normal', reason: 'other' }, policy, by('ann'));
    const second = claim(triage.requestSecondOpinion(decided, 'x', by('sue')), by('ben'), policy);
    const again = askAdvice(second, 'what is it?', by('ben'));
    for (const one of ['ann', 'sue'])
      expect(
        codeOf(() => observe(again, by(one))),
        one,
      ).toBe('NII_STATE_CONFLICT');
  });

  test('is needed for an answer, and a question for a colleague', () => {
    expect(codeOf(() => observe(inHand(), by('ben')))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => giveAdvice(advised(), 'x', by('cem')))).toBe('NII_STATE_CONFLICT');
    let value = advised();
    for (let i = 1; i < 16; i++) value = giveAdvice(value, 'more', by('ben'));
    expect(codeOf(() => giveAdvice(value, 'too much', by('ben')))).toBe('NII_STATE_CONFLICT');
  });
});

test('advice is shown to the reader and the observers, and to no one else who may read the case', () => {
  const value = advised();
  for (const own of ['ann', 'ben']) expect(redactExceptOwn(value, [own]).claim?.advice).toBeDefined();
  for (const shown of [redactForReaders(value), redactExceptOwn(value, ['cem'])]) {
    expect(JSON.stringify(shown)).not.toContain('fish');
    expect(JSON.stringify(shown)).not.toContain('ben');
  }
});
