import { describe, expect, it, test } from 'vitest';
import type { CaseEvent } from '../../../src/core/case/case.ts';
import { PassageReason, type PassageReport, scanOfInstruction } from '../../../src/core/case/lane-passage.ts';
import { faultOfPassage, type KnownOfPassage } from '../../../src/features/passages/rules.ts';

/** Seconds after an instruction of five minutes was issued. */
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 2, 3) + seconds * 1000).toISOString();

const event = (kind: CaseEvent['kind'], seconds: number, word?: string): CaseEvent => ({
  seq: 1,
  at: at(seconds),
  actor: 'x',
  kind,
  detail: { kind: word },
});
const opened = event('opened', -200);
const decided = { history: [opened, event('claimed', -150), event('decided', -100, 'normal')] };
const scan = { receivedAt: at(-300), cases: [decided] };
const known: KnownOfPassage = { reportedAt: at(3600), scan };
const proceed = { scanId: 's1', instruction: 'proceed', issuedAt: at(0), expiresAt: at(300) } as const;

function passage(more: Partial<PassageReport> = {}, instruction: object = {}): PassageReport {
  return { id: 'p1', at: at(60), instruction: { ...proceed, ...instruction }, ...more };
}

describe('an instruction to proceed', () => {
  it.each([0, 60, 299.999])('is valid %d seconds after it was issued', (seconds) => {
    expect(faultOfPassage(passage({ at: at(seconds) }), known)).toBeUndefined();
  });

  it.each([
    [-0.001, 'not-yet-issued'],
    [-3600, 'not-yet-issued'],
    [300, 'expired'],
    [3600, 'expired'],
  ] as const)('is not valid %d seconds after it was issued: %s', (seconds, reason) => {
    expect(faultOfPassage(passage({ at: at(seconds) }), known)).toBe(reason);
  });

  it('of the scan of the passage counts without naming it again', () => {
    const { scanId, ...nameless } = proceed;
    const report: PassageReport = { id: 'p1', at: at(60), scanId, instruction: nameless };
    expect(scanOfInstruction(report)).toBe('s1');
    expect(faultOfPassage(report, known)).toBeUndefined();
  });
});

/** What was claimed, what is known of it, and the reason. */
const claims: readonly (readonly [string, PassageReport, KnownOfPassage, PassageReason])[] = [
  ['no instruction', { id: 'p1', at: at(60), scanId: 's1' }, known, 'none'],
  ['a passage two minutes after its report', passage(), { ...known, reportedAt: at(-60) }, 'in-future'],
  ['an instruction to hold', passage({}, { instruction: 'hold' }), known, 'was-hold'],
  ['an instruction to rescan', passage({}, { instruction: 'rescan' }), known, 'was-rescan'],
  ['one to hold that has ended', passage({ at: at(300) }, { instruction: 'hold' }), known, 'expired'],
  ['one that ends before it begins', passage({}, { expiresAt: at(-1) }), known, 'expired'],
  ['one that lasts for more than 15 minutes', passage({}, { expiresAt: at(901) }), known, 'too-long'],
  ['one of another scan', passage({ scanId: 's2' }), known, 'other-scan'],
  ['one of a scan that is not here', passage(), { reportedAt: known.reportedAt }, 'unknown-scan'],
  ['one that names no scan', passage({}, { scanId: undefined }), { reportedAt: at(3600) }, 'unknown-scan'],
  [
    'one of a scan that came later',
    passage(),
    { ...known, scan: { ...scan, receivedAt: at(61) } },
    'unknown-scan',
  ],
  ['one of a scan without a case', passage(), { ...known, scan: { ...scan, cases: [] } }, 'not-cleared'],
  [
    'one of a scan that nobody had decided on',
    passage(),
    { ...known, scan: { ...scan, cases: [{ history: [opened, event('decided', 61, 'normal')] }] } },
    'not-cleared',
  ],
  [
    'one of a scan that was decided suspect',
    passage(),
    { ...known, scan: { ...scan, cases: [{ history: [opened, event('decided', -100, 'suspect')] }] } },
    'not-cleared',
  ],
  [
    'one of a search that found something',
    passage(),
    { ...known, scan: { ...scan, cases: [{ history: [opened, event('outcome', -100, 'found')] }] } },
    'not-cleared',
  ],
  [
    'one of two objects of which one was decided',
    passage(),
    { ...known, scan: { ...scan, cases: [decided, { history: [opened] }] } },
    'not-cleared',
  ],
  [
    'a container that no scan of the vehicle has',
    passage({ containers: ['MSKU1234565', 'CSQU3054383'] }),
    { ...known, scan: { ...scan, containers: ['MSKU1234565'] } },
    'other-vehicle',
  ],
  [
    'another visit',
    passage({ visit: 'V 18' }),
    { ...known, scan: { ...scan, visit: 'V-17' } },
    'other-vehicle',
  ],
  [
    'something open from before it',
    passage(),
    { ...known, facts: [{ since: at(60) }, { since: at(61) }] },
    'something-open',
  ],
  ['something open after it', passage(), { ...known, facts: [{ since: at(61) }] }, 'left-with-fact'],
  [
    'an instruction that was used before',
    passage(),
    { ...known, used: [{ scanId: 's1', issuedAt: at(0) }] },
    'used-before',
  ],
  [
    'the number of an instruction that was used before',
    passage({}, { number: 4 }),
    { ...known, used: [{ scanId: 's1', issuedAt: at(5), number: 4 }] },
    'used-before',
  ],
  [
    'an instruction that is older than the last one used',
    passage({}, { number: 3 }),
    { ...known, used: [{ scanId: 's1', issuedAt: at(5), number: 4 }] },
    'older-instruction',
  ],
];

describe('a passage with', () => {
  test.each(claims)('%s is listed', (_, report, knowledge, reason) => {
    expect(faultOfPassage(report, knowledge)).toBe(reason);
  });

  test('every reason is listed above', () => {
    const shown = new Set<string>([...claims.map(([, , , reason]) => reason), 'not-yet-issued']);
    expect(shown).toEqual(new Set(PassageReason.enum));
  });

  test('the same containers and visit in another spelling is valid, and one of a scan that names none', () => {
    const named = { ...known, scan: { ...scan, containers: ['MSKU1234565'], visit: 'V-17' } };
    expect(faultOfPassage(passage({ containers: ['msku 123456-5'], visit: 'v 17' }), named)).toBeUndefined();
    const containers = ['CSQU3054383'];
    expect(
      faultOfPassage(passage({ containers }), { ...known, scan: { ...scan, containers: [] } }),
    ).toBeUndefined();
  });

  test('an instruction that another scan has used, or with a higher number, is valid', () => {
    const used = [
      { scanId: 's2', issuedAt: at(0), number: 9 },
      { scanId: 's1', issuedAt: at(-5), number: 3 },
    ];
    expect(faultOfPassage(passage({}, { number: 4 }), { ...known, used })).toBeUndefined();
  });

  test('clocks that differ by a minute is valid', () => {
    const late = {
      ...scan,
      receivedAt: at(60),
      cases: [{ history: [event('opened', 59), event('decided', 60, 'normal')] }],
    };
    expect(faultOfPassage(passage({ at: at(60) }), { reportedAt: at(0), scan: late })).toBeUndefined();
  });

  test.each([
    ['decided', 'normal'],
    ['settled', 'normal'],
    ['outcome', 'nothing-found'],
    ['accepted', undefined],
  ] as const)('a case that was %s as %s is valid', (kind, word) => {
    const cases = [{ history: [opened, event('decided', -150, 'suspect'), event(kind, -100, word)] }];
    expect(faultOfPassage(passage(), { ...known, scan: { ...scan, cases } })).toBeUndefined();
  });

  test('a case that was opened later does not affect the earlier instruction', () => {
    const later = { history: [event('opened', 100)] };
    expect(
      faultOfPassage(passage(), { ...known, scan: { ...scan, cases: [decided, later] } }),
    ).toBeUndefined();
  });

  test('a longest instruction of 15 minutes is valid', () => {
    expect(faultOfPassage(passage({ at: at(899) }, { expiresAt: at(900) }), known)).toBeUndefined();
  });
});

/** The rule in other words: what a valid passage needs, of every combination. */
test('only what keeps every condition is valid, and every other has the reason of the first that it breaks', () => {
  const times = [-100, 0, 150, 299, 300, 500];
  const words = ['proceed', 'hold', 'rescan'] as const;
  const owners = [undefined, 's1', 's2'];
  const scans = [undefined, scan, { ...scan, receivedAt: at(500) }, { ...scan, cases: [] }];
  const lengths = [300, 1000];
  for (const seconds of times)
    for (const instruction of words)
      for (const scanId of owners)
        for (const one of scans)
          for (const length of lengths) {
            const more = scanId === undefined ? {} : { scanId };
            const report = passage({ at: at(seconds), ...more }, { instruction, expiresAt: at(length) });
            const fault = faultOfPassage(report, {
              reportedAt: at(3600),
              ...(one === undefined ? {} : { scan: one }),
            });
            const isInTime = seconds >= 0 && seconds < length;
            const isOurs = length <= 900 && scanId !== 's2' && one === scan;
            const told = JSON.stringify({ seconds, instruction, scanId, length, one });
            expect(fault === undefined, told).toBe(isInTime && instruction === 'proceed' && isOurs);
            if (!isInTime) expect(fault, told).toBe(seconds < 0 ? 'not-yet-issued' : 'expired');
            else if (instruction !== 'proceed') expect(fault, told).toBe(`was-${instruction}`);
          }
});
