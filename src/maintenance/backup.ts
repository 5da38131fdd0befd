import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { storedSeals } from '../audit/verify-seals.ts';
import { ANY_SITE } from '../core/access.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { CopyCipher, ObjectReads } from '../core/ports/objects.ts';
import type { AuditRow } from '../core/ports/records/audit.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { objectRows } from './object-rows.ts';

export const BACKUP_VERSION = '1.0';

/** Written last: a folder without it is no whole backup. */
export interface BackupManifest {
  readonly backup: typeof BACKUP_VERSION;
  readonly createdAt: string;
  readonly objects: number;
  readonly bytes: number;
  readonly keys: number;
  readonly audit: number;
  /** Seals over the audit; backups of before them have none. */
  readonly seals: number;
  /** SHA-256 of the lists, which in turn name the SHA-256 of every object. */
  readonly sha256: Readonly<Record<BackupList, string>>;
}

export const backupLists = ['objects.jsonl', 'keys.jsonl', 'audit.jsonl', 'audit-seals.jsonl'] as const;
export type BackupList = (typeof backupLists)[number];

/** One object in `objects.jsonl`; its bytes lie under `objects/<key>`. */
export type BackupObject = Pick<ObjectRow, 'key' | 'bytes' | 'sha256' | 'contentType'>;

/**
 * Copies every object that the records name, the keys (secrets only as hashes) and the audit with its seals into a folder. May run
 * beside a working service; what is received meanwhile is left for the next backup. Run again on the same folder, it
 * copies only what is not there yet. With a key file the objects are encrypted, and the lists are not.
 * @throws NII_CORRUPT when a stored object has a wrong hash: the backup is then not complete
 */
export async function backup(
  stores: Stores<Tx<'object' | 'allObjects' | 'auditTrail' | 'auditSeals' | 'keys'>> & CopyDeps,
  dir: string,
  now: Date,
  progress: (objects: number) => void = () => {},
): Promise<BackupManifest> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await rm(join(dir, 'backup.json'), { force: true });
  const objects = await copyObjects(stores, dir, progress);
  const keys = await writeKeys(stores.records, dir);
  // Every row that these seals cover is written after them
  const seals = await writeSeals(stores.records, dir);
  const audit = await writeAudit(stores.records, dir);
  const manifest: BackupManifest = {
    backup: BACKUP_VERSION,
    createdAt: now.toISOString(),
    objects: objects.count,
    bytes: objects.bytes,
    keys: keys.count,
    audit: audit.count,
    seals: seals.count,
    sha256: {
      'objects.jsonl': objects.sha256,
      'keys.jsonl': keys.sha256,
      'audit.jsonl': audit.sha256,
      'audit-seals.jsonl': seals.sha256,
    },
  };
  await writeWhole(join(dir, 'backup.json'), [`${JSON.stringify(manifest, null, 2)}\n`]);
  return manifest;
}

/**
 * The revisions that were received whole before the copying begins. Originals sort before the manifest that names
 * them, so that a revision which arrives while the rows are walked could be seen with its manifest alone.
 */
async function receivedRevisions(records: Transactions<Tx<'allObjects'>>): Promise<ReadonlySet<string>> {
  const known = new Set<string>();
  for await (const row of objectRows(records))
    if (row.kind === 'manifest' && row.step === 'received') known.add(revisionOf(row));
  return known;
}

function revisionOf({ scanId, revision }: ObjectRow): string {
  return `${scanId}/r${revision}`;
}

/* ---- Objects ---------------------------------------------------------------------------------------------- */

async function copyObjects(
  stores: Stores<Tx<'object' | 'allObjects'>> & CopyDeps,
  dir: string,
  progress: (objects: number) => void,
) {
  const known = await receivedRevisions(stores.records);
  const list = new ListWriter(dir, 'objects.jsonl');
  let bytes = 0;
  for await (const row of objectRows(stores.records)) {
    if (row.scanId !== '' && !known.has(revisionOf(row))) continue;
    const copied = await copyObject(stores, row, dir);
    await list.add(copied);
    bytes += copied.bytes;
    progress(list.count);
  }
  return { ...(await list.end()), bytes };
}

const TRIES = 3;

export interface CopyDeps {
  readonly encryption: CopyCipher;
}

/** A step that runs again may replace an object together with its row; then the new row is taken. */
async function copyObject(
  stores: Stores<Tx<'object'>> & CopyDeps,
  first: ObjectRow,
  dir: string,
): Promise<BackupObject> {
  let row = first;
  for (let i = 0; i < TRIES; i += 1) {
    const path = join(dir, 'objects', row.key);
    if ((await hashOfCopy(stores, row.key, path)) === row.sha256) return shortOf(row);
    if ((await copyTo(stores, row.key, path)) === row.sha256) return shortOf(row);
    await rm(path, { force: true });
    row = (await stores.records.transaction((tx) => tx.object(first.key))) ?? row;
  }
  throw new NiiError('NII_CORRUPT', { detail: `${row.key} has a wrong hash`, field: row.key });
}

function shortOf({ key, bytes, sha256, contentType }: ObjectRow): BackupObject {
  return { key, bytes, sha256, contentType };
}

/** Returns the SHA-256 of the object. */
async function copyTo(
  { objects, encryption }: { readonly objects: ObjectReads } & CopyDeps,
  key: string,
  path: string,
): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  await writeWhole(path, encryption.toCopy(key, hashed(await objects.stream(key), hash)));
  return hash.digest('hex');
}

/**
 * Hex SHA-256 of the object that a file of a backup has, or undefined for no such file and a damaged one.
 * @throws NII_ENCRYPTED
 */
async function hashOfCopy({ encryption }: CopyDeps, key: string, path: string): Promise<string | undefined> {
  if (!(await isFile(path))) return undefined;
  const hash = createHash('sha256');
  try {
    for await (const chunk of encryption.fromCopy(key, createReadStream(path))) hash.update(chunk);
  } catch (error) {
    if (isNiiError(error, 'NII_CORRUPT')) return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/** Hex SHA-256 of a file, or undefined for none. */
export async function hashOfFile(path: string): Promise<string | undefined> {
  if (!(await isFile(path))) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

/** Under another name first, and flushed: a file that has its name is whole. @returns its SHA-256 */
async function writeWhole(
  path: string,
  parts: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): Promise<string> {
  const partial = `${path}.partial`;
  const hash = createHash('sha256');
  await pipeline(Readable.from(hashed(parts, hash)), createWriteStream(partial, { mode: 0o600 }));
  await flush(partial);
  await rename(partial, path);
  return hash.digest('hex');
}

async function* hashed<Part extends Uint8Array | string>(
  parts: AsyncIterable<Part> | Iterable<Part>,
  hash: Hash,
): AsyncGenerator<Part, void, undefined> {
  for await (const part of parts) {
    hash.update(part);
    yield part;
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/* ---- Lists ------------------------------------------------------------------------------------------------ */

interface Written {
  readonly count: number;
  readonly sha256: string;
}

/** One JSON value a line, as long as it may get. */
class ListWriter {
  readonly #path: string;
  readonly #hash = createHash('sha256');
  readonly #stream;
  count = 0;

  constructor(dir: string, name: BackupList) {
    this.#path = join(dir, name);
    this.#stream = createWriteStream(`${this.#path}.partial`, { mode: 0o600 });
  }

  async add(value: object): Promise<void> {
    const line = `${JSON.stringify(value)}\n`;
    this.#hash.update(line);
    this.count += 1;
    await new Promise<void>((done, fail) => {
      this.#stream.write(line, (error) => (error ? fail(error) : done()));
    });
  }

  async end(): Promise<Written> {
    await new Promise<void>((done) => {
      this.#stream.end(done);
    });
    await flush(`${this.#path}.partial`);
    await rename(`${this.#path}.partial`, this.#path);
    return { count: this.count, sha256: this.#hash.digest('hex') };
  }
}

async function writeKeys(records: Transactions<Tx<'keys'>>, dir: string): Promise<Written> {
  const list = new ListWriter(dir, 'keys.jsonl');
  for (const key of await records.transaction((tx) => tx.keys())) await list.add(key);
  return list.end();
}

async function writeSeals(records: Transactions<Tx<'auditSeals'>>, dir: string): Promise<Written> {
  const list = new ListWriter(dir, 'audit-seals.jsonl');
  for await (const seal of storedSeals(records)) await list.add(seal);
  return list.end();
}

/** Of every administration that ever had a key, and of requests with unknown keys: nobody else can have done anything. */
async function writeAudit(records: Transactions<Tx<'auditTrail' | 'keys'>>, dir: string): Promise<Written> {
  const keys = await records.transaction((tx) => tx.keys());
  const administrations = new Set(['', ...keys.map(({ administration }) => administration)]);
  const list = new ListWriter(dir, 'audit.jsonl');
  for (const administration of administrations) {
    for await (const row of auditOf(records, administration)) await list.add(row);
  }
  return list.end();
}

const AUDIT_PAGE = 500;

async function* auditOf(
  records: Transactions<Tx<'auditTrail'>>,
  administration: string,
): AsyncGenerator<AuditRow> {
  let cursor: string | undefined;
  do {
    const page = await records.transaction((tx) =>
      tx.auditTrail({ administration, site: ANY_SITE }, AUDIT_PAGE, cursor),
    );
    yield* page.rows;
    cursor = page.next;
  } while (cursor !== undefined);
}
