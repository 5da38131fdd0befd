import { copyFile, link, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NiiError } from '../../core/errors.ts';

/** The two folders of a contained child: it reads one and writes the other. */
export interface Room {
  readonly folder: string;
  readonly input: string;
  readonly output: string;
}

/** Files that a child may leave. */
const FILES_CEILING = 65_536;

/** @param makeFolder - makes an empty folder; best where the files are that will be put into it */
export async function makeRoom(makeFolder = () => mkdtemp(join(tmpdir(), 'nii-room-'))): Promise<Room> {
  const folder = await makeFolder();
  const room = { folder, input: join(folder, 'input'), output: join(folder, 'output') };
  await mkdir(room.input);
  await mkdir(room.output);
  return room;
}

/** Takes everything out of it, for the next task of the same child. */
async function emptyRoom({ input, output }: Room): Promise<void> {
  for (const folder of [input, output])
    for (const name of await readdir(folder).catch(() => []))
      await rm(join(folder, name), { recursive: true, force: true });
}

/** A process whose folders cannot be emptied does not stay, and its place is free again; one without a room has none. */
export async function isRoomEmptied(room: Room | undefined): Promise<boolean> {
  if (room === undefined) return true;
  return emptyRoom(room).then(
    () => true,
    () => false,
  );
}

export async function removeRoom({ folder }: Room): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Shows a file to the child. @returns its path there */
export async function putInto({ input }: Room, path: string, name: string): Promise<string> {
  const place = join(input, name);
  await link(path, place).catch(() => copyFile(path, place)); // another disk, or a file of another user
  return place;
}

/**
 * Moves what the child wrote into a folder of ours. Only plain files: a link would make us read what the child could not.
 * @param how - a copy is out of reach of a child that goes on, and may still have its file open
 * @throws NII_CONVERTER_INCONSISTENT for anything else
 */
export async function takeFrom(
  { output }: Room,
  folder: string,
  how: 'move' | 'copy' = 'move',
): Promise<void> {
  const names = await readdir(output);
  if (names.length > FILES_CEILING)
    throw new NiiError(
      'NII_CONVERTER_INCONSISTENT',
      `it left ${names.length} files, at most ${FILES_CEILING}`,
    );
  for (const name of names) await takeFile(join(output, name), join(folder, name), { name, how });
}

async function takeFile(
  from: string,
  to: string,
  { name, how }: { readonly name: string; readonly how: 'move' | 'copy' },
): Promise<void> {
  const state = await lstat(from);
  if (!state.isFile() || state.nlink !== 1)
    throw new NiiError('NII_CONVERTER_INCONSISTENT', `it left ${name}, which is not a regular file`);
  if (how === 'copy') await copyFile(from, to);
  else await rename(from, to).catch(() => copyFile(from, to));
}
