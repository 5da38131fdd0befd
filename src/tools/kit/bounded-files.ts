import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../../core/errors.ts';
import { defaultLimits } from '../../core/limits.ts';
import type { NamedBytes } from '../contract/fixtures.ts';

const FILES_CEILING = 10_000;
const DEPTH_CEILING = 16;

/** A file below a folder; its name is its path from there, with `/`. */
export interface FoundFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

/** Which files below a folder are meant. */
export interface Wanted {
  /** False for an entry that is passed over with all in it; by its path from the folder. */
  readonly takes: (name: string) => boolean;
  /** Links lead out of the folder, so they are rejected unless its keeper is trusted. */
  readonly followsLinks: boolean;
}

/**
 * Every regular file below a folder in order of name; none where it is not there.
 * @throws NII_BAD_REQUEST for a link that is not followed, or a device; NII_LIMIT_FILES, NII_LIMIT_DEPTH
 */
export async function filesBelow(folder: string, wanted: Wanted): Promise<readonly FoundFile[]> {
  const root = await lstat(folder).catch(() => undefined);
  if (root?.isSymbolicLink() === true && !wanted.followsLinks)
    throw new NiiError('NII_BAD_REQUEST', `${folder} is a link; use a folder`);
  const found: FoundFile[] = [];
  await collect(folder, '', wanted, found);
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function collect(folder: string, within: string, wanted: Wanted, found: FoundFile[]): Promise<void> {
  if (within.split('/').length > DEPTH_CEILING)
    throw new NiiError('NII_LIMIT_DEPTH', `${folder}: at most ${DEPTH_CEILING} levels of folders`);
  for (const entry of await entriesOf(folder)) {
    const [name, path] = [`${within}${entry}`, join(folder, entry)];
    if (!wanted.takes(name)) continue;
    const state = await (wanted.followsLinks ? stat(path) : lstat(path));
    if (state.isDirectory()) await collect(path, `${name}/`, wanted, found);
    else if (state.isFile()) found.push({ name, path, bytes: state.size });
    else {
      const detail = `${path} is neither a file nor a folder; use a regular file`;
      throw new NiiError('NII_BAD_REQUEST', detail);
    }
    if (found.length > FILES_CEILING)
      throw new NiiError('NII_LIMIT_FILES', `${folder} has more than ${FILES_CEILING} files`);
  }
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new NiiError('NII_NOT_FOUND', { detail: `${folder} cannot be read`, cause: error });
  }
}

/** Reads files that are one upload in size and number. @throws NII_LIMIT_BYTES, NII_LIMIT_FILES before reading any */
export async function readTogether(files: readonly FoundFile[]): Promise<readonly NamedBytes[]> {
  const { uploadBytes, uploadFiles } = defaultLimits;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length > uploadFiles)
    throw new NiiError('NII_LIMIT_FILES', `One case has at most ${uploadFiles} files`);
  if (bytes > uploadBytes) throw new NiiError('NII_LIMIT_BYTES', `One case has at most ${uploadBytes} bytes`);
  return Promise.all(
    files.map(async ({ name, path }) => ({ name, bytes: new Uint8Array(await readFile(path)) })),
  );
}
