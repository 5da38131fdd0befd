import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOf, DRIFT_SECONDS, healthOf, scannerIdOf } from '../../../src/core/scanner/scanner.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

const day = (clockSeconds: number) => ({ clockSeconds });

describe('the clock of a scanner', () => {
  test('is unknown where no file says a time', () => {
    expect(clockOf([])).toBe('unknown');
    expect(clockOf([{}, {}])).toBe('unknown');
  });

  test('is steady however long the transfer takes, as long as it takes the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 60 }), (lag, days) => {
        expect(clockOf(Array.from({ length: days }, () => day(lag)))).toBe('steady');
      }),
    );
  });

  test('drifts when the newest day differs from the days before by more than two minutes, and not by less', () => {
    const before = [day(30), day(31), day(29)];
    expect(clockOf([...before, day(30 + DRIFT_SECONDS + 1)])).toBe('drifting');
    expect(clockOf([...before, day(30 + DRIFT_SECONDS)])).toBe('steady');
  });

  test('is ahead when a scan is dated after its receipt', () => {
    expect(clockOf([day(-3600)])).toBe('ahead');
  });
});

test('a scanner is called by what it calls itself, else by what its upload says', () => {
  const named = scanOf([channelOf()]);
  const { scannerId: _, serial: __, ...source } = named.source;
  const nameless = { ...named, source };
  expect(scannerIdOf('fake', named, 'gate-9')).toBe('fake.lane-2');
  expect(scannerIdOf('fake', nameless, 'Gate 9/α')).toBe('fake.gate-9');
  expect(scannerIdOf('fake', undefined, undefined)).toBe('fake.unnamed');
});

describe('a time without a zone', () => {
  const { acquired, ...scan } = scanOf([channelOf()]);
  const taken = Date.parse(acquired.utc ?? '');
  /** Clock and place differ from ours by these seconds; the scan is received `delay` seconds after it was taken. */
  const lag = (offset: number, delay: number, zone: 'stated' | 'assumed-utc' = 'assumed-utc') =>
    healthOf(
      { ...scan, acquired: { ...acquired, zone } },
      new Date(taken - (offset - delay) * 1000).toISOString(),
    ).clockSeconds;

  test('tells of the clock what no zone and no summer time can be', () => {
    for (const hours of [-9.5, -8, 0, 1, 2, 5.75, 12]) expect(lag(hours * 3600, 40)).toBe(40);
    expect(lag(3600, 40, 'stated')).toBe(-3560);
  });

  test('shows a drift all the same, and never a clock that is ahead', () => {
    const days = [0, 10, -5, 20].map((drift) => ({ clockSeconds: lag(2 * 3600 + drift, 40) ?? Number.NaN }));
    const state = (drift: number) =>
      clockOf([...days, { clockSeconds: lag(2 * 3600 + drift, 40) ?? Number.NaN }]);
    expect(clockOf(days)).toBe('steady');
    expect(state(95)).toBe('steady');
    expect(state(180)).toBe('drifting');
    expect(state(-180)).toBe('drifting');
  });
});

test('health counts numbers that are not as ISO 6346 has them, and the lag of the clock', () => {
  const health = healthOf(scanOf([channelOf()]), '2026-03-04T04:06:06.250Z');
  expect(health).toMatchObject({ containers: 2, badContainers: 1, clockSeconds: 60 });
});
