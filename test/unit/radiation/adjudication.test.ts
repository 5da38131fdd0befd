import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import {
  Adjudication,
  type Decision,
  type Identification,
} from '../../../src/core/radiation/adjudication.ts';
import { Hold } from '../../../src/core/radiation/hold.ts';
import { HoldState, holdStates } from '../../../src/core/radiation/hold-states.ts';
import type { AlarmCategory, NotMeasuredReason } from '../../../src/core/radiation/radiation.ts';
import { stateOfDecision } from '../../../src/triage/holds/adjudication.ts';
import { settleDuplicate } from '../../../src/triage/holds/duplicate-hold.ts';
import { joinByHand } from '../../../src/triage/holds/hand-join.ts';
import * as radiation from '../../../src/triage/radiation.ts';
import { declaredVehicle } from '../../support/radiation/declared-vehicle.ts';

const rita = { actor: 'rita', isLinked: true, at: '2026-01-02T03:05:00.000Z' };
const rolf = { actor: 'rolf', isLinked: true, at: '2026-01-02T03:06:00.000Z' };

interface Order {
  readonly id?: string;
  readonly alarms?: readonly AlarmCategory[];
  readonly notMeasured?: readonly NotMeasuredReason[];
  readonly isJoined?: boolean;
  readonly possiblySameAs?: readonly string[];
}

function hold({
  id = 'h1',
  alarms = ['gamma'],
  notMeasured,
  isJoined = false,
  possiblySameAs,
}: Order = {}): Hold {
  const opening = {
    id,
    administration: 'xx',
    site: 'port-a',
    scanId: `portal-of-${id}`,
    recordId: 'occupancy-1',
    openedAt: '2026-01-02T03:00:00.000Z',
    ...(possiblySameAs && { possiblySameAs: [...possiblySameAs] }),
  };
  const evidence = {
    revision: 1,
    alarms: alarms.map((category) => ({ category })),
    containers: [],
    ...(notMeasured && { notMeasured }),
  };
  const joined = {
    kind: 'joined',
    scanId: `xray-of-${id}`,
    by: 'container',
    secondsApart: 5,
    timeFrom: 'file',
  } as const;
  return radiation.openHold(opening, evidence, isJoined ? joined : { kind: 'none', why: 'no scan' });
}

const identified = (...nuclides: readonly string[]) =>
  ({ nuclides: [...nuclides], by: 'riid', expert: 'the laboratory' }) satisfies Identification;
const spectrum = { scanId: 'riid-1', sha256: 'a'.repeat(64) };
/** Everything that each row of the table needs. */
const whole: Readonly<Record<string, Adjudication>> = {
  real: { decision: 'real', authority: 'Nuclear safety' },
  medical: {
    decision: 'innocent',
    basis: 'medical',
    person: 'driver, letter of a clinic',
    identification: { ...identified('Tc-99m'), spectrum },
  },
  norm: { decision: 'innocent', basis: 'norm', goodsHs: '310420', identification: identified('K40') },
  declared: {
    decision: 'innocent',
    basis: 'declared-source',
    reference: 'L-7',
    identification: identified('Cs-137'),
  },
  false: { decision: 'false', secondaryInspection: 'nothing-found', identification: identified() },
  test: {
    decision: 'test-or-maintenance',
    by: 'rolf',
    source: 'Cs-137, 37 kBq',
    identification: identified('Cs-137'),
  },
  fault: {
    decision: 'tamper-or-fault',
    workOrder: 'W-1',
    newMeasurement: { kind: 'inspected', by: 'rolf', with: 'hand-held' },
    identification: identified(),
  },
};

/** The field that is refused; undefined where the decision is taken. */
function refused(order: Order, given: Adjudication, evidence = declaredVehicle): string | undefined {
  try {
    radiation.adjudicate(hold(order), given, rita, evidence);
    return undefined;
  } catch (error) {
    if (isNiiError(error, 'NII_BAD_REQUEST')) return error.field;
    throw error;
  }
}

/** What nothing but the word of officers shows takes two of them. */
const typed = new Set(['false', 'test', 'fault']);

function without(name: string, ...fields: readonly string[]): Adjudication {
  const entries = Object.entries(whole[name] ?? {}).filter(([field]) => !fields.includes(field));
  return Object.fromEntries(entries) as unknown as Adjudication;
}

describe('a decision on an alarm', () => {
  it.each(Object.keys(whole))('%s is taken with all that it needs, and is kept as it was said', (name) => {
    const given = whole[name]!;
    expect(Compile(Adjudication).Check(given)).toBe(true);
    const before = typed.has(name) ? radiation.adjudicate(hold(), given, rolf, declaredVehicle) : hold();
    const after = radiation.adjudicate(before, given, rita, declaredVehicle);
    expect(after).toMatchObject({
      state: stateOfDecision[given.decision],
      adjudication: { officer: 'rita', given },
    });
    expect(Compile(Hold).Check(after)).toBe(true);
  });

  it.each([
    ['real', 'authority', 'authority'],
    ['medical', 'person', 'person'],
    ['medical', 'identification', 'identification'],
    ['norm', 'goodsHs', 'goodsHs'],
    ['norm', 'identification', 'identification'],
    ['declared', 'reference', 'reference'],
    ['false', 'secondaryInspection', 'secondaryInspection'],
    ['false', 'identification', 'identification'],
    ['test', 'by', 'by'],
    ['test', 'source', 'source'],
    ['fault', 'workOrder', 'workOrder'],
    ['fault', 'newMeasurement', 'newMeasurement'],
  ])('%s needs %s', (name, left, field) => {
    expect(refused({}, without(name, left))).toBe(field);
  });

  it('names nuclides of its kind, beside what is in everything', () => {
    const unnamed = { ...declaredVehicle, spectrum: { ...declaredVehicle.spectrum!, nuclides: [] } };
    const with_ = (name: string, ...nuclides: readonly string[]) =>
      refused({}, { ...whole[name]!, identification: { ...identified(...nuclides), spectrum } }, unnamed);
    expect(with_('medical', 'I-131', 'K-40')).toBeUndefined();
    for (const wrong of [['K-40'], ['Cs-137'], ['I-131', 'Pu-239'], []])
      expect(with_('medical', ...wrong)).toBe('identification');
    for (const wrong of [['Tc-99m'], ['Th-232', 'Co-60'], []])
      expect(with_('norm', ...wrong)).toBe('identification');
    expect(with_('false', 'K-40')).toBe('identification');
  });

  it('test is none of an occupancy with a vehicle', () => {
    expect(refused({ isJoined: true }, whole.test!)).toBe('decision');
  });

  it('of what was not measured is real, or takes a new measurement, and nothing else', () => {
    const allowed = Object.keys(whole).filter(
      (name) => refused({ alarms: [], notMeasured: ['tamper'] }, whole[name]!) === undefined,
    );
    expect(allowed).toEqual(['real', 'fault']);
    const said = (before: Hold, by: typeof rita) =>
      radiation.adjudicate(before, whole.fault!, by, declaredVehicle);
    const after = said(said(hold({ notMeasured: ['tamper'] }), rolf), rita);
    expect(after.state).toBe('measured-again');
  });

  it.each(['neutron', 'gamma-neutron'] as const)(
    'of a %s alarm is never medical or NORM, and is of two',
    (category) => {
      const order = { alarms: [category] };
      expect([refused(order, whole.medical!), refused(order, whole.norm!)]).toEqual(['basis', 'basis']);
      for (const name of ['declared', 'false', 'test', 'fault']) {
        const given = whole[name]!;
        expect(refused(order, without(name, 'identification')), name).toBe('identification');
        const { expert: _, ...unasked } = identified();
        expect(refused(order, { ...given, identification: unasked }), name).toBe('identification');
        const proposed = radiation.adjudicate(hold(order), given, rita, declaredVehicle);
        expect([proposed.state, proposed.proposal?.officer], name).toEqual(['open', 'rita']);
        expect(radiation.adjudicate(proposed, given, rita, declaredVehicle).state, name).toBe('open');
        expect(radiation.adjudicate(proposed, given, rolf, declaredVehicle).state, name).toBe(
          stateOfDecision[given.decision],
        );
        expect(radiation.adjudicate(proposed, whole.real!, rolf, declaredVehicle).state, name).toBe(
          'confirmed',
        );
      }
    },
  );

  it('leads to an end from every state of a hold, and each end can be opened again', () => {
    const decisions = Object.keys(stateOfDecision) as Decision[];
    const reached = new Set<HoldState>([
      'open',
      'closed',
      'duplicate',
      ...decisions.map((one) => stateOfDecision[one]),
    ]);
    expect(reached).toEqual(new Set(HoldState.enum));
    for (const state of HoldState.enum) {
      const { canBe, isHolding } = holdStates[state];
      expect(canBe.length, state).toBeGreaterThan(0);
      if (!isHolding) expect(canBe, state).toContain('reopened');
    }
  });
});

const joinByTwo = (current: Hold, scanId: string) =>
  [rita, rolf].reduce(
    (one, by) => joinByHand(one, { scan: { scanId, secondsApart: 1 } }, 'seen', by),
    current,
  );

const settledByTwo = (current: Hold, original: Hold) => {
  const proposed = settleDuplicate(current, original, 'sent twice', rita);
  return settleDuplicate(proposed.duplicate, original, 'sent twice', rolf);
};

describe('a hold that is possibly the same as another', () => {
  const marked = (order: Order = {}) => hold({ id: 'h2', possiblySameAs: ['h1'], ...order });
  const settled = settledByTwo;

  it('cannot be a duplicate of a hold that would leave the vehicles near it free', () => {
    const surely = joinByTwo(hold(), 'xray-of-h1');
    expect(() => settled(marked(), surely)).toThrow(/holds every vehicle near it/);
    expect(settled(joinByTwo(marked(), 'xray-of-h2'), surely).duplicate).toMatchObject({
      state: 'duplicate',
    });
  });

  it('holds what it held when one officer calls it a duplicate, twice, or another one calls it one of another hold', () => {
    const of = (id: string) => hold({ id });
    const current = hold({ id: 'h3', possiblySameAs: ['h1', 'h2'] });
    const first = settleDuplicate(current, of('h1'), 'sent twice', rita);
    expect(first.original).toEqual(of('h1'));
    expect(first.duplicate).toMatchObject({
      state: 'open',
      joinProposal: { officer: 'rita', duplicateOf: 'h1', why: 'sent twice' },
    });
    const others = [
      settleDuplicate(first.duplicate, of('h1'), 'sent twice', rita),
      settleDuplicate(first.duplicate, of('h1'), 'sent twice', { ...rolf, isLinked: false }),
      settleDuplicate(first.duplicate, of('h2'), 'sent twice', rolf),
    ];
    for (const { duplicate } of others) {
      expect(duplicate.state).toBe('open');
      expect(Compile(Hold).Check(duplicate)).toBe(true);
    }
    expect(settleDuplicate(first.duplicate, of('h1'), 'sent twice', rolf).duplicate.state).toBe('duplicate');
  });

  it('is no duplicate of one that has ended, that names no such container, or that nobody has called real', () => {
    const containers = ['MSKU1234565'];
    const named = { ...marked(), containers };
    const opened = { seq: 1, at: rita.at, actor: 'system', kind: 'opened' as const, detail: { containers } };
    const wasNamed = { ...marked(), history: [opened] };
    for (const copy of [named, wasNamed])
      expect(() => settled(copy, hold())).toThrow(/does not name container "MSKU1234565"/);
    expect(settled(wasNamed, { ...hold(), containers }).duplicate.state).toBe('duplicate');
    for (const state of ['innocent', 'closed', 'false'] as const)
      expect(() => settled(marked(), { ...hold(), state })).toThrow(/has ended/);
    const real = radiation.adjudicate(marked(), whole.real!, rita, declaredVehicle);
    const reopened = radiation.reopenHold(real, 'again', rolf, rolf.at);
    expect(() => settled(reopened, hold())).toThrow(/called this alarm real/);
  });

  it('is settled by two officers: the other one goes on for the vehicles of both, and both histories are kept', () => {
    const [current, original] = [marked({ isJoined: true }), hold({ isJoined: true })];
    const { duplicate, original: after } = settled(current, original);
    expect(duplicate).toMatchObject({ state: 'duplicate', duplicateOf: 'h1' });
    expect(after).toMatchObject({
      state: 'open',
      duplicates: [{ holdId: 'h2', scanIds: ['portal-of-h2', 'xray-of-h2'] }],
    });
    expect(duplicate.history.slice(0, 1)).toEqual(current.history);
    expect(after.history.slice(0, 1)).toEqual(original.history);
    for (const one of [duplicate, after]) expect(Compile(Hold).Check(one)).toBe(true);
    const again = radiation.reopenHold(duplicate, 'two vehicles after all', rita, rita.at);
    expect(again.state).toBe('open');
    expect(again).not.toHaveProperty('duplicateOf');
  });

  it('is none of one that is not marked, has another alarm, was measured, or is itself one', () => {
    const conflicts = [
      () => settled(hold({ id: 'h2' }), hold()),
      () => settled(marked({ alarms: ['gamma', 'neutron'] }), hold()),
      () => settled(marked({ notMeasured: ['tamper'] }), hold()),
      () => settled(marked(), settled(hold({ possiblySameAs: ['h0'] }), hold({ id: 'h0' })).duplicate),
      () => settled(settled(hold({ id: 'h3', possiblySameAs: ['h2'] }), marked()).original, hold()),
      () => settled(settled(marked(), hold()).duplicate, hold()),
    ];
    for (const conflict of conflicts)
      expect(conflict).toThrow(expect.objectContaining({ code: 'NII_STATE_CONFLICT' }));
  });

  it('ends no neutron alarm as a copy of one that has ended', () => {
    const first = radiation.adjudicate(hold({ alarms: ['neutron'] }), whole.declared!, rita, declaredVehicle);
    const ended = radiation.adjudicate(first, whole.declared!, rolf, declaredVehicle);
    const copy = marked({ alarms: ['neutron'] });
    expect(() => settled(copy, ended)).toThrow(expect.objectContaining({ code: 'NII_STATE_CONFLICT' }));
    expect(settled(copy, first).duplicate.state).toBe('duplicate');
  });
});

describe('a nuclide of nuclear material', () => {
  const ofNuclide = (id: string, written: string, possiblySameAs: readonly string[] = []) => {
    const opened = hold({ id, possiblySameAs });
    return { ...opened, alarms: [{ category: 'isotope' as const, written }] };
  };

  it('is no duplicate of an alarm that is none', () => {
    const plutonium = ofNuclide('h1', '239Pu', ['h2']);
    const settle = (original: Hold) => settledByTwo(plutonium, original);
    expect(() => settle(ofNuclide('h2', 'Tc-99m'))).toThrow(/neutrons or nuclear material/);
    expect(settle(ofNuclide('h2', 'Pu-239')).duplicate).toMatchObject({ state: 'duplicate' });
  });
});
