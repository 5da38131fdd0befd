import { describe, expect, it } from 'vitest';
import { type Case, OutcomeKind, SearchOutcome, VerdictKind } from '../../../src/core/case/case.ts';
import { NiiError } from '../../../src/core/errors.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim, handBack, leaseOver } from '../../../src/triage/claims.ts';
import { rowOfCase } from '../../../src/triage/instruction.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { afterVerdict, standingVerdict } from '../../../src/triage/readings.ts';
import { opening, verdictOf } from './samples.ts';

const read = (...kinds: VerdictKind[]) => ({ verdicts: kinds.map(verdictOf) });
const settledBy = (given: Pick<Case, 'verdicts'>, kind: VerdictKind) => ({
  verdicts: [...given.verdicts, { ...verdictOf(kind, 9), settles: true as const }],
});

describe('the readings of an image', () => {
  it.each<[VerdictKind[], VerdictKind | undefined]>([
    [[], undefined],
    [['normal'], 'normal'],
    [['suspect', 'normal'], undefined],
    [['normal', 'suspect'], undefined],
    [['normal', 'inconclusive'], undefined],
    [['suspect', 'scan-again'], undefined],
    [['normal', 'normal'], 'normal'],
    [['inconclusive', 'inconclusive'], 'inconclusive'],
    [['inconclusive', 'normal'], 'normal'],
    [['suspect', 'normal', 'suspect'], 'suspect'],
    [['suspect', 'normal', 'normal'], 'normal'],
    [['suspect', 'normal', 'inconclusive'], undefined],
    [['inconclusive', 'normal', 'suspect'], undefined],
  ])('%j come to %s', (kinds, standing) => {
    expect(standingVerdict(read(...kinds))?.kind).toBe(standing);
  });

  it('that disagree are settled by the word of a supervisor, whatever it is', () => {
    for (const kind of VerdictKind.enum)
      expect(standingVerdict(settledBy(read('suspect', 'normal'), kind))?.kind).toBe(kind);
  });

  it('that disagree go to a supervisor, or first to a third reader, by policy', () => {
    const third: TriagePolicy = { ...defaultPolicy, disagreement: 'third-reader' };
    const given = read('suspect', 'normal');
    expect([afterVerdict(given, defaultPolicy, 1), afterVerdict(given, third, 1)]).toEqual([
      'disputed',
      'another reading',
    ]);
    expect(afterVerdict(read('suspect', 'normal', 'inconclusive'), third, 1)).toBe('disputed');
    expect(afterVerdict(read('suspect', 'normal', 'normal'), third, 1)).toBe('stands');
  });

  it('of an earlier version, suspect overruled by one normal, hold the vehicle', () => {
    expect(rowOfCase({ state: 'decided', ...read('suspect', 'normal') })).toBe('disputed');
    expect(rowOfCase({ state: 'closed', ...read('suspect', 'normal') })).toBe('disputed');
  });
});

/* ---- Every state reaches its end ---------------------------------------------------------------------------- */

const at = '2026-01-02T03:05:00.000Z';
/** Three readers at most, and one more who settles. */
const people = ['ann', 'bob', 'cem', 'sue'];

/** Every move that anybody can try, with all that it can say. */
function movesOf(policy: TriagePolicy): readonly ((value: Case) => Case)[] {
  const decisions = VerdictKind.enum.map((kind) => ({ kind, reason: 'other' as const }));
  const searches: readonly SearchOutcome[] = OutcomeKind.enum.flatMap((kind) =>
    SearchOutcome.properties.extent.enum.map((extent) => ({
      kind,
      extent,
      method: 'opened' as const,
      what: 'a block',
      where: 'the floor',
    })),
  );
  return people.flatMap((actor) => {
    const move = { actor, at, isLinked: true };
    return [
      (value) => claim(value, move, policy),
      (value) => handBack(value, 'asked', move),
      (value) => leaseOver(value, move),
      ...decisions.flatMap((decision) =>
        [0, 0.999].map(
          (draw) => (value: Case) =>
            triage.followVerdict(triage.decide(value, decision, policy, move), policy, draw, move),
        ),
      ),
      ...decisions.map((decision) => (value: Case) => triage.settle(value, decision, policy, move)),
      (value) => triage.requestSecondOpinion(value, 'asked', move),
      (value) => triage.refer(value, move),
      ...searches.map((outcome) => (value: Case) => triage.recordOutcome(value, outcome, {}, move)),
      (value) => triage.acceptSearch(value, 'enough', {}, move),
      (value) => triage.close(value, move, 'sent back'),
    ] satisfies ((value: Case) => Case)[];
  });
}

/** What tells cases apart as far as moves go: which people they are does not, but who of them did several things. */
function keyOf({ state, verdicts, outcome, acceptance, claim }: Case): string {
  const seen: string[] = [];
  const numberOf = (name: string) => {
    if (!seen.includes(name)) seen.push(name);
    return seen.indexOf(name);
  };
  const readings = verdicts.map(({ kind, analyst, settles }) => [kind, numberOf(analyst), settles]);
  const claimant = claim === undefined ? undefined : numberOf(claim.analyst);
  return JSON.stringify([
    state,
    readings,
    claimant,
    outcome?.kind,
    outcome?.extent,
    acceptance !== undefined,
  ]);
}

/** All cases that can come to be, and where each can go. Most moves are refused, and nobody reads the stack of a refusal. */
function walked(policy: TriagePolicy) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return walk(policy);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function walk(policy: TriagePolicy) {
  const moves = movesOf(policy);
  const first = triage.openCase(opening, { revision: 1, declarationReasons: [] }, policy);
  const known = new Map<string, Case>([[keyOf(first), first]]);
  const next = new Map<string, Set<string>>();
  for (const [key, value] of known) {
    const reached = new Set<string>();
    next.set(key, reached);
    for (const move of moves) {
      const moved = attempted(() => move(value));
      if (moved === undefined) continue;
      reached.add(keyOf(moved));
      if (!known.has(keyOf(moved))) known.set(keyOf(moved), { ...moved, history: [] });
    }
  }
  return { known, next };
}

function attempted(move: () => Case): Case | undefined {
  try {
    return move();
  } catch (error) {
    if (error instanceof NiiError) return undefined;
    throw error;
  }
}

/** Those from which no order of moves leads to a closed case. */
function stuck({ known, next }: ReturnType<typeof walked>): readonly string[] {
  const ends = new Set([...known].filter(([, { state }]) => state === 'closed').map(([key]) => key));
  for (let before = -1; before !== ends.size; ) {
    before = ends.size;
    for (const [key, reached] of next) if ([...reached].some((one) => ends.has(one))) ends.add(key);
  }
  return [...known.keys()].filter((key) => !ends.has(key));
}

const walks = new Map<string, ReturnType<typeof walked>>();

function walkOf(disagreement: TriagePolicy['disagreement']): ReturnType<typeof walked> {
  const walk = walks.get(disagreement) ?? walked({ ...defaultPolicy, secondOpinionShare: 0.5, disagreement });
  walks.set(disagreement, walk);
  return walk;
}

describe('a case, whatever happens to it', () => {
  it.each(['supervisor', 'third-reader'] as const)(
    'reaches its end from every state, where readings that disagree go to a %s',
    (disagreement) => {
      const all = walkOf(disagreement);
      expect(stuck(all)).toEqual([]);
      expect(new Set([...all.known.values()].map(({ state }) => state))).toEqual(
        new Set(['queued', 'claimed', 'decided', 'disputed', 'search', 'searched', 'closed']),
      );
    },
  );

  it('is stuck where a state allows nothing, and the walk sees it', () => {
    const { known, next } = walkOf('supervisor');
    const all = { known, next: new Map(next) };
    const [key = ''] = [...all.known].find(([, { state }]) => state === 'search') ?? [];
    all.next.set(key, new Set());
    expect(stuck(all)).toContain(key);
  });
});
