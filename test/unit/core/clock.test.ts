import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isZone, trueTime, writtenRanges } from '../../../src/core/rules/clock.ts';

const local = (utc: string) => ({ utc, zone: 'assumed-utc' as const });
const stated = (utc: string) => ({ utc, zone: 'stated' as const });
const amsterdam = { zone: 'Europe/Amsterdam', offsetSeconds: 0 };

describe('a time without a zone', () => {
  it.each([
    ['Europe/Amsterdam', '2026-01-15T12:00:00.000Z', '2026-01-15T11:00:00.000Z'],
    ['Europe/Amsterdam', '2026-07-15T12:00:00.000Z', '2026-07-15T10:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-15T12:00:00.000Z', '2026-01-15T06:15:00.000Z'],
    ['America/St_Johns', '2026-01-15T12:00:00.000Z', '2026-01-15T15:30:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-15T12:00:00.000Z', '2026-01-14T22:00:00.000Z'],
  ])('is in the zone of its clock: %s, %s', (zone, written, at) => {
    expect(trueTime(local(written), { zone, offsetSeconds: 0 })).toEqual({ at, isZoneStated: true });
  });

  it('is assumed to be UTC, and says so, where nothing is set', () => {
    const written = local('2026-01-15T12:00:00.000Z');
    expect(trueTime(written, { offsetSeconds: 0 })).toEqual({ at: written.utc, isZoneStated: false });
  });

  it('in the hour that the zone has twice, or not at all, stays without a stated zone', () => {
    expect(trueTime(local('2026-10-25T02:30:00.000Z'), amsterdam)?.isZoneStated).toBe(false);
    expect(trueTime(local('2026-03-29T02:30:00.000Z'), amsterdam)?.isZoneStated).toBe(false);
    expect(trueTime(local('2026-10-25T03:30:00.000Z'), amsterdam)).toEqual({
      at: '2026-10-25T02:30:00.000Z',
      isZoneStated: true,
    });
    expect(trueTime(local('2026-03-29T01:30:00.000Z'), amsterdam)).toEqual({
      at: '2026-03-29T00:30:00.000Z',
      isZoneStated: true,
    });
  });
});

describe('a clock that is wrong', () => {
  it('is put right, also where the file states its zone, which no setting changes', () => {
    expect(trueTime(stated('2026-01-15T12:00:00.000Z'), { ...amsterdam, offsetSeconds: 90 })).toEqual({
      at: '2026-01-15T11:58:30.000Z',
      isZoneStated: true,
    });
    expect(trueTime(local('2026-01-15T12:00:00.000Z'), { offsetSeconds: -60 })).toEqual({
      at: '2026-01-15T12:01:00.000Z',
      isZoneStated: false,
    });
  });

  it('says nothing where the file has no time', () => {
    expect(trueTime({ zone: 'unknown' }, amsterdam)).toBeUndefined();
    expect(trueTime(undefined, amsterdam)).toBeUndefined();
  });
});

describe('what clocks wrote', () => {
  const zones = ['Europe/Amsterdam', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Kiritimati', 'UTC'];

  it('of a true time within a range is in one of the ranges that are looked through', () => {
    const instants = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) });
    const clocks = fc.record({
      zone: fc.constantFrom(...zones),
      offsetSeconds: fc.integer({ min: -86_400, max: 86_400 }),
    });
    const around = fc.integer({ min: 0, max: 5400 });
    fc.assert(
      fc.property(instants, clocks, around, fc.boolean(), (instant, clock, seconds, isStated) => {
        const utc = new Date(instant).toISOString();
        const time = trueTime(isStated ? stated(utc) : local(utc), clock);
        if (time?.isZoneStated !== true) return;
        const at = Date.parse(time.at);
        const [from, to] = [at - seconds * 1000, at + seconds * 1000].map((one) =>
          new Date(one).toISOString(),
        );
        const ranges = writtenRanges(from!, to!, [clock]);
        expect(ranges.some(([start, end]) => start <= utc && utc <= end)).toBe(true);
      }),
    );
  });

  it('is one range where nothing is set', () => {
    const [from, to] = ['2026-01-15T12:00:00.000Z', '2026-01-15T13:00:00.000Z'];
    expect(writtenRanges(from, to, [{ offsetSeconds: 0 }])).toEqual([[from, to]]);
  });
});

it('a zone is one that the time zone database knows', () => {
  expect(['Europe/Amsterdam', 'UTC', 'Mars/Olympus', 'CET4711'].map(isZone)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
