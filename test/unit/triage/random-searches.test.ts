import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerdictKind } from '../../../src/core/case/case.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim } from '../../../src/triage/claims.ts';
import { laneRows, rowOfCase } from '../../../src/triage/instruction.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { finalizeVerdict } from '../../../src/triage/undo-window.ts';
import { opening } from './samples.ts';

const by = (actor: string) => ({ actor, isLinked: true, at: '2026-01-02T03:05:00.000Z' });
const system = { actor: 'system', at: '2026-01-02T03:06:00.000Z' };
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** As `Math.random` gives it. */
const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const kind = fc.constantFrom(...VerdictKind.enum);
const policy: TriagePolicy = { ...defaultPolicy, secondOpinionOn: [], secondOpinionShare: 0 };

function decided(given: VerdictKind, seconds = 0) {
  const queued = triage.openCase(opening, { revision: 1, declarationReasons: [] }, policy);
  const held = claim(queued, by('ann'), policy);
  return triage.decide(held, { kind: given, reason: 'other', note: 'a note' }, policy, by('ann'), seconds);
}

describe('a random search', () => {
  it('is drawn of normal verdicts that stand alone, and exactly where the draw is below the share', () => {
    fc.assert(
      fc.property(kind, share, draw, (given, randomSearchShare, drawn) => {
        const before = decided(given);
        const after = triage.drawSearch(before, { randomSearchShare }, drawn, system);
        const isDrawn = given === 'normal' && drawn < randomSearchShare;
        expect(after.state).toBe(isDrawn ? 'search' : before.state);
        if (!isDrawn) expect(after).toBe(before);
      }),
    );
  });

  it('keeps the share that it was drawn with, and the lane holds the vehicle', () => {
    fc.assert(
      fc.property(share, draw, (randomSearchShare, drawn) => {
        fc.pre(drawn < randomSearchShare);
        const after = triage.drawSearch(decided('normal'), { randomSearchShare }, drawn, system);
        expect(after.history.at(-1)).toMatchObject({
          kind: 'referred',
          actor: 'system',
          detail: { drawnShare: randomSearchShare },
        });
        expect(laneRows[rowOfCase(after)].instruction).toBe('hold');
      }),
    );
  });

  it('is never drawn where the policy states no share, nor of a case that is still read', () => {
    expect(triage.drawSearch(decided('normal'), {}, 0, system).state).toBe('decided');
    const queued = triage.openCase(opening, { revision: 1, declarationReasons: [] }, policy);
    expect(triage.drawSearch(queued, { randomSearchShare: 1 }, 0, system)).toBe(queued);
    const again = triage.followVerdict(decided('normal'), { ...policy, secondOpinionShare: 1 }, 0, system);
    expect(triage.drawSearch(again, { randomSearchShare: 1 }, 0, system)).toBe(again);
  });

  it('is drawn when a verdict can no longer be taken back', () => {
    const waiting = decided('normal', 10);
    expect(waiting.state).toBe('decided');
    const draws = { reading: 0.5, search: 0.5 };
    const some = { ...policy, randomSearchShare: 0.6 };
    expect(finalizeVerdict(waiting, some, draws, system).state).toBe('search');
    expect(finalizeVerdict(waiting, { ...some, randomSearchShare: 0.4 }, draws, system).state).toBe(
      'decided',
    );
  });
});

describe('a search that the policy selects', () => {
  it('is ordered of normal verdicts that stand, and is no sample for the share that is missed', () => {
    fc.assert(
      fc.property(kind, draw, (given, drawn) => {
        const asked = { search: true, randomSearchShare: 1 } as const;
        const after = triage.drawSearch(decided(given), asked, drawn, system);
        expect(after.state).toBe(given === 'normal' ? 'search' : 'decided');
        expect(after.history.at(-1)?.detail).not.toHaveProperty('drawnShare');
      }),
    );
  });

  it('comes when a verdict can no longer be taken back, also where it is declared meanwhile', () => {
    const waiting = decided('normal', 10);
    const red = { ...policy, search: true } as const;
    expect(triage.followControls(waiting, red, system)).toBe(waiting);
    expect(finalizeVerdict(waiting, red, { reading: 0.9, search: 0.9 }, system).state).toBe('search');
    expect(triage.followControls(decided('normal'), red, system).state).toBe('search');
  });

  it('waits for the second reader where two are required', () => {
    const both = { ...policy, search: true, readers: 2 } as const;
    const queued = triage.followControls(decided('normal'), both, system);
    expect(queued.state).toBe('queued');
    const again = triage.decide(
      claim(queued, by('bob'), policy),
      { kind: 'normal', reason: 'other' },
      policy,
      by('bob'),
    );
    expect(finalizeVerdict(again, both, { reading: 1, search: 1 }, system)).toBe(again);
    expect(triage.followControls(again, both, system).state).toBe('search');
  });
});
