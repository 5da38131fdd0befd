import { describe, expect, it } from 'vitest';
import type { CaseEvent } from '../../../src/core/case/case.ts';
import type { LanePassage, OpenFact } from '../../../src/core/case/lane-passage.ts';
import type { HoldEvent } from '../../../src/core/radiation/hold.ts';
import { heldSince, openSince, wasHolding, withFacts } from '../../../src/triage/vehicle-facts.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString();
const event = (kind: CaseEvent['kind'], minute: number, word?: string): CaseEvent => ({
  ...{ seq: 1, at: at(minute), actor: 'x', kind },
  detail: word === undefined ? {} : { kind: word },
});
const move = (kind: HoldEvent['kind'], minute: number, detail: HoldEvent['detail'] = {}): HoldEvent => ({
  ...{ seq: 1, at: at(minute), actor: 'x', kind, detail },
});

describe('something is open of a case', () => {
  const since = (...history: readonly CaseEvent[]) =>
    openSince({ openedAt: at(0), history: [event('opened', 0), ...history] });

  it.each([
    ['from its opening, while nobody has decided', [], 0],
    [
      'from the first reading against the vehicle',
      [event('claimed', 1), event('decided', 2, 'suspect'), event('referred', 3)],
      2,
    ],
    [
      'from its reopening, after it was clear',
      [event('decided', 2, 'normal'), event('reopened', 5), event('claimed', 6)],
      5,
    ],
    [
      'from a danger, after it was clear',
      [event('decided', 2, 'normal'), event('analysed', 3), event('danger-raised', 4)],
      4,
    ],
    [
      'from a find, after a search that found nothing',
      [event('outcome', 2, 'nothing-found'), event('outcome', 7, 'found')],
      7,
    ],
  ] as const)('%s', (_, history, minute) => {
    expect(since(...history)).toBe(at(minute));
  });
});

describe('an alarm', () => {
  it('is of a vehicle from its last opening or join', () => {
    const history = [move('opened', 0), move('joined', 2), move('escalated', 5)];
    expect(heldSince({ openedAt: at(0), history })).toBe(at(2));
  });

  it.each([
    [0, false],
    [1, true],
    [2, true],
    [3, false],
    [4, true],
    [5, true],
    [6, false],
  ])('held the vehicle in minute %d: %s', (minute, held) => {
    const history = [
      ...[move('opened', 1), move('escalated', 2), move('adjudicated', 3, { decision: 'innocent' })],
      ...[
        move('reopened', 4),
        move('adjudicated', 5, { decision: 'real' }),
        move('closed', 6, { kind: 'released' }),
      ],
    ];
    expect(wasHolding({ history }, at(minute))).toBe(held);
  });

  it('that ended with the vehicle detained still held it', () => {
    const history = [move('opened', 1), move('closed', 2, { kind: 'detained' })];
    expect(wasHolding({ history }, at(9))).toBe(true);
    expect(wasHolding({ history: [...history, move('duplicate', 5)] }, at(9))).toBe(false);
  });
});

describe('a passage with a fact', () => {
  const passage: LanePassage = {
    ...{ id: 'p', administration: 'a', site: 's', sender: 'x', state: 'valid' },
    report: { id: 'r', at: at(10) },
    reported: { at: at(11), by: 'x' },
  };
  const fact = (code: OpenFact['code'], minute: number): OpenFact => ({
    ...{ code, text: code, since: at(minute), scanId: 's1' },
  });

  it('is open, and its clock runs from the fact', () => {
    expect(withFacts(passage, [fact('suspect', 20)], at(30))).toMatchObject({
      ...{ state: 'open', reason: 'left-with-fact', since: at(20) },
      facts: [{ code: 'suspect' }],
    });
  });

  it('is as it was by a fact that it has', () => {
    const open = withFacts(passage, [fact('suspect', 20)], at(30));
    expect(open && withFacts(open, [fact('suspect', 20)], at(40))).toBeUndefined();
    const more = open && withFacts(open, [fact('suspect', 20), fact('found', 35)], at(40));
    expect(more).toMatchObject({ since: at(20), facts: [{ code: 'suspect' }, { code: 'found' }] });
  });

  it('is opened again by the same one anew after its settlement, unless the vehicle was brought back', () => {
    const open = withFacts(passage, [fact('alarm-waits', 20)], at(30)) ?? passage;
    const settled = (outcome: 'mistaken' | 'recalled'): LanePassage => ({
      ...{ ...open, state: 'settled' },
      settled: { at: at(50), by: 'x', outcome, why: 'y' },
    });
    expect(withFacts(settled('mistaken'), [fact('alarm-waits', 20)], at(60))).toBeUndefined();
    expect(withFacts(settled('mistaken'), [fact('alarm-waits', 55)], at(60))).toMatchObject({
      ...{ state: 'open', since: at(55) },
    });
    expect(withFacts(settled('recalled'), [fact('alarm-waits', 55)], at(60))).toBeUndefined();
  });

  it('of an undecided image is new only where its instruction was valid', () => {
    const fallback: LanePassage = { ...passage, state: 'open', reason: 'none' };
    expect(withFacts(fallback, [fact('undecided', 5)], at(30))).toBeUndefined();
    expect(withFacts(fallback, [fact('suspect', 20)], at(30))).toMatchObject({
      reason: 'none',
      since: at(11),
    });
    expect(withFacts(passage, [fact('undecided', 15)], at(30))).toBeDefined();
  });

  it('keeps a hundred facts at most', () => {
    const many = Array.from({ length: 150 }, (_, i) => ({ ...fact('suspect', 20), scanId: `s${i}` }));
    expect(withFacts(passage, many, at(30))?.facts).toHaveLength(100);
  });
});
