import { describe, expect, it } from 'vitest';
import type { Case, VerdictKind } from '../../../src/core/case/case.ts';
import type { OurCase } from '../../../src/core/ports/records/station.ts';
import type { ImportedReport } from '../../../src/core/scan/scan.ts';
import { stationTime, stationWord, stationWords } from '../../../src/core/scanner/station.ts';
import { compare, type StationWord, wordsOfReports } from '../../../src/features/stations/rules.ts';
import * as triage from '../../../src/triage/case.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import { opening, verdictOf } from './samples.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 2, hour)).toISOString();

function ours(scanId: string, hour: number, verdict?: VerdictKind, container = 'MSKU1234565'): OurCase {
  const waiting = triage.openCase(
    { ...opening, id: `case-${scanId}`, scanId },
    { revision: 1, declarationReasons: [], container },
    defaultPolicy,
  );
  const decided: Case = { ...waiting, state: 'decided', verdicts: verdict ? [verdictOf(verdict, 1)] : [] };
  return { case: verdict === undefined ? waiting : decided, groupKey: `Lot-${scanId}`, at: at(hour) };
}

const station = (decision: VerdictKind, more: Partial<StationWord> = {}): StationWord => ({
  from: 'file',
  decision,
  written: decision,
  at: at(12),
  container: 'MSKU1234565',
  ...more,
});

describe('a decision of the station', () => {
  it('is of the nearest scan of its container within a day', () => {
    const cases = [ours('a', 2, 'suspect'), ours('b', 11, 'normal'), ours('c', 40, 'suspect')];
    expect(compare([station('normal')], cases)).toMatchObject({ agree: 1, disagree: 0 });
    expect(compare([station('normal', { at: at(-30) })], cases).unmatched).toHaveLength(1);
  });

  it('is of the scan that it names, by its id here or by the name of its files', () => {
    const cases = [ours('a', 2, 'suspect'), ours('b', 11, 'normal')];
    for (const scan of ['a', 'lot-A']) {
      const { container, ...named } = station('normal', { scan });
      expect(compare([named], cases).disagreements).toMatchObject([{ scanId: 'a', ours: 'suspect' }]);
    }
  });

  it('gives way to a newer one on the same case, whatever the order', () => {
    const words = [station('suspect'), station('normal', { at: at(13) })];
    for (const order of [words, words.toReversed()])
      expect(compare(order, [ours('a', 11, 'normal')])).toMatchObject({ agree: 1, disagree: 0 });
  });

  it('is neither right nor wrong where nobody here has decided', () => {
    expect(compare([station('suspect')], [ours('a', 11)])).toMatchObject({
      agree: 0,
      disagree: 0,
      undecided: 1,
      disagreements: [],
      pairs: [{ ours: 'undecided', theirs: 'suspect', cases: 1 }],
    });
  });
});

describe('a report that came with a scan', () => {
  const report: ImportedReport = {
    source: 'a.dcs',
    type: 'OPERATOR',
    decision: 'ALARM',
    references: [],
    objects: [],
  };
  const words = (...reports: Parameters<typeof wordsOfReports>[0]['reports']) =>
    wordsOfReports({ scanId: 's', receivedAt: at(3), reports }, { offsetSeconds: 0 });

  it('counts as a word of the station where an operator wrote it', () => {
    expect(words({ ...report, by: 'op-7' })).toEqual([
      { from: 'report', decision: 'suspect', written: 'ALARM', at: at(3), scan: 's', officer: 'op-7' },
    ]);
    expect(words({ ...report, type: 'MACHINE' })).toEqual([]);
  });

  it('whose word nobody here knows is not guessed at', () => {
    expect(words({ ...report, decision: 'UNKNOWN', verdict: '3' })).toEqual([]);
    expect(words({ ...report, decision: 'UNKNOWN', verdict: 'Clear' })).toMatchObject([
      { decision: 'normal' },
    ]);
    expect(words({ ...report, decision: 'UNKNOWN' })).toMatchObject([{ decision: 'inconclusive' }]);
  });
});

describe('the words of a station', () => {
  it('are known however they are written, and no others', () => {
    expect(['CLEAR', 'No Alarm', 'no_alarm', ' Suspect '].map(stationWord)).toEqual([
      'normal',
      'normal',
      'normal',
      'suspect',
    ]);
    expect(['fine', '', 'constructor'].map(stationWord)).toEqual([undefined, undefined, undefined]);
    expect(Object.keys(stationWords).map(stationWord)).toEqual(Object.values(stationWords));
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z', 'stated'],
    ['2026-01-02 03:04:05+04:00', '2026-01-01T23:04:05.000Z', 'stated'],
    ['2026-01-02 03:04', '2026-01-02T03:04:00.000Z', 'assumed-utc'],
    ['yesterday', undefined, undefined],
    ['2026-13-02T03:04:05Z', undefined, undefined],
    ['02.01.2026 03:04', undefined, undefined],
  ])('carry the time %s', (text, utc, zone) => {
    const time = stationTime(text);
    expect([time?.utc, time?.zone]).toEqual([utc, zone]);
  });
});
