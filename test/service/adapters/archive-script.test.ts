import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  archiveIn,
  archiveScript,
  fetchScript,
} from '../../../src/adapters/postgres/embedded/archive/folder.ts';

/** The commands that PostgreSQL runs for each file of its log. */
const NAME = '0000000100000000000000A1';
let dir: string;
let wal: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "nii it's "));
  const archive = archiveIn(join(dir, 'archive'));
  wal = archive.wal;
  await mkdir(wal, { recursive: true });
  await writeFile(join(dir, 'archive.sh'), archiveScript(archive));
  await writeFile(join(dir, 'fetch.sh'), fetchScript(archive));
  await writeFile(join(dir, 'segment'), 'content');
});
afterEach(() => rm(dir, { recursive: true }));

const keep = (from: string, name: string) =>
  spawnSync('sh', ['archive.sh', from, name], { cwd: dir, encoding: 'utf8' });
const fetch = (name: string, to: string) => spawnSync('sh', ['fetch.sh', name, to], { cwd: dir }).status;

test.each([NAME, '00000002.history'])('%s comes back as it was, and is kept once', async (name) => {
  expect(keep('segment', name).status).toBe(0);
  expect(keep('segment', name).status, 'again').toBe(0);
  expect(await readdir(wal)).toHaveLength(1);
  expect(fetch(name, 'fetched')).toBe(0);
  expect(await readFile(join(dir, 'fetched'), 'utf8')).toBe('content');
});

test('a file with other content is never replaced', async () => {
  keep('segment', NAME);
  await writeFile(join(dir, 'other'), 'other content');
  expect(keep('other', NAME).status).not.toBe(0);
  fetch(NAME, 'fetched');
  expect(await readFile(join(dir, 'fetched'), 'utf8')).toBe('content');
});

test('a folder that is gone is not made', async () => {
  await rm(wal, { recursive: true });
  const { status, stderr } = keep('segment', NAME);
  expect([status, stderr]).toEqual([1, expect.stringContaining('no folder')]);
  expect(await readdir(join(dir, 'archive'))).toEqual([]);
});

test('a disk that is full leaves nothing that looks complete, and the next attempt succeeds', async () => {
  const random = execFileSync('head', ['-c', '100000', '/dev/urandom']);
  await writeFile(join(dir, 'large'), random);
  // the shell limits the size of written files to 16 blocks
  const full = spawnSync('sh', ['-c', `ulimit -f 16; sh archive.sh large ${NAME}`], { cwd: dir });
  expect(full.status).not.toBe(0);
  expect(await readdir(wal)).toEqual([]);
  expect(keep('large', NAME).status).toBe(0);
});

test('what a killed attempt left is replaced', async () => {
  await writeFile(join(wal, `.${NAME}.part`), 'half');
  expect(keep('segment', NAME).status).toBe(0);
  expect(await readdir(wal)).toEqual([`${NAME}.gz`]);
});

test('a missing and a damaged file are not fetched', async () => {
  expect(fetch(NAME, 'fetched')).not.toBe(0);
  keep('segment', NAME);
  const bytes = await readFile(join(wal, `${NAME}.gz`));
  await writeFile(
    join(wal, `${NAME}.gz`),
    bytes.map((byte, i) => (i === bytes.length - 6 ? byte ^ 1 : byte)),
  );
  expect(fetch(NAME, 'fetched')).not.toBe(0);
});
