import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../../src/core/case/case.ts';
import { NiiError } from '../../../src/core/errors.ts';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import { Hold, isSurelyJoined, type RadiationJoin } from '../../../src/core/radiation/hold.ts';
import type { HoldState } from '../../../src/core/radiation/hold-states.ts';
import type { RadiationAlarm } from '../../../src/core/radiation/radiation.ts';
import * as triage from '../../../src/triage/case.ts';
import { claim } from '../../../src/triage/claims.ts';
import { escalateHold } from '../../../src/triage/holds/overdue-hold.ts';
import { issueLaneInstruction } from '../../../src/triage/lane.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import * as radiation from '../../../src/triage/radiation.ts';
import { type JoinCandidate, joinOf, NUMBER_WINDOW_SECONDS } from '../../../src/triage/radiation-join.ts';
import { declaredVehicle } from '../../support/radiation/declared-vehicle.ts';

const opening = {
  id: 'h1',
  administration: 'xx',
  site: 'port-a',
  scanId: 'portal-1',
  recordId: 'occupancy-1',
  openedAt: '2026-01-02T03:00:00.000Z',
};
const gamma: RadiationAlarm = { category: 'gamma' };
const neutron: RadiationAlarm = { category: 'neutron' };
const none: RadiationJoin = { kind: 'none', why: 'no scan' };
const joined: RadiationJoin = {
  kind: 'joined',
  scanId: 's1',
  by: 'time',
  secondsApart: 5,
  timeFrom: 'file',
};
const rita = { actor: 'rita', isLinked: true, at: '2026-01-02T03:05:00.000Z' };
const rolf = { actor: 'rolf', isLinked: true, at: '2026-01-02T03:05:30.000Z' };
const otherThan = (actor: string) => (actor === 'rita' ? 'rolf' : 'rita');
const system = { actor: 'system', at: '2026-01-02T03:06:00.000Z' };
const due = '2026-01-02T03:36:00.000Z';
const innocent: Adjudication = {
  decision: 'innocent',
  basis: 'norm',
  goodsHs: '6907',
  identification: { nuclides: ['K-40'], by: 'riid' },
};
const declaredSource: Adjudication = {
  decision: 'innocent',
  basis: 'declared-source',
  reference: 'L-7',
  identification: { nuclides: ['Cf-252'], by: 'riid', expert: 'the laboratory' },
};
const confirmed: Adjudication = { decision: 'real', authority: 'Nuclear safety' };
const check = Compile(Hold);

function evidence(alarms: readonly RadiationAlarm[] = [gamma], revision = 1): radiation.HoldEvidence {
  return { revision, alarms, containers: [], occupancy: 7 };
}

function open(join = joined): Hold {
  return radiation.openHold(opening, evidence(), join);
}

function refusal(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return error instanceof NiiError ? error.code : String(error);
  }
  return undefined;
}

describe('a radiation hold', () => {
  it('opens with the alarm and the scan that it is joined to', () => {
    expect(open()).toMatchObject({ state: 'open', alarms: [gamma], join: joined, occupancy: 7 });
    expect(open().history).toMatchObject([{ seq: 1, kind: 'opened', actor: 'system' }]);
    expect(check.Check(open())).toBe(true);
  });

  it('is innocent when an officer says so with what the table needs, and keeps their words', () => {
    expect(radiation.adjudicate(open(), innocent, rita, declaredVehicle)).toMatchObject({
      state: 'innocent',
      adjudication: { officer: 'rita', given: innocent },
    });
  });

  it('goes on holding when confirmed, until it is closed with an outcome', () => {
    const real = radiation.adjudicate(open(), confirmed, rita, declaredVehicle);
    expect(radiation.isHolding(real)).toBe(true);
    expect(refusal(() => radiation.adjudicate(real, innocent, rita, declaredVehicle))).toBe(
      'NII_STATE_CONFLICT',
    );
    const bySame = () => radiation.closeHold(real, { kind: 'released' }, rita);
    expect(refusal(bySame), 'who called it real').toBe('NII_STATE_CONFLICT');
    const released = radiation.closeHold(real, { kind: 'released' }, rolf);
    expect([radiation.isHolding(released), radiation.isKept(released)]).toEqual([false, false]);
    const detain = (hold: Hold) => radiation.closeHold(hold, { kind: 'detained' }, rita);
    // a misread container of the record would free the vehicles near the alarm
    for (const unsure of [real, { ...real, containers: ['MSKU1234565'] }])
      expect(
        refusal(() => detain(unsure)),
        'nobody has said which vehicle it is',
      ).toBe('NII_STATE_CONFLICT');
    expect(radiation.isKept(detain({ ...real, join: { ...joined, by: 'container' } }))).toBe(true);
    expect(refusal(() => radiation.closeHold(open(), { kind: 'released' }, rita))).toBe('NII_STATE_CONFLICT');
  });

  it('reopened with a reason keeps in its history what was said before', () => {
    const again = radiation.reopenHold(
      radiation.adjudicate(open(), innocent, rita, declaredVehicle),
      'second alarm',
      rita,
      due,
    );
    expect(again).toMatchObject({ state: 'open' });
    expect(again).not.toHaveProperty('adjudication');
    expect(again.history.at(-1)?.detail).toMatchObject({
      why: 'second alarm',
      adjudication: { given: innocent },
    });
    const closed = radiation.adjudicate(open(), innocent, rita, declaredVehicle);
    expect(refusal(() => radiation.reopenHold(closed, ' ', rita, due))).toBe('NII_BAD_REQUEST');
  });

  it('opens again when a newer revision brings an alarm that nobody judged, and stays when one has none', () => {
    const judged = radiation.adjudicate(open(), innocent, rita, declaredVehicle);
    const more = radiation.withRecord(judged, evidence([gamma, neutron], 2), system, due);
    expect(more).toMatchObject({ state: 'open', revision: 2 });
    expect(more.history.slice(-2).map(({ kind }) => kind)).toEqual(['revised', 'reopened']);
    expect(radiation.withRecord(open(), evidence([], 2), system, due)).toMatchObject({
      state: 'open',
      alarms: [],
    });
    expect(radiation.withRecord(judged, evidence([gamma], 2), system, due).state).toBe('innocent');
    expect(radiation.withRecord(judged, evidence(), system, due)).toBe(judged);
  });

  it('follows its join while open, and stays with the scan that it was adjudicated with', () => {
    expect(radiation.rejoin(open(none), joined, system)).toMatchObject({ join: joined });
    expect(radiation.rejoin(open(), joined, system)).toEqual(open());
    // an image that is read again with another time must not free its vehicle
    expect(radiation.rejoin(open(), none, system)).toEqual(open());
    const judged = radiation.adjudicate(open(), confirmed, rita, declaredVehicle);
    expect(radiation.rejoin(judged, none, system)).toBe(judged);
  });

  it('refuses every move that its state does not allow, ends only by an officer, and never changes what it was given', () => {
    const moves: Record<string, (hold: Hold) => Hold> = {
      innocent: (hold) => radiation.adjudicate(hold, innocent, rita, declaredVehicle),
      confirmed: (hold) => radiation.adjudicate(hold, confirmed, rita, declaredVehicle),
      sourceByRita: (hold) => radiation.adjudicate(hold, declaredSource, rita, declaredVehicle),
      sourceByRolf: (hold) => radiation.adjudicate(hold, declaredSource, rolf, declaredVehicle),
      close: (hold) => radiation.closeHold(hold, { kind: 'released' }, rolf),
      reopen: (hold) => radiation.reopenHold(hold, 'asked', rita, due),
      escalate: (hold) => escalateHold(hold, system),
      joined: (hold) => radiation.rejoin(hold, joined, system),
      unjoined: (hold) => radiation.rejoin(hold, none, system),
      quiet: (hold) => radiation.withRecord(hold, evidence([], 2), system, due),
      louder: (hold) => radiation.withRecord(hold, evidence([gamma, neutron], 3), system, due),
    };
    const always = ['joined', 'unjoined', 'quiet', 'louder'];
    const allowed: Partial<Record<HoldState, readonly string[]>> = {
      open: ['innocent', 'confirmed', 'sourceByRita', 'sourceByRolf', 'escalate', ...always],
      innocent: ['reopen', ...always],
      confirmed: ['close', 'reopen', ...always],
      closed: ['reopen', ...always],
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 30 }), (names) => {
        let hold = open();
        for (const name of names) {
          const before = JSON.stringify(hold);
          const was = hold;
          const code = refusal(() => {
            hold = moves[name]!(hold);
          });
          const isOfNeutrons = JSON.stringify(was).includes('neutron');
          const refused = name === 'innocent' && isOfNeutrons ? 'NII_BAD_REQUEST' : undefined;
          expect(code).toBe(allowed[was.state]?.includes(name) ? refused : 'NII_STATE_CONFLICT');
          expect(JSON.stringify(was)).toBe(before);
          if (radiation.isHolding(was) && !radiation.isHolding(hold)) {
            const { actor } = hold.history.at(-1)!;
            expect(['rita', 'rolf']).toContain(actor);
            const { officer, second } = hold.adjudication!;
            if (isOfNeutrons) expect(new Set([actor, officer, second ?? actor])).toContain(otherThan(actor));
            if (hold.state === 'innocent') expect(hold.adjudication?.given).toHaveProperty('basis');
          }
          expect(hold.history.slice(0, was.history.length)).toEqual(was.history);
          expect(hold.history.map(({ seq }) => seq)).toEqual(hold.history.map((_, i) => i + 1));
          expect(check.Check(hold)).toBe(true);
        }
      }),
    );
  });
});

describe('the lane', () => {
  const issue = { number: 1, at: new Date('2026-01-02T03:07:00.000Z'), minutes: 5 };
  const scan = { state: 'analysed', completeness: 'full' } as const;
  const normal: Case = {
    ...triage.openCase(
      { ...opening, id: 'c1', scanId: 's1', unitId: 'u1', revision: 1 },
      { revision: 1, declarationReasons: [] },
      defaultPolicy,
    ),
    state: 'decided',
    verdicts: [{ kind: 'normal', reason: 'nothing-unusual', analyst: 'ann', at: rita.at, revision: 1 }],
  };
  const tell = (cases: readonly Case[], holds: readonly Hold[]) =>
    issueLaneInstruction({ scanId: 's1', scan, cases, holds, near: [] }, issue);

  it('is held, and not for good, by an open or confirmed alarm, and kept by one that ended without a release', () => {
    const proceed = { instruction: 'proceed', final: true };
    expect(tell([normal], [])).toMatchObject(proceed);
    expect(tell([normal], [open()])).toMatchObject({
      instruction: 'hold',
      final: false,
      reasons: [
        {
          code: 'alarm-waits',
          text: 'radiation alarm (gamma) is waiting for a radiation officer',
          holdId: 'h1',
        },
        { code: 'normal', unitId: 'u1' },
      ],
    });
    const real = radiation.adjudicate(open(), confirmed, rita, declaredVehicle);
    expect(tell([normal], [real])).toMatchObject({ instruction: 'hold', final: false });
    const named: Hold = { ...real, join: { ...joined, by: 'container' } };
    const detained = radiation.closeHold(named, { kind: 'detained' }, rita);
    expect(tell([normal], [detained])).toMatchObject({ instruction: 'hold', final: true });
    const released = radiation.closeHold(real, { kind: 'released' }, rolf);
    expect(tell([normal], [released])).toMatchObject(proceed);
    const harmless = radiation.adjudicate(open(), innocent, rita, declaredVehicle);
    expect(tell([normal], [harmless])).toMatchObject({ ...proceed, holds: [{ state: 'innocent' }] });
  });

  it('has objects of inspection that never say more than their vehicle', () => {
    const suspect: Case = {
      ...normal,
      id: 'c2',
      unitId: 'u2',
      verdicts: [{ kind: 'suspect', reason: 'density', analyst: 'ben', at: rita.at, revision: 1 }],
    };
    for (const [cases, holds, instruction] of [
      [[normal], [open()], 'hold'],
      [[normal, suspect], [], 'hold'],
      [[normal], [], 'proceed'],
    ] as const) {
      const told = tell(cases, holds);
      expect(told.instruction).toBe(instruction);
      expect(told.units.map((unit) => unit.instruction)).toEqual(cases.map(() => instruction));
    }
  });

  it('is never told to proceed while an alarm holds, whatever analysts say, and no verdict moves the hold', () => {
    const opened = triage.openCase(
      { ...opening, id: 'c1', scanId: 's1', unitId: 'u1', revision: 1 },
      { revision: 1, declarationReasons: [] },
      defaultPolicy,
    );
    const moves: readonly ((value: Case) => Case)[] = [
      (value) => claim(value, rita, defaultPolicy),
      (value) => triage.decide(value, { kind: 'normal', reason: 'nothing-unusual' }, defaultPolicy, rita),
      (value) => triage.decide(value, { kind: 'scan-again', reason: 'image-quality' }, defaultPolicy, rita),
      (value) => triage.close(value, rita),
      (value) => triage.reopen(value, 'asked', rita),
      (value) => triage.customsRelease(value, [], rita),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.nat(moves.length - 1), { maxLength: 12 }),
        fc.constantFrom(open(), radiation.adjudicate(open(), confirmed, rita, declaredVehicle)),
        (chosen, hold) => {
          const before = JSON.stringify(hold);
          let value = opened;
          for (const i of chosen) {
            refusal(() => {
              value = moves[i]!(value);
            });
            expect(tell([value], [hold])).toMatchObject({ instruction: 'hold', final: false });
          }
          expect(JSON.stringify(hold)).toBe(before);
        },
      ),
    );
  });
});

describe('an occupancy', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 2, 3, 0, second)).toISOString();
  const passage = { isZoneStated: true, receivedAt: at(20) };
  const occupied = { from: at(0), to: at(10), timeFrom: 'file', isZoneStated: true, containers: [] } as const;
  const scan = (scanId: string, second: number, more: Partial<JoinCandidate> = {}): JoinCandidate => ({
    scanId,
    at: at(second),
    timeFrom: 'file',
    isZoneStated: true,
    containers: [],
    ...more,
  });

  it('joins the nearest scan within the window, from its start back and from its end on', () => {
    expect(joinOf(occupied, [scan('a', 100), scan('b', -50)], 120)).toEqual({
      kind: 'joined',
      scanId: 'b',
      by: 'time',
      secondsApart: 50,
      timeFrom: 'file',
    });
    expect(joinOf(occupied, [scan('a', 130)], 120)).toMatchObject({ scanId: 'a', secondsApart: 120 });
    expect(joinOf(occupied, [scan('a', 131), scan('b', -121)], 120)).toMatchObject({ kind: 'none' });
  });

  it('joins by an equal container number before time, within a day', () => {
    const named = { ...occupied, containers: ['CSQU3054383'] };
    const far = scan('a', 5000, { containers: ['CSQU3054383'] });
    expect(joinOf(named, [scan('b', 5), far], 120)).toMatchObject({ scanId: 'a', by: 'container' });
    const days = scan('a', NUMBER_WINDOW_SECONDS + 11, { containers: ['CSQU3054383'] });
    expect(joinOf(named, [scan('b', 5), days], 120)).toMatchObject({ scanId: 'b', by: 'time' });
  });

  it('joins by visit before number and time, whatever the clocks say, and takes two scans of one visit for one vehicle', () => {
    const visiting = { ...occupied, visit: 'v', containers: ['CSQU3054383'] };
    const named = scan('b', 5, { containers: ['CSQU3054383'] });
    const own = scan('c', 9000, { visit: 'v', lane: '9' });
    expect(joinOf({ ...visiting, lane: '3' }, [named, own], 120)).toMatchObject({ scanId: 'c', by: 'visit' });
    const twins = ['e', 'd'].map((id) => scan(id, 50, { visit: 'v' }));
    expect(joinOf(visiting, [named, ...twins], 120)).toMatchObject({ scanId: 'd', by: 'visit' });
    const offByYears = scan('c', -100_000_000, { visit: 'v' });
    expect(joinOf(visiting, [named, offByYears], 120)).toMatchObject({ scanId: 'c', by: 'visit' });
  });

  it('joins no scan of another visit by time, and none that is further away in its place', () => {
    const visiting = { ...occupied, visit: 'v' };
    const other = scan('a', 5, { visit: 'w' });
    expect(joinOf(visiting, [other, scan('b', 60)], 120)).toMatchObject({ kind: 'none' });
    expect(joinOf(occupied, [other], 120)).toMatchObject({ scanId: 'a', by: 'time' });
    expect(joinOf(visiting, [scan('b', 60)], 120)).toMatchObject({ scanId: 'b', by: 'time' });
  });

  it('joins none of two that are equally near, and names both', () => {
    expect(joinOf(occupied, [scan('b', 3), scan('a', 8)], 120)).toEqual({
      kind: 'ambiguous',
      scanIds: ['a', 'b'],
    });
  });

  it('joins the only scan within the window of its pair, whatever the lanes, and none of several', () => {
    const window = { fromSeconds: 1200, toSeconds: 2700 };
    const paired = (id: string, second: number) => scan(id, second, { lane: '4', window });
    const lane = { ...occupied, lane: '3' };
    const join = (...scans: JoinCandidate[]) => joinOf(lane, scans, 120);
    expect(join(paired('a', 1800), paired('b', 5), paired('c', 2711))).toEqual({
      kind: 'joined',
      scanId: 'a',
      by: 'time',
      secondsApart: 1790,
      timeFrom: 'file',
      isPaired: true,
    });
    expect(join(paired('a', 1200), paired('b', 2710))).toEqual({ kind: 'ambiguous', scanIds: ['a', 'b'] });
    expect(join(paired('a', 1800), scan('b', 60))).toEqual({ kind: 'ambiguous', scanIds: ['a', 'b'] });
    expect(join(paired('a', 1199), scan('b', 60))).toMatchObject({ kind: 'joined', scanId: 'b' });
    const mobile = scan('b', 60, { lane: '9' });
    expect(join(paired('a', 1800), mobile), 'nobody paired its scanner').toEqual({
      kind: 'ambiguous',
      scanIds: ['a', 'b'],
    });
    expect(join(paired('a', 1800), { ...mobile, isPairedApart: true })).toMatchObject({ scanId: 'a' });
  });

  it('joins no scan of another lane where both are known', () => {
    const lane = { ...occupied, lane: '3' };
    expect(joinOf(lane, [scan('a', 5, { lane: '4' }), scan('b', 60)], 120)).toMatchObject({ scanId: 'b' });
  });

  it('says when a time of receipt stood for one of the file, and without any joins by number only', () => {
    const received = scan('a', 5, { timeFrom: 'receipt' });
    expect(joinOf(occupied, [received], 120)).toMatchObject({ timeFrom: 'receipt' });
    const timeless = { timeFrom: 'receipt', isZoneStated: true, containers: ['CSQU3054383'] } as const;
    expect(joinOf(timeless, [scan('a', 5)], 120)).toMatchObject({ kind: 'none' });
    expect(joinOf(timeless, [scan('a', 5, { containers: ['CSQU3054383'] })], 120)).toMatchObject({
      by: 'container',
    });
  });

  it('is surely joined by time in the window of its pair alone, and not where a zone was assumed on either side', () => {
    const assumed = { isZoneStated: false };
    const paired = { window: { fromSeconds: 0, toSeconds: 60 } };
    const [sure, unpaired, ofScan, ofPortal] = [
      joinOf(occupied, [scan('a', 15, paired)], 120),
      joinOf(occupied, [scan('a', 15)], 120),
      joinOf(occupied, [scan('a', 15, { ...paired, ...assumed })], 120),
      joinOf({ ...occupied, ...assumed }, [scan('a', 15, paired)], 120),
    ];
    expect(sure).not.toHaveProperty('isZoneAssumed');
    expect([ofScan, ofPortal]).toMatchObject([{ isZoneAssumed: true }, { isZoneAssumed: true }]);
    const isSure = (join: RadiationJoin) => isSurelyJoined({ join, passage });
    expect([sure, unpaired, ofScan, ofPortal].map(isSure)).toEqual([true, false, false, false]);
    expect(isSurelyJoined({ join: sure }), 'of before passages were kept').toBe(false);
    const named = { ...occupied, ...assumed, containers: ['CSQU3054383'] };
    const byNumber = joinOf(named, [scan('a', 5, { ...assumed, containers: ['CSQU3054383'] })], 120);
    expect(isSure(byNumber)).toBe(true);
    expect(isSurelyJoined({ join: byNumber })).toBe(true);
    expect(isSure(none)).toBe(false);
  });

  it('is joined alike whatever the order of the candidates', () => {
    const candidate = fc.record({ scanId: fc.uuid(), second: fc.integer({ min: -300, max: 300 }) });
    fc.assert(
      fc.property(fc.uniqueArray(candidate, { selector: (one) => one.scanId, maxLength: 8 }), (chosen) => {
        const scans = chosen.map(({ scanId, second }) => scan(scanId, second));
        expect(joinOf(occupied, scans, 120)).toEqual(joinOf(occupied, scans.toReversed(), 120));
      }),
    );
  });
});
