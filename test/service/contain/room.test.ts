import {
  closeSync,
  existsSync,
  linkSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeRoom, putInto, removeRoom, takeFrom } from '../../../src/runtime/contain/room.ts';

const folder = mkdtempSync(join(tmpdir(), 'nii-rooms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFolder = () => mkdtemp(join(folder, 'f-'));

test('files that a child wrote are moved out, and the room goes', async () => {
  const room = await makeRoom(newFolder);
  const ours = await newFolder();
  writeFileSync(join(room.output, 'record.json'), '{}');
  await takeFrom(room, ours);
  expect(readFileSync(join(ours, 'record.json'), 'utf8')).toBe('{}');
  await removeRoom(room);
  expect(existsSync(room.folder)).toBe(false);
});

test('what was copied out cannot be changed by a child that still has its file open', async () => {
  const room = await makeRoom(newFolder);
  const ours = await newFolder();
  const open = openSync(join(room.output, 'high.raw'), 'w');
  writeSync(open, 'samples', 0);
  await takeFrom(room, ours, 'copy');
  writeSync(open, 'forgery', 0);
  closeSync(open);
  expect(readFileSync(join(ours, 'high.raw'), 'utf8')).toBe('samples');
});

test('a file is shown to the child as it is', async () => {
  const room = await makeRoom(newFolder);
  const path = join(await newFolder(), 'scan.bin');
  writeFileSync(path, 'samples');
  expect(readFileSync(await putInto(room, path, '0'), 'utf8')).toBe('samples');
});

test.each([
  ['a link to a file of the service', (to: string, secret: string) => symlinkSync(secret, to)],
  ['a second name of a file of the service', (to: string, secret: string) => linkSync(secret, to)],
])('%s that a child left is not taken', async (_what, leave) => {
  const room = await makeRoom(newFolder);
  const secret = join(await newFolder(), 'keys');
  writeFileSync(secret, 'secret');
  leave(join(room.output, 'high.raw'), secret);
  const ours = await newFolder();
  await expect(takeFrom(room, ours)).rejects.toMatchObject({ code: 'NII_CONVERTER_INCONSISTENT' });
  expect(readdirSync(ours)).toEqual([]);
});
