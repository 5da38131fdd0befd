import { chown, copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import Value from 'typebox/value';
import { ByteReader } from '../../../../codec/bytes.ts';
import { NiiError } from '../../../../core/errors.ts';
import { exists } from '../../../../runtime/exists.ts';
import type { Cluster } from '../cluster.ts';
import type { PostgresPrograms } from '../programs.ts';

/** The folder with a database's write-ahead log and base backups, usually on another disk. */
export interface Archive {
  readonly folder: string;
  /** The write-ahead log in segments, and the history of each timeline. */
  readonly wal: string;
  readonly bases: string;
}

export function archiveIn(folder: string): Archive {
  return { folder, wal: join(folder, 'wal'), bases: join(folder, 'base') };
}

/** Written last when an archive is made; a folder without it is not an archive. */
const Claim = Type.Object({
  archive: Type.Literal('1.0'),
  /** PostgreSQL's identifier of the database, which it keeps through a recovery. */
  system: Type.String({ pattern: '^[0-9]{1,20}$' }),
});

function claimFile({ folder }: Archive): string {
  return join(folder, 'archive.json');
}

/** The identifier of the database that the archive belongs to, or undefined if the folder is not an archive. @throws NII_ARCHIVE_DAMAGED */
export async function systemOfArchive(archive: Archive): Promise<string | undefined> {
  const text = await readFile(claimFile(archive), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const value = parseJson(text);
  if (Value.Check(Claim, value)) return value.system;
  throw new NiiError('NII_ARCHIVE_DAMAGED', 'This version cannot read archive.json in the archive');
}

/** Undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The identifier of the database in a data folder: the first eight bytes of its control file. */
async function systemOf(data: string): Promise<string> {
  const reader = new ByteReader(await readFile(join(data, 'global', 'pg_control')), 'pg_control');
  const low = BigInt(reader.u32le());
  return String((BigInt(reader.u32le()) << 32n) + low);
}

/** @throws NII_CONFIG if the archive belongs to a database and the data folder has none: a new one must not take its place */
export async function rejectLostDatabase(cluster: Cluster, archive: Archive): Promise<void> {
  if ((await exists(cluster.folder)) || (await systemOfArchive(archive)) === undefined) return;
  throw new NiiError(
    'NII_CONFIG',
    'The data folder has no database, but NII_DATABASE_ARCHIVE has the archive of one: run nii restore --at latest, or set NII_DATABASE_ARCHIVE to an empty folder',
  );
}

/**
 * Prepares the archive for this database: makes it in an empty folder, or finds it again. An archive that was there and is
 * gone, as on a disk that is not mounted, is not replaced: the start goes on, and archiving fails until it is back.
 *
 * @throws NII_CONFIG if the folder does not exist, is not empty, or has the archive of another database
 */
export async function claimArchive(cluster: Cluster, archive: Archive): Promise<void> {
  if (process.platform === 'win32')
    throw new NiiError('NII_CONFIG', 'NII_DATABASE_ARCHIVE is not supported on Windows; use a server');
  await writeScript(cluster, 'archive.sh', archiveScript(archive));
  const owner = await systemOfArchive(archive);
  const system = await systemOf(cluster.data);
  if (owner === undefined && (await wasClaimed(cluster, archive))) {
    cluster.log('The database archive is missing; is its disk mounted? Changes are not archived');
    return;
  }
  if (owner === undefined) await makeArchive(cluster, archive, system);
  else if (owner !== system)
    throw new NiiError(
      'NII_CONFIG',
      'NII_DATABASE_ARCHIVE has the archive of another database: set it to an empty folder',
    );
  await writeFile(markerFile(cluster), `${archive.folder}\n`, { mode: 0o600 });
  await archiveHistories(cluster, archive);
}

/** In the cluster's folder: which archive it had last. */
function markerFile({ folder }: Cluster): string {
  return join(folder, 'archive-folder');
}

async function wasClaimed(cluster: Cluster, { folder }: Archive): Promise<boolean> {
  return (await readFile(markerFile(cluster), 'utf8').catch(() => '')) === `${folder}\n`;
}

/** What is in an empty file system, and what an interrupted start leaves. */
const MAY_BE_THERE = ['lost+found', 'wal', 'base', 'archive.json.draft'];

async function makeArchive({ programs }: Cluster, archive: Archive, system: string): Promise<void> {
  const names = await readdir(archive.folder).catch((cause: unknown) => {
    const detail =
      'The folder in NII_DATABASE_ARCHIVE cannot be read: create it, and let the service user read and write it';
    throw new NiiError('NII_CONFIG', { detail, cause });
  });
  if (names.some((name) => !MAY_BE_THERE.includes(name)))
    throw new NiiError('NII_CONFIG', 'The folder in NII_DATABASE_ARCHIVE is not empty: use an empty one');
  try {
    for (const folder of [archive.wal, archive.bases]) await mkdir(folder, { recursive: true, mode: 0o700 });
    await giveWal(archive, programs);
    const claim = `${JSON.stringify({ archive: '1.0', system })}\n`;
    await writeFile(`${claimFile(archive)}.draft`, claim, { mode: 0o600, flush: true });
    await rename(`${claimFile(archive)}.draft`, claimFile(archive));
  } catch (cause) {
    const detail = 'The folder in NII_DATABASE_ARCHIVE cannot be written: give the service user write access';
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}

/** Lets the user of the server read and write the log, also after a recovery on another machine. */
export async function giveWal({ wal }: Archive, { owner }: Pick<PostgresPrograms, 'owner'>): Promise<void> {
  if (owner === undefined || (await stat(wal)).uid === owner.uid) return;
  for (const name of await readdir(wal)) await chown(join(wal, name), owner.uid, owner.gid);
  await chown(wal, owner.uid, owner.gid);
}

/** A recovery begins a timeline while nothing is archived yet. Later recoveries need its history. */
async function archiveHistories({ data, programs }: Cluster, { wal }: Archive): Promise<void> {
  const folder = join(data, 'pg_wal');
  for (const name of (await readdir(folder)).filter(isHistory)) {
    const [kept, draft] = [join(wal, name), join(wal, `.${name}.part`)];
    if (await exists(kept)) continue;
    await copyFile(join(folder, name), draft);
    if (programs.owner !== undefined) await chown(draft, programs.owner.uid, programs.owner.gid);
    await rename(draft, kept);
  }
}

export function isHistory(name: string): boolean {
  return /^[0-9A-F]{8}\.history$/.test(name);
}

/* ---- Scripts that PostgreSQL runs ------------------------------------------------------------------------- */

/** PostgreSQL runs it in its data folder for each file of the log, and retries until it succeeds. */
export const ARCHIVE_COMMAND = 'sh ../archive.sh %p %f';
export const FETCH_COMMAND = 'sh ../fetch.sh %f %p';

/**
 * A file that has its name in the archive is complete and on the disk. A file with other content is never replaced.
 * Segments are compressed: most are nearly empty, and gzip notices damage.
 */
export function archiveScript({ wal }: Archive): string {
  return `# Puts one file of the write-ahead log into the archive: archive.sh PATH NAME
wal=${quoted(wal)}
part=$wal/.$2.part
case $2 in
  *.history) kept=$wal/$2; pack=cat; unpack=cat ;;
  *) kept=$wal/$2.gz; pack='gzip -1'; unpack='gzip -d' ;;
esac
[ -d "$wal" ] || { echo "no folder $wal" >&2; exit 1; }
if [ -e "$kept" ]; then
  $unpack < "$kept" | cmp - "$1" >&2 || exit 1
  sync "$kept" && sync "$wal"
  exit
fi
$pack < "$1" > "$part" && sync "$part" && mv -n "$part" "$kept" && [ ! -e "$part" ] && sync "$wal" && exit
rm -f "$part"
exit 1
`;
}

/** Fails if the file is missing or damaged. */
export function fetchScript({ wal }: Archive): string {
  return `# Takes one file of the write-ahead log out of the archive: fetch.sh NAME PATH
wal=${quoted(wal)}
case $1 in
  *.history) exec cp "$wal/$1" "$2" ;;
  *) exec gzip -d < "$wal/$1.gz" > "$2" ;;
esac
`;
}

/** Replaced in one step: PostgreSQL may be about to run the earlier one. */
export async function writeScript(
  { folder, programs }: Pick<Cluster, 'folder' | 'programs'>,
  name: string,
  text: string,
): Promise<void> {
  const path = join(folder, name);
  await writeFile(`${path}.${process.pid}`, text, { mode: 0o600 });
  if (programs.owner !== undefined)
    await chown(`${path}.${process.pid}`, programs.owner.uid, programs.owner.gid);
  await rename(`${path}.${process.pid}`, path);
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
