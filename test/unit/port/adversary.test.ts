import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../lab/port/fault-kind.ts';
import type { Event, History } from '../../../lab/port/history.ts';
import { openKindOf } from '../../../lab/port/known-open.ts';
import { judgeByScan } from '../../../lab/port/oracle/judge.ts';
import { planOf } from '../../../lab/port/plan.ts';

/** What the adversary draws and how it sorts faults; it plays against the service in test/medium/port. */

describe('a plan', () => {
  it('is the same for the same seed', () => {
    expect(planOf(7, 60)).toEqual(planOf(7, 60));
    expect(planOf(7, 60)).not.toEqual(planOf(8, 60));
  });

  it('has two honest persons of each role of people, and at most two who collude', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const { persons } = planOf(seed, 1);
      const honest = persons.filter(({ colludes }) => !colludes);
      for (const role of ['analyst', 'supervisor', 'searcher', 'radiation-officer', 'administrator'] as const)
        expect(honest.filter(({ roles }) => roles.includes(role)).length).toBeGreaterThanOrEqual(2);
      expect(persons.length - honest.length).toBeLessThanOrEqual(2);
    }
  });

  it('gives each vehicle containers that no other has', () => {
    const all = [1, 2, 3].flatMap((seed) =>
      planOf(seed, 1).vehicles.flatMap(({ named }) => named.containers),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the kind of a fault', () => {
  const marks = { containers: ['MSKU1234565'], plates: [] };
  const officer = { person: 'rita', role: 'radiation-officer' } as const;
  const told: readonly Event[] = [
    {
      ...{ kind: 'portal-sent', at: 1, accepted: true, record: 'passage-9', of: 'v', named: marks },
      ...{ purpose: 'operational', alarms: ['gamma'], measured: true, passedAt: 0 },
    },
    {
      ...{ kind: 'scan-sent', at: 2, accepted: true, scan: 'scan-of-the-vehicle', of: 'v', named: marks },
      ...{ purpose: 'operational', readable: true, complete: true, units: 1 },
    },
    {
      kind: 'verdict',
      at: 3,
      accepted: true,
      by: { person: 'anna', role: 'analyst' },
      scan: 'scan-of-the-vehicle',
      unit: 1,
      verdict: 'normal',
      settles: false,
    },
  ];
  const historyOf = (events: readonly Event[]): History => ({
    vehicles: [{ id: 'v', site: 'harbour', named: marks }],
    persons: [],
    events,
  });
  const kindsOf = (events: readonly Event[]) => {
    const history = historyOf(events);
    const word = judgeByScan(history, 9, 'scan-of-the-vehicle');
    return word?.because.map((reason) => kindOf(history, 'scan-of-the-vehicle', reason));
  };

  it('names neither records nor scans, and says how the record leads to the vehicle', () => {
    expect(kindsOf(told)).toEqual([
      'H1, principle 2: the gamma alarm of a record has no ending with evidence [it names the vehicle]',
    ]);
  });

  it('says what an officer did, so that a lie is another kind than a lost alarm', () => {
    const lie: Event = {
      ...{ kind: 'alarm-judged', at: 4, accepted: true, by: officer, record: 'passage-9' },
      ...{ word: 'innocent', evidenceHolds: false },
    };
    const [kind = ''] = kindsOf([...told, lie]) ?? [];
    expect(kind).toMatch(/\[judged without evidence, it names the vehicle\]$/);
    expect(openKindOf(kind), 'no such fault is known').toBeUndefined();
  });

  it('is not known if an alarm that names the vehicle is simply lost', () => {
    const [kind = ''] = kindsOf(told) ?? [];
    expect(openKindOf(kind)).toBeUndefined();
  });
});
