import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import { HoldState } from '../../../src/core/radiation/hold-states.ts';
import { adjudicateHold } from '../../../src/features/holds/decide.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { buildApp } from '../../../src/http/app.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { type WatchEvent, watchFolder } from '../../../src/watch/index.ts';
import { openService } from '../../../src/wiring.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { seededRandom } from '../../support/random.ts';
import { isLargeSearch, searchSeed, searchSize } from '../../support/search-size.ts';
import { actor } from '../../support/stage.ts';

/**
 * A portal's daily log of 500 occupancies, grown line by line and sent 200 times by `nii watch`, or a part of it. Watcher and service are
 * ended and started again in the middle, and officers decide meanwhile.
 */

/** `npm run long -- --part portal-log` sends a whole day. */
const { occupancies: OCCUPANCIES, sendings: SENDINGS } = searchSize.portalLog;
const PATIENCE_MS = 900_000;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const random = seededRandom(searchSeed);
const day = Date.now() - 20 * 3_600_000;

const counts = (mean: number) =>
  Array.from({ length: 4 }, () =>
    String(Math.max(1, Math.round(mean * (0.8 + 0.4 * random())))).padStart(6, '0'),
  );

interface Occupied {
  readonly number: number;
  readonly alarm: 'gamma' | 'neutron' | undefined;
  readonly lines: readonly string[];
}

/** The counter wraps after 200 vehicles; a tenth of the vehicles alarms. */
function occupied(i: number): Occupied {
  const number = (i + 99_800) % 100_000;
  const chance = random();
  const alarm = chance < 0.08 ? 'gamma' : chance < 0.1 ? 'neutron' : undefined;
  const time = (second: number) => new Date(day + (i * 120 + second) * 1000).toISOString();
  const line = (code: string, values: readonly string[], second: number) =>
    [code, ...values, time(second)].join(',');
  const lines = [
    line('GB', counts(250), 0),
    line('NB', counts(2), 1),
    line('GS', counts(60), 10),
    line(alarm === 'gamma' ? 'GA' : 'GS', counts(300), 11),
    line(alarm === 'gamma' ? 'GA' : 'GS', counts(320), 12),
    line(alarm === 'neutron' ? 'NA' : 'NS', counts(3), 13),
    line('GX', [String(number).padStart(6, '0'), '002250'], 14),
  ];
  return { number, alarm, lines };
}

const log = Array.from({ length: OCCUPANCIES }, (_, i) => occupied(i));
const lines = log.flatMap((one) => one.lines);
const alarmed = log.filter(({ alarm }) => alarm !== undefined).map(({ number }) => number);

type Ends = (() => Promise<unknown>)[];
const ends: Ends = [];
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The service over its stores, listening; the same again after it was ended. */
async function started(settings: Readonly<Record<string, string>>) {
  const { deps, close } = await openService(readConfig(settings), silent);
  const app = buildApp(deps, { version: 'test', requestsPerMinute: 1_000_000, lateLoopMs: 60_000 });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = new URL(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`);
  const stop = async () => {
    await app.close();
    await close();
  };
  return { deps, url, stop };
}

type Service = Awaited<ReturnType<typeof started>>;

/** One run of the watcher until nothing waits, on a clock that stands as soon as it sleeps. */
async function watched({ deps, url }: Service, dir: string, token: string): Promise<readonly WatchEvent[]> {
  const events: WatchEvent[] = [];
  let now = Date.now();
  const clock = {
    now: () => now,
    wall: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  await watchFolder({
    options: {
      folder: join(dir, 'share'),
      stateDir: join(dir, 'state'),
      quarantineDir: join(dir, 'quarantine'),
      moveTo: undefined,
      keep: false,
      settleMs: 2_000,
      groupWaitMs: 4_000,
      maxWaitMs: 60_000,
      pollMs: 1_000,
      heartbeatMs: 3_600_000,
      once: true,
      thin: 'never',
      resumableOverBytes: 8_000_000,
      sendUnknown: false,
    },
    target: { url, key: async () => token, fields: { lane: '3' } },
    recognising: { converters: deps.converters, limits: deps.limits },
    report: (event) => events.push(event),
    signal: new AbortController().signal,
    clock,
    random: () => 0,
  });
  return events;
}

async function everyHold({ deps }: Service): Promise<readonly Hold[]> {
  const place = { administration: 'utopia', site: 'harbour' };
  const { rows } = await deps.records.transaction((tx) => tx.holds(place, { states: HoldState.enum }, 1000));
  return rows;
}

/** Two officers say of every third open gamma alarm that nothing was found. */
async function decideSome(service: Service, decided: Map<string, Hold>): Promise<void> {
  const open = (await everyHold(service)).filter(
    ({ state, alarms, identity }) =>
      state === 'open' && identity?.ended === true && alarms[0]?.category === 'gamma',
  );
  for (const { id } of open.filter((_, i) => i % 3 === 0)) {
    const given = {
      decision: 'false',
      secondaryInspection: 'nothing-found',
      identification: { nuclides: [], by: 'riid' },
    } satisfies Adjudication;
    const [rita, rolf] = ['rita', 'rolf'].map((name) => ({ actor: actor('radiation-officer', name) }));
    await adjudicateHold(service.deps, rolf!, id, given);
    decided.set(id, (await adjudicateHold(service.deps, rita!, id, given)).hold);
  }
}

test(
  `a log of ${OCCUPANCIES} occupancies that is sent ${SENDINGS} times holds each alarm once, and keeps what officers said`,
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'nii-portal-log-'));
    ends.push(() => rm(dir, { recursive: true, force: true }));
    const { url, drop } = await freshDatabase();
    ends.push(drop);
    const settings = { NII_DATA: join(dir, 'data'), NII_DATABASE_URL: url, NII_WORKERS: '0' };
    let service = await started(settings);
    ends.push(() => service.stop());
    const key = { roles: ['scanner'], administration: 'utopia', site: 'harbour', name: 'gate' } as const;
    const { token } = await issueKey(service.deps, key);
    const share = join(dir, 'share');
    await mkdir(share);
    const decided = new Map<string, Hold>();
    const scans = new Set<string>();
    const stepMs: number[] = [];
    for (let sending = 1; sending <= SENDINGS; sending += 1) {
      const upTo = Math.ceil((lines.length * sending) / SENDINGS);
      await writeFile(join(share, 'gate-3.csv'), `${lines.slice(0, upTo).join('\r\n')}\r\n`);
      if (sending === SENDINGS / 2) {
        await service.stop();
        await rm(join(dir, 'state'), { recursive: true, force: true });
        service = await started(settings);
      }
      const events = await watched(service, dir, token);
      for (const event of events)
        if (event.event === 'sent') for (const { scanId } of event.scans) scans.add(scanId);
      const begun = performance.now();
      await drainJobs(service.deps, 'test');
      stepMs.push(performance.now() - begun);
      if (sending % 20 === 0)
        console.log(`${sending} sent, steps of the last ${stepMs.at(-1)?.toFixed(0)} ms`);
      if (sending % (SENDINGS / 4) === 0) await decideSome(service, decided);
    }
    const holds = await everyHold(service);
    const rising = (a: number, b: number) => a - b;
    const held = holds.map(({ occupancy }) => occupancy ?? -1);
    expect(held.toSorted(rising)).toEqual(alarmed.toSorted(rising));
    expect(decided.size).toBeGreaterThan(isLargeSearch ? 5 : 0);
    for (const [id, hold] of decided) expect(holds.find((one) => one.id === id)).toEqual(hold);
    expect(holds.filter(({ possiblySameAs }) => possiblySameAs !== undefined)).toEqual([]);
    expect(scans.size).toBe(1);
    // Work by what is new: a hold moves when it opens, while its occupancy goes on, and when an officer decides
    const moves = holds.map(({ history }) => history.length);
    expect(Math.max(...moves)).toBeLessThanOrEqual(5);
    const mean = (some: readonly number[]) => some.reduce((sum, ms) => sum + ms, 0) / some.length;
    console.log(
      `ms of the steps of one sending: first ten ${mean(stepMs.slice(0, 10)).toFixed(0)}, last ten ${mean(stepMs.slice(-10)).toFixed(0)}`,
    );
  },
  PATIENCE_MS,
);
