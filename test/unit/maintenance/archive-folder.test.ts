import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Archive,
  archiveIn,
  claimArchive,
  rejectLostDatabase,
} from '../../../src/adapters/postgres/embedded/archive/folder.ts';

/** To which database an archive belongs, and what a start does with a folder that is not its archive. */
let dir: string;
let archive: Archive;
let lines: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-archive-'));
  archive = archiveIn(join(dir, 'archive'));
  lines = [];
  await mkdir(archive.folder);
});
afterEach(() => rm(dir, { recursive: true }));

/** The folder of a database with this identifier, as PostgreSQL makes it. */
async function database(name: string, id: number) {
  const folder = join(dir, name);
  const data = join(folder, 'pgdata');
  for (const part of ['global', 'pg_wal']) await mkdir(join(data, part), { recursive: true });
  await writeFile(join(data, 'global', 'pg_control'), new Uint8Array([id, 0, 0, 0, 1, 0, 0, 0, 99]));
  const programs = { owner: undefined, run: () => Promise.reject(new Error('not in this test')) };
  return { folder, data, logFile: join(folder, 'log'), programs, log: (line: string) => lines.push(line) };
}

test('an empty folder becomes the archive of a database, which finds it again', async () => {
  const one = await database('one', 7);
  await claimArchive(one, archive);
  expect((await readdir(archive.folder)).toSorted()).toEqual(['archive.json', 'base', 'wal']);
  const claim = JSON.parse(await readFile(join(archive.folder, 'archive.json'), 'utf8'));
  expect(claim).toEqual({ archive: '1.0', system: String(2 ** 32 + 7) });
  await claimArchive(one, archive);
  expect(lines).toEqual([]);
});

test('a second database, a folder with other files, and a folder that does not exist are rejected', async () => {
  await claimArchive(await database('one', 7), archive);
  const two = await database('two', 8);
  const rejected = { code: 'NII_CONFIG' };
  await expect(claimArchive(two, archive)).rejects.toMatchObject(rejected);
  const full = archiveIn(join(dir, 'full'));
  await mkdir(full.folder);
  await writeFile(join(full.folder, 'photo.jpg'), '');
  await expect(claimArchive(two, full)).rejects.toMatchObject(rejected);
  await expect(claimArchive(two, archiveIn(join(dir, 'none')))).rejects.toMatchObject(rejected);
  await writeFile(join(archive.folder, 'archive.json'), '{}');
  await expect(claimArchive(two, archive)).rejects.toMatchObject({ code: 'NII_ARCHIVE_DAMAGED' });
});

test('an archive that was there and is gone is not made again, and the start goes on', async () => {
  const one = await database('one', 7);
  await claimArchive(one, archive);
  await rename(archive.folder, join(dir, 'unmounted'));
  await mkdir(archive.folder);
  await claimArchive(one, archive);
  expect(await readdir(archive.folder)).toEqual([]);
  expect(lines).toEqual([expect.stringContaining('is missing')]);
});

test('a new database does not take the place of a lost one', async () => {
  const one = await database('one', 7);
  await rejectLostDatabase({ ...one, folder: join(dir, 'new') }, archive);
  await claimArchive(one, archive);
  await rejectLostDatabase(one, archive);
  await expect(rejectLostDatabase({ ...one, folder: join(dir, 'new') }, archive)).rejects.toMatchObject({
    code: 'NII_CONFIG',
    message: expect.stringContaining('nii restore --at latest'),
  });
});

test('the history of a timeline that a recovery began is archived at the next start', async () => {
  const one = await database('one', 7);
  await writeFile(join(one.data, 'pg_wal', '00000002.history'), '1\t0/5000100\tx\n');
  await claimArchive(one, archive);
  await claimArchive(one, archive);
  expect(await readdir(archive.wal)).toEqual(['00000002.history']);
});
