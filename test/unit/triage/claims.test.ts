import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Case, VerdictKind } from '../../../src/core/case/case.ts';
import { handBacks, ineligibleReaders } from '../../../src/core/case/not-readers.ts';
import { NiiError } from '../../../src/core/errors.ts';
import type { Move } from '../../../src/core/person/move.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim, handBack, leaseOver, renew, takeBack } from '../../../src/triage/claims.ts';
import { canEscalate, escalate, isUnsettled } from '../../../src/triage/overdue.ts';
import { defaultPolicy as policy } from '../../../src/triage/policy.ts';
import { redactForReaders } from '../../../src/triage/redact.ts';
import { runs } from '../../support/search-size.ts';
import { opening } from './samples.ts';

const minute = (minutes: number) => new Date(Date.parse(opening.openedAt) + minutes * 60_000).toISOString();
const by = (actor: string, minutes = 5, over: Partial<Move> = {}): Move => ({
  actor,
  isLinked: true,
  at: minute(minutes),
  ...over,
});
const evidence: triage.Evidence = { revision: 1, percentile: 50, declarationReasons: [] };
const queued = triage.openCase({ ...opening, tag: 'opened' }, evidence, policy);
const verdict = (kind: VerdictKind) => ({ kind, reason: 'other' as const });

function refused(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof NiiError) return error.code;
    throw error;
  }
  return undefined;
}

describe('a case in hand', () => {
  it('is renewed while it is worked on, for as long as the policy allows', () => {
    let held = claim(queued, by('ann', 0), policy);
    expect(renew(held, by('ann', 1), policy), 'most of the lease is left').toBe(held);
    for (const at of [10, 20, 30, 40, 50, 59]) {
      held = renew(held, by('ann', at), policy);
      expect(held.claim?.until).toBe(minute(at + policy.claimMinutes));
    }
    expect(refused(() => renew(held, by('ann', 60), policy))).toBe('NII_STATE_CONFLICT');
    expect(refused(() => renew(held, by('bob', 55), policy))).toBe('NII_STATE_CONFLICT');
  });

  it('that is handed back, taken back or let lapse is not assigned to the same person again', () => {
    const held = claim(queued, by('ann'), policy);
    const ended = [
      ['handed-back', handBack(held, 'a cousin drives it', by('ann'))],
      ['taken-back', takeBack(held, 'ill', by('sue'))],
      ['lease-over', leaseOver(held, { actor: 'system', at: minute(30) })],
    ] as const;
    for (const [kind, value] of ended) {
      expect(value).toMatchObject({ state: 'queued' });
      expect(ineligibleReaders(value)).toEqual(['ann']);
      expect(handBacks(value.history)).toMatchObject([{ person: 'ann', kind, seq: 3 }]);
    }
  });

  it('released because its unit became another is nobody’s fault', () => {
    const held = claim(
      triage.withEvidence(queued, { ...evidence, container: 'A' }, policy, by('x')),
      by('ann'),
      policy,
    );
    const system = { actor: 'system', at: minute(6) };
    const other = triage.withEvidence(held, { ...evidence, container: 'B' }, policy, system);
    expect(other.state).toBe('queued');
    expect(ineligibleReaders(other)).toEqual([]);
  });

  it('is one person’s under every name that the person had', () => {
    const held = claim(queued, by('ann'), policy);
    const sameAnn = by('ann-linked', 6, { formerIds: ['ann'] });
    expect(triage.decide(held, verdict('normal'), policy, sameAnn).state).toBe('decided');
    const read = triage.decide(held, verdict('inconclusive'), policy, by('ann'));
    const again = triage.requestSecondOpinion(read, 'by rule', by('system'));
    expect(refused(() => claim(again, sameAnn, policy))).toBe('NII_STATE_CONFLICT');
    expect(refused(() => claim(again, by('bob', 7, { isLinked: false }), policy))).toBe('NII_STATE_CONFLICT');
    expect(claim(again, by('bob', 7), policy).state).toBe('claimed');
  });
});

describe('what a reader is shown', () => {
  /** As it looks to the reader who has just claimed it. */
  function shown(before: (value: Case) => Case): unknown {
    const value = claim(before(queued), by('zoe', 9, { tag: 'now' }), policy);
    return redactForReaders(value);
  }
  it('is the same for a first, a second and a third reading, after a hand-back, a lapse and a reopening', () => {
    const plain = shown((value) => value);
    const read = (kind: VerdictKind, who: string) => (value: Case) =>
      triage.decide(claim(value, by(who, 1, { tag: 't1' }), policy), verdict(kind), policy, by(who, 2));
    const second = (value: Case) => triage.requestSecondOpinion(value, 'not sure', by('sue', 3));
    const histories: readonly ((value: Case) => Case)[] = [
      (value) => second(read('inconclusive', 'ann')(value)),
      (value) => second(read('inconclusive', 'bob')(second(read('normal', 'ann')(value)))),
      (value) => handBack(claim(value, by('ann', 1), policy), 'ill', by('ann', 2)),
      (value) => leaseOver(claim(value, by('ann', 1), policy), { actor: 'system', at: minute(2) }),
      (value) =>
        triage.reopen(triage.close(read('normal', 'ann')(value), by('ann', 3)), 'a tip', by('sue', 4)),
    ];
    for (const before of histories) expect(shown(before)).toEqual(plain);
  });
});

describe('a shift', () => {
  const acts = [
    'normal',
    'normal',
    'normal',
    'suspect',
    'inconclusive',
    'scan-again',
    'hand-back',
    'lapse',
  ] as const;
  type Act = (typeof acts)[number];

  /**
   * Minutes of a shift, as the service runs it: cases come, readers take what they may, act a few minutes later, and
   * what is unsettled when it is due is told to a supervisor.
   */
  function run(readers: number, arrivals: readonly number[], random: () => number): readonly Case[] {
    const cases: Case[] = [];
    const busy = new Map<string, { readonly index: number; readonly until: number }>();
    for (let now = 0; now <= 240; now += 1) {
      for (const [index, at] of arrivals.entries())
        if (at === now)
          cases[index] = triage.openCase(
            { ...opening, id: `c${index}`, openedAt: minute(at) },
            evidence,
            policy,
          );
      for (let number = 0; number < readers; number += 1) work(`reader ${number}`, now, cases, busy, random);
      for (const [index, value] of cases.entries())
        if (value !== undefined && value.dueAt <= minute(now) && canEscalate(value))
          cases[index] = escalate(value, { actor: 'system', at: minute(now) });
    }
    return cases;
  }

  function work(
    who: string,
    now: number,
    cases: Case[],
    busy: Map<string, { readonly index: number; readonly until: number }>,
    random: () => number,
  ): void {
    const own = busy.get(who);
    if (own === undefined) {
      const free = [...cases.entries()].filter(
        ([, value]) => value?.state === 'queued' && !ineligibleReaders(value).includes(who),
      );
      const picked = free[Math.floor(random() * free.length)];
      if (picked === undefined) return;
      const [index, value] = picked;
      cases[index] = claim(value, by(who, now), policy);
      busy.set(who, { index, until: now + 1 + Math.floor(random() * 8) });
      return;
    }
    const held = cases[own.index];
    if (held === undefined || now < own.until) return;
    const act = acts[Math.floor(random() * acts.length)] ?? 'normal';
    cases[own.index] = end(held, act, by(who, now), random());
    busy.delete(who);
  }

  function end(held: Case, act: Act, move: Move, draw: number): Case {
    if (act === 'hand-back') return handBack(held, 'asked', move);
    if (act === 'lapse') return leaseOver(held, { actor: 'system', at: move.at });
    return triage.followVerdict(triage.decide(held, verdict(act), policy, move), policy, draw, {
      ...move,
      actor: 'system',
    });
  }

  it.each([1, 2, 3])(
    'with %d readers settles every case by its due time, or a supervisor is told',
    (readers) => {
      const arrivals = fc.array(fc.integer({ min: 0, max: 120 }), { minLength: 1, maxLength: 25 });
      fc.assert(
        fc.property(
          arrivals,
          fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
          (times, numbers) => {
            const random = () => Number(numbers.next().value);
            for (const value of run(readers, times, random)) {
              expect(!isUnsettled(value) || value.escalatedAt !== undefined).toBe(true);
              if (value.escalatedAt !== undefined) expect(value.escalatedAt <= minute(240)).toBe(true);
            }
          },
        ),
        { numRuns: runs(40) },
      );
    },
  );
});
