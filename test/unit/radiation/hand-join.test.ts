import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { Hold, isSurelyJoined, type RadiationJoin } from '../../../src/core/radiation/hold.ts';
import type { AlarmCategory } from '../../../src/core/radiation/radiation.ts';
import { joinByHand, unjoinByHand } from '../../../src/triage/holds/hand-join.ts';
import { adjudicate, openHold, rejoin, reopenHold, withRecord } from '../../../src/triage/radiation.ts';
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
const to = (scanId: string) => ({ scanId, secondsApart: 60 });

const due = '2026-01-02T03:36:00.000Z';
const calledReal = (hold: Hold, by: ReturnType<typeof move>) =>
  adjudicate(hold, { decision: 'real', authority: 'Nuclear safety' }, by, declaredVehicle);
const plate = { mark: { kind: 'plate', value: 'BAB1234' } } as const;
const named = () => joinByHand(joinByHand(open(byTime('s1')), plate, 'read', rita), plate, 'read', rolf);

describe('an alarm of which two officers have named the vehicle', () => {
  it('stays with it when one officer says otherwise, and when neutrons come later', () => {
    expect(named().join).toEqual({ kind: 'vehicle', ...plate });
    for (const hold of [joinByHand(named(), to('s2'), 'no', rita), unjoinByHand(named(), 'no', rita)])
      expect(hold.join).toEqual({ kind: 'vehicle', ...plate });
    const more = { revision: 2, alarms: [{ category: 'neutron' as const }], containers: [] };
    expect(withRecord(named(), more, system, due).join).toEqual({ kind: 'vehicle', ...plate });
    expect(unjoinByHand(unjoinByHand(named(), 'no', rita), 'no', rolf).join.kind).toBe('none');
    expect(check.Check(named())).toBe(true);
  });
});

describe('an alarm that an officer has joined by hand', () => {
  it('leaves that scan when the same officer calls it real, and stays when another one does', () => {
    const joined = () => joinByHand(open(byTime('s1')), to('s2'), 'seen', rita);
    expect(calledReal(joined(), rita).join.kind).toBe('none');
    expect(calledReal(joined(), rolf).join).toMatchObject({ scanId: 's2' });
  });

  it('is surely of that scan, and no join that is found later takes it away', () => {
    const hold = joinByHand(open({ kind: 'none', why: 'none near' }), to('s1'), 'seen at the gate', rita);
    expect(hold.join).toEqual({
      kind: 'joined',
      scanId: 's1',
      by: 'hand',
      secondsApart: 60,
      timeFrom: 'file',
    });
    expect(isSurelyJoined(hold)).toBe(true);
    expect(rejoin(hold, byTime('s2'), system)).toBe(hold);
    expect(hold.history.at(-1)).toMatchObject({
      kind: 'joined',
      actor: 'rita',
      detail: { why: 'seen at the gate' },
    });
    expect(check.Check(hold)).toBe(true);
  });

  it('goes to another scan while it is real by the word of two, also once reopened, and to none once it has ended', () => {
    const real = calledReal(open(byTime('s1')), rita);
    for (const hold of [real, reopenHold(real, 'again', rita, due)]) {
      const first = joinByHand(hold, to('s2'), 'the other truck', rita);
      expect(first.join).toEqual(byTime('s1'));
      expect(joinByHand(first, to('s2'), 'the other truck', rolf).join).toMatchObject({ scanId: 's2' });
      expect(unjoinByHand(hold, 'another truck', rolf).join).toEqual(byTime('s1'));
    }
    const ended = { ...open(byTime('s1')), state: 'innocent' as const };
    expect(() => joinByHand(ended, to('s2'), 'late', rita)).toThrow(/cannot be joined by hand/);
  });
});

describe('an alarm that an officer has taken from its scan', () => {
  it('is not joined to it again, and to another one it is', () => {
    const hold = unjoinByHand(open(byTime('s1')), 'it is of the truck behind', rita);
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
    const hold = joinByHand(unjoinByHand(open(byTime('s1')), 'no', rita), to('s1'), 'yes', rolf);
    expect(hold.join).toMatchObject({ scanId: 's1', by: 'hand' });
    expect(hold).not.toHaveProperty('notOf');
  });

  it('was joined to one, and not in its own record', () => {
    expect(() => unjoinByHand(open({ kind: 'none', why: 'x' }), 'x', rita)).toThrow(/not joined to a scan/);
    const own = { ...byTime('portal-1'), by: 'same-scan' } as RadiationJoin;
    expect(() => unjoinByHand(open(own), 'x', rita)).toThrow(/in the record/);
  });
});

describe('a neutron alarm', () => {
  const neutrons = () => open(byTime('s1'), 'neutron');

  it('is joined by the second of two officers who say the same scan', () => {
    const first = joinByHand(neutrons(), to('s2'), 'seen', rita);
    expect(first).toMatchObject({ join: { scanId: 's1' }, joinProposal: { officer: 'rita', scanId: 's2' } });
    expect(joinByHand(first, to('s2'), 'seen', rita).join, 'the same officer again').toMatchObject({
      scanId: 's1',
    });
    expect(joinByHand(first, to('s2'), 'seen', move('rolf', false)).join, 'who is nobody yet').toMatchObject({
      scanId: 's1',
    });
    expect(joinByHand(first, to('s3'), 'seen', rolf).join, 'another scan').toMatchObject({ scanId: 's1' });
    const second = joinByHand(first, to('s2'), 'seen as well', rolf);
    expect(second.join).toMatchObject({ scanId: 's2', by: 'hand' });
    expect(second).not.toHaveProperty('joinProposal');
    expect([first, second].every((hold) => check.Check(hold))).toBe(true);
  });

  it('that comes later undoes what one officer said of the join', () => {
    const more = { revision: 2, alarms: [{ category: 'neutron' as const }], containers: [] };
    const joined = joinByHand(unjoinByHand(open(byTime('s1')), 'no', rita), to('s2'), 'seen', rita);
    const revised = withRecord(joined, more, system, '2026-01-02T03:36:00.000Z');
    expect(revised.join.kind).toBe('none');
    expect(revised).not.toHaveProperty('notOf');
    expect(rejoin(revised, byTime('s1'), system).join).toEqual(byTime('s1'));
  });

  it('is not taken from another scan than the first officer meant', () => {
    const proposed = unjoinByHand(neutrons(), 'no', rita);
    const moved = rejoin(proposed, byTime('s2'), system);
    expect(unjoinByHand(moved, 'no', rolf).join).toEqual(byTime('s2'));
  });

  it('is taken from its scan by two as well, and a word for one scan is none against it', () => {
    const first = joinByHand(neutrons(), to('s1'), 'seen', rita);
    expect(unjoinByHand(first, 'no', rolf).join).toMatchObject({ scanId: 's1' });
    const proposed = unjoinByHand(neutrons(), 'no', rita);
    expect(unjoinByHand(proposed, 'no', rolf)).toMatchObject({ join: { kind: 'none' }, notOf: ['s1'] });
  });
});
