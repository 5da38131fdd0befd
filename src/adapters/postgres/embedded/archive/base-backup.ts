import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { NiiError } from '../../../../core/errors.ts';
import type { TakenBase } from '../../../../core/ports/base-backups.ts';
import { exists } from '../../../../runtime/exists.ts';
import { type Cluster, passwordFile } from '../cluster.ts';
import {
  type BaseFile,
  copyHashed,
  formatManifest,
  listBases,
  MANIFEST,
  nameOfBase,
  readManifest,
} from './base-list.ts';
import { type Archive, isHistory } from './folder.ts';
import { parseSegment } from './timelines.ts';

const run = promisify(execFile);

/** How long the last segment of a base backup may take to the archive. */
const ARCHIVE_SECONDS = 120;
const LOOK_MS = 100;
const DAY_MS = 86_400_000;

/** A running server with an archive. */
export interface ArchivedServer {
  readonly cluster: Cluster;
  readonly archive: Archive;
  /** Of the owner. */
  readonly url: string;
}

/**
 * Copies the data folder of the running server into the archive, file by file with its hash. The npm package of
 * PostgreSQL has no pg_basebackup, so this uses the same functions of the server.
 *
 * @throws NII_ARCHIVE_FAILING if the log does not reach the archive, NII_DATABASE_UNREACHABLE
 */
export async function takeBaseBackup(server: ArchivedServer): Promise<TakenBase> {
  const { archive } = server;
  const draft = join(archive.bases, `.new-${randomBytes(6).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 }).catch((cause: unknown) => {
    throw new NiiError('NII_ARCHIVE_FAILING', { detail: 'The archive cannot be written', cause });
  });
  try {
    const { name, files, bytes } = await fill(server, draft);
    await run('sync', ['-f', draft]);
    await rename(draft, join(archive.bases, name));
    await run('sync', ['-f', archive.bases]);
    return { name, files, bytes };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function fill({ cluster, archive, url }: ArchivedServer, draft: string): Promise<TakenBase> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the query fails too
  await client.connect();
  try {
    // the server ends the backup if this connection ends
    await client.query(`select pg_backup_start('nii backup', true)`);
    const copy = new DataCopy(cluster.data, join(draft, 'pgdata'));
    await copy.copyAll();
    const { rows } = await client.query<Stopped>(
      `select lsn::text as stop, pg_walfile_name(lsn) as last, labelfile as label, spcmapfile as spaces,
         clock_timestamp() as at from pg_backup_stop(false)`,
    );
    const [stopped] = rows;
    if (stopped === undefined || stopped.spaces.trim() !== '')
      throw new NiiError('NII_CONFIG', 'Base backups of a database with tablespaces are not supported');
    await untilArchived(archive, stopped.last);
    return await writeManifest({ cluster, draft, copy, stopped });
  } finally {
    await client.end();
  }
}

interface Stopped {
  readonly stop: string;
  readonly last: string;
  readonly label: string;
  readonly spaces: string;
  readonly at: Date;
}

interface Filled {
  readonly cluster: Cluster;
  readonly draft: string;
  readonly copy: DataCopy;
  readonly stopped: Stopped;
}

async function writeManifest({ cluster, draft, copy, stopped }: Filled): Promise<TakenBase> {
  const [, firstSegment = ''] = /\(file ([0-9A-F]{24})\)/.exec(stopped.label) ?? [];
  const { timeline = 1 } = parseSegment(firstSegment) ?? {};
  const files = [...copy.files];
  const password = await copyHashed(passwordFile(cluster), passwordFile({ folder: draft }));
  if (password !== undefined) files.push({ path: 'password', ...password });
  await writeFile(join(draft, 'pgdata', 'backup_label'), stopped.label, { mode: 0o600 });
  files.push({ path: 'pgdata/backup_label', ...hashOf(stopped.label) });
  // a Date has milliseconds and the clock more: round up
  const endedAt = new Date(stopped.at.getTime() + 1);
  const facts = { base: '1.0', endedAt: endedAt.toISOString(), timeline, stop: stopped.stop } as const;
  const manifest = { ...facts, firstSegment, folders: copy.folders, files };
  await writeFile(join(draft, MANIFEST), formatManifest(manifest), { mode: 0o600 });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { name: nameOfBase(endedAt), files: files.length, bytes };
}

function hashOf(text: string): Pick<BaseFile, 'bytes' | 'sha256'> {
  return { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') };
}

async function untilArchived({ wal }: Archive, segment: string): Promise<void> {
  const deadline = Date.now() + ARCHIVE_SECONDS * 1000;
  while (Date.now() < deadline) {
    if (await exists(join(wal, `${segment}.gz`))) return;
    await sleep(LOOK_MS);
  }
  throw new NiiError(
    'NII_ARCHIVE_FAILING',
    `The write-ahead log did not reach the archive within ${ARCHIVE_SECONDS} s; see postgres.log in the data folder`,
  );
}

/** Their contents are made again at each start, or come from the archive. */
const EMPTY_FOLDERS: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|backup_label.*|recovery\.signal)$/;
const CONTROL_FILE = 'global/pg_control';

/** Files may change and go while they are copied: the log repairs that. The control file comes last. */
class DataCopy {
  readonly folders: string[] = ['pgdata'];
  readonly files: BaseFile[] = [];
  readonly #from: string;
  readonly #to: string;

  constructor(from: string, to: string) {
    this.#from = from;
    this.#to = to;
  }

  async copyAll(): Promise<void> {
    await mkdir(this.#to, { mode: 0o700 });
    await this.#copyFolder('');
    await this.#copyFile(CONTROL_FILE);
  }

  async #copyFolder(folder: string): Promise<void> {
    const entries = await readdir(join(this.#from, folder), { withFileTypes: true });
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (LEFT_OUT.test(entry.name) || path === CONTROL_FILE) continue;
      if (entry.isFile()) await this.#copyFile(path);
      if (!entry.isDirectory()) continue;
      this.folders.push(`pgdata/${path}`);
      await mkdir(join(this.#to, path), { mode: 0o700 });
      if (!EMPTY_FOLDERS.has(path)) await this.#copyFolder(path);
    }
  }

  async #copyFile(path: string): Promise<void> {
    const copied = await copyHashed(join(this.#from, path), join(this.#to, path));
    if (copied !== undefined) this.files.push({ path: `pgdata/${path}`, ...copied });
  }
}

/* ---- Old ones --------------------------------------------------------------------------------------------- */

/**
 * Removes what no recovery to the last days needs: base backups before the newest one that is older than these days, and
 * the log before the oldest base backup that is left.
 */
export async function removeOldBases(archive: Archive, now: Date, days: number): Promise<void> {
  const bases = await listBases(archive);
  const begin = new Date(now.getTime() - days * DAY_MS);
  const first = Math.max(0, bases.filter(({ endedAt }) => endedAt <= begin).length - 1);
  for (const { name } of bases.slice(0, first))
    await rm(join(archive.bases, name), { recursive: true, force: true });
  await removeDrafts(archive, now);
  const oldest = bases[first];
  if (oldest === undefined) return;
  const { firstSegment } = await readManifest(archive, oldest.name);
  for (const name of await readdir(archive.wal))
    if (isBefore(name, firstSegment)) await rm(join(archive.wal, name), { force: true });
}

/** Segments of all timelines. Histories stay: they are small, and a recovery needs all of them. */
function isBefore(name: string, firstSegment: string): boolean {
  // a segment's name may go on with a position and `.backup`, and with `.gz`
  const segment = isHistory(name) ? undefined : parseSegment(name.slice(0, firstSegment.length));
  const first = parseSegment(firstSegment);
  return segment !== undefined && first !== undefined && segment.number < first.number;
}

/** What a killed process left. */
async function removeDrafts({ bases }: Archive, now: Date): Promise<void> {
  for (const name of (await readdir(bases)).filter((one) => one.startsWith('.new-'))) {
    const { mtimeMs } = await stat(join(bases, name));
    if (now.getTime() - mtimeMs > DAY_MS) await rm(join(bases, name), { recursive: true, force: true });
  }
}
