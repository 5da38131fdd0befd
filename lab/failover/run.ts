import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import type { Role } from '../../src/core/access.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { openService, type Service } from '../../src/wiring.ts';
import { eventually } from '../../test/support/eventually.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import type { TestS3 } from '../../test/support/s3-server.ts';
import { Fleet } from './fleet.ts';
import { type Incident, incidents, type Stage } from './incidents.ts';
import { faultsAtTheEnd } from './judge.ts';
import { Line } from './line.ts';
import { Load, type LoadKeys, type Tried } from './load.ts';
import { Servers } from './servers.ts';

/** Whoever is not back by then counts as not back. */
const RECOVER_SECONDS = 180;
const ANALYSTS = 2;
const ADDS_API: ReadonlySet<string> = new Set(['API killed', 'stopped half-open']);
const silent = { info: () => {}, warn: () => {}, error: () => {} };

export interface FailoverOptions {
  /** Names of incidents, in this order; a name may come again. */
  readonly incidents: readonly string[];
  /** Of what lasts. */
  readonly seconds: number;
  /** Objects go there; without it they are in a folder. */
  readonly s3?: TestS3;
  readonly tell: (line: string) => void;
  /** What the processes wrote stays there. */
  readonly keep?: boolean;
}

/** What clients saw of one incident. Times in seconds, from its end; of what lasts no time, from the act itself. */
export interface SeenOfIncident {
  readonly incident: string;
  readonly lastedSeconds: number;
  /** Failed requests by who and what, from its begin until all is well again. */
  readonly errors: Readonly<Record<string, number>>;
  readonly lastErrorSeconds: number;
  readonly readSeconds: number;
  readonly uploadSeconds: number;
  /** Until a scan that was sent after it had been through all steps. */
  readonly analysedSeconds: number;
  readonly verdictSeconds: number;
  /** The request that took longest, answered well or not. */
  readonly slowestSeconds: number;
}

export interface FailoverReport {
  readonly incidents: readonly SeenOfIncident[];
  readonly requests: number;
  readonly uploads: number;
  readonly verdicts: number;
  readonly faults: readonly string[];
}

/** Two processes of the API behind nginx and two workers on a pair of PostgreSQL servers; under load, one incident after the other. */
export async function runIncidents(options: FailoverOptions): Promise<FailoverReport> {
  const folder = await postgresFolder();
  const closers: (() => Promise<unknown>)[] = [
    () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  ];
  if (options.keep === true) closers[0] = async () => options.tell(`kept: ${folder}`);
  try {
    return await onStage(folder, options, (close) => closers.push(close));
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

async function onStage(
  folder: string,
  options: FailoverOptions,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<FailoverReport> {
  options.tell('starts the servers');
  const servers = await Servers.start(folder);
  onClose(() => servers.stop());
  const toDatabase = await Line.open(servers.port);
  onClose(() => toDatabase.close());
  const toStore = options.s3 && (await Line.open(Number(new URL(options.s3.endPoint).port)));
  if (toStore !== undefined) onClose(() => toStore.close());
  const common = {
    NII_DATA: join(folder, 'data'),
    NII_ENABLE_FAKE: '1',
    ...settingsOfStore(options.s3, toStore),
  };
  const direct = () => readConfig({ ...common, NII_DATABASE_URL: servers.urlAt(servers.port) });
  const keys = await withService(direct(), issueKeys);
  options.tell('starts the processes');
  const settings = { ...common, NII_DATABASE_URL: servers.urlAt(toDatabase.port) };
  const spare = options.incidents.filter((name) => ADDS_API.has(name)).length;
  const fleet = await Fleet.start(folder, settings, { apis: 2, workers: 2, spare });
  let stop: Promise<readonly string[]> | undefined;
  const stopFleet = () => (stop ??= fleet.stop());
  onClose(stopFleet);
  const load = new Load(fleet.address, keys);
  const over = new AbortController();
  const loaded = load.run(over.signal);
  onClose(async () => {
    over.abort();
    await loaded;
  });
  const stage = { servers, fleet, toDatabase, toStore, load };
  options.tell('waits until all of it works');
  await recovered(stage, performance.now());
  const faults: string[] = [];
  const seen: SeenOfIncident[] = [];
  for (const name of options.incidents) {
    const one = await meet(stage, incidentOf(name), options.seconds);
    seen.push(one.seen);
    faults.push(...one.faults, ...fleet.ended());
    options.tell(`${name}: ${JSON.stringify(one.seen)} ${one.faults.join('; ')}`);
  }
  over.abort();
  await loaded;
  options.tell(`checks ${load.uploads.length} scans and ${load.verdicts.length} verdicts`);
  const judged = { address: fleet.address, servers, keys, load };
  faults.push(...(await withService(direct(), (service) => faultsAtTheEnd({ ...judged, service }))));
  faults.push(...(await stopFleet()));
  const { tried, uploads, verdicts } = load;
  return {
    incidents: seen,
    requests: tried.length,
    uploads: uploads.length,
    verdicts: verdicts.length,
    faults,
  };
}

function incidentOf(name: string): Incident {
  const found = incidents.find((one) => one.name === name);
  if (found === undefined)
    throw new RangeError(`no incident "${name}": ${incidents.map((one) => one.name).join(', ')}`);
  return found;
}

/** One incident, and the time until everything works again; then a new standby where there is none. */
async function meet(stage: Stage, incident: Incident, seconds: number) {
  const began = performance.now();
  const faults = await incident.run(stage, seconds);
  const ended = performance.now();
  const back = await recovered(stage, ended);
  const until = performance.now();
  if (incident.name === 'failover') await stage.servers.addStandby();
  const tried = stage.load.tried.filter((one) => one.ended >= began && one.began <= until);
  const since = (at: number) => round((at - ended) / 1000);
  const bad = tried.filter(({ isGood }) => !isGood);
  const late = Object.entries(back).filter(([, at]) => at === Number.POSITIVE_INFINITY);
  const notBack = late.map(([what]) => `${incident.name}: no ${what} within ${RECOVER_SECONDS} s`);
  const seen: SeenOfIncident = {
    incident: incident.name,
    lastedSeconds: round((ended - began) / 1000),
    errors: countWords(bad),
    lastErrorSeconds: bad.length === 0 ? 0 : since(Math.max(...bad.map((one) => one.ended))),
    readSeconds: since(back.read),
    uploadSeconds: since(back.upload),
    analysedSeconds: since(back.analysed),
    verdictSeconds: since(back.verdict),
    slowestSeconds: round(Math.max(0, ...tried.map((one) => one.ended - one.began)) / 1000),
  };
  return { seen, faults: [...faults, ...notBack] };
}

/** When the first of each kind, begun after that moment, had ended well; Infinity where none had in time. */
async function recovered({ load }: Stage, after: number) {
  const firstEnd = async (what: string, find: () => { readonly ended: number } | undefined) => {
    await eventually(what, RECOVER_SECONDS, () => find() !== undefined).catch(() => undefined);
    return find()?.ended ?? Number.POSITIVE_INFINITY;
  };
  const analysed = async () => {
    const { scanId, ended: upload } = await load.send();
    const done = eventually('a new scan is analysed', RECOVER_SECONDS, () => load.isAnalysed(scanId));
    const isDone = await done.then(
      () => true,
      () => false,
    );
    return { upload, analysed: isDone ? performance.now() : Number.POSITIVE_INFINITY };
  };
  const [probe, verdict, read] = await Promise.all([
    analysed(),
    firstEnd('a new verdict is taken', () => load.verdicts.find((one) => one.began >= after)),
    firstEnd('the queue is read', () =>
      load.tried.find((one) => one.who === 'reader' && one.isGood && one.began >= after),
    ),
  ]);
  return { ...probe, verdict, read };
}

function countWords(bad: readonly Tried[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { who, word } of bad) counts[`${who} ${word}`] = (counts[`${who} ${word}`] ?? 0) + 1;
  return counts;
}

const round = (seconds: number) => Math.round(seconds * 10) / 10;

function settingsOfStore(s3: TestS3 | undefined, line: Line | undefined): Record<string, string> {
  if (s3 === undefined || line === undefined) return {};
  return {
    NII_S3_URL: `http://127.0.0.1:${line.port}`,
    NII_S3_ACCESS_KEY: s3.accessKey,
    NII_S3_SECRET_KEY: s3.secretKey,
    NII_S3_BUCKET: `failover-${process.pid}`,
  };
}

async function issueKeys({ deps }: Service): Promise<LoadKeys> {
  const place = { administration: 'utopia', site: 'harbour' };
  const issue = async (role: Role, name: string) =>
    (await issueKey(deps, { ...place, roles: [role], name })).token;
  const analysts: string[] = [];
  while (analysts.length < ANALYSTS) analysts.push(await issue('analyst', `analyst ${analysts.length}`));
  return {
    administration: place.administration,
    scanner: await issue('scanner', 'scanner'),
    supervisor: await issue('supervisor', 'supervisor'),
    analysts,
  };
}

async function withService<T>(
  config: ReturnType<typeof readConfig>,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const service = await openService(config, silent);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}
