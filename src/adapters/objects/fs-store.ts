import { randomUUID } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { NiiError } from '../../core/errors.ts';
import {
  clipRange,
  type FileBody,
  type ListedObject,
  type ObjectStore,
  type StoredObject,
} from '../../core/ports/objects.ts';
import { within } from '../../runtime/deadline.ts';
import { syncFolder, syncParent } from '../../runtime/sync-folder.ts';
import { gone, isAbsent, mapped, systemCode } from './fs-failures.ts';
import { checkKey, checkPrefix, notFound } from './keys.ts';

/** Not a name that a key can have, so that no list shows it. */
const DRAFTS = '~drafts';

/** The folder for files that are about to become objects of the store in this folder. */
export function draftsOf(dir: string): string {
  return join(resolve(dir), DRAFTS);
}

/** A draft older than this was left by a process that was killed. */
const DRAFT_AGE_MS = 3_600_000;
const CHUNK_BYTES = 1 << 20;
const READY_MS = 5000;
/** Folders remembered as durable; beyond it they are forgotten and checked again. */
const FOLDERS_KNOWN = 10_000;

interface Folder {
  readonly root: string;
  /** Folders whose entry in their parent is known to be on the disk. */
  readonly durable: Set<string>;
}

/**
 * Objects as files in one folder, which several processes may share. A key is a path, so a key may not go on
 * below another (`a` and `a/b`): NII_BAD_REQUEST.
 *
 * @throws NII_STORE_UNREACHABLE when the folder cannot be made or written
 */
export async function openFolderStore(dir: string): Promise<ObjectStore> {
  const root = resolve(dir);
  const folder: Folder = { root, durable: new Set() };
  await mapped(async () => {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await syncParent(root);
    await makeFolder(folder, join(root, DRAFTS));
    await removeOldDrafts(root);
  });
  return {
    async put(key, body) {
      checkKey(key);
      await mapped(() => put(folder, key, body), gone);
    },
    async get(key) {
      checkKey(key);
      return await mapped(() => readFile(join(root, key)));
    },
    async stream(key, range) {
      const found = await mapped(() => head(root, key));
      if (found === undefined) throw notFound();
      return read(join(root, key), clipRange(range, found.bytes));
    },
    head: (key) => mapped(() => head(root, key)),
    list: (prefix) => list(root, prefix),
    async remove(key) {
      checkKey(key);
      await mapped(() => remove(join(root, key)));
    },
    ready: () => mapped(() => within(probe(root), READY_MS, gone), gone),
    close: () => Promise.resolve(),
  };
}

/* ---- Writing ----------------------------------------------------------------------------------------------- */

async function put(folder: Folder, key: string, body: Uint8Array | FileBody): Promise<void> {
  const draft = join(folder.root, DRAFTS, randomUUID());
  const target = join(folder.root, key);
  try {
    await writeDraft(draft, body);
    const place = async () => {
      await makeFolder(folder, dirname(target));
      await rename(draft, target);
    };
    await place().catch(async (error: unknown) => {
      if (!isAbsent(error)) throw error;
      folder.durable.clear(); // somebody has removed a folder since
      await place();
    });
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // swept on the next start
    folder.durable.clear();
    throw error;
  }
}

async function writeDraft(draft: string, body: Uint8Array | FileBody): Promise<void> {
  if (!(body instanceof Uint8Array)) {
    // Shares the blocks where the file system can, otherwise copies inside the kernel
    const copy = () => copyFile(body.path, draft, constants.COPYFILE_FICLONE);
    await (body.isGiven ? link(body.path, draft).catch(copy) : copy());
  }
  const file = await open(draft, body instanceof Uint8Array ? 'wx' : 'r');
  try {
    if (body instanceof Uint8Array) await file.writeFile(body);
    else checkSize(await file.stat(), body.bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function checkSize({ size }: { readonly size: number }, bytes: number): void {
  if (size === bytes) return;
  throw new NiiError('NII_CORRUPT', `The file to store has ${size} bytes, but ${bytes} were received`);
}

/** Makes the folder and its parents; returns only when a power cut would not take them away. */
async function makeFolder(folder: Folder, path: string): Promise<void> {
  if (path === folder.root || folder.durable.has(path)) return;
  await makeFolder(folder, dirname(path));
  await mkdir(path).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  await syncFolder(dirname(path));
  if (folder.durable.size >= FOLDERS_KNOWN) folder.durable.clear();
  folder.durable.add(path);
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  await syncFolder(dirname(path));
}

async function probe(root: string): Promise<void> {
  const draft = join(root, DRAFTS, randomUUID());
  try {
    await writeDraft(draft, Uint8Array.of(1));
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeOldDrafts(root: string): Promise<void> {
  for (const name of await readdir(join(root, DRAFTS))) {
    const path = join(root, DRAFTS, name);
    const found = await stat(path).catch(() => undefined); // another process may be done with it
    if (found !== undefined && Date.now() - found.mtimeMs > DRAFT_AGE_MS) await rm(path, { force: true });
  }
}

/* ---- Reading ----------------------------------------------------------------------------------------------- */

async function head(root: string, key: string): Promise<StoredObject | undefined> {
  const found = await look(root, key);
  return found === undefined ? undefined : { key, bytes: found.bytes };
}

async function look(root: string, key: string): Promise<ListedObject | undefined> {
  checkKey(key);
  try {
    const found = await stat(join(root, key));
    return found.isFile() ? { key, bytes: found.size, writtenAt: found.mtime } : undefined;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Opens the file only when somebody reads, so that a stream that nobody reads leaves nothing open. */
async function* read(
  path: string,
  part: { readonly first: number; readonly bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await mapped(() => open(path, 'r'));
  try {
    let left = part.bytes;
    while (left > 0) {
      const buffer = new Uint8Array(Math.min(left, CHUNK_BYTES));
      const position = part.first + part.bytes - left;
      const { bytesRead } = await mapped(() => file.read(buffer, 0, buffer.length, position));
      if (bytesRead === 0)
        throw new NiiError('NII_CORRUPT', 'The stored object is shorter than its recorded size');
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Walks only the folder that the prefix names; within it, in order of whole keys. */
async function* list(root: string, prefix: string): AsyncGenerator<ListedObject, void, undefined> {
  checkPrefix(prefix);
  const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  for await (const found of walk(root, above)) {
    if (found.key.startsWith(prefix)) yield found;
    else if (found.key > prefix) return; // in rising order, those that begin with it stand together
  }
}

/** @param above - the part of the keys down to this folder, with its slash */
async function* walk(root: string, above: string): AsyncGenerator<ListedObject, void, undefined> {
  for (const entry of await entriesOf(join(root, above))) {
    const key = above + entry.name;
    if (entry.folder) yield* walk(root, `${key}/`);
    else {
      const found = await mapped(() => look(root, key));
      if (found !== undefined) yield found;
    }
  }
}

interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

async function entriesOf(path: string): Promise<readonly Entry[]> {
  const found = await mapped(async () => {
    try {
      return await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  });
  return found
    .filter((entry) => /^[a-z0-9._-]+$/.test(entry.name))
    .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
    .sort((a, b) => (sortName(a) < sortName(b) ? -1 : 1));
}

/** A folder stands where its keys do: `a/…` comes after `a-b` and `a.b`. */
function sortName(entry: Entry): string {
  return entry.folder ? `${entry.name}/` : entry.name;
}
