import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../../../core/errors.ts';
import { exists } from '../../../runtime/exists.ts';
import { closeFolder } from '../../../runtime/private-folder.ts';
import { syncFolder, syncParent } from '../../../runtime/sync-folder.ts';
import { codeOf, type PostgresPrograms } from './programs.ts';

/** The files of one server, and what runs it. */
export interface Cluster {
  readonly folder: string;
  readonly data: string;
  readonly logFile: string;
  readonly programs: PostgresPrograms;
  readonly log: (line: string) => void;
}

export const OWNER = 'postgres';
export const DATABASE = 'postgres';

export function clusterIn(home: string, programs: PostgresPrograms, log: Cluster['log']): Cluster {
  const folder = join(home, 'cluster');
  return { folder, data: join(folder, 'pgdata'), logFile: join(folder, 'postgres.log'), programs, log };
}

export function passwordFile(cluster: Pick<Cluster, 'folder'>): string {
  return join(cluster.folder, 'password');
}

/**
 * Makes the cluster beside its place and moves it there in one step: a kill or a power cut leaves none, two makers leave
 * one. Without its password, nobody gets at the database.
 */
export async function initialise(home: string, cluster: Cluster): Promise<void> {
  if (await exists(cluster.folder)) return;
  await removeHalfMade(home);
  const draft = join(home, `.new-${randomBytes(6).toString('hex')}`);
  const password = passwordFile({ folder: draft });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(password, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600, flush: true });
  await giveTo(cluster.programs, draft, password);
  cluster.log('Creating the embedded PostgreSQL database');
  const flags = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--username=${OWNER}`];
  const args = ['-D', join(draft, 'pgdata'), `--pwfile=${password}`, ...flags];
  await cluster.programs.run('initdb', args, 300_000).catch(async (cause: unknown) => {
    await rm(draft, { recursive: true, force: true });
    cluster.log(cause instanceof Error ? cause.message : String(cause));
    throw new NiiError('NII_CONFIG', {
      detail: 'The embedded PostgreSQL cannot be created in the data folder; see the log for the reason',
      cause,
    });
  });
  await syncFolder(draft);
  await rename(draft, cluster.folder).catch(async (error: unknown) => {
    if (!(await exists(cluster.folder))) throw error;
    await rm(draft, { recursive: true, force: true });
  });
  await syncFolder(home);
  await syncParent(home);
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

/* ---- Permissions ------------------------------------------------------------------------------------------ */

/**
 * Closes what an earlier version, or a person, left open to other users: folders 0700, files 0600. PostgreSQL keeps its
 * own folder so.
 */
export async function closeToOthers({ folder, logFile }: Cluster): Promise<void> {
  await chmod(folder, 0o700);
  const files = [passwordFile({ folder }), join(folder, 'port'), logFile, `${logFile}.1`];
  for (const file of files) {
    await chmod(file, 0o600).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
}

/**
 * Closes folders that are above the server's own to other users. Where the server runs as a user of its own, that user's
 * group alone may pass through them, and neither list nor read them.
 */
export async function closeButToPass(
  { programs, log }: Pick<Cluster, 'programs' | 'log'>,
  folders: readonly string[],
): Promise<void> {
  for (const folder of folders) {
    const closing = await closeFolder(folder, programs.owner?.gid);
    if (closing !== 'closed') log(`The folder ${folder} is ${closing} and stays open to other users`);
  }
}
