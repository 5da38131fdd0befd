import { describe, expect, it } from 'vitest';
import { containerState, withCheckDigit } from '../../../src/core/check-digits.ts';
import { type SiteTerms, unsetSite } from '../../../src/core/rules/site.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import {
  arePairedApart,
  brokenTerm,
  clockOf,
  loosenedTerms,
  pairWindow,
} from '../../../src/triage/site-rules.ts';

const pair = (more: Partial<SiteTerms['windows'][number]> = {}) => ({
  portal: { lane: '3' },
  scanner: 'fake.a',
  fromSeconds: 1200,
  toSeconds: 2700,
  ...more,
});
const withPairs = (...windows: SiteTerms['windows']): SiteTerms => ({ mode: 'live', windows });
const loosened = (before: SiteTerms, after: SiteTerms) => loosenedTerms(before, after, defaultPolicy);

describe('the window of a portal and a scanner', () => {
  const site = withPairs(pair(), pair({ portal: { serial: 'P-7' }, fromSeconds: 600, toSeconds: 1300 }));
  const windowOf = (portal: object, scanner = 'fake.a') => pairWindow({ site }, portal, scanner);

  it('is found by lane or serial number, however the lane is written, and is not of another scanner', () => {
    expect(windowOf({ lane: 'Lane 03' })).toEqual({ fromSeconds: 1200, toSeconds: 2700 });
    expect(windowOf({ portal: 'P-7' })).toEqual({ fromSeconds: 600, toSeconds: 1300 });
    expect([windowOf({ lane: '4' }), windowOf({}), windowOf({ lane: '3' }, 'fake.b')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('is from the earliest to the latest where two are of the same portal', () => {
    expect(windowOf({ lane: '3', portal: 'P-7' })).toEqual({ fromSeconds: 600, toSeconds: 2700 });
  });
});

describe('a portal and a scanner', () => {
  it('are paired apart where the site has paired each, and not with the other', () => {
    const site = withPairs(pair(), pair({ portal: { lane: '4' }, scanner: 'fake.b' }));
    const areApart = (lane: string, scanner: string) => arePairedApart({ site }, { lane }, scanner);
    expect([areApart('lane-3', 'fake.b'), areApart('4', 'fake.a')]).toEqual([true, true]);
    expect([areApart('3', 'fake.a'), areApart('gate-7', 'fake.a'), areApart('3', 'fake.c')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(arePairedApart({ site }, {}, 'fake.a'), 'the portal does not say its lane').toBe(false);
  });
});

describe('the clock of a scanner', () => {
  it('goes by what is said of it, else by what is said of its site', () => {
    const clocks = new Map([['fake.a', { zone: 'Asia/Dubai', clockOffsetSeconds: 5 }]]);
    const rules = { policy: defaultPolicy, site: { ...unsetSite, zone: 'Europe/Amsterdam' }, clocks };
    expect(clockOf(rules, 'fake.a')).toEqual({ zone: 'Asia/Dubai', offsetSeconds: 5 });
    expect(clockOf(rules, 'fake.b')).toEqual({ zone: 'Europe/Amsterdam', offsetSeconds: 0 });
    expect(clockOf({ ...rules, site: unsetSite }, 'fake.b')).toEqual({ offsetSeconds: 0 });
  });
});

describe('a change of a site', () => {
  it('loosens where a site goes live or into parallel mode, and where its zone or another fallback is set', () => {
    const parallel: SiteTerms = { ...unsetSite, mode: 'parallel' };
    expect(loosened(parallel, unsetSite)).toEqual(['mode']);
    expect(loosened(unsetSite, parallel)).toEqual(['mode']);
    expect(loosened(unsetSite, { ...unsetSite, zone: 'Asia/Dubai' })).toEqual(['zone']);
    const stop = { ...unsetSite, fallback: 'stop' };
    expect([loosened(unsetSite, stop), loosened(stop, { ...stop, fallback: 'let go' })]).toEqual([
      [],
      ['fallback'],
    ]);
    expect(loosened(parallel, { ...parallel, alarmWindowMinutes: 5, windows: [pair()] })).toEqual([]);
  });

  it('loosens where an alarm of a live site holds fewer scans, of all or of one pair', () => {
    expect(loosened(unsetSite, { ...unsetSite, alarmWindowMinutes: 44 })).toContain('alarmWindowMinutes');
    expect(loosened(unsetSite, { ...unsetSite, alarmWindowMinutes: 46 })).toEqual([]);
    expect(loosened(unsetSite, withPairs(pair()))).toEqual(['windows']);
    // a wide one as well: the only scan in it is surely joined, and frees those of other scanners
    expect(loosened(unsetSite, withPairs(pair({ fromSeconds: -2700, toSeconds: 3600 })))).toEqual([
      'windows',
    ]);
    const other = pair({ portal: { lane: '4' }, scanner: 'fake.b', toSeconds: 3600 });
    expect(loosened(withPairs(pair(), other), withPairs(pair()))).toEqual(['windows']);
    expect(loosened(withPairs(pair({ fromSeconds: -60, toSeconds: 60 })), unsetSite)).toEqual([]);
    expect(loosened(withPairs(pair()), withPairs(pair({ toSeconds: 2600 })))).toEqual(['windows']);
    // a wider one, too: it may join another scan for certain
    expect(loosened(withPairs(pair()), withPairs(pair({ toSeconds: 2800 })))).toEqual(['windows']);
    expect(loosened(withPairs(pair()), withPairs(pair()))).toEqual([]);
    expect(loosened(withPairs(pair({ toSeconds: 7200 })), unsetSite)).toEqual(['windows']);
  });
});

const serials = Array.from({ length: 22 }, (_, i) => withCheckDigit(`MSKU${100_000 + i}`));
const AMBIGUOUS = serials.find((one) => containerState(one) === 'ambiguous-check-digit') ?? '';

describe('the terms of a site', () => {
  it.each<[Partial<SiteTerms>, string | undefined, string | undefined]>([
    [{ zone: 'Europe/Amsterdam' }, undefined, undefined],
    [{ zone: 'Mars/Olympus' }, 'zone', undefined],
    [{ alarmWindowMinutes: 4 }, 'alarmWindowMinutes', 'alarm-near'],
    [{ windows: [pair(), pair({ toSeconds: 1210 })] }, 'windows.1', 'alarm-near'],
    [{ noMarks: ['UNKNOWN'] }, undefined, undefined],
    [{ noMarks: ['MSKU 123456-5'] }, 'noMarks', 'mark-unclear'],
    // its check digit stands for a remainder of ten
    [{ noMarks: [AMBIGUOUS] }, 'noMarks', 'mark-unclear'],
  ])('%j are refused by the field %s and the row %s', (terms, field, row) => {
    const broken = brokenTerm({ ...unsetSite, ...terms });
    expect([broken?.field, broken?.row]).toEqual([field, row]);
  });
});
