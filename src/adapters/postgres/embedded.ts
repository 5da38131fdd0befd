import { randomBytes, randomInt } from 'node:crypto';
import { chown, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isNiiError, NiiError } from '../../core/errors.ts';
import { exists } from '../../runtime/exists.ts';
import { codeOf, findPostgresPrograms, type PostgresPrograms } from './binaries.ts';

/** A PostgreSQL server of our own under one folder, shared by every process that opens the same folder. */
export interface EmbeddedPostgres {
  /** Where it listens now. A restart may change the port, so read it for each new connection. */
  readonly url: string;
  /** Starts the server again if it has died. One attempt at a time. @throws NII_DATABASE_AWAY */
  ensureRunning(): Promise<void>;
  /** Ends the server in an orderly way, unless another process still uses it: the last one out ends it. */
  stop(): Promise<void>;
}

const USER = 'postgres';
const DATABASE = 'postgres';
/** A first start on a busy machine may take long; a request must not wait so long for a restart. */
const FIRST_START_SECONDS = 60;
const RESTART_SECONDS = 20;
/** Failures within this time of the last are answered by it, so that a broken folder is not hammered. */
const RETRY_PAUSE_MS = 1000;
const LOOKS = 10;
const LOOK_EVERY_MS = 100;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;
/** Below the range that Linux hands out to outgoing connections, so that a restart finds its port free. */
const PORTS = { first: 20_000, end: 32_000 };

interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly logFile: string;
  readonly programs: PostgresPrograms;
  readonly log: (line: string) => void;
}

/**
 * Opens the PostgreSQL server under a folder: made on first use, found again when it runs, started when it does
 * not. It listens on 127.0.0.1 only, with a random password that only the owner of the folder can read, and with
 * fsync on. It outlives this process when this process is killed.
 *
 * @param dataDir - holds this server and nothing else
 * @param log - gets one line for each thing that it does
 * @throws NII_CONFIG when PostgreSQL cannot run here, NII_DATABASE_AWAY when it does not start
 */
export async function openEmbeddedPostgres(
  dataDir: string,
  log: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const home = resolve(dataDir);
  await mkdir(home, { recursive: true, mode: 0o755 });
  const programs = await findPostgresPrograms(home);
  const folder = join(home, 'cluster');
  const cluster = {
    folder,
    data: join(folder, 'pgdata'),
    logFile: join(folder, 'postgres.log'),
    programs,
    log,
  };
  await initialise(home, cluster);
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  return serverOf(cluster, password, await start(cluster, password, FIRST_START_SECONDS));
}

function serverOf(cluster: Cluster, password: string, firstPort: number): EmbeddedPostgres {
  let port = firstPort;
  let running: Promise<void> | undefined;
  let lastFailure: { readonly at: number; readonly error: unknown } | undefined;
  const attempt = async (): Promise<void> => {
    try {
      port = await start(cluster, password, RESTART_SECONDS);
    } catch (error) {
      lastFailure = { at: Date.now(), error };
      throw error;
    } finally {
      running = undefined;
    }
  };
  return {
    get url() {
      return urlOf(password, port);
    },
    async ensureRunning() {
      if (lastFailure !== undefined && Date.now() - lastFailure.at < RETRY_PAUSE_MS) throw lastFailure.error;
      running ??= attempt();
      await running;
    },
    async stop() {
      if (await staysInUse(urlOf(password, port))) return;
      if ((await runningPort(cluster)) === undefined) return;
      await cluster.programs.run('pg_ctl', ['stop', '-D', cluster.data, '-m', 'fast', '-w', '-s'], 60_000);
      cluster.log('Embedded PostgreSQL has ended');
    },
  };
}

/** Sessions that have just been closed, this process's own among them, are seen for a moment longer. */
async function staysInUse(url: string): Promise<boolean> {
  for (let look = 0; look < LOOKS; look += 1) {
    if (!(await isUsedByOthers(url))) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** True when sessions other than this question's own are open; false when nothing answers. */
async function isUsedByOthers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ others: boolean }>(
      `select exists (select from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()) as others`,
    );
    return rows[0]?.others === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function urlOf(password: string, port: number): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

/* ---- First use ------------------------------------------------------------------------------------------- */

/** Makes the cluster beside its place and moves it there in one step: a kill leaves none, two makers leave one. */
async function initialise(home: string, cluster: Cluster): Promise<void> {
  if (await exists(cluster.folder)) return;
  await removeHalfMade(home);
  const draft = join(home, `.new-${randomBytes(6).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  await writeFile(join(draft, 'password'), `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  await giveTo(cluster.programs, draft, join(draft, 'password'));
  cluster.log('Making the embedded PostgreSQL database');
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${USER}`];
  const args = ['-D', join(draft, 'pgdata'), `--pwfile=${join(draft, 'password')}`, ...flags];
  await cluster.programs.run('initdb', args, 300_000).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true, force: true });
    log(cluster, cause);
    throw new NiiError('NII_CONFIG', {
      detail: 'The embedded PostgreSQL cannot be made in the data folder; the log says why',
      cause,
    });
  });
  await rename(draft, cluster.folder).catch(async (error: unknown) => {
    if (!(await exists(cluster.folder))) throw error;
    await rm(draft, { recursive: true, force: true });
  });
}

function log(cluster: Cluster, failure: unknown): void {
  cluster.log(failure instanceof Error ? failure.message : String(failure));
}

async function giveTo(programs: PostgresPrograms, ...paths: readonly string[]): Promise<void> {
  if (programs.owner === undefined) return;
  for (const path of paths) await chown(path, programs.owner.uid, programs.owner.gid);
}

/** Drafts of a process that was killed while it made the cluster. */
async function removeHalfMade(home: string): Promise<void> {
  const drafts = (await readdir(home)).filter((name) => name.startsWith('.new-'));
  for (const name of drafts) {
    const { mtimeMs } = await stat(join(home, name));
    if (Date.now() - mtimeMs > 3_600_000) await rm(join(home, name), { recursive: true, force: true });
  }
}

/* ---- Start, or find running ------------------------------------------------------------------------------- */

/** @returns the port, which is the one that another process chose if that one started the server first */
async function start(cluster: Cluster, password: string, seconds: number): Promise<number> {
  const deadline = Date.now() + seconds * 1000;
  let reason: unknown;
  while (Date.now() < deadline) {
    const port = await runningPort(cluster);
    if (port !== undefined && (await accepts(cluster, password, port))) return port;
    await removeDeadLock(cluster);
    try {
      await startServer(cluster, await choosePort(cluster));
    } catch (error) {
      // Another process may be starting it, or the dead server may not be gone yet: look again
      reason = error;
      await sleep(250);
    }
  }
  throw away('The embedded PostgreSQL does not start; its log is postgres.log in the data folder', reason);
}

function away(detail: string, cause?: unknown): NiiError {
  return isNiiError(cause) ? cause : new NiiError('NII_DATABASE_AWAY', { detail, cause });
}

async function startServer(cluster: Cluster, port: number): Promise<void> {
  await limitLog(cluster.logFile);
  const options = [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    '-c unix_socket_directories=',
    '-c fsync=on -c synchronous_commit=on -c full_page_writes=on',
    '-c max_connections=200 -c shared_buffers=64MB',
    '-c timezone=UTC -c log_timezone=UTC',
  ].join(' ');
  const args = ['start', '-D', cluster.data, '-l', cluster.logFile, '-w', '-s', '-t', '55', '-o', options];
  await cluster.programs.run('pg_ctl', args, 60_000);
  cluster.log(`Embedded PostgreSQL started on 127.0.0.1:${port}`);
}

async function limitLog(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.1`);
}

/** Port of the last start if it is free, otherwise a free one; kept for the next start. */
async function choosePort(cluster: Cluster): Promise<number> {
  const file = join(cluster.folder, 'port');
  const kept = Number(await readFile(file, 'utf8').catch(() => 'none'));
  if (Number.isInteger(kept) && (await isFree(kept))) return kept;
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(PORTS.first, PORTS.end);
    if (!(await isFree(port))) continue;
    await writeFile(file, `${port}\n`, { mode: 0o600 });
    return port;
  }
  throw new NiiError('NII_CONFIG', 'No free port on 127.0.0.1 for the embedded PostgreSQL');
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}

/** Lines of postmaster.pid: process, data folder, start time, port, socket folder, address, memory key, state. */
async function lockLines(cluster: Cluster): Promise<readonly string[] | undefined> {
  try {
    return (await readFile(join(cluster.data, 'postmaster.pid'), 'utf8')).split('\n');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function runningPort(cluster: Cluster): Promise<number | undefined> {
  const port = Number((await lockLines(cluster))?.[3]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/**
 * PostgreSQL takes any live process with the number in its lock file for a server: also one that is dead but not
 * yet reaped, and, after a restart of a container, an unrelated one. Such a lock is removed; its own check of the
 * shared memory still keeps two servers off one folder.
 */
async function removeDeadLock(cluster: Cluster): Promise<void> {
  const pid = Number((await lockLines(cluster))?.[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const process = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (process === undefined) return;
  const state = process.slice(process.lastIndexOf(')') + 2, process.lastIndexOf(')') + 3);
  const isServer = process.includes('(postgres)');
  if (isServer && state !== 'Z') return;
  await removeLockOf(cluster, pid);
}

/** Moved aside before it is judged: another process may have put the lock of a live server there meanwhile. */
async function removeLockOf(cluster: Cluster, deadPid: number): Promise<void> {
  const lock = join(cluster.data, 'postmaster.pid');
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const holder = Number((await readFile(aside, 'utf8')).split('\n')[0]);
  if (holder !== deadPid) return await rename(aside, lock);
  await rm(aside);
  cluster.log('Removed the lock file of a PostgreSQL server that is dead');
}

/** Whether the server of exactly this folder answers there. */
async function accepts(cluster: Cluster, password: string, port: number): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(password, port),
    connectionTimeoutMillis: 2000,
    query_timeout: 2000,
  });
  client.on('error', () => undefined); // a failure to answer is the answer
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    return rows[0]?.folder === (await realpath(cluster.data));
  } catch {
    return false;
  } finally {
    client.end().catch(() => undefined);
  }
}
