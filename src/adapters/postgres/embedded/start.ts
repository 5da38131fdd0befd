import { realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isNiiError, NiiError } from '../../../core/errors.ts';
import { exists } from '../../../runtime/exists.ts';
import { ARCHIVE_COMMAND, type Archive } from './archive/folder.ts';
import type { Cluster } from './cluster.ts';
import {
  isReady,
  isServerGone,
  livingServer,
  lockLines,
  removeDeadLocks,
  serverLife,
  serverLock,
} from './lock-files.ts';
import { staysInUse } from './sessions.ts';
import {
  type Address,
  addressOf,
  type Login,
  listenOptions,
  portAddress,
  SOCKET_NAME,
  type Transport,
  urlOf,
} from './transport.ts';

const LOOK_MS = 250;
const STOP_SECONDS = 20;
const STOP_LOOK_MS = 50;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** A server, how it is reached, and the login of its owner. */
export interface Server {
  readonly cluster: Cluster;
  readonly transport: Transport;
  readonly owner: Login;
  readonly archive?: Archive | undefined;
}

/**
 * Starts the server, unless it runs or another process starts it first.
 *
 * @param onStarting - called once it is on its way or found; perhaps again when it is tried again
 * @returns where it listens
 * @throws NII_DATABASE_UNREACHABLE when it does not accept a connection in time
 */
export async function start(
  server: Server,
  seconds: number,
  onStarting: () => void = () => {},
): Promise<Address> {
  const { cluster, transport } = server;
  const deadline = Date.now() + seconds * 1000;
  let reason: unknown;
  while (Date.now() < deadline) {
    const address = await addressOf(transport, cluster.data);
    if (address !== undefined && (await accepts(server, address))) return address;
    try {
      await startUnlessAlive(server, onStarting);
    } catch (error) {
      // Another process may be starting it, or the dead server may not be gone yet: look again
      reason = error;
      await sleep(LOOK_MS);
    }
  }
  throw unreachable(
    'The embedded PostgreSQL does not start; its log is postgres.log in the data folder',
    reason,
  );
}

function unreachable(detail: string, cause?: unknown): NiiError {
  return isNiiError(cause) ? cause : new NiiError('NII_DATABASE_UNREACHABLE', { detail, cause });
}

async function startUnlessAlive(server: Server, onStarting: () => void): Promise<void> {
  const { cluster } = server;
  await removeDeadLocks(cluster, SOCKET_NAME);
  if ((await serverLife(cluster)) !== 'alive') return await startServer(server, onStarting);
  if (server.transport.kind === 'socket') await endServerOutOfReach(server);
  await sleep(LOOK_MS);
}

async function startServer({ cluster, transport, archive }: Server, onStarting: () => void): Promise<void> {
  await limitLog(cluster.logFile);
  const options = [
    ...(await listenOptions(transport, cluster)),
    '-c fsync=on -c synchronous_commit=on -c full_page_writes=on',
    '-c max_connections=200 -c shared_buffers=64MB',
    '-c timezone=UTC -c log_timezone=UTC',
    ...(archive === undefined ? [] : archiveOptions()),
  ].join(' ');
  const args = ['start', '-D', cluster.data, '-l', cluster.logFile, '-w', '-s', '-t', '55', '-o', options];
  await cluster.programs.run('pg_ctl', args, 60_000, onStarting);
  cluster.log('Embedded PostgreSQL started');
}

/** A segment goes to the archive when it is full, and after this time with any change. */
const ARCHIVE_SECONDS = 60;

function archiveOptions(): readonly string[] {
  return [
    `-c archive_mode=on -c archive_timeout=${ARCHIVE_SECONDS}`,
    `-c 'archive_command=${ARCHIVE_COMMAND}'`,
  ];
}

/**
 * A server that another process started without the archive, or with it, starts again as the settings say, unless it is in
 * use. @returns where it listens
 */
export async function startAsWanted(server: Server, address: Address): Promise<Address> {
  const { cluster, owner, archive } = server;
  const isArchiving = (await settingOf(urlOf(owner, address), 'archive_mode')) === 'on';
  if (isArchiving === (archive !== undefined)) return address;
  if (await staysInUse(urlOf(owner, address))) {
    const how = isArchiving ? 'with' : 'without';
    cluster.log(`The embedded PostgreSQL was started ${how} the archive; end all processes that use it`);
    return address;
  }
  await stopServer(cluster);
  return await start(server, AGAIN_SECONDS);
}

const AGAIN_SECONDS = 60;

async function limitLog(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(logFile, `${logFile}.1`);
}

/**
 * A server that listens at a port, as an earlier version started it, or that has lost its socket: it is ended, so that it
 * comes back at the socket. @throws NII_CONFIG while the earlier version still uses it
 */
async function endServerOutOfReach({ cluster, owner }: Server): Promise<void> {
  const lines = await lockLines(serverLock(cluster));
  const port = portAddress(lines);
  const hasSocket = port === undefined && (await exists(join(cluster.folder, SOCKET_NAME)));
  if (!isReady(lines) || hasSocket) return;
  if (port !== undefined && (await staysInUse(urlOf(owner, port))))
    throw new NiiError(
      'NII_CONFIG',
      'An earlier version of the service still uses the embedded PostgreSQL; stop it first',
    );
  await stopServer(cluster);
  cluster.log('Ended a PostgreSQL server that did not listen at its socket');
}

/**
 * Ends the server in an orderly way. One that does not end so, because a process of it hangs, is ended at once: what was
 * committed is in its log, from which the next start restores it. A server that others start in its place stays.
 */
export async function stopServer(cluster: Cluster): Promise<void> {
  const pid = await livingServer(cluster);
  if (pid === undefined || (await hasEnded(cluster, pid, 'fast'))) return;
  cluster.log(`The embedded PostgreSQL did not stop within ${STOP_SECONDS} s: it is stopped at once`);
  if (await hasEnded(cluster, pid, 'immediate')) return;
  throw unreachable('The embedded PostgreSQL does not stop');
}

/** pg_ctl would go on waiting where others start the next server meanwhile. */
async function hasEnded(cluster: Cluster, pid: number, mode: 'fast' | 'immediate'): Promise<boolean> {
  const deadline = Date.now() + STOP_SECONDS * 1000;
  const isGone = () => isServerGone(cluster, pid);
  const args = ['stop', '-D', cluster.data, '-m', mode, '-W', '-s'];
  await cluster.programs.run('pg_ctl', args, STOP_SECONDS * 1000).catch(async (error: unknown) => {
    if (!(await isGone())) throw error; // it was killed before the signal came
  });
  while (Date.now() < deadline) {
    if (await isGone()) return true;
    await sleep(STOP_LOOK_MS);
  }
  return false;
}

/** Whether the server of exactly this folder answers there. */
async function accepts({ cluster, owner }: Server, address: Address): Promise<boolean> {
  const folder = await settingOf(urlOf(owner, address), 'data_directory');
  return folder !== undefined && folder === (await realpath(cluster.data).catch(() => ''));
}

/** Undefined if the server does not answer. */
async function settingOf(url: string, name: 'data_directory' | 'archive_mode'): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 2000 });
  client.on('error', () => undefined); // a failure to answer is the answer
  try {
    await client.connect();
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [name]);
    return rows[0]?.value;
  } catch {
    return undefined;
  } finally {
    client.end().catch(() => undefined);
  }
}
