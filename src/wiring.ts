import { mkdir, readFile } from 'node:fs/promises';
import { openOnnxRunner } from './adapters/onnx/runner.ts';
import { migrateDatabase, openDatabase } from './adapters/postgres/database.ts';
import { recoverDatabase } from './adapters/postgres/embedded/archive/recover.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './adapters/postgres/embedded.ts';
import { openJobs } from './adapters/postgres/jobs.ts';
import type { SchemaReport } from './adapters/postgres/migrate.ts';
import { openRecords } from './adapters/postgres/records.ts';
import { SERVICE_ROLE } from './adapters/postgres/service-role.ts';
import { openSyslog, type TlsFiles } from './adapters/syslog-link.ts';
import { openWitnessFile } from './adapters/witness-file.ts';
import { storeWitness } from './audit/newest-seal.ts';
import type { Config, RecordsConfig } from './config.ts';
import { openReadyConverters, type ReadyConverters } from './convert/convert-in-child.ts';
import { defined } from './core/defined.ts';
import { NiiError } from './core/errors.ts';
import type { Limits } from './core/limits.ts';
import type { BaseBackups, Recovered, RecoveryTarget } from './core/ports/base-backups.ts';
import { type StepMetrics, unmeasured } from './core/ports/metrics.ts';
import type { ObjectEncryption, ObjectReads, ObjectStore } from './core/ports/objects.ts';
import type { Clock, ClockWatch, Log } from './core/ports/process.ts';
import type { Jobs, Records, Tx } from './core/ports/records.ts';
import type { SealWitness } from './core/ports/seal-witness.ts';
import type { Siem } from './core/ports/siem.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { securityEvent } from './core/security-event.ts';
import type { SessionTerms } from './core/sign-in/session.ts';
import type { CodeLists } from './core/trade/codes.ts';
import type { OpenedModel } from './evaluate/evaluate.ts';
import type { SignInRules } from './features/persons/sign-in/by-provider.ts';
import { checkModel } from './infer/fingerprint.ts';
import { testGolden } from './infer/installed/golden.ts';
import { ModelShelf } from './infer/installed/shelf.ts';
import { loadModelFolder, loadModelPackages, type ModelPackage } from './infer/packages.ts';
import type { ScrubTerms } from './maintenance/scrub.ts';
import type { PrivateFolders } from './maintenance/verify-folders.ts';
import { openObjects } from './objects-wiring.ts';
import type { Reader } from './parsing/reader.ts';
import { ReaderPool } from './parsing/reader-pool.ts';
import { KeptParts } from './queries/dicomweb/kept-parts.ts';
import { PlaneFiles } from './queries/pixels/plane-files.ts';
import { loadCodeLists } from './recognise/code-lists.ts';
import { type ConverterPackage, loadConverters } from './recognise/registry.ts';
import { watchClock } from './runtime/clock-watch.ts';
import { installedPath } from './runtime/installed.ts';
import {
  type Closing,
  closeFolder,
  closeTree,
  type LooseEntry,
  looseFolder,
} from './runtime/private-folder.ts';
import { openSignIn } from './sign-in-wiring.ts';
import { awayMistake, folderMistake } from './start-mistakes.ts';
import { checkedObjects } from './stored/checked-objects.ts';
import { FaultReporter, type ObjectFaults } from './stored/report-fault.ts';
import { makeStagingFolder, sweepStaging } from './stored/staging.ts';
import type { ModelTools } from './tools/models/packages.ts';
import type { TrialTools } from './tools/models/try-model.ts';
import type { LaneTarget } from './triage/lane.ts';
import { defaultPolicy, type TriagePolicy } from './triage/policy.ts';

/** A worker converts one scan after the other; the API tries conversions for people. */
const CONVERSIONS_AT_ONCE = 2;

/** Every part of the service, built once; who uses them names the few that it takes. */
export interface Parts {
  readonly objects: ObjectStore;
  readonly encryption: ObjectEncryption;
  /** Objects that this process could not read as they were stored. */
  readonly objectFaults: Readonly<ObjectFaults>;
  readonly records: Records;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly limits: Limits;
  /** Where an administration has decided nothing. */
  readonly policy: TriagePolicy;
  readonly codeLists: CodeLists;
  readonly converters: readonly ConverterPackage[];
  readonly converterChildren: ReadyConverters;
  readonly models: ModelShelf;
  readonly reader: Reader;
  readonly planes: PlaneFiles;
  readonly keptParts: KeptParts;
  /** Folder for uploads on their way and for conversions; on the machine's own disk. */
  readonly stagingDir: string;
  readonly lane: LaneTarget | undefined;
  /** Where clients reach the service; undefined: where each request went to. */
  readonly publicUrl: string | undefined;
  readonly sessions: SessionTerms;
  /** Undefined: people sign in by no provider. */
  readonly signIn: SignInRules | undefined;
  readonly siem: Siem | undefined;
  /** Folder of a backup that is kept current. */
  readonly replica: string | undefined;
  readonly scrub: ScrubTerms;
  /** What remembers the newest seal of the audit outside the database. */
  readonly witnesses: readonly SealWitness[];
  /** Undefined without an archive of the embedded database. */
  readonly baseBackups: BaseBackups | undefined;
  readonly metrics: StepMetrics;
  readonly log: Log;
}

/** `close` ends what was opened, in the reverse order. */
export interface Service {
  readonly deps: Parts;
  readonly folders: PrivateFolders;
  close(): Promise<void>;
}

/**
 * The composition root: the only place that knows which adapter stands behind which port.
 *
 * @param onDatabaseStarting - called when nothing here waits for this process: what loads modules may begin
 */
export async function openService(
  config: Config,
  log: Log,
  metrics: StepMetrics = unmeasured,
  onDatabaseStarting: () => void = () => {},
): Promise<Service> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const folders = await closeToOthers(config, log);
    return { deps: await openParts(config, log, metrics, closers, onDatabaseStarting), folders, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const systemClock: Clock = { now: () => new Date() };

type Closers = (() => Promise<void>)[];

async function openParts(
  config: Config,
  log: Log,
  metrics: StepMetrics,
  closers: Closers,
  onDatabaseStarting: () => void,
): Promise<Parts> {
  const [{ database, baseBackups }, { store, packages, ...loaded }] = await openBoth(
    config,
    log,
    closers,
    onDatabaseStarting,
  );
  const records = openRecords(database);
  const faults = new FaultReporter(records, log);
  const onFault = (key: string, error: NiiError) => faults.report(key, error);
  const objects = checkedObjects({ objects: store, records, onFault });
  const children = openChildren(config, objects, log, closers);
  const models = await openModels(packages, config, { records, log });
  closers.push(() => models.close());
  return {
    objects,
    objectFaults: faults.counts,
    records,
    models,
    jobs: openJobs(database, (job) => log.error(job, 'job set aside')),
    clock: systemClock,
    clockWatch: watchClock(systemClock),
    policy: defaultPolicy,
    ...asSet(config),
    ...loaded,
    ...children,
    ...(await openSignIn(config, records)),
    siem: await openSiem(config),
    witnesses: openWitnesses(config, objects),
    baseBackups,
    metrics,
    log,
  };
}

/** The parts that are settings. */
function asSet({ limits, stagingDir, lane, publicUrl, replica, scrub }: Config) {
  return { limits, stagingDir, lane, publicUrl, replica, scrub };
}

/** Starts what converts and reads files, and opens what keeps the results. */
function openChildren(
  { convertersDir, limits, stagingDir }: Config,
  objects: ObjectReads,
  log: Log,
  closers: Closers,
): Pick<Parts, 'converterChildren' | 'reader' | 'planes' | 'keptParts'> {
  const converterChildren = openReadyConverters({
    atOnce: CONVERSIONS_AT_ONCE,
    extra: convertersDir,
    makeFolder: () => makeStagingFolder(stagingDir, 'convert'),
  });
  closers.push(() => converterChildren.close());
  const reader = new ReaderPool({ limits, stagingDir, log });
  const planes = new PlaneFiles({ reader, objects, limits, stagingDir });
  closers.push(() => planes.close());
  const keptParts = new KeptParts();
  closers.push(() => keptParts.close());
  closers.push(() => reader.close());
  return { converterChildren, reader, planes, keptParts };
}

/** What lies in folders: packages, code lists and the store of objects. */
async function openPackages(config: Config, closers: Closers) {
  const converters = await openConverters(config);
  const codeLists = await loadCodeLists(config.codesDir);
  const packages = await loadModelPackages(installedPath('models'), config.modelsDir);
  await sweepStaging(config.stagingDir);
  const { store, encryption, close } = await openObjects(config);
  closers.push(close);
  return { converters, codeLists, packages, store, encryption };
}

/**
 * The packages load while the database starts. A failure of one waits until the other has ended too, so that what that
 * one opened can be closed.
 */
async function openBoth(config: Config, log: Log, closers: Closers, onDatabaseStarting: () => void) {
  let begun = () => {};
  const starting = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const database = openDatabaseOf(config, log, closers, begun);
  await Promise.race([starting, database]);
  onDatabaseStarting();
  const opening = [database, openPackages(config, closers)] as const;
  await Promise.allSettled(opening);
  return Promise.all(opening);
}

/** The built-in converters and those of NII_CONVERTERS_DIR. @throws NII_CONFIG naming the package that is broken */
export function openConverters({ enableFake, convertersDir }: Config): Promise<readonly ConverterPackage[]> {
  return loadConverters({ enableFake, ...defined({ extra: convertersDir }) });
}

/** What is kept is for the service's own user alone, also what an earlier version left open. */
async function closeToOthers(
  { dataDir, stagingDir, objects, records }: Config,
  log: Log,
): Promise<PrivateFolders> {
  const trees = objects.kind === 'folder' ? [objects.dir, stagingDir] : [stagingDir];
  const wereOpen: LooseEntry[] = [];
  const close = async (folder: string, closing: (folder: string) => Promise<Closing>) => {
    const setting = folder === stagingDir ? 'NII_DATA or NII_STAGING' : 'NII_DATA';
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw folderMistake(error, folder, setting);
    });
    const loose = await looseFolder(folder);
    if (loose !== undefined) wereOpen.push(loose);
    const closed = await closing(folder);
    if (loose !== undefined || closed !== 'closed')
      log.warn({ folder, mode: loose?.mode, closing: closed }, 'the folder was open to other users');
  };
  for (const folder of trees) await close(folder, folder === stagingDir ? closeFolder : closeTree);
  // the embedded database lets its own user pass the data folder
  const passed = records.kind === 'embedded' ? async () => 'closed' as const : closeFolder;
  await close(dataDir, passed);
  return { trees, wereOpen };
}

function openWitnesses(
  { witnessFile }: Config,
  objects: Parameters<typeof storeWitness>[0],
): readonly SealWitness[] {
  const inStore = storeWitness(objects);
  return witnessFile === undefined ? [inStore] : [inStore, openWitnessFile(witnessFile)];
}

/** @throws NII_CONFIG naming a file that cannot be read */
async function openSiem({ syslog }: Config): Promise<Siem | undefined> {
  if (syslog === undefined) return undefined;
  const { host, port, tls } = syslog;
  return openSyslog({ host, port, tls: tls === undefined ? undefined : await readTlsFiles(tls) });
}

async function readTlsFiles({ ca, cert, key }: TlsFiles): Promise<TlsFiles> {
  return defined({
    ca: await textOf('NII_SYSLOG_CA', ca),
    cert: await textOf('NII_SYSLOG_CERT', cert),
    key: await textOf('NII_SYSLOG_KEY', key),
  });
}

async function textOf(setting: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new NiiError('NII_CONFIG', { detail: `The file "${path}" in ${setting} cannot be read`, cause });
  }
}

async function openDatabaseOf(config: Config, log: Log, closers: Closers, onStarting?: () => void) {
  const { records } = config;
  if (records.kind === 'server') {
    onStarting?.();
    const database = await openDatabase(records.url).catch((error: unknown) => {
      throw awayMistake(error, 'NII_DATABASE_URL', records.url);
    });
    closers.push(() => database.close());
    return { database, baseBackups: undefined };
  }
  const server = await openEmbedded(config, records, log, onStarting);
  closers.push(() => server.stop());
  const ensure = () => server.ensureRunning();
  await migrateDatabase(() => server.url, server.service, { ensure });
  const database = await openDatabase(() => server.serviceUrl, { ensure });
  closers.push(() => database.close());
  return { database, baseBackups: server.baseBackups };
}

function openEmbedded(
  { dataDir, allowRoot }: Config,
  { dir, archive: folder, archiveDays: days }: EmbeddedRecords,
  log: Log,
  onStarting?: () => void,
): Promise<EmbeddedPostgres> {
  const archive = folder === undefined ? undefined : { folder, days };
  const options = { parents: [dataDir], mayAddUser: allowRoot, ...defined({ onStarting, archive }) };
  return openEmbeddedPostgres(dir, (line) => log.info({ line }, 'postgres'), options);
}

type EmbeddedRecords = Extract<RecordsConfig, { readonly kind: 'embedded' }>;

/**
 * Recovers the embedded database from its archive into a data folder without one. Nothing else may use that folder.
 * @param dataDir - that of the settings, unless given
 * @throws NII_CONFIG without an archive, NII_CONFLICT, NII_RECOVERY_RANGE, NII_ARCHIVE_DAMAGED
 */
export async function recoverRecords(
  { records, dataDir, allowRoot }: Config,
  target: RecoveryTarget,
  log: Log,
  into = dataDir,
): Promise<Recovered> {
  if (records.kind === 'server')
    throw new NiiError(
      'NII_CONFIG',
      'The database is on a server: recover it there, see docs/how-to/operations.md#on-your-own-server',
    );
  if (records.archive === undefined)
    throw new NiiError('NII_CONFIG', 'Set NII_DATABASE_ARCHIVE to the archive of the database');
  await mkdir(into, { recursive: true, mode: 0o700 });
  return recoverDatabase(
    `${into}/postgres`,
    records.archive,
    target,
    (line) => log.info({ line }, 'postgres'),
    {
      parents: [into],
      mayAddUser: allowRoot,
    },
  );
}

/**
 * Brings the database to the schema of this version as its owner, and lets the role of the services use it.
 * @throws NII_DATABASE_UNREACHABLE, NII_CONFIG
 */
export async function migrateRecords(config: Config, log: Log): Promise<SchemaReport> {
  const { records } = config;
  if (records.kind === 'server') {
    const { url, ownerUrl } = records;
    return await migrateDatabase(ownerUrl ?? url, ownerUrl === undefined ? undefined : { user: userOf(url) });
  }
  const server = await openEmbedded(config, records, log);
  try {
    return await migrateDatabase(() => server.url, server.service);
  } finally {
    await server.stop();
  }
}

function userOf(url: string): string {
  const { username } = new URL(url);
  return username === '' ? SERVICE_ROLE : decodeURIComponent(username);
}

export interface OpenModelsDeps {
  readonly records: Transactions<Tx<'registerModels' | 'audit'>>;
  readonly log: Log;
}

/** The models of this process. What was found for the first time is noted, and what changed under its version is told. */
async function openModels(
  packages: readonly ModelPackage[],
  { modelsDir, limits }: Config,
  { records, log }: OpenModelsDeps,
): Promise<ModelShelf> {
  let first: readonly ModelPackage[] | undefined = packages;
  const tell = (what: 'model left out' | 'model changed', { id, version }: NamedPackage, detail: object) => {
    const entry = securityEvent(what, `${id}@${version}`, { ...detail });
    return records.transaction((tx) => tx.audit(entry));
  };
  const options = { timeoutMs: limits.inferSeconds * 1000, simulate: simulateGolden };
  const shelf = await ModelShelf.open({
    read: async () => {
      const read = first ?? (await loadModelPackages(installedPath('models'), modelsDir));
      first = undefined;
      return read;
    },
    open: (pkg) => openChecked(pkg, limits),
    test: (runner, pkg) => testGolden(runner, pkg, options),
    onLeftOut: ({ manifest }, { code, message }) =>
      void tell('model left out', manifest, { code, detail: message }).catch((err: unknown) =>
        log.error({ err }, 'model not used, and this is not in the audit'),
      ),
    log,
  });
  const at = new Date().toISOString();
  const found = shelf.known.map((model) => ({ ...model, at }));
  const changed = await records.transaction((tx) => tx.registerModels(found));
  for (const model of changed) {
    log.warn({ model: `${model.id}@${model.version}` }, 'model changed under its version');
    await tell('model changed', model, { sha256: model.sha256 });
  }
  return shelf;
}

/** Runs packages of models without the service. */
export function modelTools({ modelsDir, limits }: Config): ModelTools {
  const timeoutMs = limits.inferSeconds * 1000;
  const folders = [installedPath('models'), ...(modelsDir === undefined ? [] : [modelsDir])];
  return { folders, timeoutMs, simulate: simulateGolden, open: (pkg) => openChecked(pkg, limits) };
}

/** What tries models of unknown origin: no stores and no records. */
export function trialTools({ limits, modelsDir }: Config): TrialTools {
  return {
    packages: () => loadModelPackages(installedPath('models'), modelsDir),
    openModel: openOnnxRunner,
    limits,
  };
}

/**
 * One package by its folder, without a service, in the runner that the service has.
 * @throws NII_NOT_FOUND, NII_MODEL_INVALID, NII_MODEL_UNKNOWN, NII_MODEL_FAILED
 */
export async function openModelFolder(folder: string, { limits }: Config): Promise<OpenedModel> {
  const pkg = await loadModelFolder(folder);
  const runner = await openChecked(pkg, limits);
  return { model: { pkg, runner }, close: () => runner.close() };
}

type NamedPackage = Pick<ModelPackage['manifest'], 'id' | 'version'>;

/** Only a package with such a run needs the simulator. */
async function simulateGolden(seed: number) {
  return (await import('./simulate/record.ts')).simulatedRecord(seed);
}

/** Loaded, of a known family, and run once. @throws NII_MODEL_UNKNOWN, NII_MODEL_INVALID, NII_MODEL_FAILED */
async function openChecked(pkg: ModelPackage, { inferSeconds, inferBytes }: Config['limits']) {
  const loaded = await openOnnxRunner({ file: pkg.path, memoryBytes: inferBytes });
  try {
    await checkModel(loaded, pkg, inferSeconds * 1000);
    return loaded;
  } catch (error) {
    await loaded.close();
    throw error;
  }
}
