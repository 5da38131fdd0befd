import { describe, expect, it } from 'vitest';
import type {
  AlarmKind,
  By,
  Event,
  History,
  Named,
  PortalSent,
  Role,
  ScanSent,
  TruePerson,
  TrueVehicle,
} from '../../../lab/port/history.ts';
import { faultsOfRules, judge, judgeByScan, smallPost } from '../../../lab/port/oracle/judge.ts';

const day = 24 * 3600;
const nobody: Named = { containers: [], plates: [] };
const plate = (...plates: string[]): Named => ({ containers: [], plates });

const vehicle: TrueVehicle = {
  id: 'v',
  site: 'north',
  named: { containers: ['MSCU 123456-7'], plates: ['AB-12 cd'], visit: 'visit 7' },
};
const other: TrueVehicle = { id: 'w', site: 'north', named: plate('ZZ 99') };
const nextWeek: TrueVehicle = { id: 'x', site: 'north', named: plate('ab12cd') };
const elsewhere: TrueVehicle = { id: 'y', site: 'south', named: plate('AB12CD') };

const by = (person: string, role: Role): By => ({ person, role });
const anna = by('anna', 'analyst');
const ben = by('ben', 'analyst');
const carl = by('carl', 'analyst');
const sue = by('sue', 'supervisor');
const rita = by('rita', 'radiation-officer');
const rolf = by('rolf', 'radiation-officer');
const puppet = by('puppet', 'radiation-officer');
const adam = by('adam', 'administrator');
const eve = by('eve', 'administrator');
const persons: TruePerson[] = [
  { id: 'puppet', roles: ['radiation-officer'], madeBy: 'rita' },
  { id: 'twin', roles: ['radiation-officer'], madeBy: 'rita' },
];

/** An event without what each event has: its moment is its place in the history. */
type Told = Event extends infer E
  ? E extends Event
    ? Omit<E, 'at' | 'accepted'> & Partial<E>
    : never
  : never;

const scan = (options: Partial<ScanSent> = {}): Told => ({
  kind: 'scan-sent',
  scan: 's',
  of: 'v',
  named: plate('AB 12 CD'),
  purpose: 'operational',
  readable: true,
  complete: true,
  units: 1,
  ...options,
});
const passed = (alarms: AlarmKind[], options: Partial<PortalSent> = {}): Told => ({
  kind: 'portal-sent',
  record: 'r',
  of: 'v',
  named: nobody,
  purpose: 'operational',
  alarms,
  measured: true,
  passedAt: 0,
  ...options,
});
const unit = { scan: 's', unit: 1 };
type Read = 'normal' | 'suspect' | 'inconclusive' | 'scan-again';
const read = (
  reader: By,
  verdict: Read,
  options: { scan?: string; unit?: number; settles?: boolean } = {},
): Told => ({
  kind: 'verdict',
  by: reader,
  verdict,
  settles: false,
  ...unit,
  ...options,
});
const settled = (settler: By, verdict: Read): Told => read(settler, verdict, { settles: true });
const moved = (mover: By, move: 'taken-back' | 'reopened'): Told => ({
  kind: 'case-moved',
  by: mover,
  move,
  ...unit,
});
const ordered = (orderer?: By): Told => ({
  kind: 'search-ordered',
  ...unit,
  ...(orderer && { by: orderer }),
});
const searched = (searcher: By, extent: 'full' | 'partial' | 'none' = 'full', found = false): Told => ({
  kind: 'search-reported',
  by: searcher,
  extent,
  found,
  ...unit,
});
const acceptedBy = (accepter: By): Told => ({ kind: 'search-accepted', by: accepter, ...unit });
const seized = (releaser: By): Told => ({ kind: 'seized-and-released', by: releaser, ...unit });
type AlarmWord = 'real' | 'innocent' | 'false' | 'test' | 'measured-again';
const judged = (officer: By, word: AlarmWord, evidenceHolds = true, record = 'r'): Told => ({
  kind: 'alarm-judged',
  by: officer,
  record,
  word,
  evidenceHolds,
});
const closed = (officer: By, outcome: 'released' | 'detained' = 'released'): Told => ({
  kind: 'alarm-closed',
  by: officer,
  record: 'r',
  outcome,
});
const reopened = (officer: By): Told => ({ kind: 'alarm-reopened', by: officer, record: 'r' });
const joined = (officer: By, to: string, isJoined = true): Told => ({
  kind: 'alarm-joined',
  by: officer,
  record: 'r',
  scan: to,
  joined: isJoined,
});
const duplicate = (officer: By, record: string, of: string): Told => ({
  kind: 'alarm-duplicate',
  by: officer,
  record,
  of,
});
const held = { kind: 'held-by-hand', by: adam, hold: 'h', site: 'north', mark: 'ab-12-cd' } as const;
const ended = (ender: By): Told => ({ ...held, kind: 'hand-hold-ended', by: ender });
const loosened = (what: string, confirmedBy?: By): Told => ({
  kind: 'loosened',
  by: adam,
  site: 'north',
  what,
  inForce: true,
  ...(confirmedBy && { confirmedBy }),
});
const restored = (to: number): Told => ({ kind: 'restored', to });
const jumped: Told = { kind: 'clock-jumped' };
const clockConfirmed = (one: By, two: By, site?: string): Told => ({
  kind: 'clock-confirmed',
  by: one,
  confirmedBy: two,
  ...(site !== undefined && { site }),
});
const gapClosed = (closer: By): Told => ({ kind: 'gap-closed', by: closer, to: 0 });

const historyOf = (told: readonly Told[]): History => ({
  vehicles: [vehicle, other, nextWeek, elsewhere],
  persons,
  events: told.map((event, index): Event => ({ at: index, accepted: true, ...event })),
});
const wordOn = (id: string, told: readonly Told[], now = 1000) =>
  judge(historyOf(told), now).find((word) => word.vehicle === id);

const holds = (told: readonly Told[], because: string | RegExp = /^H/, id = 'v', now = 1000) => {
  const word = wordOn(id, told, now);
  expect(word?.word).toBe('must-hold');
  expect(word?.because.join('\n')).toMatch(because);
};
const mayProceed = (told: readonly Told[], id = 'v', now = 1000) =>
  expect(wordOn(id, told, now)).toEqual({ vehicle: id, word: 'may-proceed', because: [] });

const clean = [scan(), read(anna, 'normal')];
const gamma = [...clean, passed(['gamma'])];
const neutron = [...clean, passed(['neutron'])];
const suspect = [scan(), read(anna, 'suspect')];

describe('principle 1: the vehicle holds, not the scan', () => {
  it('a vehicle whose image was read normal may proceed, and so may one that only passed a portal', () => {
    mayProceed(clean);
    mayProceed([passed([])]);
    mayProceed([]);
  });

  it('a new scan under another spelling does not wash off a suspect', () => {
    const rescan = [scan({ scan: 's2', named: plate('ab12-cd') }), read(ben, 'normal', { scan: 's2' })];
    holds([...suspect, ...rescan], 'H2');
  });

  it('a suspect holds every vehicle with the mark at the site, for days', () => {
    holds(suspect, 'principle 1', 'x');
    holds(suspect, 'principle 1', 'x', 2 * day);
    mayProceed(suspect, 'x', 4 * day);
    mayProceed(suspect, 'y');
    mayProceed(suspect, 'w');
  });

  it('the vehicle itself does not become clean by waiting', () => holds(suspect, 'H2', 'v', 9 * day));

  it('every unit needs its own verdict', () => {
    const two = [scan({ units: 2 }), read(anna, 'normal', { unit: 0 })];
    holds(two, 'principle 11');
    mayProceed([...two, read(anna, 'normal', { unit: 1 })]);
  });

  it('a scan without marks is judged where it is asked for, and where nothing else is known', () => {
    const nameless = [scan({ named: nobody }), read(anna, 'suspect')];
    const named = [scan({ scan: 's2' }), read(ben, 'normal', { scan: 's2' })];
    holds(nameless);
    mayProceed([...nameless, ...named]);
    expect(judgeByScan(historyOf([...nameless, ...named]), 1000, 's')?.word).toBe('must-hold');
    expect(judgeByScan(historyOf([...nameless, ...named]), 1000, 's2')?.word).toBe('may-proceed');
    expect(judgeByScan(historyOf(named), 1000, 's')).toBeUndefined();
  });

  it('half an image or a broken one is not an image, but a search or a new scan is an exit', () => {
    const half = [scan({ complete: false }), read(anna, 'normal')];
    holds(half, 'no complete');
    mayProceed([...half, searched(ben)]);
    mayProceed([...half, scan({ scan: 's2' }), read(anna, 'normal', { scan: 's2' })]);
    holds([scan({ readable: false })], 'no complete');
    mayProceed([scan({ readable: false }), searched(ben)]);
  });
});

describe('principle 2: could be before is', () => {
  it('an alarm without marks, near no vehicle and late, holds its true vehicle', () => {
    holds([...clean, passed(['gamma'], { passedAt: -day, lane: 'wrong' })], 'H1');
    mayProceed([...clean, passed(['gamma'], { of: 'w' })]);
  });

  it('an alarm with a mark holds all that carry it', () => {
    holds([passed(['gamma'], { named: plate('AB12CD') })], 'H1', 'x');
    mayProceed([passed(['gamma'], { named: plate('AB12CD') })], 'y');
  });

  it('a strong mark of another known vehicle frees the true one; an unknown mark does not', () => {
    const wrong = passed(['gamma'], { named: plate('ZZ99') });
    holds([...clean, wrong], 'H1');
    mayProceed([...clean, scan({ scan: 't', of: 'w', named: plate('ZZ 99') }), wrong]);
  });

  it('one officer cannot join the alarm to another vehicle, but two can', () => {
    const both = [...gamma, scan({ scan: 't', of: 'w', named: plate('ZZ 99') })];
    holds([...both, joined(rita, 't')], 'H1');
    holds([...both, joined(rita, 't'), joined(puppet, 's', false)], 'H1');
    mayProceed([...both, joined(rita, 't'), joined(rolf, 's', false)]);
    holds([...both, joined(rita, 't'), joined(rolf, 't'), joined(sue, 's')], 'H1');
  });

  it('one officer frees the vehicle whose alarm it is not', () => {
    const shared = [scan(), passed(['gamma'], { named: plate('AB12CD') })];
    mayProceed([...shared, joined(rita, 's')], 'x');
  });

  it('a pair window counts if two agreed on it and exactly one vehicle lies in it', () => {
    const pair = { kind: 'paired', by: adam, site: 'north', portalLane: 'p', scannerLane: 'q' } as const;
    const wide = { fromSeconds: 0, toSeconds: 100 };
    const both = [
      ...clean,
      scan({ scan: 't', of: 'w', lane: 'q', named: nobody }),
      passed(['gamma'], { lane: 'p' }),
    ];
    holds([{ ...pair, ...wide }, ...both], 'H1');
    mayProceed([{ ...pair, ...wide, confirmedBy: eve }, ...both]);
  });

  it('a scan lies in a pair window by when it was made, however late it is sent', () => {
    const pair = { kind: 'paired', by: adam, confirmedBy: eve, site: 'north' } as const;
    const lanes = { portalLane: 'p', scannerLane: 'q', fromSeconds: 0, toSeconds: 100 };
    const late = (madeAt: number) => scan({ scan: 't', of: 'w', lane: 'q', named: nobody, at: 9000, madeAt });
    const told = (madeAt: number) => [
      { ...pair, ...lanes },
      ...clean,
      passed(['gamma'], { lane: 'p' }),
      late(madeAt),
    ];
    mayProceed(told(30), 'v', 10_000);
    holds(told(8000), 'H1', 'v', 10_000);
  });
});

describe('principle 3: acknowledged means in force', () => {
  it('a record counts from its acknowledgement on, and not if it was rejected', () => {
    mayProceed(gamma, 'v', 1);
    holds(gamma, 'H1', 'v', 2);
    mayProceed([...clean, passed(['gamma'], { accepted: false })]);
  });

  it('training neither holds nor frees, and operational outranks it', () => {
    const training = passed(['gamma'], { purpose: 'training' });
    mayProceed([...clean, training]);
    holds([...clean, training, passed(['gamma'])], 'H1');
    mayProceed([...clean, scan({ scan: 's2', purpose: 'training' }), read(ben, 'suspect', { scan: 's2' })]);
    holds([...suspect, scan({ scan: 's2', purpose: 'training' }), read(ben, 'normal', { scan: 's2' })]);
  });

  it('a portal that did not measure is a fact until it is measured again', () => {
    const unmeasured = [...clean, passed([], { measured: false })];
    holds(unmeasured, 'H5');
    mayProceed([...unmeasured, judged(rita, 'measured-again')]);
    mayProceed([...unmeasured, passed([], { record: 'r2', passedAt: 9 })]);
  });

  it('a hold by hand is in force at once, for its mark and site', () => {
    holds([...clean, held], 'hold h');
    holds([held], 'hold h', 'x');
    mayProceed([held], 'y');
  });
});

describe('principle 4: adverse facts are resolved, never erased', () => {
  it('a later normal ends no suspect, find or order', () => {
    holds([...suspect, read(anna, 'normal')], 'suspect');
    holds([...suspect, moved(anna, 'taken-back'), read(anna, 'normal')], 'suspect');
    holds([...suspect, moved(sue, 'reopened'), read(ben, 'normal')], 'suspect');
    holds([...clean, ordered(), read(ben, 'normal')], 'search');
    holds([...suspect, searched(ben, 'full', true), read(carl, 'normal'), searched(carl)], 'find');
  });

  it('a dispute is settled by a supervisor who has not read the image', () => {
    const dispute = [...suspect, read(ben, 'normal')];
    holds(dispute, 'suspect');
    mayProceed([...dispute, settled(sue, 'normal')]);
    holds([...dispute, settled(ben, 'normal')], 'suspect');
    holds([...dispute, read(sue, 'normal'), settled(sue, 'normal')], 'suspect');
    holds([...dispute, settled(sue, 'suspect'), settled(by('sam', 'supervisor'), 'normal')], 'suspect');
    holds([...suspect, settled(sue, 'normal')], 'suspect');
    holds([
      ...dispute,
      settled(sue, 'suspect'),
      read(carl, 'suspect'),
      settled(by('sam', 'supervisor'), 'normal'),
    ]);
  });

  it('goods seized and vehicle released is an ending of its own, by another person', () => {
    const find = [...suspect, searched(ben, 'full', true)];
    holds([...find, seized(ben)], 'find');
    mayProceed([...find, seized(carl)]);
    holds([...suspect, seized(carl)], 'suspect');
  });

  it('a real alarm is ended by its release, and a reopened one holds again', () => {
    holds([...gamma, judged(rita, 'real')], 'H1');
    holds([...gamma, judged(rita, 'real'), judged(rolf, 'innocent')], 'H1');
    mayProceed([...gamma, judged(rita, 'real'), closed(rita)]);
    holds([...gamma, judged(rita, 'real'), closed(rita, 'detained')], 'H1');
    holds([...gamma, closed(rita, 'detained'), judged(rita, 'innocent')], 'H1');
    holds([...gamma, closed(rita)], 'H1');
    holds([...gamma, judged(rita, 'innocent'), reopened(rolf)], 'H1');
    holds([...gamma, judged(rita, 'real'), closed(rita), reopened(rolf), judged(rolf, 'innocent')], 'H1');
    mayProceed([...gamma, judged(rita, 'innocent'), reopened(rolf), judged(rolf, 'innocent')]);
  });

  it('a case that was reopened or taken back is undecided until somebody reads it', () => {
    holds([...clean, moved(sue, 'reopened')], 'without a standing verdict');
    holds([...clean, moved(anna, 'taken-back')], 'without a standing verdict');
    mayProceed([...clean, moved(sue, 'reopened'), read(ben, 'normal')]);
  });

  it('scan again waits for a scan with as many units', () => {
    const again = [scan({ units: 2 }), read(anna, 'scan-again'), read(anna, 'normal', { unit: 2 })];
    const rescan = (units: number) => [
      scan({ scan: 's2', units }),
      read(ben, 'normal', { scan: 's2', unit: 1 }),
    ];
    holds(again, 'scanned again');
    holds([...again, ...rescan(1)], 'scanned again');
    mayProceed([...again, ...rescan(2), read(ben, 'normal', { scan: 's2', unit: 2 })]);
  });
});

describe('principle 5: loosening takes two', () => {
  const puppetAdmin = {
    ...historyOf([loosened('window', puppet)]),
    persons: [{ id: 'puppet', roles: [], madeBy: 'adam' }],
  };

  it('a rule that one person loosened is a fault', () => {
    expect(faultsOfRules(historyOf([loosened('window')]))).toHaveLength(1);
    expect(faultsOfRules(historyOf([loosened('window', adam)]))).toHaveLength(1);
    expect(faultsOfRules(puppetAdmin)).toEqual([expect.stringMatching(/^H4, principle 5.*puppet/)]);
  });

  it('a rule that two agreed on, or that is not in force, is none', () => {
    expect(
      faultsOfRules(historyOf([loosened('window', eve), { ...loosened('mode'), inForce: false } as Told])),
    ).toEqual([]);
  });

  it('a hold by hand is ended by another person', () => {
    holds([...clean, held, ended(adam)], 'hold h');
    mayProceed([...clean, held, ended(eve)]);
    holds([...clean, { ...held, by: rita }, ended(puppet)], 'hold h');
    mayProceed([...clean, held], 'v', 4 * day);
  });
});

describe('principle 6: nobody completes alone', () => {
  it('a suspect is searched by somebody who neither read the image nor ordered the search', () => {
    holds([...suspect, ordered(ben), searched(anna)], 'suspect');
    holds([...suspect, ordered(ben), searched(ben)], 'suspect');
    holds([...suspect, ordered(ben), searched(carl, 'none')], 'suspect');
    holds([...suspect, searched(carl, 'none'), acceptedBy(ben)], 'suspect');
    mayProceed([...suspect, ordered(ben), searched(carl)]);
    holds([...suspect, ordered(ben), searched(carl), read(sue, 'suspect')], 'suspect');
  });

  it('a partial search is accepted by another person', () => {
    const partial = [...suspect, searched(ben, 'partial')];
    holds(partial, 'suspect');
    holds([...partial, acceptedBy(ben)], 'suspect');
    holds([...partial, acceptedBy(anna)], 'suspect');
    mayProceed([...partial, acceptedBy(carl)]);
  });

  it('a small post may relax this by two', () => {
    holds([loosened(smallPost), ...suspect, searched(anna)], 'suspect');
    mayProceed([loosened(smallPost, eve), ...suspect, searched(anna)]);
  });

  it('who could not tell has no second voice', () => {
    const unsure = [scan(), read(anna, 'inconclusive')];
    holds([...unsure, read(anna, 'normal')], 'inconclusive');
    mayProceed([...unsure, read(ben, 'normal')]);
    mayProceed([...unsure, settled(sue, 'normal')]);
  });

  it('who raised a danger does not acknowledge it', () => {
    const danger = [...clean, { kind: 'danger-raised', by: anna, ...unit } as const];
    const acknowledged = (person: By) => ({ kind: 'danger-acknowledged', by: person, ...unit }) as const;
    holds([...danger, acknowledged(anna)], 'danger');
    mayProceed([...danger, acknowledged(ben)]);
  });
});

describe('principle 7: evidence is checked, not typed', () => {
  it('a gamma alarm is ended by one radiation officer with evidence', () => {
    holds([...gamma, judged(rita, 'innocent', false)], 'H1');
    holds([...gamma, judged(anna, 'innocent')], 'H1');
    mayProceed([...gamma, judged(rita, 'innocent')]);
  });

  it('an alarm of a vehicle is never a test; a source that was carried past may be one', () => {
    holds([...gamma, judged(rita, 'test'), judged(rolf, 'test')], 'H1');
    const { of: _, ...carried } = passed(['gamma'], { named: plate('AB12CD') }) as PortalSent;
    const oneSite = (told: readonly Told[]) => ({ ...historyOf(told), vehicles: [vehicle] });
    expect(judge(oneSite([carried, ...clean]), 1000)[0]?.word).toBe('must-hold');
    expect(judge(oneSite([carried, ...clean, judged(rita, 'test')]), 1000)[0]?.word).toBe('may-proceed');
  });

  it.each(['neutron', 'nuclear-material'] as const)('a %s alarm takes two with the same word', (kind) => {
    const alarm = [...clean, passed([kind, 'gamma'])];
    holds([...alarm, judged(rita, 'innocent')], 'principle 7');
    holds([...alarm, judged(rita, 'innocent'), judged(rita, 'innocent')], 'H1');
    holds([...alarm, judged(rita, 'innocent'), judged(rolf, 'false')], 'H1');
    holds([...alarm, judged(rita, 'innocent'), judged(puppet, 'innocent')], 'H1');
    holds([...alarm, judged(puppet, 'innocent'), judged(by('twin', 'radiation-officer'), 'innocent')], 'H1');
    mayProceed([...alarm, judged(rita, 'innocent'), judged(rolf, 'innocent')]);
  });

  it('a real neutron alarm is released by another person than who called it real', () => {
    holds([...neutron, judged(rita, 'real'), closed(rita)], 'H1');
    mayProceed([...neutron, judged(rita, 'real'), closed(rolf)]);
  });

  it('words before a reopening do not count towards the two', () => {
    holds([...neutron, judged(rita, 'false'), reopened(sue), judged(rolf, 'false')], 'H1');
    mayProceed([...neutron, reopened(sue), judged(rita, 'false'), judged(rolf, 'false')]);
  });

  it('a duplicate is as free as the other record, by true word or by two', () => {
    const twice = [...gamma, passed(['gamma'], { record: 'r2' })];
    const two = [duplicate(rita, 'r2', 'r'), duplicate(rolf, 'r2', 'r')];
    holds([...twice, duplicate(rita, 'r2', 'r')], 'H1');
    mayProceed([...twice, duplicate(rita, 'r2', 'r'), judged(rita, 'innocent')]);
    holds([...twice, ...two], 'record r ');
    holds([...twice, ...two, duplicate(rita, 'r', 'r2'), duplicate(rolf, 'r', 'r2')], 'H1');
    const ofOther = passed(['gamma'], { record: 'r2', of: 'w' });
    const judgedOther = judged(rita, 'innocent', true, 'r2');
    holds([...gamma, ofOther, duplicate(rita, 'r', 'r2'), judgedOther], 'H1');
    mayProceed([...gamma, ofOther, duplicate(rita, 'r', 'r2'), duplicate(rolf, 'r', 'r2'), judgedOther]);
  });

  it('a neutron alarm is not ended as the duplicate of a gamma alarm that one officer ended', () => {
    const both = [...neutron, passed(['gamma'], { record: 'g' }), judged(rita, 'innocent', true, 'g')];
    holds([...both, duplicate(rita, 'r', 'g')], 'neutron');
  });
});

describe('principle 8: sequence, not clocks', () => {
  it('the order of acts decides where they share one moment', () => {
    const at = (told: readonly Told[]) => told.map((event) => ({ ...event, at: 5 }) as Told);
    holds(at([...gamma, judged(rita, 'innocent'), reopened(rolf)]), 'H1');
    mayProceed(at([...gamma, reopened(rolf), judged(rita, 'innocent')]));
  });

  it('a jump of the clock holds every vehicle until two administrators say that it is right', () => {
    holds([...clean, jumped], 'principle 8');
    holds([...clean, jumped, clockConfirmed(adam, adam)], 'principle 8');
    holds([...clean, jumped, clockConfirmed(adam, sue)], 'principle 8');
    mayProceed([...clean, jumped, clockConfirmed(adam, eve)]);
    holds([...clean, jumped, clockConfirmed(adam, eve, 'south')], 'principle 8');
    holds([jumped, ...clean], 'principle 8');
  });
});

describe('principle 9: after a restore, the gap holds', () => {
  it('what was at the port before holds until a supervisor closes the gap', () => {
    holds([...clean, restored(1)], 'principle 9');
    holds([...clean, restored(1), gapClosed(anna)], 'principle 9');
    mayProceed([...clean, restored(1), gapClosed(sue)]);
    mayProceed([restored(0), ...clean]);
  });

  it('the gap is over when all of it was sent again', () => {
    const before = [...clean, passed([], { record: 'r1' }), passed([]), restored(2)];
    holds(before, 'principle 9');
    mayProceed([...before, passed([])]);
  });

  it('what was decided in the gap is unknown', () => {
    holds([...clean, restored(0), gapClosed(sue)], 'without a standing verdict');
    holds([...gamma, judged(rita, 'innocent'), restored(2), gapClosed(sue)], 'H1');
    mayProceed([...clean, restored(0), gapClosed(sue), read(ben, 'normal')]);
  });
});
