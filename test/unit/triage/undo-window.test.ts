import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Case, VerdictKind } from '../../../src/core/case/case.ts';
import { CaseState } from '../../../src/core/case/case-states.ts';
import { NiiError } from '../../../src/core/errors.ts';
import { faultOfPassage } from '../../../src/features/passages/rules.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim } from '../../../src/triage/claims.ts';
import { laneRows, rowOfCase } from '../../../src/triage/instruction.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { redactExceptOwn, redactForReaders } from '../../../src/triage/redact.ts';
import { finalizeVerdict, rejectEarly, takeVerdictBack } from '../../../src/triage/undo-window.ts';
import { runs } from '../../support/search-size.ts';
import { opening } from './samples.ts';

const START = Date.parse('2026-01-02T03:05:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
const by = (actor: string, seconds = 0) => ({ actor, isLinked: true, at: at(seconds) });
const system = (seconds: number) => ({ actor: 'system', at: at(seconds) });
const check = Compile(Case);
const policy: TriagePolicy = { ...defaultPolicy, secondOpinionShare: 0 };

function inHand(): Case {
  const queued = triage.openCase(opening, { revision: 1, declarationReasons: [] }, policy);
  return claim(queued, by('ann'), policy);
}

/** A verdict of Ann that may be taken back for ten seconds. */
function given(kind: VerdictKind): Case {
  return triage.decide(inHand(), { kind, reason: 'other', note: 'a note' }, policy, by('ann'), 10);
}

/** Ann has read it normal, and Bob suspect. */
function disputedCase(): Case {
  const first = triage.decide(inHand(), { kind: 'normal', reason: 'other' }, policy, by('ann'));
  const due = triage.requestSecondOpinion(first, 'training', by('sue'));
  const second = claim(due, by('bob'), policy);
  const both = triage.decide(second, { kind: 'suspect', reason: 'shape' }, policy, by('bob'));
  return triage.followVerdict(both, policy, 0.5, system(0));
}

const told = (value: Case) => laneRows[rowOfCase(value)].instruction;

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NiiError ? error.code : String(error);
  }
  return undefined;
}

/** Nobody else reads by draw, and nothing is searched at random. */
const half = { reading: 0.5, search: 1 };

describe('a verdict that may still be taken back', () => {
  it.each(['normal', 'scan-again'] as const)('moves no vehicle before it stands, as %s does not', (kind) => {
    const early = given(kind);
    expect(check.Check(early)).toBe(true);
    expect(early.undoWindow).toEqual({ until: at(10) });
    expect(told(early)).toBe('hold');
    const stands = finalizeVerdict(early, { ...policy, secondOpinionOn: [] }, half, system(10));
    const atOnce = triage.decide(inHand(), { kind, reason: 'other' }, policy, by('ann'));
    expect(told(stands)).toBe(told(atOnce));
    expect(stands).not.toHaveProperty('undoWindow');
    expect(stands.history.at(-1)).toMatchObject({
      kind: 'verdict-stands',
      actor: 'system',
      detail: { kind },
    });
  });

  it.each(['suspect', 'inconclusive'] as const)(
    'is none that holds the vehicle: %s stands at once',
    (kind) => {
      const early = given(kind);
      expect(rowOfCase(early)).toBe(kind);
      expect(early).not.toHaveProperty('undoWindow');
      expect(codeOf(() => takeVerdictBack(early, by('ann', 1), policy))).toBe('NII_STATE_CONFLICT');
    },
  );

  it('is undecided for the lane', () => {
    expect([rowOfCase(given('normal')), rowOfCase(given('scan-again'))]).toEqual(['undecided', 'undecided']);
  });

  it('is no settlement as suspect', () => {
    const settled = triage.settle(
      disputedCase(),
      { kind: 'suspect', reason: 'shape' },
      policy,
      by('carl'),
      10,
    );
    expect(settled).not.toHaveProperty('undoWindow');
    expect(codeOf(() => takeVerdictBack(settled, by('carl', 3), policy))).toBe('NII_STATE_CONFLICT');
  });

  it('is seen by who gave it, and by nobody else who reads', () => {
    const early = given('normal');
    expect(redactForReaders(early)).toMatchObject({ verdicts: [], undoWindow: { until: at(10) } });
    expect(JSON.stringify(redactForReaders(early))).not.toContain('a note');
    expect(redactExceptOwn(early, ['bob'])).toEqual(redactForReaders(early));
    expect(redactExceptOwn(early, ['ann'])).toMatchObject({
      verdicts: [{ kind: 'normal', note: 'a note' }],
    });
  });

  it('brings the case back in hand, as if nothing had been said, but for the history', () => {
    const back = takeVerdictBack(given('normal'), by('ann', 9.999), policy);
    const held = inHand();
    const { history, claim: again, ...rest } = back;
    const { history: _, claim: before, ...asBefore } = held;
    expect(rest).toEqual(asBefore);
    expect(again).toEqual({ ...before, until: at(9.999 + policy.claimMinutes * 60) });
    expect(history.at(-1)).toMatchObject({
      kind: 'verdict-taken-back',
      actor: 'ann',
      detail: { verdict: { kind: 'normal', note: 'a note' } },
    });
    expect(check.Check(back)).toBe(true);
    const anew = triage.decide(back, { kind: 'suspect', reason: 'shape' }, policy, by('ann', 20), 10);
    expect(anew.verdicts).toMatchObject([{ kind: 'suspect' }]);
    expect(codeOf(() => takeVerdictBack(anew, by('ann', 21), policy))).toBe('NII_STATE_CONFLICT');
  });

  it('is nobody else to take back, and not once the time is over, and not twice', () => {
    const early = given('normal');
    expect(codeOf(() => takeVerdictBack(early, by('bob', 1), policy))).toBe('NII_STATE_CONFLICT');
    expect(codeOf(() => takeVerdictBack(early, by('ann', 10), policy))).toBe('NII_STATE_CONFLICT');
    const back = takeVerdictBack(early, by('ann', 1), policy);
    expect(codeOf(() => takeVerdictBack(back, by('ann', 2), policy))).toBe('NII_STATE_CONFLICT');
    const stands = finalizeVerdict(early, policy, half, system(10));
    expect(codeOf(() => takeVerdictBack(stands, by('ann', 1), policy))).toBe('NII_STATE_CONFLICT');
    const former = { ...by('ann-linked', 1), formerIds: ['ann'] };
    expect(takeVerdictBack(early, former, policy).claim?.analyst).toBe('ann-linked');
  });

  it('of a supervisor who settled goes back to the dispute', () => {
    const disputed = disputedCase();
    const settled = triage.settle(disputed, { kind: 'normal', reason: 'other' }, policy, by('carl'), 10);
    expect([disputed.state, settled.state, told(settled)]).toEqual(['disputed', 'decided', 'hold']);
    const back = takeVerdictBack(settled, by('carl', 3), policy);
    expect([back.state, back.verdicts]).toEqual(['disputed', disputed.verdicts]);
    expect(told(finalizeVerdict(settled, policy, half, system(10)))).toBe('proceed');
  });

  it('asks another reader only once it stands, so that nobody is dealt a case that comes back', () => {
    const always = { ...policy, secondOpinionOn: ['normal' as const] };
    const early = given('normal');
    expect(early.state).toBe('decided');
    expect(finalizeVerdict(early, always, half, system(10)).state).toBe('queued');
  });

  it('ends with what comes from outside: a newer revision, or a supervisor who opens the case again', () => {
    const reopened = triage.reopen(given('normal'), 'a call', by('sue', 2));
    expect(reopened).not.toHaveProperty('undoWindow');
    const newer = { revision: 2, declarationReasons: [] };
    const revised = triage.withEvidence(given('normal'), newer, policy, system(3));
    expect([revised.state, 'undoWindow' in revised]).toEqual(['queued', false]);
    const linked = triage.linkScanAgain(given('scan-again'), 's2', system(4));
    expect([linked.state, 'undoWindow' in linked]).toEqual(['closed', false]);
  });

  it('is not closed early where that would move the vehicle', () => {
    expect(VerdictKind.enum.map((kind) => codeOf(() => rejectEarly(given(kind))))).toEqual([
      'NII_STATE_CONFLICT',
      undefined,
      undefined,
      'NII_STATE_CONFLICT',
    ]);
  });

  it('lets no claimed instruction to proceed count that was given before it stood', () => {
    const early = given('normal');
    const stands = finalizeVerdict(early, policy, half, system(600));
    const back = takeVerdictBack(early, by('ann', 5), policy);
    const passed = (value: Case, second: number) => {
      const claimed = {
        instruction: 'proceed' as const,
        issuedAt: at(second),
        expiresAt: at(second + 300),
        scanId: 's',
      };
      const report = { id: 'p', at: at(second + 10), scanId: 's', instruction: claimed } as const;
      const scan = { receivedAt: at(-600), cases: [value] };
      return faultOfPassage(report, { reportedAt: at(second + 20), scan });
    };
    expect(passed(stands, 300)).toBe('not-cleared');
    expect(passed(stands, 601)).toBeUndefined();
    expect(passed(back, 900)).toBe('not-cleared');
  });

  it.each(CaseState.enum)('stands in the state %s too, so that no case stops the others', (state) => {
    const late = finalizeVerdict({ ...given('scan-again'), state }, policy, half, system(10));
    expect(late.undoWindow).toBeUndefined();
    expect(late.history.at(-1)).toMatchObject({ kind: 'verdict-stands' });
  });

  it('never says proceed before it stands, whatever is done in whatever order', () => {
    const kinds = fc.constantFrom(...VerdictKind.enum);
    const step = fc.record({
      act: fc.constantFrom('decide', 'back', 'stand'),
      kind: kinds,
      wait: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let value = inHand();
        let now = 0;
        for (const { act, kind, wait } of steps) {
          now += wait;
          const isOver = Date.parse(value.undoWindow?.until ?? at(1e6)) <= START + now * 1000;
          if (act === 'decide' && value.state === 'claimed')
            value = triage.decide(value, { kind, reason: 'other' }, policy, by('ann', now), 10);
          else if (act === 'back' && value.undoWindow !== undefined && !isOver)
            value = takeVerdictBack(value, by('ann', now), policy);
          else if (act === 'stand' && isOver) value = finalizeVerdict(value, policy, half, system(now));
          const hasStood = value.history.at(-1)?.kind === 'verdict-stands';
          const mayProceed = hasStood && value.verdicts.at(-1)?.kind === 'normal';
          expect(told(value) === 'proceed').toBe(mayProceed);
          const isSuspect = value.history.some(
            (event) => event.kind === 'decided' && event.detail.kind === 'suspect',
          );
          expect(value.verdicts.some(({ kind: one }) => one === 'suspect')).toBe(isSuspect);
          expect(check.Check(value)).toBe(true);
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
