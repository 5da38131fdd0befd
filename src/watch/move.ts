import { createWriteStream } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openSeen } from './open-seen.ts';
import type { SeenFile } from './tracker.ts';

/** More files of one name are not told apart. */
const NUMBERS_CEILING = 10_000;

/**
 * Moves a file below another folder, under its name there, and never over another file.
 * @returns where it is now, or undefined: it is no longer the file that was seen, and stays
 */
export async function moveBelow(folder: string, seen: SeenFile): Promise<string | undefined> {
  if (!(await isAsSeen(seen))) return undefined;
  const target = await freeName(join(folder, seen.name));
  await mkdir(dirname(target), { recursive: true });
  try {
    await rename(seen.path, target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    return (await copyOver(seen, target)) ? target : undefined;
  }
  return target;
}

async function isAsSeen({ path, bytes, mtimeMs }: SeenFile): Promise<boolean> {
  const state = await lstat(path).catch(() => undefined);
  return state !== undefined && state.size === bytes && state.mtimeMs === mtimeMs;
}

/** The name itself, or with a number before its extension. */
async function freeName(path: string): Promise<string> {
  const { dir, name, ext } = parse(path);
  for (let i = 1; i < NUMBERS_CEILING; i += 1) {
    const candidate = i === 1 ? path : join(dir, `${name}.${i}${ext}`);
    if ((await lstat(candidate).catch(() => undefined)) === undefined) return candidate;
  }
  throw new Error(`${path}: too many files with this name`);
}

/** On another file system: the copy is durable before the file goes, and a file that changed meanwhile stays. */
async function copyOver(seen: SeenFile, to: string): Promise<boolean> {
  const part = `${to}.part`;
  const from = await openSeen(seen);
  try {
    await pipeline(from.createReadStream({ autoClose: false }), createWriteStream(part));
  } finally {
    await from.close();
  }
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  if (!(await isAsSeen(seen))) {
    await rm(part);
    return false;
  }
  await rename(part, to);
  await rm(seen.path);
  return true;
}
