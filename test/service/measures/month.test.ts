import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { ADMINISTRATION, type Harness, openHarness } from '../../support/harness.ts';
import { type AuditedCase, auditedCases } from '../../support/measures/by-audit.ts';
import { simulateMonth } from '../../support/measures/month.ts';
import { storeMonth } from '../../support/measures/store-month.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

/** A simulated month of 10,000 scans, counted by the service and by other means. */

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-04-01T00:00:00Z');
const zone = 'Europe/Amsterdam'; // its clocks change on 29 March
const THRESHOLD = 95;

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let service: Harness;
let cases: readonly AuditedCase[];
let supervisor: string;

beforeAll(async () => {
  copy = await freshDatabase();
  database = await openDatabase(copy.url);
  const deps = { records: openRecords(database), jobs: openJobs(database), clock: { now: () => to } };
  service = await openHarness({ deps });
  const month = { administration: ADMINISTRATION, seed: 7, scans: 10_000, from, to };
  await storeMonth(database, ADMINISTRATION, simulateMonth(month));
  cases = await auditedCases(database);
  supervisor = await service.newToken('supervisor', ADMINISTRATION, '*');
}, 120_000);

afterAll(async () => {
  await service?.close();
  await database?.close();
  await copy?.drop();
  expect(service.wrongAnswers).toEqual([]);
});

interface Row {
  readonly figure: string;
  readonly part: string;
  readonly from: string;
  readonly to: string;
  readonly site?: string;
  readonly scanner?: string;
  readonly count: number;
  readonly of?: number;
  readonly value: number | null;
  readonly low?: number;
  readonly high?: number;
  readonly scansHref?: string;
}

interface Page {
  readonly items: readonly { readonly caseId: string }[];
  readonly next?: string;
}

async function rowsOf(measure: string, query: Record<string, string> = {}): Promise<readonly Row[]> {
  const asked = new URLSearchParams({ from: from.toISOString(), to: to.toISOString(), zone, ...query });
  const answer = await service.ask(supervisor, { url: `/v1/measures/${measure}?${asked}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json().rows;
}

const whole = (rows: readonly Row[], figure: string): Row => {
  const found = rows.find((row) => row.part === 'whole' && row.figure === figure);
  if (found === undefined) throw new Error(`no row of ${figure}`);
  return found;
};
const count = (is: (one: AuditedCase) => boolean) => cases.filter(is).length;

/** Wilson's interval as the roots of (p - x)² = z² x (1 - x) / n. */
function wilsonRoots(p: number, n: number) {
  const z2 = 1.959963984540054 ** 2;
  const [a, b, c] = [1 + z2 / n, -(2 * p + z2 / n), p * p];
  const root = Math.sqrt(b * b - 4 * a * c);
  return [(-b - root) / (2 * a), (-b + root) / (2 * a)] as const;
}

test('scans and decisions an hour are those of the scans and of the audit, by site and scanner', async () => {
  const rows = await rowsOf('throughput');
  const { rows: decided } = await database.transaction((tx) =>
    sql<{
      site: string;
      scanner: string | null;
      n: number;
    }>`select site, scanner, count(*)::int as n from audit
      left join (select scan_id || '-u' as id, scanner from observations) as seen on seen.id = audit.subject
      where action in ('change case: decide', 'change case: settle') group by site, scanner`.execute(tx),
  );
  expect(whole(rows, 'decisions').count).toBe(decided.reduce((sum, { n }) => sum + n, 0));
  expect(decided.length).toBe(5);
  for (const { site, scanner, n } of decided) {
    const row = rows.find(
      (one) => one.figure === 'decisions' && one.site === site && (one.scanner ?? null) === scanner,
    );
    expect([site, scanner, row?.count]).toEqual([site, scanner, n]);
    expect(row?.value).toBeCloseTo(n / (31 * 24), 9);
  }
  for (const figure of ['scans', 'decisions'])
    for (const part of ['time', 'scanner']) {
      const parts = rows.filter((row) => row.figure === figure && row.part === part);
      expect([figure, part, parts.reduce((sum, row) => sum + row.count, 0)]).toEqual([
        figure,
        part,
        whole(rows, figure).count,
      ]);
    }
});

test('the times from scan to step have the percentiles of the sorted times', async () => {
  const rows = await rowsOf('times');
  const times: Readonly<Record<string, (one: AuditedCase) => number | undefined>> = {
    arrived: ({ arrived }) => arrived,
    claimed: ({ claimed }) => claimed,
    decided: ({ readings, isReadable }) => (isReadable ? undefined : readings[0]?.at),
    closed: ({ closed, isReadable }) => (isReadable ? undefined : closed),
  };
  for (const [step, timeOf] of Object.entries(times)) {
    const seconds = cases
      .flatMap((one) => {
        const at = timeOf(one);
        return at === undefined || one.scanned === undefined ? [] : [(at - one.scanned) / 1000];
      })
      .toSorted((a, b) => a - b);
    for (const percentile of [50, 90, 95, 99]) {
      const place = (percentile / 100) * (seconds.length - 1);
      const [below = 0, above = below] = [seconds[Math.floor(place)], seconds[Math.ceil(place)]];
      const row = whole(rows, `${step}.p${percentile}`);
      expect([step, row.count]).toEqual([step, seconds.length]);
      expect(row.value).toBeCloseTo(below + (above - below) * (place - Math.floor(place)), 3);
    }
  }
});

test('rates are those of the audit with the interval of Wilson, and misses those of drawn searches', async () => {
  const rows = await rowsOf('rates');
  const isSearched = ({ outcome }: AuditedCase) => outcome === 'found' || outcome === 'nothing-found';
  const expected: Readonly<Record<string, readonly [number, number]>> = {
    'alarm-rate': [
      count(({ percentile }) => percentile !== null && percentile >= THRESHOLD),
      count(({ percentile }) => percentile !== null),
    ],
    'suspect-rate': [count(({ final }) => final === 'suspect'), count(({ final }) => final !== undefined)],
    'referral-rate': [
      count(({ isReferred, drawnShare }) => isReferred && drawnShare === undefined),
      count(({ final }) => final !== undefined),
    ],
    'hit-rate': [
      count(({ outcome, drawnShare }) => outcome === 'found' && drawnShare === undefined),
      count((one) => isSearched(one) && one.drawnShare === undefined),
    ],
  };
  for (const [figure, [n, of]] of Object.entries(expected)) {
    const row = whole(rows, figure);
    expect([figure, row.count, row.of]).toEqual([figure, n, of]);
    expect(n).toBeGreaterThan(50);
    const [low, high] = wilsonRoots(n / of, of);
    expect(row.low).toBeCloseTo(low, 10);
    expect(row.high).toBeCloseTo(high, 10);
  }
  const drawn = cases.filter((one) => isSearched(one) && one.drawnShare !== undefined);
  const weight = ({ drawnShare = 1 }: AuditedCase) => 1 / drawnShare;
  const sum = (some: readonly AuditedCase[]) => some.reduce((total, one) => total + weight(one), 0);
  const miss = whole(rows, 'miss-rate');
  expect(miss.of).toBe(drawn.length);
  expect(new Set(drawn.map(({ drawnShare }) => drawnShare))).toEqual(new Set([0.02, 0.05]));
  expect(miss.value).toBeCloseTo(sum(drawn.filter(({ outcome }) => outcome === 'found')) / sum(drawn), 10);
  expect(miss.low).toBeLessThanOrEqual(miss.value ?? -1);
  expect(miss.high).toBeGreaterThan(miss.value ?? 1);
});

test('agreement of model, readers and outcome is that of the verdicts in the histories', async () => {
  const rows = await rowsOf('agreement');
  const word = (said: string | undefined) =>
    said === 'suspect' || said === 'found'
      ? true
      : said === 'normal' || said === 'nothing-found'
        ? false
        : undefined;
  const judges: Readonly<Record<string, (one: AuditedCase) => boolean | undefined>> = {
    model: ({ percentile }) => (percentile === null ? undefined : percentile >= THRESHOLD),
    'first-reader': ({ first }) => word(first),
    'second-reader': ({ second }) => word(second),
    outcome: ({ outcome }) => word(outcome),
  };
  const names = Object.keys(judges);
  for (const [i, one] of names.entries())
    for (const other of names.slice(i + 1)) {
      const pairs = cases.flatMap((value) => {
        const [a, b] = [judges[one]?.(value), judges[other]?.(value)];
        return a === undefined || b === undefined ? [] : [[a, b] as const];
      });
      const n = (a: boolean, b: boolean) => pairs.filter(([x, y]) => x === a && y === b).length;
      const cell = (name: string) => whole(rows, `${one}+${other}.${name}`).count;
      expect([one, other, cell('yes-yes'), cell('yes-no'), cell('no-yes'), cell('no-no')]).toEqual([
        one,
        other,
        n(true, true),
        n(true, false),
        n(false, true),
        n(false, false),
      ]);
      // kappa of two by two in closed form
      const [a, b, c, d] = [n(true, true), n(true, false), n(false, true), n(false, false)];
      const kappa = (2 * (a * d - b * c)) / ((a + b) * (b + d) + (a + c) * (c + d));
      expect(whole(rows, `${one}+${other}.kappa`).value).toBeCloseTo(kappa, 10);
    }
});

test('cases past due are those that nobody had settled when they were due', async () => {
  const rows = await rowsOf('past-due');
  const isDue = ({ due }: AuditedCase) => due < to.getTime();
  const isLate = (one: AuditedCase) => isDue(one) && (one.settled === undefined || one.settled > one.due);
  expect([whole(rows, 'late-rate').count, whole(rows, 'late-rate').of]).toEqual([
    count(isLate),
    count(isDue),
  ]);
  expect(whole(rows, 'late-now').count).toBe(count((one) => isDue(one) && one.settled === undefined));
});

test('figures of sites and of halves of the period add up to the whole', async () => {
  const middle = '2026-03-14T23:00:00.000Z'; // a midnight of the zone
  for (const [measure, figure] of [
    ['throughput', 'scans'],
    ['rates', 'suspect-rate'],
    ['past-due', 'late-rate'],
  ] as const) {
    const all = whole(await rowsOf(measure), figure).count;
    const sites = [];
    for (const site of ['harbour', 'airport'])
      sites.push(whole(await rowsOf(measure, { site }), figure).count);
    const halves = [whole(await rowsOf(measure, { to: middle }), figure).count];
    halves.push(whole(await rowsOf(measure, { from: middle }), figure).count);
    expect([measure, sites.reduce((a, b) => a + b), halves.reduce((a, b) => a + b)]).toEqual([
      measure,
      all,
      all,
    ]);
  }
});

test('a day in which clocks change has 23 hours, and its scans are those of the day', async () => {
  const rows = await rowsOf('throughput');
  const day = rows.find((row) => row.figure === 'scans' && row.from === '2026-03-28T23:00:00.000Z');
  expect(day?.to).toBe('2026-03-29T22:00:00.000Z');
  expect(day?.value).toBeCloseTo((day?.count ?? 0) / 23, 9);
});

test('each figure opens as many scans as it counts', async () => {
  for (const measure of ['rates', 'past-due', 'times'])
    for (const row of (await rowsOf(measure)).filter(({ part, count: n }) => part === 'whole' && n < 300)) {
      if (row.scansHref === undefined) continue;
      const ids = new Set<string>();
      let next: string | undefined = '';
      while (next !== undefined) {
        const url: string = `${row.scansHref}&limit=200${next === '' ? '' : `&cursor=${next}`}`;
        const page: Page = (await service.ask(supervisor, { url })).json();
        for (const { caseId } of page.items) ids.add(caseId);
        next = page.next;
      }
      expect([row.figure, ids.size]).toEqual([row.figure, row.count]);
    }
});
