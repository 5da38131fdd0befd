import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OccupancyIdentity } from '../../../src/core/radiation/hold.ts';
import type { RadiationRecord } from '../../../src/core/radiation/radiation.ts';
import { identitiesOf, type PortalPlace, printOf } from '../../../src/stored/occupancy-identity.ts';
import { samenessOf } from '../../../src/triage/holds/duplicate-hold.ts';
import { occupancy } from './samples.ts';

const place: PortalPlace = {
  administration: 'xx',
  site: 'port-a',
  lane: '3',
  sender: 'key-1',
  stem: 'gate-20260304',
};

function identityOf(record: RadiationRecord, at: PortalPlace = place): OccupancyIdentity {
  const [identity] = identitiesOf(at, [record]);
  if (identity === undefined) throw new Error('a record has an identity');
  return identity;
}

/** As two files tell of them: what a hold of the first says of the second. */
function sameness(first: RadiationRecord, second: RadiationRecord, at = place): string {
  const [known, seen] = [identityOf(first), identityOf(second, at)];
  if (known.key !== seen.key) return 'another key';
  const numbered = ({ occupancy: { number } }: RadiationRecord) => (number === undefined ? {} : { number });
  const { number } = numbered(first);
  return samenessOf(
    { identity: known, ...(number !== undefined && { occupancy: number }) },
    { identity: seen, ...numbered(second) },
  );
}

const open = (record: RadiationRecord): RadiationRecord => {
  const { number: _, ...going } = record.occupancy;
  return { ...record, occupancy: { ...going, ended: false } };
};

describe('an occupancy with a time', () => {
  const seven = occupancy({ number: 7, start: 10 });

  it('is the same in any file, at any place in it, and whatever it says now', () => {
    expect(sameness(seven, seven)).toBe('same');
    expect(sameness(seven, { ...seven, id: 'occupancy-9', speedMetresPerSecond: 3 })).toBe('same');
    const louder = occupancy({ number: 7, start: 10, gamma: 900 }, { alarms: [{ category: 'neutron' }] });
    expect(sameness(seven, louder)).toBe('same');
    const { lane: _, ...elsewhere } = place;
    const serial = { instrument: { serial: 'A-1', components: [] } };
    expect(identityOf({ ...seven, ...serial }, { ...elsewhere, stem: 'other', sender: 'key-2' }).key).toBe(
      identityOf({ ...seven, ...serial }).key,
    );
  });

  it('is another one with another number, start, lane, site, administration, serial number or file', () => {
    expect(sameness(seven, occupancy({ number: 8, start: 10 }))).toBe('other');
    expect(sameness(seven, occupancy({ number: 7, start: 11 }))).toBe('another key');
    for (const other of [{ lane: '4' }, { site: 'port-b' }, { administration: 'yy' }])
      expect(sameness(seven, seven, { ...place, ...other })).toBe('another key');
    const { lane: _, ...unknown } = place;
    for (const other of [{ stem: 'gate-20260305' }, { sender: 'key-2' }])
      expect(identityOf(seven, { ...unknown, ...other }).key).not.toBe(identityOf(seven, unknown).key);
    expect(identityOf({ ...seven, instrument: { serial: 'A-2', components: [] } }).key).not.toBe(
      identityOf(seven).key,
    );
  });

  it('may grow before it ends, keyed by its start', () => {
    expect(sameness(open(seven), seven)).toBe('same');
    expect(sameness(seven, open(seven))).toBe('same');
    expect(sameness(open(seven), occupancy({ number: 7, start: 10, gamma: 5000 }))).toBe('same');
  });

  it('without numbers is the same by content or document, and else only possibly', () => {
    const [plain, other] = [occupancy({ start: 10 }), occupancy({ start: 10, gamma: 331 })];
    expect(sameness(plain, plain)).toBe('same');
    expect(sameness(plain, other)).toBe('possibly');
    const document = { documentId: 'd-1' };
    expect(sameness({ ...plain, ...document }, { ...other, ...document })).toBe('same');
    expect(sameness({ ...plain, ...document }, { ...other, documentId: 'd-2' })).toBe('possibly');
  });
});

describe('an occupancy without a time', () => {
  it('is known by its number and all that was measured', () => {
    expect(sameness(occupancy({ number: 7 }), occupancy({ number: 7 }))).toBe('same');
    expect(sameness(occupancy({ number: 7 }), occupancy({ number: 8 }))).toBe('another key');
    expect(sameness(occupancy({ number: 7 }), occupancy({ number: 7, gamma: 331 }))).toBe('another key');
    expect(sameness(occupancy({}, { documentId: 'd' }), occupancy({ gamma: 9 }, { documentId: 'd' }))).toBe(
      'same',
    );
  });

  it('that stands twice in one file is two, of which the content is equal', () => {
    const twice = [occupancy({ number: 7 }), occupancy({ number: 7 })];
    const [first, second] = identitiesOf(place, twice);
    expect(first?.key).not.toBe(second?.key);
    expect(first?.content).toBe(second?.content);
    expect(identitiesOf(place, [...twice, occupancy({ number: 9 })]).slice(0, 2)).toEqual([first, second]);
  });

  it('and without an end is never surely the same as another', () => {
    expect(sameness(open(occupancy({})), open(occupancy({})))).toBe('possibly');
    expect(samenessOf({ occupancy: 7 }, { identity: identityOf(open(occupancy({}))) })).toBe('possibly');
  });
});

describe('a hold of before its occupancy was kept', () => {
  it('is of the occupancy of its number, and possibly of one that has none', () => {
    const seen = { identity: identityOf(occupancy({ number: 7, start: 10 })) };
    expect(samenessOf({ occupancy: 7 }, { ...seen, number: 7 })).toBe('same');
    expect(samenessOf({ occupancy: 7 }, { ...seen, number: 8 })).toBe('other');
    expect(samenessOf({}, { ...seen, number: 7 })).toBe('possibly');
  });
});

const passages = fc.uniqueArray(
  fc.record({ number: fc.nat(99_999), start: fc.nat(86_399), gamma: fc.integer({ min: 1, max: 9_999 }) }),
  { selector: ({ number, start }) => `${number} ${start}`, maxLength: 30 },
);

describe('a day of a portal', () => {
  it('tells each two of its passages apart, whether its counter wraps or its clock jumps', () => {
    fc.assert(
      fc.property(passages, (some) => {
        const records = some.map((one) => occupancy(one));
        for (const [i, a] of records.entries())
          for (const b of records.slice(i + 1)) expect(sameness(a, b)).not.toBe('same');
      }),
    );
  });

  it('knows every passage again in the log that has grown, from whichever line it was cut', () => {
    fc.assert(
      fc.property(passages, fc.boolean(), fc.nat(30), (some, isTimed, length) => {
        const records = some.map(({ start, ...one }) => occupancy(isTimed ? { ...one, start } : one));
        const whole = identitiesOf(place, records);
        expect(whole.slice(0, length)).toEqual(identitiesOf(place, records.slice(0, length)));
      }),
    );
  });
});

it('what a record says has changed with anything in it, and with anything that was sent beside it', () => {
  const record = occupancy({ number: 7, start: 10 });
  const print = printOf(record, { lane: '3' });
  expect(printOf({ ...record }, { lane: '3' })).toBe(print);
  expect(printOf(record, { lane: '4' })).not.toBe(print);
  expect(printOf({ ...record, id: 'occupancy-2' }, { lane: '3' })).not.toBe(print);
  expect(printOf(occupancy({ number: 7, start: 11 }), { lane: '3' })).not.toBe(print);
});
