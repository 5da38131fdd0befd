/**
 * `npm run measure -- lists [--scans N]... [--times N] [--keep FOLDER] [--only PATTERN] [--plans] [--plot FILE.svg] [--json]`:
 * how long every list, queue, feed, count and search takes over a real database with this many scans and cases (10000 and
 * 100000 unless given), asked of the service over HTTP, what PostgreSQL takes of it, and what one more scan costs.
 * `--keep` leaves the database and the figures in a folder and goes on with what it holds: figures of fewer scans are
 * those of the run that made them. `--only` asks what has a name that matches.
 * `--plans` prints the plan of the slowest statement of each question. The figures are in docs/decisions/0046-a-million.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { query } from '../../test/support/postgres-server.ts';
import { type Group, growthChart } from './lists/growth.ts';
import { multiply } from './lists/multiply.ts';
import { type Question, questionsOf } from './lists/questions.ts';
import { keptIn, type MeasuredService, startMeasured } from './lists/service.ts';
import { planOf, type Statement, statementsOf } from './lists/statements.ts';
import { arrive, makeTemplates } from './lists/templates.ts';
import { optionsOf } from './options.ts';

const values = optionsOf(import.meta.url, {
  scans: { type: 'string', multiple: true, default: ['10000', '100000'] },
  times: { type: 'string', default: '30' },
  keep: { type: 'string' },
  only: { type: 'string', default: '' },
  plans: { type: 'boolean', default: false },
  plot: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const sizes = values.scans.map(Number).toSorted((a, b) => a - b);
const times = Number(values.times);
const only = new RegExp(values.only);
/** Requests that are not counted: the first ones run code, and plan statements, that were never run before. */
const WARM_UP = 10;
/** Requests of which PostgreSQL writes down each statement. */
const LOGGED = 3;
const ARRIVALS = 7;
/** Rows of the audit that a run may begin with: one seal of them. */
const MOST_UNSEALED = 10_000;
const MOST_SECONDS_OF_SEALS = 1800;
const ARRIVAL = 'one more scan, to the queue';

interface Figure {
  readonly name: string;
  /** Milliseconds of a request. */
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Milliseconds of all statements of a request; median. */
  readonly databaseMs: number;
}

interface Measured {
  readonly scans: number;
  readonly figures: readonly Figure[];
}

const service = await startMeasured(values.keep === undefined ? undefined : resolve(values.keep));
const all: Measured[] = [];
try {
  const templates = await keptIn(join(service.folder, 'templates.json'), () => makeTemplates(service));
  const heldFile = join(service.folder, 'held.json');
  let held = existsSync(heldFile) ? Number(readFileSync(heldFile, 'utf8')) : 0;
  const figuresFile = join(service.folder, 'figures.json');
  const before: readonly Measured[] = existsSync(figuresFile)
    ? JSON.parse(readFileSync(figuresFile, 'utf8'))
    : [];
  for (const scans of sizes) {
    if (scans < held) {
      const kept = before.find((one) => one.scans === scans);
      if (kept === undefined) throw new Error(`The folder holds ${held} scans, and no figures of ${scans}`);
      all.push(kept);
      continue;
    }
    if (scans > held) {
      console.error(`Making ${scans} scans and cases`);
      const began = Date.now();
      await service.resting(() => multiply(service.ownerUrl, templates, held, scans));
      held = scans;
      writeFileSync(heldFile, String(held));
      await sealed(service);
      console.error(`Made them in ${Math.round((Date.now() - began) / 1000)} s, ${await databaseSize()}`);
    }
    const figures: Figure[] = [];
    const stored = templates[0]?.scanId ?? '';
    for (const question of await questionsOf(service, held, stored))
      if (only.test(question.name)) figures.push(...(await measureOrTell(service, question)));
    if (only.test(ARRIVAL)) figures.push(await measureArrival(service, held));
    all.push({ scans: held, figures });
    const others = before.filter((one) => all.every(({ scans: measured }) => measured !== one.scans));
    writeFileSync(figuresFile, JSON.stringify([...all, ...others]));
  }
} finally {
  await service.stop();
}
if (values.json) console.log(JSON.stringify(all, null, 2));
else console.table(tableOf(all));
if (values.plot !== undefined) {
  const title = 'Milliseconds of the database, by the number of scans';
  writeFileSync(values.plot, growthChart(title, groupsOf(all)));
}

/** The service seals in the background what was made of its audit, which is much at once. */
async function sealed({ ownerUrl }: MeasuredService): Promise<void> {
  for (let second = 0; second < MOST_SECONDS_OF_SEALS; second += 1) {
    const [row] = await query(
      ownerUrl,
      'select (select max(seq) from audit) - coalesce((select max(highest) from audit_seals), 0) as rest',
    );
    if (Number(row?.rest) <= MOST_UNSEALED) return;
    await sleep(1000);
  }
  throw new Error('The audit is not sealed yet, and its seals would be measured, too');
}

async function databaseSize(): Promise<string> {
  const [row] = await query(
    service.ownerUrl,
    'select pg_size_pretty(pg_database_size(current_database())) as size',
  );
  return String(row?.size);
}

/** What cannot be asked is told, and the rest is measured. */
async function measureOrTell(service: MeasuredService, question: Question): Promise<readonly Figure[]> {
  try {
    return [await measure(service, question)];
  } catch (error) {
    console.error(`Not measured: ${question.name}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
    return [];
  }
}

async function measure(service: MeasuredService, question: Question): Promise<Figure> {
  const took: number[] = [];
  for (let i = -WARM_UP; i < times; i += 1) {
    const { ms, text } = await askOnce(service, question, i + WARM_UP);
    if (i >= 0) took.push(ms);
    await handBack(service, question, text);
  }
  const inDatabase: number[] = [];
  let slowest: Statement | undefined;
  for (let window = 0; window < LOGGED; window += 1) {
    let answer = '';
    const statements = await statementsOf(service, async () => {
      answer = (await askOnce(service, question, window)).text;
    });
    await handBack(service, question, answer);
    inDatabase.push(statements.reduce((sum, { ms }) => sum + ms, 0));
    const all = slowest === undefined ? statements : [...statements, slowest];
    slowest = all.toSorted((one, other) => other.ms - one.ms)[0];
  }
  if (values.plans && slowest !== undefined) {
    console.log(`\n== ${question.name}: ${slowest.ms} ms\n${slowest.text}\n${slowest.parameters.join(', ')}`);
    console.log(await planOf(service.ownerUrl, slowest));
  }
  return {
    name: question.name,
    medianMs: at(took, 0.5),
    p95Ms: at(took, 0.95),
    databaseMs: at(inDatabase, 0.5),
  };
}

function askOnce(service: MeasuredService, { role, method, path, body }: Question, i: number) {
  return service.ask(role, method, path(i), body);
}

/** A case that was dealt goes back, which is not counted. A supervisor may do that any number of times. */
async function handBack(service: MeasuredService, { name }: Question, answer: string): Promise<void> {
  if (name !== 'next case') return;
  const why = { why: 'the measure draws once more' };
  await service.ask('supervisor', 'POST', `/v1/cases/${JSON.parse(answer).id}/hand-back`, why);
}

/** Nothing like it was sent before: each has a seed of its own. */
async function measureArrival(service: MeasuredService, scans: number): Promise<Figure> {
  const took: number[] = [];
  const inDatabase: number[] = [];
  for (let i = 0; i < ARRIVALS; i += 1) {
    const seed = (Date.now() + i) % 2 ** 31;
    const statements = await statementsOf(service, async () => {
      took.push(await arrive(service, seed));
    });
    inDatabase.push(statements.reduce((sum, { ms }) => sum + ms, 0));
  }
  console.error(`Sent ${ARRIVALS} more scans over ${scans}`);
  return { name: ARRIVAL, medianMs: at(took, 0.5), p95Ms: at(took, 0.95), databaseMs: at(inDatabase, 0.5) };
}

function at(some: readonly number[], share: number): number {
  const sorted = some.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(share * sorted.length)] ?? Number.NaN) * 10) / 10;
}

function tableOf(all: readonly Measured[]) {
  const names = all[0]?.figures.map(({ name }) => name) ?? [];
  const columns = (name: string) =>
    all.flatMap(({ scans, figures }) => {
      const figure = figures.find((one) => one.name === name);
      return [
        [`${scans}: median`, figure?.medianMs],
        [`${scans}: p95`, figure?.p95Ms],
        [`${scans}: database`, figure?.databaseMs],
      ];
    });
  return Object.fromEntries(names.map((name) => [name, Object.fromEntries(columns(name))]));
}

/** In the order in which they are told apart: what is in none before is a list. */
function groupsOf(all: readonly Measured[]): readonly Group[] {
  const kinds: readonly (readonly [string, RegExp])[] = [
    ['one more scan', /^one more/],
    ['queue', /queue|next case|load/],
    ['wildcards', /wildcard/],
    ['QIDO', /^QIDO/],
    ['lists', /./],
  ];
  const kindOf = (name: string) => kinds.find(([, is]) => is.test(name))?.[0];
  const names = all[0]?.figures.map(({ name }) => name) ?? [];
  return kinds.map(([kind]) => ({
    name: kind,
    lines: names
      .filter((name) => kindOf(name) === kind)
      .map((name) => ({
        name: name.replace(/^QIDO /, ''),
        points: all.map(({ scans, figures }) => ({
          scans,
          ms: figures.find((one) => one.name === name)?.databaseMs ?? Number.NaN,
        })),
      })),
  }));
}
