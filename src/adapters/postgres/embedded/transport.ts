import { randomBytes, randomInt } from 'node:crypto';
import { constants, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { NiiError } from '../../../core/errors.ts';
import { type Cluster, DATABASE } from './cluster.ts';
import { lockLines } from './lock-files.ts';

/**
 * How a server is reached. A socket lies in the folder of the cluster for ever; a port may be another one after each
 * start, so it is read anew.
 */
export type Transport = { readonly kind: 'socket'; readonly host: string } | { readonly kind: 'tcp' };

export interface Address {
  /** A name of a machine, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** PostgreSQL names its socket `.s.PGSQL.<port>`; nothing listens at such a port. */
const SOCKET_PORT = 5432;
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** sockaddr_un of Linux holds 108 bytes, the last of them 0. */
const LONGEST_SOCKET_PATH = 107;
/** Below the range that Linux hands out to outgoing connections, so that a restart finds its port free. */
const PORTS = { first: 20_000, end: 32_000 };

/** A socket where Linux can make one in this folder, and else a port of the loopback address. */
export async function chooseTransport(folder: string): Promise<Transport> {
  if (process.platform !== 'linux') return { kind: 'tcp' };
  const host = socketHost(folder);
  return (await canListen(`${host}/.probe-${randomBytes(6).toString('hex')}`))
    ? { kind: 'socket', host }
    : { kind: 'tcp' };
}

/** A path that is too long for a socket goes through the folder itself, which stays open until this process ends. */
function socketHost(folder: string): string {
  if (Buffer.byteLength(join(folder, `${SOCKET_NAME}.lock`)) <= LONGEST_SOCKET_PATH) return folder;
  return `/proc/self/fd/${openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)}`;
}

async function canListen(path: string): Promise<boolean> {
  return await new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(path, () => probe.close(() => done(true)));
  });
}

/** Where the server is if it runs. */
export async function addressOf(transport: Transport, data: string): Promise<Address | undefined> {
  if (transport.kind === 'socket') return { host: transport.host, port: SOCKET_PORT };
  return portAddress(await lockLines(join(data, 'postmaster.pid')));
}

/** Where a server listens that has a port, by the lines of its lock file; undefined for one that has a socket alone. */
export function portAddress(lines: readonly string[] | undefined): Address | undefined {
  const [port, listenAddress] = [Number(lines?.[3]), lines?.[5]?.trim()];
  if (!Number.isInteger(port) || port <= 0 || listenAddress === undefined || listenAddress === '')
    return undefined;
  return { host: '127.0.0.1', port };
}

export function urlOf({ user, password }: Login, { host, port }: Address): string {
  return `postgres://${user}:${password}@${encodeURIComponent(host)}:${port}/${DATABASE}`;
}

/** Options of the server that make it listen so, and nowhere else. */
export async function listenOptions(transport: Transport, cluster: Cluster): Promise<readonly string[]> {
  if (transport.kind === 'tcp')
    return [
      `-p ${await choosePort(cluster)}`,
      '-c listen_addresses=127.0.0.1',
      '-c unix_socket_directories=',
    ];
  // its working folder is pgdata, and a path from there is never too long
  return [
    `-p ${SOCKET_PORT}`,
    '-c listen_addresses=',
    '-c unix_socket_directories=..',
    '-c unix_socket_permissions=0700',
  ];
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
