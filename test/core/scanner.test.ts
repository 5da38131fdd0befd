import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockOf, DRIFT_SECONDS, healthOf, scannerIdOf } from '../../src/core/scanner.ts';
import { channelOf, scanOf } from '../format/scan.ts';

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

test('a time without a zone says nothing of the clock: hours may be the place, not the clock', () => {
  const scan = scanOf([channelOf()]);
  const local = { ...scan, acquired: { ...scan.acquired, zone: 'assumed-utc' as const } };
  expect(healthOf(local, '2026-03-04T03:06:06.250Z').clockSeconds).toBeUndefined();
  expect(healthOf(scan, '2026-03-04T03:06:06.250Z').clockSeconds).toBe(-3540);
});

test('health counts numbers that are not as ISO 6346 has them, and the lag of the clock', () => {
  const health = healthOf(scanOf([channelOf()]), '2026-03-04T04:06:06.250Z');
  expect(health).toMatchObject({ containers: 2, badContainers: 1, clockSeconds: 60 });
});
