import { copyFile, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import type { SeenFile } from './tracker.ts';

/** More files of one name are not told apart. */
const NUMBERS_CEILING = 10_000;

/**
 * Moves a file below another folder, under its name there, and never over another file.
 * @returns where it is now, or undefined: it is no longer the file that was seen, and stays
 */
export async function moveBelow(folder: string, seen: SeenFile): Promise<string | undefined> {
  const state = await lstat(seen.path).catch(() => undefined);
  if (state === undefined || state.size !== seen.bytes || state.mtimeMs !== seen.mtimeMs) return undefined;
  const target = await freeName(join(folder, seen.name));
  await mkdir(dirname(target), { recursive: true });
  try {
    await rename(seen.path, target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    await copyOver(seen.path, target);
  }
  return target;
}

/** The name itself, or with a number before its extension. */
async function freeName(path: string): Promise<string> {
  const { dir, name, ext } = parse(path);
  for (let i = 1; i < NUMBERS_CEILING; i += 1) {
    const candidate = i === 1 ? path : join(dir, `${name}.${i}${ext}`);
    if ((await lstat(candidate).catch(() => undefined)) === undefined) return candidate;
  }
  throw new Error(`${path}: more files of this name than can be told apart`);
}

/** On another file system: the copy is durable before the file goes. */
async function copyOver(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  await copyFile(from, part);
  const file = await open(part, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, to);
  await rm(from);
}
