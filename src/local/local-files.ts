import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { HEAD_BYTES, type StagedFile } from '../recognise/files.ts';

/** A file that was named, or that lies in a folder that was. */
export interface LocalFile {
  /** From the folder on that was named. */
  readonly name: string;
  readonly path: string;
}

/** Something at a path that is not read. */
export interface Unreadable {
  readonly name: string;
  readonly error: NiiError;
}

interface Walk {
  readonly files: LocalFile[];
  readonly unreadable: Unreadable[];
  /** Folders by device and number: a link to one that was walked leads nowhere new. */
  readonly folders: Set<string>;
  readonly signal: AbortSignal | undefined;
}

/** Of one call of a command; a service takes as many uploads as it likes. */
const FILES_CEILING = 100_000;
const DEPTH_CEILING = 64;

/**
 * The files that are named, and every file below the folders that are, in order of name. Each folder is walked once,
 * through whatever links. What is neither a file nor a folder is told apart: reading it may never end.
 * @throws NII_NOT_FOUND for a named path that is not there, NII_LIMIT_FILES
 */
export async function localFiles(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Pick<Walk, 'files' | 'unreadable'>> {
  const walk: Walk = { files: [], unreadable: [], folders: new Set(), signal };
  for (const path of paths) {
    const state = await stat(path).catch((cause: unknown) => {
      throw new NiiError('NII_NOT_FOUND', {
        detail: `The file or folder ${path} cannot be read: check its name and permissions`,
        field: path,
        cause,
      });
    });
    await take({ name: basename(path), path }, state, walk, 0);
  }
  return walk;
}

async function take(file: LocalFile, state: Stats, walk: Walk, depth: number): Promise<void> {
  walk.signal?.throwIfAborted();
  if (state.isDirectory()) return takeFolder(file, state, walk, depth);
  if (!state.isFile()) {
    walk.unreadable.push({ name: file.name, error: notAFile(file.name, state) });
    return;
  }
  if (walk.files.length >= FILES_CEILING) {
    throw new NiiError('NII_LIMIT_FILES', `Too many files: use at most ${FILES_CEILING}`);
  }
  walk.files.push(file);
}

async function takeFolder({ name, path }: LocalFile, { dev, ino }: Stats, walk: Walk, depth: number) {
  const identity = `${dev}:${ino}`;
  if (walk.folders.has(identity) || depth > DEPTH_CEILING) return;
  walk.folders.add(identity);
  const entries = (await readdir(path)).filter((entry) => !entry.startsWith('.')).sort();
  for (const entry of entries) {
    const inner = { name: `${name}/${entry}`, path: join(path, entry) };
    const state = await stat(inner.path).catch(() => undefined);
    if (state !== undefined) await take(inner, state, walk, depth + 1);
    else walk.unreadable.push({ name: inner.name, error: broken(inner.name) });
  }
}

function broken(name: string): NiiError {
  return new NiiError('NII_NOT_FOUND', {
    detail: `The file ${name} cannot be read: check its permissions, and where it links to`,
    field: name,
  });
}

function notAFile(name: string, state: Stats): NiiError {
  const detail = `${name} is ${kindOf(state)}: name a file or a folder`;
  return new NiiError('NII_NOT_A_FILE', { detail, field: name });
}

function kindOf(state: Stats): string {
  if (state.isFIFO()) return 'a pipe';
  if (state.isSocket()) return 'a socket';
  return state.isCharacterDevice() || state.isBlockDevice() ? 'a device' : 'neither a file nor a folder';
}

/** A pipe that took the place of a file is not waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Size, hash and first bytes of a file, of which no more is read than it held when it was opened.
 * @throws NII_NOT_A_FILE, NII_LIMIT_BYTES, NII_CONFLICT where it holds more or less than it says
 */
export async function describeFile(
  { name, path }: LocalFile,
  { uploadBytes }: Pick<Limits, 'uploadBytes'>,
  signal?: AbortSignal,
): Promise<StagedFile> {
  const file = await open(path, FLAGS);
  try {
    const state = await file.stat();
    if (!state.isFile()) throw notAFile(name, state);
    if (state.size > uploadBytes) {
      const detail = `${name} has ${state.size} bytes; at most ${uploadBytes} are read`;
      throw new NiiError('NII_LIMIT_BYTES', { detail, field: name });
    }
    return { name, path, ...(await contentOf(file, name, state.size, signal)) };
  } finally {
    await file.close();
  }
}

async function contentOf(file: FileHandle, name: string, size: number, signal: AbortSignal | undefined) {
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let bytes = 0;
  // One byte more than there was: a file that grows is noticed, and read no further
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0, end: size })) {
    signal?.throwIfAborted();
    if (bytes < HEAD_BYTES) head.push(chunk.subarray(0, HEAD_BYTES - bytes));
    hash.update(chunk);
    bytes += chunk.length;
  }
  if (bytes !== size) {
    const detail = `The content of ${name} does not match its size; wait until the file is complete`;
    throw new NiiError('NII_CONFLICT', { detail, field: name });
  }
  return { bytes, sha256: hash.digest('hex'), head: new Uint8Array(Buffer.concat(head)) };
}
