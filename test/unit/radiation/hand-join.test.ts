import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import {
  Hold,
  holdsAllNear,
  isSurelyJoined,
  markOfJoin,
  marksHeld,
  marksOfHold,
  type RadiationJoin,
  scansHeld,
} from '../../../src/core/radiation/hold.ts';
import type { AlarmCategory } from '../../../src/core/radiation/radiation.ts';
import {
  joinByHand,
  type NotOfAlarm,
  unjoinByHand,
  type VehicleOfAlarm,
} from '../../../src/triage/holds/hand-join.ts';
import {
  adjudicate,
  closeHold,
  openHold,
  rejoin,
  reopenForAnother,
  reopenHold,
  withRecord,
} from '../../../src/triage/radiation.ts';
import { declaredVehicle } from '../../support/radiation/declared-vehicle.ts';

const check = Compile(Hold);
const opening = {
  id: 'h1',
  administration: 'xx',
  site: 'port-a',
  scanId: 'portal-1',
  recordId: 'occupancy-1',
  openedAt: '2026-01-02T03:00:00.000Z',
};
const byTime = (scanId: string): RadiationJoin => ({
  kind: 'joined',
  scanId,
  by: 'time',
  secondsApart: 5,
  timeFrom: 'file',
});
const open = (join: RadiationJoin, category: AlarmCategory = 'gamma') =>
  openHold(opening, { revision: 1, alarms: [{ category }], containers: [] }, join);
const move = (actor: string, isLinked = true) => ({ actor, isLinked, at: '2026-01-02T03:05:00.000Z' });
const [rita, rolf] = [move('rita'), move('rolf')];
const system = { actor: 'system', at: '2026-01-02T03:06:00.000Z' };
const to = (scanId: string) => ({ scan: { scanId, secondsApart: 60 } });

const due = '2026-01-02T03:36:00.000Z';
const calledReal = (hold: Hold, by: ReturnType<typeof move>) =>
  adjudicate(hold, { decision: 'real', authority: 'Nuclear safety' }, by, declaredVehicle);
const nothing: Adjudication = {
  decision: 'false',
  secondaryInspection: 'nothing-found',
  identification: { nuclides: [], by: 'riid', expert: 'the laboratory' },
};
const plate = { mark: { kind: 'plate', value: 'BAB1234' } } as const;
const byBoth = (hold: Hold, said: VehicleOfAlarm) =>
  joinByHand(joinByHand(hold, said, 'seen at the gate', rita), said, 'so have I', rolf);
const joinedTo = (hold: Hold, scanId: string) => byBoth(hold, to(scanId));
const takenFrom = (hold: Hold, not: NotOfAlarm = {}) =>
  unjoinByHand(unjoinByHand(hold, not, 'no', rita), not, 'no', rolf);
const named = () => byBoth(open(byTime('s1')), plate);

describe('an alarm of which two officers have named the vehicle', () => {
  it('stays with it when one officer says otherwise, and when neutrons come later', () => {
    expect(named().join).toEqual({ kind: 'vehicle', ...plate });
    for (const hold of [
      joinByHand(named(), { ...to('s2'), ...plate }, 'no', rita),
      unjoinByHand(named(), {}, 'no', rita),
    ])
      expect(hold.join).toEqual({ kind: 'vehicle', ...plate });
    const more = { revision: 2, alarms: [{ category: 'neutron' as const }], containers: [] };
    expect(withRecord(named(), more, system, due).join).toEqual({ kind: 'vehicle', ...plate });
    expect(takenFrom(named()).join, 'as it was found before').toEqual(byTime('s1'));
    expect(check.Check(named())).toBe(true);
  });

  it('is of the image as well as of the mark once they have said both, in any order, and of what is left once they take one back', () => {
    const both = { ...to('s2'), ...plate };
    for (const before of [open(byTime('s1')), joinedTo(open(byTime('s1')), 's2'), named()]) {
      const hold = byBoth(before, both);
      expect(hold.join).toMatchObject({ kind: 'joined', by: 'hand', scanId: 's2', ...plate });
      expect([marksHeld(hold), scansHeld(hold)]).toEqual([[plate.mark], ['portal-1', 's2']]);
      expect(() => takenFrom(hold)).toThrow(/joined to more than one/);
      const named = takenFrom(hold, { scanId: 's2' });
      expect(named).toMatchObject({ join: { kind: 'vehicle', ...plate }, notOf: ['s2'] });
      expect(takenFrom(hold, plate).join).toMatchObject({ kind: 'joined', by: 'hand', scanId: 's2' });
      expect(marksHeld(takenFrom(hold, plate))).toEqual([]);
      expect(check.Check(hold)).toBe(true);
    }
  });

  it('takes two who say both the image and the mark: half of it is not the same', () => {
    const first = joinByHand(open(byTime('s1')), { ...to('s2'), ...plate }, 'seen', rita);
    for (const half of [to('s2'), plate])
      expect(joinByHand(first, half, 'seen', rolf).join).toEqual(byTime('s1'));
  });

  it('loses neither the image nor the mark by another join: they take it from its vehicle first', () => {
    const other = { mark: { kind: 'plate', value: 'XYZ99' } } as const;
    const image = joinedTo(open(byTime('s1')), 's2');
    const lossy: readonly (readonly [Hold, VehicleOfAlarm])[] = [
      [image, plate],
      [image, to('s3')],
      [named(), to('s2')],
      [named(), other],
      [byBoth(image, { ...to('s2'), ...plate }), { ...to('s2'), ...other }],
    ];
    for (const [before, said] of lossy) {
      expect(() => joinByHand(before, said, 'no', rita)).toThrow(/separate the alarm from it first/);
      const { mark, scan } = said;
      const bare = before.join.kind === 'joined' ? takenFrom(before, { scanId: 's2' }) : before;
      const free = markOfJoin(bare.join) === undefined ? bare : takenFrom(bare);
      expect(byBoth(free, said).join).toMatchObject(scan ? { scanId: scan.scanId } : { mark });
    }
  });
});

it('an alarm leads to every container that any revision of its record has named', () => {
  const evidence = { revision: 1, alarms: [{ category: 'gamma' as const }], containers: ['MSKU1234565'] };
  const hold = openHold(opening, evidence, { kind: 'none', why: 'none near' });
  const revised = withRecord(hold, { ...evidence, revision: 2, containers: [] }, system, due);
  expect(revised.containers).toEqual([]);
  expect(marksOfHold(revised)).toEqual([{ kind: 'container', value: 'MSKU1234565' }]);
});

describe('an alarm that one officer says is of a scan', () => {
  it.each<AlarmCategory>(['gamma', 'neutron'])('holds whatever it held before, as one of %s', (category) => {
    for (const join of [byTime('s1'), { kind: 'none', why: 'none near' }] as const) {
      const hold = joinByHand(open(join, category), to('s2'), 'seen', rita);
      expect(hold).toMatchObject({ join, joinProposal: { officer: 'rita', scanId: 's2', why: 'seen' } });
      expect(holdsAllNear(hold)).toBe(true);
      const again = joinByHand(hold, to('s2'), 'seen', rita);
      expect(again.join, 'the same officer again').toEqual(join);
      expect(joinByHand(hold, to('s2'), 'seen', move('rolf', false)).join, 'who is nobody yet').toEqual(join);
      expect(joinByHand(hold, to('s3'), 'seen', rolf).join, 'another scan').toEqual(join);
      expect(check.Check(again)).toBe(true);
    }
  });

  it('stays with the scan that its container names when one officer says that it is not of it', () => {
    const byContainer: RadiationJoin = {
      kind: 'joined',
      scanId: 's1',
      by: 'container',
      secondsApart: 5,
      timeFrom: 'file',
    };
    expect(unjoinByHand(open(byContainer), {}, 'no', rita).join).toEqual(byContainer);
  });
});

describe('an alarm that two officers have joined by hand', () => {
  it('is surely of that scan, and no join that is found later takes it away', () => {
    const hold = joinedTo(open({ kind: 'none', why: 'none near' }), 's1');
    expect(hold.join).toEqual({
      kind: 'joined',
      scanId: 's1',
      by: 'hand',
      secondsApart: 60,
      timeFrom: 'file',
    });
    expect(isSurelyJoined(hold)).toBe(true);
    expect(hold).not.toHaveProperty('joinProposal');
    expect(rejoin(hold, byTime('s2'), system)).toBe(hold);
    expect(hold.history.slice(-2)).toMatchObject([
      { kind: 'join-proposed', actor: 'rita', detail: { why: 'seen at the gate' } },
      { kind: 'joined', actor: 'rolf', detail: { why: 'so have I' } },
    ]);
    expect(check.Check(hold)).toBe(true);
  });

  it('to an image without a mark holds all that is near it until they name the vehicle, and cannot be closed before', () => {
    const scan = { scanId: 's1', secondsApart: 60, isUnmarked: true } as const;
    const mark = { kind: 'plate', value: 'BAB1234' } as const;
    const byBoth = (hold: Hold, said: VehicleOfAlarm) =>
      joinByHand(joinByHand(hold, said, 'seen', rita), said, 'so have I', rolf);
    const joined = byBoth(open({ kind: 'none', why: 'none near' }), { scan });
    expect(joined.join).toMatchObject({ kind: 'joined', scanId: 's1', isUnmarked: true });
    expect([isSurelyJoined(joined), holdsAllNear(joined)]).toEqual([false, true]);
    expect(() => closeHold(calledReal(joined, rita), { kind: 'detained' }, rolf)).toThrow(/visit or plate/);
    const named = byBoth(joined, { scan, mark });
    expect([isSurelyJoined(named), holdsAllNear(named)]).toEqual([true, false]);
    const [first, second] = [{ mark }, {}];
    const unnamed = unjoinByHand(unjoinByHand(named, first, 'no', rita), first, 'no', rolf);
    expect([isSurelyJoined(unnamed), holdsAllNear(unnamed)]).toEqual([false, true]);
    expect(unjoinByHand(unjoinByHand(unnamed, second, 'no', rita), second, 'no', rolf).join.kind).toBe(
      'none',
    );
    for (const hold of [joined, named, unnamed]) expect(check.Check(hold)).toBe(true);
  });

  it('to an image that showed a container when one of them spoke is of that container', () => {
    const scan = { scanId: 's1', secondsApart: 60 };
    const first = joinByHand(
      open({ kind: 'none', why: 'none near' }),
      { scan: { ...scan, containers: ['MSKU1234565'] } },
      'seen',
      rita,
    );
    const joined = joinByHand(first, { scan: { ...scan, isUnmarked: true } }, 'so have I', rolf);
    expect(joined.join).not.toHaveProperty('isUnmarked');
    expect(isSurelyJoined(joined)).toBe(true);
  });

  it('stays there when one of them calls it real, and when neutrons come later', () => {
    const hold = joinedTo(open(byTime('s1')), 's2');
    expect(calledReal(hold, rita).join).toMatchObject({ scanId: 's2' });
    const more = { revision: 2, alarms: [{ category: 'neutron' as const }], containers: [] };
    expect(withRecord(hold, more, system, due).join).toMatchObject({ scanId: 's2' });
  });

  it('goes to another scan while it is real by the word of two, also once reopened, and to none once it has ended', () => {
    const real = calledReal(open(byTime('s1')), rita);
    for (const hold of [real, reopenHold(real, 'again', rita, due)]) {
      const first = joinByHand(hold, to('s2'), 'the other truck', rita);
      expect(first.join).toEqual(byTime('s1'));
      expect(joinByHand(first, to('s2'), 'the other truck', rolf).join).toMatchObject({ scanId: 's2' });
      expect(unjoinByHand(hold, {}, 'another truck', rolf).join).toEqual(byTime('s1'));
    }
    const ended = { ...open(byTime('s1')), state: 'innocent' as const };
    expect(() => joinByHand(ended, to('s2'), 'late', rita)).toThrow(/cannot be joined by hand/);
  });
});

describe('an alarm that may be of several scans', () => {
  const ambiguous: RadiationJoin = { kind: 'ambiguous', scanIds: ['s1', 's2', 's3'] };

  it('is taken from the one that both officers name, and holds the others', () => {
    expect(() => takenFrom(open(ambiguous))).toThrow(/joined to more than one/);
    expect(() => takenFrom(open(ambiguous), { scanId: 's9' })).toThrow(/not joined to that scan/);
    const hold = takenFrom(open(ambiguous), { scanId: 's1' });
    expect(hold).toMatchObject({ join: { kind: 'ambiguous', scanIds: ['s2', 's3'] }, notOf: ['s1'] });
    const first = unjoinByHand(open(ambiguous), { scanId: 's1' }, 'no', rita);
    expect(unjoinByHand(first, { scanId: 's2' }, 'no', rolf).join, 'each another one').toEqual(ambiguous);
    expect(check.Check(first)).toBe(true);
  });

  it('does not let go of the one that a mark has led to because a time leads to another', () => {
    const byVisit: RadiationJoin = { ...byTime('s1'), by: 'visit' } as RadiationJoin;
    const hold = rejoin(open(byVisit), byTime('s2'), system);
    expect(hold.join).toEqual({ kind: 'ambiguous', scanIds: ['s2', 's1'] });
    expect(rejoin(hold, byVisit, system), 'by the record that said so before').toBe(hold);
    expect(rejoin(open(byVisit), byTime('s1'), system).join, 'a time that leads to the same scan').toEqual(
      byVisit,
    );
    const later = rejoin(hold, byTime('s3'), system);
    expect(later.join).toEqual({ kind: 'ambiguous', scanIds: ['s3', 's1'] });
    expect(takenFrom(later, { scanId: 's3' }).join).toEqual(byVisit);
    const taken = takenFrom(later, { scanId: 's1' });
    expect(rejoin(taken, byTime('s3'), system).join).toEqual(byTime('s3'));
    const byContainer: RadiationJoin = { ...byTime('s4'), by: 'container' } as RadiationJoin;
    expect(rejoin(later, byContainer, system).join, 'a mark leads to another one').toEqual(byContainer);
  });
});

describe('what one officer has said of the vehicle', () => {
  it('is not there to be agreed to once the alarm is opened again, or has other alarms', () => {
    const first = joinByHand(open(byTime('s1')), to('s2'), 'seen', rita);
    const real = calledReal(first, rolf);
    const more = { revision: 2, alarms: [{ category: 'neutron' as const }], containers: [] };
    for (const hold of [reopenHold(real, 'again', rolf, due), withRecord(first, more, system, due)]) {
      expect(hold).not.toHaveProperty('joinProposal');
      expect(joinByHand(hold, to('s2'), 'seen', rolf).join).toEqual(byTime('s1'));
    }
  });
});

it('an alarm holds the containers that the image named when two officers joined it, whatever the image says later', () => {
  const scan = { scanId: 's2', secondsApart: 60, containers: ['MSKU1234565'] };
  const hold = byBoth(open(byTime('s1')), { scan, ...plate });
  expect(marksHeld(hold)).toEqual([plate.mark, { kind: 'container', value: 'MSKU1234565' }]);
  expect(check.Check(hold)).toBe(true);
});

it('an alarm holds the vehicle of a duplicate, also of one that was stored with a single mark', () => {
  const hold = open(byTime('s1'));
  for (const marks of [plate, { marks: [plate.mark] }]) {
    const original: Hold = { ...hold, duplicates: [{ holdId: 'h2', scanIds: ['portal-2'], ...marks }] };
    expect(marksHeld(original)).toEqual([plate.mark]);
    expect(check.Check(original)).toBe(true);
  }
});

describe('an alarm that two officers have taken from its scan', () => {
  it('is not joined to it again, and to another one it is', () => {
    const hold = takenFrom(open(byTime('s1')));
    expect(hold).toMatchObject({ join: { kind: 'none' }, notOf: ['s1'] });
    expect(rejoin(hold, byTime('s1'), system)).toBe(hold);
    const both: RadiationJoin = { kind: 'ambiguous', scanIds: ['s1', 's2'] };
    expect(rejoin(hold, both, system)).toBe(hold);
    const three: RadiationJoin = { kind: 'ambiguous', scanIds: ['s1', 's2', 's3'] };
    expect(rejoin(hold, three, system).join).toEqual({ kind: 'ambiguous', scanIds: ['s2', 's3'] });
    expect(rejoin(hold, byTime('s2'), system).join).toEqual(byTime('s2'));
    expect(check.Check(hold)).toBe(true);
  });

  it('may be said to be of it after all', () => {
    const hold = joinedTo(takenFrom(open(byTime('s1'))), 's1');
    expect(hold.join).toMatchObject({ scanId: 's1', by: 'hand' });
    expect(hold).not.toHaveProperty('notOf');
  });

  it('was joined to one, and not in its own record', () => {
    expect(() => unjoinByHand(open({ kind: 'none', why: 'x' }), {}, 'x', rita)).toThrow(/nothing to unjoin/);
    const own = { ...byTime('portal-1'), by: 'same-scan' } as RadiationJoin;
    expect(() => unjoinByHand(open(own), {}, 'x', rita)).toThrow(/in the record/);
  });

  it('is the one of the scan that the first officer meant', () => {
    const proposed = unjoinByHand(open(byTime('s1')), {}, 'no', rita);
    const moved = rejoin(proposed, byTime('s2'), system);
    expect(unjoinByHand(moved, {}, 'no', rolf).join).toEqual(byTime('s2'));
  });

  it('takes the same word of both: one for a scan is none against it', () => {
    const first = joinByHand(open(byTime('s1')), to('s1'), 'seen', rita);
    expect(unjoinByHand(first, {}, 'no', rolf).join).toMatchObject({ scanId: 's1' });
  });
});

describe('an alarm that the window of a pair has joined to the only scan in it', () => {
  const paired = (scanId: string): RadiationJoin => ({ ...byTime(scanId), isPaired: true }) as RadiationJoin;
  const both: RadiationJoin = { kind: 'ambiguous', scanIds: ['s1', 's2'] };
  const passage = { isZoneStated: true, receivedAt: opening.openedAt };
  const isSure = (hold: Hold) => isSurelyJoined({ ...hold, passage });

  it('is of the next one as well that comes in the window, also when an officer has called it real', () => {
    for (const hold of [open(paired('s1')), calledReal(open(paired('s1')), rita)]) {
      expect(isSure(hold)).toBe(true);
      const later = rejoin(hold, both, system);
      expect(later.join).toEqual(both);
      expect(rejoin(later, paired('s1'), system).join, 'another time of the second').toEqual(both);
      expect(rejoin(later, paired('s2'), system).join, 'another time of the first').toEqual(both);
    }
    expect(
      rejoin(calledReal(open(paired('s1')), rita), byTime('s2'), system).join,
      'it stays with the first, and holds what is near',
    ).toEqual(byTime('s1'));
  });

  it('opens again when the next one comes after it ended by the papers of the first, or with the first kept', () => {
    const innocent: Adjudication = {
      ...{ decision: 'innocent', basis: 'norm', goodsHs: '690721' },
      identification: { nuclides: ['K-40'], by: 'riid' },
    };
    const byPapers = adjudicate({ ...open(paired('s1')), passage }, innocent, rita, declaredVehicle);
    const kept = closeHold(
      { ...calledReal(open(paired('s1')), rita), passage },
      { kind: 'detained', reference: 'A-1' },
      rolf,
    );
    for (const ended of [byPapers, kept]) {
      const again = rejoin(reopenForAnother(ended, both, system, due), both, system);
      expect(again).toMatchObject({ state: 'open', join: both, dueAt: due });
      expect(reopenForAnother(ended, paired('s1'), system, due)).toBe(ended);
      expect(check.Check(again)).toBe(true);
    }
    expect(reopenForAnother(byPapers, paired('s2'), system, due).state, 'the time of the first moved').toBe(
      'open',
    );
    const apart = { ...byPapers, notOf: ['s2'] };
    expect(reopenForAnother(apart, both, system, due), 'officers have said so').toBe(apart);
    const passedAgain: Adjudication = {
      ...nothing,
      newMeasurement: { kind: 'passed-again', scanId: 'portal-2', recordId: 'occupancy-1' },
    };
    const ofFirst = { ...byPapers, adjudication: { ...byPapers.adjudication!, given: passedAgain } };
    expect(reopenForAnother(ofFirst, both, system, due).state, 'it was the first that passed again').toBe(
      'open',
    );
    const seen = { ...byPapers, adjudication: { ...byPapers.adjudication!, given: nothing } };
    expect(reopenForAnother(seen, both, system, due), 'somebody looked at the vehicle').toBe(seen);
  });

  it('is only near once nobody calls it a pair any more', () => {
    for (const now of [byTime('s1'), { kind: 'none', why: 'x' } as const])
      for (const before of [open(paired('s1')), calledReal(open(paired('s1')), rita)]) {
        const hold = rejoin(before, now, system);
        expect(hold.join).toEqual(byTime('s1'));
        expect(isSure(hold)).toBe(false);
      }
  });

  it('may be of all that it may have been of, when officers take back what they said in between', () => {
    const real = calledReal(rejoin(open(paired('s1')), both, system), rita);
    expect(takenFrom(joinedTo(real, 's3')).join).toEqual(both);
    expect(takenFrom(byBoth(real, plate)).join).toEqual(both);
    const joined = takenFrom(joinedTo(open(paired('s1')), 's3'));
    expect(joined.join, 'another one may have come').toEqual(byTime('s1'));
  });
});

it('a join keeps what the image named when the first officer spoke, and what the join before had kept', () => {
  const naming = (...containers: string[]) => ({ scan: { scanId: 's2', secondsApart: 60, containers } });
  const first = joinByHand(open(byTime('s1')), naming('MSKU1234565'), 'seen', rita);
  const hold = joinByHand(first, naming('CSQU3054383'), 'seen', rolf);
  const boxes = ['MSKU1234565', 'CSQU3054383'];
  expect(marksHeld(hold).map(({ value }) => value)).toEqual(boxes);
  expect(marksHeld(byBoth(hold, { ...naming(), ...plate })).map(({ value }) => value)).toEqual([
    plate.mark.value,
    ...boxes,
  ]);
  expect(check.Check(first)).toBe(true);
});

it('what an officer has found of one vehicle is no word on another: a new join or passage drops it', () => {
  const real = reopenHold(calledReal(open(byTime('s1')), rita), 'again', rolf, due);
  const proposal = adjudicate(real, nothing, rita, declaredVehicle);
  expect(proposal).toHaveProperty('proposal');
  const said = { revision: 2, alarms: [{ category: 'gamma' as const }], containers: ['MSKU1234565'] };
  for (const hold of [
    rejoin(proposal, byTime('s2'), system),
    joinedTo(proposal, 's2'),
    takenFrom(proposal),
    withRecord(proposal, said, system, due),
  ]) {
    expect(hold).not.toHaveProperty('proposal');
    expect(adjudicate(hold, nothing, rolf, declaredVehicle).state).toBe('open');
  }
});

it('what a record takes back counts, and a second record that says the same again does not', () => {
  const at = (minute: number) => `2026-01-02T03:0${minute}:00.000Z`;
  const passedAt = (from: string, revision: number, record?: { scanId: string; recordId: string }) => ({
    revision,
    alarms: [{ category: 'gamma' as const }],
    containers: [],
    passage: { from, isZoneStated: true, receivedAt: opening.openedAt },
    ...(record && { record }),
  });
  const opened = openHold(opening, passedAt(at(1), 1), byTime('s1'));
  const told = (hold: Hold, given: ReturnType<typeof passedAt>) => withRecord(hold, given, system, due);
  const moved = told(opened, passedAt(at(5), 2));
  expect(told(moved, passedAt(at(1), 3)).passage?.from).toBe(at(1));
  const other = { scanId: 'portal-2', recordId: 'occupancy-1' };
  const both = told(opened, passedAt(at(5), 1, other));
  expect(told(both, passedAt(at(1), 1))).toBe(both);
  expect(told(both, passedAt(at(5), 1, other))).toBe(both);
});
