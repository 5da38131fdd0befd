import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Case } from '../../../src/core/case/case.ts';
import { notReaders } from '../../../src/core/case/not-readers.ts';
import { NiiError } from '../../../src/core/errors.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim, handBack, leaseOver } from '../../../src/triage/claims.ts';
import { laneRows, rowOfCase } from '../../../src/triage/instruction.ts';
import { defaultPolicy, type TriagePolicy } from '../../../src/triage/policy.ts';
import { redactForReaders } from '../../../src/triage/redact.ts';
import { opening } from './samples.ts';

const evidence: triage.Evidence = {
  revision: 1,
  percentile: 97.25,
  model: 'm@1',
  container: 'CSQU3054383',
  declarationReasons: [],
};
const ann = { actor: 'ann', isLinked: true, at: '2026-01-02T03:05:00.000Z' };
const bob = { actor: 'bob', isLinked: true, at: '2026-01-02T03:06:00.000Z' };
/** One person does everything. */
const smallPost = { separation: 'small-post' } as const;
const suspectBy = { kind: 'suspect', reason: 'shape' } as const;
const sue = { actor: 'sue', isLinked: true, at: '2026-01-02T03:07:00.000Z' };
const check = Compile(Case);

function told(value: Case): string {
  return laneRows[rowOfCase(value)].instruction;
}

function queued(policy: TriagePolicy = defaultPolicy): Case {
  return triage.openCase(opening, evidence, policy);
}

function decided(kind: triage.Decision['kind'], policy = defaultPolicy): Case {
  return triage.decide(claim(queued(policy), ann, policy), { kind, reason: 'shape' }, defaultPolicy, ann);
}

function refusal(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NiiError ? error.code : String(error);
  }
  return undefined;
}

describe('a release by customs', () => {
  const undecided = [{ code: 'undecided' as const }];

  it('is recorded whatever the state, and is an alarm where something is open', () => {
    const plain = triage.customsRelease(queued(), [], bob, 'R1');
    expect(plain).toMatchObject({ releasedAt: bob.at });
    expect(plain).not.toHaveProperty('releasedWhileOpen');
    const alarm = triage.customsRelease(queued(), undecided, bob, 'R1');
    expect(alarm.releasedWhileOpen).toEqual({ at: bob.at, reference: 'R1', open: undecided });
    expect(alarm.history.map(({ kind }) => kind)).toEqual([
      'opened',
      'customs-release',
      'released-while-open',
    ]);
    expect(check.Check(alarm)).toBe(true);
    expect(told(alarm)).toBe('hold');
  });

  it('that comes twice is one alarm, which is that of the first, until it is reviewed', () => {
    const once = triage.customsRelease(queued(), undecided, ann, 'R1');
    const twice = triage.customsRelease(once, undecided, bob, 'R2');
    expect(twice.releasedWhileOpen).toEqual(once.releasedWhileOpen);
    expect(twice.releasedAt).toBe(bob.at);
    const reviewed = triage.reviewRelease(twice, 'the vehicle is back', sue);
    expect(reviewed).not.toHaveProperty('releasedWhileOpen');
    expect(reviewed.history.at(-1)).toMatchObject({ kind: 'release-reviewed', actor: 'sue' });
    expect(check.Check(reviewed)).toBe(true);
    expect(refusal(() => triage.reviewRelease(reviewed, 'again', sue))).toBe('NII_STATE_CONFLICT');
    expect(triage.customsRelease(reviewed, undecided, sue).releasedWhileOpen?.at).toBe(sue.at);
  });

  it('does not say to who may still read the image whether it had been read', () => {
    const disputed = [{ code: 'disputed' as const }];
    const { releasedWhileOpen, ...shown } = redactForReaders(triage.customsRelease(queued(), disputed, bob));
    expect(releasedWhileOpen).toBeUndefined();
    expect(JSON.stringify(shown)).not.toContain('disputed');
  });
});

describe('a case', () => {
  it('opens queued, due an hour after its scan, with its first event', () => {
    const value = queued();
    expect(value).toMatchObject({ state: 'queued', dueAt: '2026-01-02T04:00:00.000Z', band: 'high' });
    expect(value.history.map((event) => event.kind)).toEqual(['opened']);
    expect(check.Check(value)).toBe(true);
  });

  it('names the declarations that joined and what they declare, without moving for it', () => {
    const plain = queued();
    const declared = { declarations: ['D-1'], declared: ['declared: frozen fish; HS 030311; 12 000 kg'] };
    const joined = triage.withEvidence(plain, { ...evidence, ...declared }, defaultPolicy, ann);
    expect(joined.declarations).toEqual(['D-1']);
    expect(joined.reasons.find(({ code }) => code === 'declaration')).toEqual({
      code: 'declaration',
      text: 'declared: frozen fish; HS 030311; 12 000 kg',
      headStartMinutes: 0,
    });
    expect([joined.priority, joined.band]).toEqual([plain.priority, plain.band]);
    expect(joined.history.at(-1)).toMatchObject({ kind: 'risk-changed', detail: { declarations: ['D-1'] } });
    expect(check.Check(joined)).toBe(true);
    const gone = triage.withEvidence(joined, evidence, defaultPolicy, bob);
    expect(gone).not.toHaveProperty('declarations');
    expect(gone.reasons).toEqual(plain.reasons);
  });

  it('that no declaration joined is as it was before declarations were named', () => {
    expect(queued()).not.toHaveProperty('declarations');
    expect(triage.withEvidence(queued(), evidence, defaultPolicy, ann)).toEqual(queued());
  });

  it('is claimed by one analyst, who alone may decide or release it', () => {
    const claimed = claim(queued(), ann, defaultPolicy);
    expect(claimed.claim).toEqual({ analyst: 'ann', until: '2026-01-02T03:20:00.000Z', revision: 1 });
    expect(refusal(() => claim(claimed, bob, defaultPolicy))).toBe('NII_STATE_CONFLICT');
    expect(
      refusal(() =>
        triage.decide(claimed, { kind: 'normal', reason: 'nothing-unusual' }, defaultPolicy, bob),
      ),
    ).toBe('NII_STATE_CONFLICT');
    expect(refusal(() => handBack(claimed, 'asked', bob))).toBe('NII_STATE_CONFLICT');
    expect(handBack(claimed, 'asked', ann)).toMatchObject({ state: 'queued' });
    expect(handBack(claimed, 'asked', ann).claim).toBeUndefined();
  });

  it('goes back to the queue when the lease is over, and says whose it was', () => {
    const back = leaseOver(claim(queued(), ann, defaultPolicy), {
      actor: 'system',
      at: bob.at,
    });
    expect(back.state).toBe('queued');
    expect(back.history.at(-1)).toMatchObject({ kind: 'lease-over', detail: { analyst: 'ann' } });
  });

  it('that was let go comes back when a newer revision comes; the verdict stays with its revision, in the history', () => {
    const later = triage.withEvidence(
      decided('normal'),
      { ...evidence, revision: 2, percentile: 99.5 },
      defaultPolicy,
      { actor: 'system', at: bob.at },
    );
    expect(later).toMatchObject({ state: 'queued', revision: 2, anomalyPercentile: 99.5, verdicts: [] });
    expect(later.history.slice(-2).map((event) => event.kind)).toEqual(['revised', 'reopened']);
    expect(later.history.at(-1)?.detail.verdicts).toMatchObject([{ kind: 'normal', revision: 1 }]);
    expect(told(later)).toBe('hold');
  });

  it('is judged on the revision that was there when it was claimed, and comes back where a newer one has come', () => {
    const claimed = claim(queued(), ann, defaultPolicy);
    const revised = triage.withEvidence(claimed, { ...evidence, revision: 2 }, defaultPolicy, bob);
    expect(revised).toMatchObject({ state: 'claimed', revision: 2 });
    const after = triage.decide(revised, { kind: 'normal', reason: 'nothing-unusual' }, defaultPolicy, ann);
    expect(after.state).toBe('queued');
    expect(after.history.at(-2)).toMatchObject({ kind: 'decided', detail: { revision: 1 } });
    expect(told(after)).toBe('hold');
  });

  it('whose container turns out to be another one is looked at again, claimed or decided', () => {
    const other = { ...evidence, revision: 2, container: 'MSKU1234565' };
    const again = triage.withEvidence(decided('suspect'), other, defaultPolicy, bob);
    expect(again).toMatchObject({
      state: 'queued',
      container: 'MSKU1234565',
      verdicts: [{ kind: 'suspect' }],
    });
    const claimed = claim(queued(), ann, defaultPolicy);
    const released = triage.withEvidence(claimed, other, defaultPolicy, bob);
    expect(released.state).toBe('queued');
    expect(released.claim).toBeUndefined();
  });

  it('decided suspect stays with its verdict when a new revision comes', () => {
    const later = triage.withEvidence(
      decided('suspect'),
      { ...evidence, revision: 2, percentile: 99.5 },
      defaultPolicy,
      {
        actor: 'system',
        at: bob.at,
      },
    );
    expect(later).toMatchObject({ state: 'decided', revision: 2, anomalyPercentile: 99.5 });
    expect(later.verdicts[0]?.revision).toBe(1);
    expect(later.history.at(-1)?.kind).toBe('revised');
  });

  it('does not move when the evidence is the same', () => {
    const value = queued();
    expect(triage.withEvidence(value, evidence, defaultPolicy, ann)).toBe(value);
    const twice = triage.requestSecondOpinion(decided('inconclusive'), 'by rule', ann);
    expect(triage.withEvidence(twice, evidence, defaultPolicy, ann)).toBe(twice);
    const reopened = triage.reopen(triage.close(decided('normal'), ann), 'new information', bob);
    expect(triage.withEvidence(reopened, evidence, defaultPolicy, bob)).toBe(reopened);
  });

  it('gets its second opinion from another analyst, who does not see the first', () => {
    const first = decided('inconclusive');
    const waiting = triage.followVerdict(first, defaultPolicy, 0.9, ann);
    expect(waiting.state).toBe('queued');
    expect(refusal(() => claim(waiting, ann, defaultPolicy))).toBe('NII_STATE_CONFLICT');
    const second = claim(waiting, bob, defaultPolicy);
    expect(second.verdicts).toHaveLength(1);
    for (const unread of [waiting, second]) {
      const shown = JSON.stringify({ ...redactForReaders(unread), claim: undefined });
      for (const word of ['inconclusive', 'ann', 'second', 'by rule', 'decided'])
        expect(shown, word).not.toContain(word);
      expect(check.Check(redactForReaders(unread))).toBe(true);
    }
  });

  it('opened again shows nobody who may read it what was said before, nor why it was opened', () => {
    const found = triage.recordOutcome(
      triage.refer(decided('suspect'), bob),
      { kind: 'found', what: 'a block', where: 'floor' },
      smallPost,
      bob,
    );
    const shown = JSON.stringify(redactForReaders(triage.reopen(found, 'the block was declared', bob)));
    for (const word of ['suspect', 'block', 'declared', 'ann', 'bob', 'reopened', 'search'])
      expect(shown, word).not.toContain(word);
    expect(redactForReaders(found), 'closed').toBe(found);
  });

  it('is not read again by who asked for another reading', () => {
    const asked = triage.requestSecondOpinion(decided('normal'), 'to be sure', bob);
    expect(notReaders(asked)).toEqual(['ann', 'bob']);
    expect(refusal(() => claim(asked, bob, defaultPolicy))).toBe('NII_STATE_CONFLICT');
    expect(claim(asked, sue, defaultPolicy).state).toBe('claimed');
  });

  it('is drawn for a second look at the stated share of normal verdicts only', () => {
    const policy = { ...defaultPolicy, secondOpinionShare: 0.1 };
    const stateAfter = (kind: triage.Decision['kind'], draw: number) =>
      triage.followVerdict(decided(kind), policy, draw, ann).state;
    expect([stateAfter('normal', 0.09), stateAfter('normal', 0.1), stateAfter('suspect', 0)]).toEqual([
      'queued',
      'decided',
      'decided',
    ]);
  });

  it('decided suspect goes to a search, whose outcome closes it', () => {
    const search = triage.refer(decided('suspect'), bob);
    expect(search.state).toBe('search');
    expect(refusal(() => triage.recordOutcome(search, { kind: 'found' }, smallPost, bob))).toBe(
      'NII_BAD_REQUEST',
    );
    expect(refusal(() => triage.recordOutcome(search, { kind: 'nothing-found' }, smallPost, bob))).toBe(
      'NII_BAD_REQUEST',
    );
    const closed = triage.recordOutcome(
      search,
      { kind: 'nothing-found', method: 'unloaded', extent: 'full' },
      smallPost,
      bob,
    );
    expect(closed.state).toBe('closed');
  });

  it('that asked for a new scan counts on where that scan was asked for earlier', () => {
    const cat = { ...sue, actor: 'cat' };
    const linked = triage.linkScanAgain(decided('scan-again'), 's-2', bob);
    const reopened = triage.reopen(linked, 'customs asks', sue);
    expect([reopened.linkedScan, reopened.verdicts]).toEqual([undefined, []]);
    const second = claim(reopened, cat, defaultPolicy);
    const askedAgain = triage.decide(second, { kind: 'scan-again', reason: 'shape' }, defaultPolicy, cat);
    const twice = triage.reopen(askedAgain, 'customs asks again', sue);
    expect(twice.verdicts).toMatchObject([{ kind: 'scan-again', analyst: 'cat' }]);
  });

  it('that was accepted is not the search that is made after it', () => {
    const accepted = { by: 'sue', at: sue.at, why: 'the rest is bolted down' };
    const further = triage.refer({ ...decided('suspect'), acceptance: accepted }, bob);
    const found = triage.recordOutcome(
      { ...further, acceptance: accepted },
      { kind: 'found', what: 'weapons', where: 'floor' },
      smallPost,
      bob,
    );
    expect([further.acceptance, found.acceptance]).toEqual([undefined, undefined]);
    expect(told(found)).toBe('hold');
  });

  it('searched in part without a find waits for a supervisor, who accepts it or has it searched further', () => {
    const spot = { kind: 'nothing-found', method: 'opened', extent: 'spot' } as const;
    const searched = triage.recordOutcome(triage.refer(decided('suspect'), bob), spot, smallPost, bob);
    expect([searched.state, told(searched)]).toEqual(['searched', 'hold']);
    const accepted = triage.acceptSearch(searched, 'the rest is bolted down', smallPost, sue);
    expect([accepted.state, told(accepted)]).toEqual(['closed', 'proceed']);
    expect(accepted.acceptance).toMatchObject({ by: 'sue', why: 'the rest is bolted down' });
    expect(refusal(() => triage.acceptSearch(accepted, 'again', smallPost, sue))).toBe('NII_STATE_CONFLICT');
    const further = triage.refer(searched, sue);
    expect(further).toMatchObject({ state: 'search' });
    expect(further.outcome).toBeUndefined();
  });

  it('closed by an earlier version after a search in part holds, until a supervisor accepts it', () => {
    const outcome = { kind: 'nothing-found', method: 'opened', extent: 'part' } as const;
    const before: Case = { ...decided('suspect'), state: 'closed', outcome };
    expect(told(before)).toBe('hold');
    expect(told(triage.acceptSearch(before, 'seen again', smallPost, sue))).toBe('proceed');
  });

  it('that a supervisor settles needs readings that disagree, or could not tell, and somebody new', () => {
    expect(refusal(() => triage.settle(decided('normal'), suspectBy, defaultPolicy, sue))).toBe(
      'NII_STATE_CONFLICT',
    );
    const unclear = decided('inconclusive');
    expect(refusal(() => triage.settle(unclear, suspectBy, defaultPolicy, ann))).toBe('NII_STATE_CONFLICT');
    const settled = triage.settle(unclear, suspectBy, defaultPolicy, sue);
    expect(settled).toMatchObject({ state: 'decided', verdicts: [{}, { analyst: 'sue', settles: true }] });
    expect(triage.refer(settled, sue).state).toBe('search');
    expect(check.Check(settled)).toBe(true);
  });

  it('decided inconclusive is searched, settled, or closed with a reason, and its vehicle stays held', () => {
    const unclear = decided('inconclusive');
    expect(triage.refer(unclear, sue).state).toBe('search');
    expect(refusal(() => triage.close(unclear, sue))).toBe('NII_BAD_REQUEST');
    const closed = triage.close(unclear, sue, 'sent back to its sender');
    expect([closed.state, told(closed)]).toEqual(['closed', 'hold']);
  });

  it('decided suspect is not closed without a search, and what is normal is searched where somebody asks for it', () => {
    expect(refusal(() => triage.close(decided('suspect'), ann))).toBe('NII_STATE_CONFLICT');
    expect(triage.refer(decided('normal'), ann).state).toBe('search');
    const disputed: Case = { ...decided('suspect'), state: 'disputed' };
    expect(triage.refer(disputed, sue).state, 'an exit where every supervisor has read it').toBe('search');
    expect(triage.close(decided('normal'), ann).state).toBe('closed');
  });

  it('reopened keeps the earlier verdicts in its history, and its place, which would tell the next reader', () => {
    const routine = triage.openCase(opening, { ...evidence, percentile: 3 }, defaultPolicy);
    const closed = triage.close(
      triage.decide(
        claim(routine, ann, defaultPolicy),
        { kind: 'normal', reason: 'nothing-unusual' },
        defaultPolicy,
        ann,
      ),
      ann,
    );
    const again = triage.reopen(closed, 'tip from customs', bob);
    const { band, priority, dueAt } = routine;
    expect(again).toMatchObject({ state: 'queued', band, priority, dueAt, verdicts: [] });
    expect(again.history.at(-1)?.detail.verdicts).toHaveLength(1);
  });

  it('reopened after a find holds the vehicle until another supervisor releases it', () => {
    const found = triage.recordOutcome(
      triage.refer(decided('suspect'), bob),
      { kind: 'found', what: 'a block', where: 'floor' },
      smallPost,
      bob,
    );
    const again = triage.reopen(found, 'the block was declared', bob);
    const normal = { kind: 'normal', reason: 'other' } as const;
    const max = { ...bob, actor: 'max' };
    const read = triage.decide(claim(again, sue, defaultPolicy), normal, defaultPolicy, sue);
    const disputed = triage.followVerdict(read, defaultPolicy, 0.9, sue);
    expect(disputed.state, 'the suspect reading counts on').toBe('disputed');
    const settled = triage.settle(disputed, normal, defaultPolicy, max);
    expect([found, again, read, settled].map(told)).toEqual(['hold', 'hold', 'hold', 'hold']);
    expect(
      refusal(() => triage.acceptSearch(settled, 'seized', smallPost, bob)),
      'who found it',
    ).toBe('NII_STATE_CONFLICT');
    const released = triage.acceptSearch(settled, 'seized', smallPost, { ...bob, actor: 'eve' });
    expect([released.state, told(released)]).toEqual(['closed', 'proceed']);
    expect(again.history.at(-1)?.detail.outcome).toMatchObject({ kind: 'found' });
  });

  it.each([
    ['not carried out', { kind: 'unsearched' }],
    ['of a part', { kind: 'nothing-found', method: 'opened', extent: 'spot' }],
  ] as const)(
    'reopened after a search that was %s holds the vehicle until a search is complete',
    (_, outcome) => {
      const searched = triage.recordOutcome(
        triage.refer(decided('inconclusive'), bob),
        outcome,
        smallPost,
        bob,
      );
      const again = triage.reopen(searched, 'asked by customs', bob);
      const normal = { kind: 'normal', reason: 'other' } as const;
      const read = triage.decide(claim(again, sue, defaultPolicy), normal, defaultPolicy, sue);
      const twice = triage.reopen(read, 'asked again', bob);
      const full = { kind: 'nothing-found', method: 'unloaded', extent: 'full' } as const;
      const made = triage.recordOutcome(triage.refer(read, bob), full, smallPost, bob);
      expect([again, read, twice, made].map(told)).toEqual(['hold', 'hold', 'hold', 'proceed']);
      expect(twice.owedSearch).toEqual(again.owedSearch);
      expect(redactForReaders(again).owedSearch, 'says that the image was read').toBeUndefined();
    },
  );

  it('reopened keeps that another scan was asked for, until that scan has come', () => {
    const asked = decided('scan-again');
    expect(triage.reopen(asked, 'asked', bob).verdicts).toHaveLength(1);
    expect(triage.reopen(triage.linkScanAgain(asked, 's2', bob), 'asked', bob).verdicts).toHaveLength(0);
  });

  it('refuses every move that its state does not allow, and never changes what it was given', () => {
    const moves: Record<string, (value: Case) => Case> = {
      claim: (value) => claim(value, ann, defaultPolicy),
      release: (value) => handBack(value, 'asked', ann),
      decide: (value) =>
        triage.decide(value, { kind: 'normal', reason: 'nothing-unusual' }, defaultPolicy, ann),
      second: (value) => triage.requestSecondOpinion(value, 'asked', bob),
      settle: (value) => triage.settle(value, { kind: 'suspect', reason: 'shape' }, defaultPolicy, sue),
      accept: (value) => triage.acceptSearch(value, 'the rest is bolted down', smallPost, sue),
      part: (value) =>
        triage.recordOutcome(
          value,
          { kind: 'nothing-found', method: 'opened', extent: 'spot' },
          smallPost,
          bob,
        ),
      refer: (value) => triage.refer(value, bob),
      outcome: (value) => triage.recordOutcome(value, { kind: 'unsearched' }, smallPost, bob),
      close: (value) => triage.close(value, bob),
      reopen: (value) => triage.reopen(value, 'asked', bob),
      leaseOver: (value) => leaseOver(value, bob),
    };
    const allowed: Record<Case['state'], readonly string[]> = {
      queued: ['claim'],
      claimed: ['release', 'decide', 'leaseOver'],
      decided: ['second', 'settle', 'refer', 'close', 'reopen'],
      disputed: ['settle', 'refer'],
      search: ['outcome', 'part'],
      searched: ['accept', 'refer', 'reopen'],
      closed: ['accept', 'reopen'],
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 30 }), (names) => {
        let value = queued();
        for (const name of names) {
          const before = JSON.stringify(value);
          const code = refusal(() => {
            value = moves[name]!(value);
          });
          if (code !== undefined) expect(JSON.stringify(value)).toBe(before);
          if (!allowed[JSON.parse(before).state as Case['state']].includes(name))
            expect(code).toBe('NII_STATE_CONFLICT');
          expect(value.history.map((event) => event.seq)).toEqual(value.history.map((_, i) => i + 1));
          expect(check.Check(value)).toBe(true);
        }
      }),
    );
  });
});
