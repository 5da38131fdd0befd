import { describe, expect, it } from 'vitest';
import { containerState, withCheckDigit } from '../../../src/core/check-digits.ts';
import { type SiteTerms, unsetSite } from '../../../src/core/rules/site.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import { brokenTerm, clockOf, loosenedTerms, pairWindow } from '../../../src/triage/site-rules.ts';

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
    expect(loosened(unsetSite, withPairs(pair({ fromSeconds: -2700, toSeconds: 3600 })))).toEqual([]);
    expect(loosened(withPairs(pair()), withPairs(pair({ toSeconds: 2600 })))).toEqual(['windows']);
    expect(loosened(withPairs(pair()), withPairs(pair({ toSeconds: 2800 })))).toEqual([]);
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
