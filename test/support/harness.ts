import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse, RouteOptions } from 'fastify';
import { storeWithoutKey } from '../../src/adapters/objects/encrypted/no-key.ts';
import { openFolderStore } from '../../src/adapters/objects/fs-store.ts';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { openJobs } from '../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../src/adapters/postgres/records.ts';
import { openReadyConverters, type ReadyConverters } from '../../src/convert/convert-in-child.ts';
import { isRoleOfPeople, type Role, roles } from '../../src/core/access.ts';
import { defined } from '../../src/core/defined.ts';
import { defaultLimits, type Limits } from '../../src/core/limits.ts';
import { unmeasured } from '../../src/core/ports/metrics.ts';
import type { Log } from '../../src/core/ports/process.ts';
import { defaultSessionTerms } from '../../src/core/sign-in/session.ts';
import { createPerson } from '../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../src/features/persons/keys.ts';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import { ReaderPool } from '../../src/parsing/reader-pool.ts';
import { KeptParts } from '../../src/queries/dicomweb/kept-parts.ts';
import { PlaneFiles } from '../../src/queries/pixels/plane-files.ts';
import { loadConverters } from '../../src/recognise/registry.ts';
import { unwatchedClock } from '../../src/runtime/clock-watch.ts';
import { drainJobs } from '../../src/steps/worker.ts';
import { checkedObjects } from '../../src/stored/checked-objects.ts';
import { FaultReporter } from '../../src/stored/report-fault.ts';
import { defaultPolicy } from '../../src/triage/policy.ts';
import type { Parts } from '../../src/wiring.ts';
import { fakeScan } from './fake-scan.ts';
import { checkAnswers } from './http/answer-check.ts';
import { shelfOf } from './infer/shelf.ts';
import { freshDatabase } from './postgres/fresh-database.ts';

/** The real service over a folder and a database of its own, which go away with it. */
export interface Harness {
  readonly deps: Parts;
  readonly app: FastifyInstance;
  /** Where the object store keeps its files, and where uploads on their way are. */
  readonly objectsDir: string;
  readonly stagingDir: string;
  token(role: Role): string;
  /** A key of another administration or site. */
  newToken(role: Role | readonly Role[], administration: string, site: string): Promise<string>;
  as(role: Role, request: InjectOptions): Promise<LightMyRequestResponse>;
  /** With a key of any kind. */
  ask(token: string, request: InjectOptions): Promise<LightMyRequestResponse>;
  /** Sends a scan that the converter for tests reads, and runs every job. @returns its id */
  sendFake(order: { readonly seed: number } & Record<string, unknown>): Promise<string>;
  /** Runs every job that is waiting. */
  work(): Promise<number>;
  listen(): Promise<string>;
  /** Its database, as the owner of it. */
  readonly ownerUrl: string;
  /** Answers that were not as their schema says. */
  readonly wrongAnswers: readonly string[];
  close(): Promise<void>;
}

export interface HarnessOptions extends Partial<AppOptions> {
  readonly limits?: Partial<Limits>;
  readonly deps?: Partial<Parts>;
  /** No keys, and no persons: what a backup can go into. */
  readonly isEmpty?: true;
  /** In place of a fresh one on the server that the tests share. */
  readonly database?: Awaited<ReturnType<typeof freshDatabase>>;
  /** Told of every route as it is registered. */
  readonly onRoute?: (route: RouteOptions) => void;
}

export const ADMINISTRATION = 'utopia';
export const SITE = 'harbour';

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

type Ends = (() => Promise<unknown>)[];

let loadedConverters: ReturnType<typeof loadConverters> | undefined;
/** The converters of this worker: each process does the conversions of several tests, and ends with the worker. */
let sharedConverters: ReadyConverters | undefined;
/** Likewise the readers, whose callers no two tests share. A test that sets their memory has its own. */
let sharedReaders: ReaderPool | undefined;

function openReaders(limits: Limits, stagingDir: string): ReaderPool {
  return new ReaderPool({ limits, stagingDir, log: silent });
}

function readersOfWorker(): ReaderPool {
  if (sharedReaders !== undefined) return sharedReaders;
  const folder = mkdtempSync(join(tmpdir(), 'nii-readers-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  sharedReaders = openReaders(defaultLimits, folder);
  return sharedReaders;
}

export async function openHarness(options: HarnessOptions = {}): Promise<Harness> {
  const ends: Ends = [];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await open(options, ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  { limits, deps: over, onRoute, isEmpty, database: given, ...options }: HarnessOptions,
  ends: Ends,
): Promise<Omit<Harness, 'close'>> {
  const dir = await mkdtemp(join(tmpdir(), 'nii-harness-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  const objectsDir = join(dir, 'objects');
  const stagingDir = join(dir, 'staging');
  const copy = given ?? (await freshDatabase());
  ends.push(() => copy.drop());
  const database = await openDatabase(copy.url);
  ends.push(() => database.close());
  const store = storeWithoutKey(await openFolderStore(objectsDir));
  ends.push(() => store.close());
  const records = openRecords(database);
  const faults = new FaultReporter(records, over?.log ?? silent);
  const objects = checkedObjects({ objects: store, records, onFault: (...fault) => faults.report(...fault) });
  const allLimits = { ...defaultLimits, ...limits };
  loadedConverters ??= loadConverters({ enableFake: true });
  sharedConverters ??= openReadyConverters({ atOnce: 2 });
  const reader = limits?.convertBytes === undefined ? readersOfWorker() : openReaders(allLimits, stagingDir);
  if (reader !== sharedReaders) ends.push(() => reader.close());
  const planes = new PlaneFiles({ reader, objects, limits: allLimits, stagingDir });
  ends.push(() => planes.close());
  const keptParts = new KeptParts();
  ends.push(() => keptParts.close());
  const deps: Parts = {
    objects,
    encryption: { ...store, keyId: undefined, bucket: undefined },
    objectFaults: faults.counts,
    records,
    jobs: openJobs(database),
    clock: { now: () => new Date() },
    // tests move their clocks
    clockWatch: unwatchedClock,
    limits: allLimits,
    // Whether a normal verdict is read again is drawn, and it stands after a while; tests that want that say so.
    // So do tests of who may do what after whom: one person does everything here, as at a small post.
    policy: { ...defaultPolicy, secondOpinionShare: 0, undoWindowSeconds: 0, separation: 'small-post' },
    codeLists: new Map(),
    converters: await loadedConverters,
    converterChildren: sharedConverters,
    models: await shelfOf(),
    reader,
    planes,
    keptParts,
    stagingDir,
    lane: undefined,
    publicUrl: undefined,
    sessions: defaultSessionTerms,
    signIn: undefined,
    siem: undefined,
    witnesses: [],
    replica: undefined,
    scrub: { days: 30, bytesPerSecond: 1e9 },
    baseBackups: undefined,
    metrics: unmeasured,
    log: silent,
    ...over,
  };
  const app = buildApp(deps, {
    version: '0.0.0-test',
    requestsPerMinute: 1_000_000,
    rejectedKeysPerMinute: 1_000_000,
    // tests convert in the process that answers, beside others on the same two cores
    lateLoopMs: 60_000,
    logger: { level: 'error' },
    ...options,
  });
  ends.push(() => app.close());
  const wrongAnswers: string[] = [];
  checkAnswers(app, wrongAnswers);
  if (onRoute !== undefined) app.addHook('onRoute', (route) => onRoute({ ...route }));
  await app.ready();
  const newToken = async (role: Role | readonly Role[], administration: string, site: string) => {
    const roles = [role].flat();
    const name = `test ${roles.join(' ')}`;
    const actor = atCommandLine(administration);
    const person = roles.every(isRoleOfPeople) ? (await createPerson(deps, { actor }, name)).id : undefined;
    const wanted = { roles, administration, site, name, ...defined({ person }) };
    return (await issueKey(deps, wanted)).token;
  };
  const tokens = new Map<Role, string>();
  for (const role of isEmpty ? [] : roles) tokens.set(role, await newToken(role, ADMINISTRATION, SITE));
  const token = (role: Role) => tokens.get(role) ?? '';
  const ask = (sent: string, request: InjectOptions) =>
    app.inject({ ...request, headers: { authorization: `Bearer ${sent}`, ...request.headers } });
  const work = () => drainJobs(deps, 'test');
  const sendFake = async (order: { readonly seed: number } & Record<string, unknown>) => {
    const answer = await ask(token('scanner'), {
      method: 'POST',
      url: `/v1/scans?name=${order.seed}.fake`,
      payload: fakeScan(order),
      headers: { 'content-type': 'application/octet-stream' },
    });
    await work();
    return answer.json().scans[0].scanId;
  };
  return {
    deps,
    app,
    objectsDir,
    stagingDir,
    token,
    newToken,
    as: (role, request) => ask(token(role), request),
    ask,
    sendFake,
    work,
    listen: async () => {
      await app.listen({ host: '127.0.0.1', port: 0 });
      return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    ownerUrl: copy.ownerUrl,
    wrongAnswers,
  };
}
