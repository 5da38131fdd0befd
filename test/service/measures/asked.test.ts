import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { roles } from '../../../src/core/access.ts';
import { measures } from '../../../src/core/measures/figures.ts';
import { ADMINISTRATION, type Harness, openHarness } from '../../support/harness.ts';
import { simulateMonth } from '../../support/measures/month.ts';
import { storeMonth } from '../../support/measures/store-month.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

/** Who is told which figures, in which form, and what is said of a period that cannot be. */

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-04-01T00:00:00Z');
const period = `from=${from.toISOString()}&to=${to.toISOString()}`;
const overseers = ['supervisor', 'auditor', 'administrator'];

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let service: Harness;

beforeAll(async () => {
  copy = await freshDatabase();
  database = await openDatabase(copy.url);
  service = await openHarness({
    deps: { records: openRecords(database), jobs: openJobs(database), clock: { now: () => to } },
  });
  for (const [administration, seed, scans] of [
    [ADMINISTRATION, 7, 400],
    ['elsewhere', 8, 100],
  ] as const)
    await storeMonth(database, administration, simulateMonth({ administration, seed, scans, from, to }));
});

afterAll(async () => {
  await service?.close();
  await database?.close();
  await copy?.drop();
  expect(service.wrongAnswers).toEqual([]);
});

interface Row {
  readonly figure: string;
  readonly part: string;
  readonly person?: string;
  readonly site?: string;
  readonly count: number;
  readonly scansHref?: string;
}

const get = (token: string, url: string, headers: Record<string, string> = {}) =>
  service.ask(token, { url, headers });

async function scansOf(token: string, more = ''): Promise<number> {
  const answer = await get(token, `/v1/measures/throughput?${period}${more}`);
  expect(answer.statusCode, answer.body).toBe(200);
  const rows: readonly Row[] = answer.json().rows;
  return rows.find(({ figure, part }) => figure === 'scans' && part === 'whole')?.count ?? -1;
}

test.each(roles)('a %s is told figures exactly if the role oversees the work', async (role) => {
  const urls = [
    ...measures.map((measure) => `/v1/measures/${measure}?${period}`),
    `/v1/measures/rates/scans?${period}&figure=suspect`,
  ];
  for (const url of urls) {
    const { statusCode } = await service.as(role, { url });
    expect([url, statusCode]).toEqual([url, overseers.includes(role) ? 200 : 403]);
  }
});

test('a key counts its own site, the key of all sites each of them, and nobody another administration', async () => {
  const all = await service.newToken('supervisor', ADMINISTRATION, '*');
  const own = await scansOf(service.token('supervisor'));
  const [harbour, airport] = [await scansOf(all, '&site=harbour'), await scansOf(all, '&site=airport')];
  expect(own).toBe(harbour);
  expect(harbour).toBeGreaterThan(100);
  expect(await scansOf(all)).toBe(harbour + airport);
  const other = await get(service.token('supervisor'), `/v1/measures/throughput?${period}&site=airport`);
  expect([other.statusCode, other.json().code]).toEqual([404, 'NII_NOT_FOUND']);
  const elsewhere = await service.newToken('supervisor', 'elsewhere', '*');
  expect(await scansOf(elsewhere)).toBeLessThanOrEqual(100);
  const listed = await get(elsewhere, `/v1/measures/throughput/scans?${period}&figure=scans&limit=200`);
  const ids: readonly string[] = listed.json().items.map((one: { scanId: string }) => one.scanId);
  expect(ids.length).toBeGreaterThan(50);
  expect(ids.filter((id) => !id.startsWith('m8-'))).toEqual([]);
});

/** Rows of cells, read as RFC 4180 says. */
function readCsv(text: string): readonly (readonly string[])[] {
  expect(text.endsWith('\r\n')).toBe(true);
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  const rows: string[][] = [[]];
  while (cell.lastIndex < text.length) {
    const [, quoted, plain = '', end] = cell.exec(text) ?? [];
    if (end === undefined) throw new Error('this is no CSV');
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test.each([
  ['text/csv', 'text/csv'],
  ['text/csv; charset=utf-8, application/json;q=0.5', 'text/csv'],
  ['application/json;q=0.5, text/*', 'text/csv'],
  ['application/json, text/csv;q=0.9', 'application/json'],
  ['text/csv;q=0, */*', 'application/json'],
  ['*/*', 'application/json'],
  ['text/html', 'application/json'],
])('Accept: %s is answered with %s', async (accept, type) => {
  const token = await service.newToken('supervisor', ADMINISTRATION, '*');
  const answer = await get(token, `/v1/measures/throughput?${period}`, { accept });
  expect(answer.headers['content-type']).toContain(type);
});

test('CSV says what JSON says, by the address or by Accept, and no cell is a formula', async () => {
  const token = await service.newToken('supervisor', ADMINISTRATION, '*');
  const url = `/v1/measures/throughput?${period}`;
  const asked = await get(token, `${url}&format=csv`);
  expect(asked.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
  expect(asked.headers['content-disposition']).toBe('attachment; filename="throughput.csv"');
  expect((await get(token, url, { accept: 'text/csv' })).body).toBe(asked.body);
  const [columns = [], ...lines] = readCsv(asked.body);
  const { rows } = (await get(token, url)).json();
  expect(lines.length).toBe(rows.length);
  for (const [i, line] of lines.entries()) {
    const { figure, part, count, value, from: starts, site = '', scanner = '' } = rows[i];
    const read = Object.fromEntries(columns.map((name, at) => [name, line[at]]));
    expect(read).toMatchObject({ figure, part, from: starts, site, count: String(count) });
    expect(Number(read.value)).toBe(value);
    expect(read.scanner).toBe(scanner === '=cargo-2' ? "'=cargo-2" : scanner);
  }
  const cells = lines.flat().filter((cell) => Number.isNaN(Number(cell)));
  expect(cells.filter((cell) => /^[=+\-@\t\r\n]/.test(cell))).toEqual([]);
  expect(lines.flat()).toContain("'=cargo-2");
});

test.each([
  ['throughput?from=2026-04-02T00:00:00Z&to=2026-04-01T00:00:00Z', /Invalid from "2026-04-02.*before to/],
  ['throughput?from=2026-04-01T00:00:00Z&to=2026-04-01T00:00:00Z', /Invalid from "2026-04-01/],
  ['rates?from=2020-01-01T00:00:00Z&by=hour', /The period has too many parts by hour: use at most 1000/],
  ['rates?from=1990-01-01T00:00:00Z&by=week', /The period has too many parts by week: use at most 1000/],
  ['times?zone=Mars/Olympus', /Invalid zone "Mars\/Olympus": use a name from the time zone database/],
  ['times?zone=%2B02:00', /Invalid zone "\+02:00"/],
  ['rates?from=yesterday', /date-time/],
  ['rates?by=year', /hour.*day.*week/],
  ['rates?threshold=101', /100/],
  ['rates/scans?figure=due', /Invalid figure "due" of rates: use one of .*alarm/],
  ['rates/scans?figure=constructor', /Invalid figure "constructor" of rates/],
])('%s is rejected, and says what is allowed', async (url, words) => {
  const answer = await service.as('supervisor', { url: `/v1/measures/${url}` });
  expect([answer.statusCode, answer.json().code], answer.body).toEqual([400, 'NII_BAD_REQUEST']);
  expect(answer.json().detail).toMatch(words);
});

test('a period with as many parts as there may be is counted, and one more is not', async () => {
  const hours = (count: number) => {
    const end = new Date(from.getTime() + count * 3_600_000).toISOString();
    return service.as('supervisor', {
      url: `/v1/measures/rates?from=${from.toISOString()}&to=${end}&by=hour`,
    });
  };
  const most = await hours(1000);
  expect(most.statusCode, most.body).toBe(200);
  expect((await hours(1001)).statusCode).toBe(400);
});

test('a period in which nothing came says so, and each share of it is unknown, not nought', async () => {
  const url = '/v1/measures/rates?from=2019-01-01T00:00:00Z&to=2019-02-01T00:00:00Z';
  const { isEmpty, text, rows } = (await service.as('supervisor', { url })).json();
  expect([isEmpty, text]).toEqual([true, 'No scans in this period']);
  expect(rows.map(({ value }: { value: number | null }) => value)).toEqual(rows.map(() => null));
});

interface Look {
  readonly scanner?: string;
  readonly purpose?: string;
  readonly pseudonyms?: boolean;
  readonly persons?: readonly string[];
}

const audited = (action: string): Promise<readonly Look[]> =>
  database.transaction(async (tx) => {
    const { rows } = await sql<{ detail: Look }>`select detail from audit where action = ${action}`.execute(
      tx,
    );
    return rows.map(({ detail }) => detail);
  });

test('each look at figures is in the audit with what was asked', async () => {
  await service.as('supervisor', { url: `/v1/measures/agreement?${period}&scanner=gate-1` });
  const looks = await audited('view measure agreement');
  expect(looks.map(({ scanner }) => scanner)).toContain('gate-1');
});

const persons = `/v1/measures/persons?${period}`;
const figures = { purpose: 'training of readers', roles: ['supervisor'], days: 60 };

test('figures of persons are off until two administrators switch them on, for whom the policy names', async () => {
  const [ada, bob, supervisor] = [
    await service.newToken('administrator', ADMINISTRATION, '*'),
    await service.newToken('administrator', ADMINISTRATION, '*'),
    await service.newToken('supervisor', ADMINISTRATION, '*'),
  ];
  const off = await get(supervisor, persons);
  expect([off.statusCode, off.json().code]).toEqual([409, 'NII_PERSON_FIGURES']);

  const policy = await get(ada, '/v1/policy');
  const payload = { ...policy.json().terms, personFigures: figures };
  const headers = { 'if-match': String(policy.headers.etag) };
  const proposed = await service.ask(ada, { method: 'PUT', url: '/v1/policy', payload, headers });
  expect(proposed.statusCode, proposed.body).toBe(202);
  expect((await get(supervisor, persons)).statusCode).toBe(409);
  const confirm = async (token: string) =>
    service.ask(token, {
      method: 'POST',
      url: '/v1/policy/confirmation',
      headers: { 'if-match': String((await get(token, '/v1/policy')).headers.etag) },
    });
  expect((await confirm(ada)).statusCode).toBe(409);
  expect((await confirm(bob)).statusCode).toBe(200);

  const on = await get(supervisor, persons);
  expect(on.statusCode, on.body).toBe(200);
  const { purpose, rows } = on.json() as { purpose: string; rows: readonly Row[] };
  expect(purpose).toBe(figures.purpose);
  const ids = new Set(rows.map(({ person }) => person));
  expect([...ids].filter((id) => id?.startsWith('reader-')).length).toBeGreaterThan(4);
  const decisions = rows.filter(({ figure }) => figure === 'decisions');
  const throughput: readonly Row[] = (await get(supervisor, `/v1/measures/throughput?${period}`)).json().rows;
  const whole = throughput.find(({ figure, part }) => figure === 'decisions' && part === 'whole');
  expect(decisions.reduce((sum, { count }) => sum + count, 0)).toBe(whole?.count);

  const auditor = await get(service.token('auditor'), persons);
  expect([auditor.statusCode, auditor.json().code]).toEqual([403, 'NII_FORBIDDEN']);
  expect(auditor.json().detail).toContain('supervisor');
  expect((await get(service.token('analyst'), persons)).statusCode).toBe(403);
  const elsewhere = await service.newToken('supervisor', 'elsewhere', '*');
  expect((await get(elsewhere, persons)).json().code).toBe('NII_PERSON_FIGURES');

  // what leaves the service names nobody, and the same person alike each time
  const csv = await get(supervisor, `${persons}&format=csv`);
  const [, ...lines] = readCsv(csv.body);
  const names = new Set(lines.map(([name = '']) => name));
  expect(names.size).toBe(ids.size);
  for (const name of names) expect(name).toMatch(/^reader-[0-9a-f]{24}$/);
  expect((await get(supervisor, `${persons}&format=csv`)).body).toBe(csv.body);

  const looks = await audited('view figures of persons');
  expect(looks.map(({ pseudonyms }) => pseudonyms)).toEqual(expect.arrayContaining([true, false]));
  for (const look of looks) {
    expect(look.purpose).toBe(figures.purpose);
    expect(new Set(look.persons)).toEqual(ids);
  }
});
