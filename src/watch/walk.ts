import type { Dir, Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** Deeper folders are not looked into. */
const DEPTH_CEILING = 16;
/** Written under another name, or left by an editor: their last name is yet to come. */
const unfinished = /(\.(part|partial|tmp|temp|filepart|crdownload|download|lock|swp)|~)$/i;

export interface Entry {
  /** From the watched folder on, with /. */
  readonly name: string;
  readonly path: string;
}

/**
 * The files below a folder, in no order. Links are not followed, hidden and unfinished names and the folders to skip
 * are passed over. A folder that goes away meanwhile has no more files; the top one must be there.
 */
export async function* filesBelow(
  root: string,
  skip: ReadonlySet<string>,
  prefix = '',
  depth = 0,
): AsyncGenerator<Entry> {
  for await (const entry of entriesOf(await opened(root, depth === 0))) {
    if (entry.name.startsWith('.') || unfinished.test(entry.name)) continue;
    const path = join(root, entry.name);
    const name = `${prefix}${entry.name}`;
    if (entry.isFile()) yield { name, path };
    else if (entry.isDirectory() && depth < DEPTH_CEILING && !skip.has(path))
      yield* filesBelow(path, skip, `${name}/`, depth + 1);
  }
}

async function opened(folder: string, mustBe: boolean): Promise<Dir | undefined> {
  try {
    return await opendir(folder, { bufferSize: 256 });
  } catch (error) {
    if (mustBe) throw error;
    return undefined;
  }
}

async function* entriesOf(folder: Dir | undefined): AsyncGenerator<Dirent> {
  if (folder !== undefined) yield* folder;
}
