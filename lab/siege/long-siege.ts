import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../src/config.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { treeMemoryBytes } from '../../src/runtime/process-tree.ts';
import { openService, type Service } from '../../src/wiring.ts';
import { eventually } from '../../test/support/eventually.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import { type RunningService, runService } from '../../test/support/running-service.ts';
import { type Attacked, attackInTurn } from './attackers.ts';
import { quantile } from './figures.ts';
import { type HonestKeys, HonestSenders, type Measure, measures, phases } from './honest-senders.ts';
import { faultsOfScan, faultsOfStores } from './judge.ts';
import { type MadeScan, makeScans } from './make-scans.ts';
import type { Target } from './target.ts';
import { peakBytes } from './watch-process.ts';

const MiB = 1024 * 1024;
/** So much of the siege's length goes before it without attacks. */
const CALM = 1 / 4;
/** In half an hour the worker dies every five minutes. */
const KILLS_AN_HOUR = 12;
const DRAIN_SECONDS = 600;
/** Others may wait at most this many times as long as without attacks. */
const MOST_TIMES = 2;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export interface SiegeOptions {
  /** Of the siege; a quarter as many go before it without attacks. */
  readonly minutes: number;
  /** Scans an hour of the others. */
  readonly rate: number;
  readonly tell: (line: string) => void;
}

export interface Compared {
  readonly measure: Measure;
  readonly count: number;
  readonly calmP50Ms: number;
  readonly calmP99Ms: number;
  readonly siegeP50Ms: number;
  readonly siegeP99Ms: number;
  /** Of the two p99. */
  readonly times: number;
}

export interface SiegeReport {
  readonly acknowledged: number;
  readonly compared: readonly Compared[];
  readonly attacks: number;
  readonly workersKilled: number;
  /** Times that others were told to come back. */
  readonly retries: number;
  readonly peakApiMiB: number;
  /** Of the API, its workers and their children. */
  readonly peakAllMiB: number;
  readonly faults: readonly string[];
}

/** A service of its own, whose senders are first left in peace and then besieged. */
export async function besiege(options: SiegeOptions): Promise<SiegeReport> {
  const data = await postgresFolder();
  const settings = { NII_DATA: data };
  try {
    const count = Math.ceil((options.minutes * (1 + CALM) * options.rate) / 60);
    options.tell(`makes ${count} scans`);
    const scans = await makeScans(join(data, 'to-send'), count, (done) => {
      if (done % 20 === 0) options.tell(`${done} scans are made`);
    });
    const keys = await withService(settings, issueKeys);
    const running = await runService(settings);
    try {
      return await measure(running, { settings, keys, scans, options });
    } finally {
      await running.stop();
      await (await openEmbeddedPostgres(join(data, 'postgres'), () => {})).stop();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

interface Keys {
  readonly honest: readonly HonestKeys[];
  readonly attacker: Pick<Target, 'senderKey' | 'readerKey'>;
}

/** Two administrations that send scans, and a third from which the attacks come. */
async function issueKeys({ deps }: Service): Promise<Keys> {
  const issue = async (administration: string, role: 'scanner' | 'supervisor') =>
    (await issueKey(deps, { administration, roles: [role], site: 'harbour', name: `siege ${role}` })).token;
  const honest: HonestKeys[] = [];
  for (const administration of ['arcadia', 'utopia'])
    honest.push({
      administration,
      scanner: await issue(administration, 'scanner'),
      supervisor: await issue(administration, 'supervisor'),
    });
  const attacker = {
    senderKey: await issue('nowhere', 'scanner'),
    readerKey: await issue('nowhere', 'supervisor'),
  };
  return { honest, attacker };
}

async function withService<T>(
  settings: Record<string, string>,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await openService(readConfig(settings), silent);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

interface Plan {
  readonly settings: Record<string, string>;
  readonly keys: Keys;
  readonly scans: readonly MadeScan[];
  readonly options: SiegeOptions;
}

async function measure(running: RunningService, plan: Plan): Promise<SiegeReport> {
  const { settings, keys, options } = plan;
  const url = new URL(running.address);
  const isReady = async () => (await fetch(`${running.address}/v1/health/ready`)).ok;
  await eventually('the service is ready', 120, isReady);
  await eventually('a worker runs', 60, () => running.workerPids().length > 0);
  const apiPid = running.apiPid() ?? 0;
  const others = new HonestSenders(url, keys.honest);
  const memory = watchMemory(apiPid);
  const { attacked, killed } = await runPhases(others, running, plan);
  const { peakApi, peakAll } = await memory.stop();
  options.tell('waits until every job is done');
  await withService(settings, ({ deps }) =>
    eventually('every job is done', DRAIN_SECONDS, () => isIdle(deps.jobs)),
  );
  options.tell(`checks ${others.acknowledged.length} scans`);
  const faults: string[] = [];
  for (const scan of others.acknowledged) faults.push(...(await faultsOfScan(url, scan)));
  faults.push(
    ...(await withService(settings, (service) => faultsOfStores(service, keys.honest, others.acknowledged))),
  );
  if (running.apiPid() !== apiPid) faults.push(`the API died: ${running.log().slice(-2000)}`);
  const compared = measures.map((name) => compare(others, name));
  return {
    acknowledged: others.acknowledged.length,
    compared,
    attacks: attacked.length,
    workersKilled: killed,
    retries: others.retries,
    peakApiMiB: Math.round(peakApi / MiB),
    peakAllMiB: Math.round(peakAll / MiB),
    faults: [
      ...others.faults,
      ...attacked.flatMap(namedFaults),
      ...compared.flatMap(faultsOfComparison),
      ...faults,
    ],
  };
}

async function runPhases(others: HonestSenders, running: RunningService, { keys, scans, options }: Plan) {
  const everyMs = 3_600_000 / options.rate;
  const calmScans = Math.round((scans.length * CALM) / (1 + CALM));
  const looking = new AbortController();
  const looks = others.look(looking.signal);
  options.tell(`calm: ${calmScans} scans, one every ${everyMs / 1000} s`);
  await others.send(scans.slice(0, calmScans), everyMs);
  others.phase = 'siege';
  options.tell(`siege: ${scans.length - calmScans} scans`);
  const siege = new AbortController();
  const attacked: Attacked[] = [];
  const target = { url: new URL(running.address), ...keys.attacker };
  const attacking = attackInTurn(target, siege.signal, (one) => {
    attacked.push(one);
    options.tell(`${one.attack}: ${one.faults.length === 0 ? 'withstood' : one.faults.join('; ')}`);
  });
  const killing = killWorkers(running, siege.signal, options.tell);
  await others.send(scans.slice(calmScans), everyMs);
  siege.abort();
  looking.abort();
  await Promise.all([looks, attacking]);
  return { attacked, killed: await killing };
}

/** Kills the worker in the middle of each interval. @returns how often */
async function killWorkers({ workerPids }: RunningService, signal: AbortSignal, tell: SiegeOptions['tell']) {
  const everyMs = 3_600_000 / KILLS_AN_HOUR;
  let killed = 0;
  const wait = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined);
  for (await wait(everyMs / 2); !signal.aborted; await wait(everyMs)) {
    const pid = workerPids()[0];
    if (pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    killed += 1;
    tell(`worker ${pid} is killed`);
  }
  return killed;
}

const LOOK_MS = 1_000;

function watchMemory(apiPid: number) {
  const over = new AbortController();
  let peakAll = 0;
  const done = (async () => {
    while (!over.signal.aborted) {
      peakAll = Math.max(peakAll, (await treeMemoryBytes([apiPid])) ?? 0);
      await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      over.abort();
      await done;
      return { peakApi: peakBytes(apiPid) ?? 0, peakAll };
    },
  };
}

async function isIdle(jobs: Service['deps']['jobs']): Promise<boolean> {
  const counts = Object.values(await jobs.counts());
  return counts.every(({ waiting, running }) => waiting === 0 && running === 0);
}

function compare({ samples }: HonestSenders, measure: Measure): Compared {
  const [calm, siege] = phases.map((phase) =>
    samples.filter((sample) => sample.phase === phase && sample.measure === measure).map(({ ms }) => ms),
  );
  const round = (ms: number) => Math.round(ms * 10) / 10;
  const [calmP99, siegeP99] = [quantile(calm ?? [], 0.99), quantile(siege ?? [], 0.99)];
  return {
    measure,
    count: (calm?.length ?? 0) + (siege?.length ?? 0),
    calmP50Ms: round(quantile(calm ?? [], 0.5)),
    calmP99Ms: round(calmP99),
    siegeP50Ms: round(quantile(siege ?? [], 0.5)),
    siegeP99Ms: round(siegeP99),
    times: Math.round((100 * siegeP99) / calmP99) / 100,
  };
}

function faultsOfComparison({ measure, times, calmP99Ms, siegeP99Ms }: Compared): readonly string[] {
  // nothing can be compared with a calm time too short for a sample
  if (calmP99Ms === 0 || times <= MOST_TIMES) return [];
  return [`p99 of ${measure} is ${times} times that without attacks: ${siegeP99Ms} ms, not ${calmP99Ms} ms`];
}

function namedFaults({ attack, faults }: Attacked): readonly string[] {
  return faults.map((fault) => `${attack}: ${fault}`);
}
