import { createHmac } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BaseBackups } from '../../core/ports/base-backups.ts';
import { exists } from '../../runtime/exists.ts';
import { removeOldBases, takeBaseBackup } from './embedded/archive/base-backup.ts';
import { listBases } from './embedded/archive/base-list.ts';
import { type Archive, archiveIn, claimArchive, rejectLostDatabase } from './embedded/archive/folder.ts';
import {
  type Cluster,
  closeButToPass,
  closeToOthers,
  clusterIn,
  initialise,
  OWNER,
  passwordFile,
} from './embedded/cluster.ts';
import { findPostgresPrograms } from './embedded/programs.ts';
import { staysInUse } from './embedded/sessions.ts';
import { type Server, start, startAsWanted, stopServer } from './embedded/start.ts';
import { type Address, chooseTransport, type Login, type Transport, urlOf } from './embedded/transport.ts';
import { SERVICE_ROLE } from './service-role.ts';

/** A PostgreSQL server of our own under one folder, shared by every process that opens the same folder. */
export interface EmbeddedPostgres {
  /** Where it listens now, for its owner. A restart may change it where it has a port: read it for each new connection. */
  readonly url: string;
  /** The same for `service`, once a migration has made that role. */
  readonly serviceUrl: string;
  /** The role of those who use the database; it does not own it. */
  readonly service: Login;
  /** Undefined without an archive. */
  readonly baseBackups: BaseBackups | undefined;
  /** Starts the server again if it has died. One attempt at a time. @throws NII_DATABASE_UNREACHABLE */
  ensureRunning(): Promise<void>;
  /** Ends the server in an orderly way, unless another process still uses it: the last one out ends it. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Where the server listens; a socket, where this machine can have one. */
  readonly transport?: Transport['kind'];
  /** Folders of the service that this one lies in; they are closed to other users, too. */
  readonly parents?: readonly string[];
  /** Called once the server starts, or is found: from then on, work of this process does not delay it. */
  readonly onStarting?: () => void;
  /** Whether root may add the user that the server runs as, where this machine has none. */
  readonly mayAddUser?: boolean;
  /** Folder that receives every change of the database, within a minute, and base backups for these last days. */
  readonly archive?: { readonly folder: string; readonly days: number };
}

/** A first start on a busy machine may take long; a request must not wait so long for a restart. */
const FIRST_START_SECONDS = 60;
const RESTART_SECONDS = 20;
/** Failures within this time of the last are answered by it, so that a broken folder is not hammered. */
const RETRY_PAUSE_MS = 1000;

/**
 * Opens the PostgreSQL server under a folder: made on first use, found again when it runs, started when it does not. It
 * listens at a socket in that folder, which no other user can enter, and at no port; where there are no such sockets, at a
 * port of 127.0.0.1. It has a random password and fsync on. It outlives this process when this process is killed.
 *
 * @param dataDir - holds this server and nothing else
 * @param log - gets one line for each thing that it does
 * @throws NII_CONFIG when PostgreSQL cannot run here, NII_DATABASE_UNREACHABLE when it does not start
 */
export async function openEmbeddedPostgres(
  dataDir: string,
  log: (line: string) => void,
  options: EmbeddedOptions = {},
): Promise<EmbeddedPostgres> {
  const home = resolve(dataDir);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const server = await prepare(home, log, options);
  const address = await start(server, FIRST_START_SECONDS, options.onStarting);
  return serverOf(server, await startAsWanted(server, address), options.archive?.days);
}

async function prepare(
  home: string,
  log: (line: string) => void,
  { transport, parents = [], mayAddUser = false, archive: wanted }: EmbeddedOptions,
): Promise<Server> {
  const archive = wanted === undefined ? undefined : archiveIn(wanted.folder);
  const programs = await findPostgresPrograms(home, mayAddUser);
  await closeButToPass({ programs, log }, [...parents.map((folder) => resolve(folder)), home]);
  const cluster = clusterIn(home, programs, log);
  if (archive !== undefined) await rejectLostDatabase(cluster, archive);
  await initialise(home, cluster);
  await closeToOthers(cluster);
  if (archive !== undefined) await prepareArchive(cluster, archive);
  const password = (await readFile(passwordFile(cluster), 'utf8')).trim();
  return {
    cluster,
    transport: transport === 'tcp' ? { kind: 'tcp' } : await chooseTransport(cluster.folder),
    owner: { user: OWNER, password },
    archive,
  };
}

async function prepareArchive(cluster: Cluster, archive: Archive): Promise<void> {
  await claimArchive(cluster, archive);
  if (await exists(archive.folder)) await closeButToPass(cluster, [archive.folder]);
}

/** Its password comes from the owner's: whoever may read that one may be the service anyway. */
function serviceLogin({ password }: Login): Login {
  return { user: SERVICE_ROLE, password: createHmac('sha256', password).update(SERVICE_ROLE).digest('hex') };
}

function serverOf(server: Server, firstAddress: Address, days = 1): EmbeddedPostgres {
  const { cluster, owner, archive } = server;
  const service = serviceLogin(owner);
  let address = firstAddress;
  let running: Promise<void> | undefined;
  let lastFailure: { readonly at: number; readonly error: unknown } | undefined;
  const attempt = async (): Promise<void> => {
    try {
      address = await start(server, RESTART_SECONDS);
    } catch (error) {
      lastFailure = { at: Date.now(), error };
      throw error;
    } finally {
      running = undefined;
    }
  };
  return {
    get url() {
      return urlOf(owner, address);
    },
    get serviceUrl() {
      return urlOf(service, address);
    },
    service,
    baseBackups: archive && {
      newest: async () => (await listBases(archive)).at(-1)?.endedAt,
      async take(now) {
        const taken = await takeBaseBackup({ cluster, archive, url: urlOf(owner, address) });
        await removeOldBases(archive, now, days);
        return taken;
      },
    },
    async ensureRunning() {
      if (lastFailure !== undefined && Date.now() - lastFailure.at < RETRY_PAUSE_MS) throw lastFailure.error;
      running ??= attempt();
      await running;
    },
    async stop() {
      if (await staysInUse(urlOf(owner, address))) return;
      await stopServer(cluster);
      cluster.log('Embedded PostgreSQL has ended');
    },
  };
}
