import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { looseIn } from '../../../src/runtime/private-folder.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-private-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A folder that is closed, with a file that is open to others. */
async function open(name: string): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'file'), '', { mode: 0o644 });
  return folder;
}

test('what others can read is named at any depth, and a link that leads back is not followed', async () => {
  const deep = await open('one/two');
  await symlink(dir, join(deep, 'back'));
  const found: string[] = [];
  for await (const { path, mode, why } of looseIn(join(dir, 'one'))) found.push(`${path} ${mode} ${why}`);
  expect(found).toEqual([`${join(deep, 'file')} 0644 open`]);
});

test('a folder that is removed while others are looked at is passed over', async () => {
  const folders = [await open('gone/a'), await open('gone/b'), await open('gone/c')];
  const found: string[] = [];
  for await (const { path } of looseIn(join(dir, 'gone'))) {
    found.push(path);
    for (const folder of folders) if (!path.startsWith(folder)) await rm(folder, { recursive: true });
  }
  expect(found).toHaveLength(1);
});
