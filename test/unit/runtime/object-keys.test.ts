import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { createKeyFile, readObjectKeys } from '../../../src/runtime/object-keys.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-keys-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function fileWith(text: string, mode = 0o600): Promise<string> {
  const path = join(dir, `key-${mode.toString(8)}`);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

const line = Buffer.alloc(32, 1).toString('base64');
const other = Buffer.alloc(32, 2).toString('base64');

test('a created file is read by its owner only, has one key, and is never overwritten', async () => {
  const path = join(dir, 'created');
  const { id } = await createKeyFile(path);
  expect((await readObjectKeys(path)).map((key) => key.id)).toEqual([id]);
  const before = await readFile(path);
  await expect(createKeyFile(path)).rejects.toMatchObject({ code: 'NII_CONFLICT' });
  expect(await readFile(path)).toEqual(before);
});

test('a file has one key on each line; the first comes first, and empty lines and remarks are left out', async () => {
  const keys = await readObjectKeys(await fileWith(`# new\n${line}\r\n\n${other}\n`));
  expect(keys.map(({ bytes }) => bytes[0])).toEqual([1, 2]);
});

test.each([
  ['is empty', '\n# nothing\n', 0o600, /has no key: nii store key/],
  ['has a key that is too short', `${line}\n${line.slice(4)}`, 0o600, /Invalid line 2 /],
  ['has hexadecimal digits', '00'.repeat(32), 0o600, /Invalid line 1 .*base64 of 32 random bytes/],
  ['its group may read', line, 0o640, /mode 640\): set mode 600/],
  ['others may run', line, 0o601, /mode 601\): set mode 600/],
])('a file that %s is rejected with the next step, and never quoted', async (_, text, mode, detail) => {
  const reading = readObjectKeys(await fileWith(text, mode));
  await expect(reading).rejects.toMatchObject({ code: 'NII_CONFIG', message: expect.stringMatching(detail) });
  await expect(reading).rejects.not.toThrow(text.trim());
});

test('a file that is missing is rejected with the next step', async () => {
  const reading = readObjectKeys(join(dir, 'missing'));
  await expect(reading).rejects.toThrow(/missing" in NII_OBJECT_KEY_FILE cannot be read: .*nii store key/);
});

test('settings of the encryption need what they are about, and a known word', () => {
  expect(readConfig({}).encryption).toBeUndefined();
  expect(readConfig({ NII_OBJECT_KEY_FILE: '/k' }).encryption).toEqual({ keyFile: '/k', plain: 'reject' });
  for (const [env, detail] of [
    [{ NII_OBJECT_PLAIN: 'read' }, /Missing NII_OBJECT_KEY_FILE: NII_OBJECT_PLAIN needs it/],
    [
      { NII_OBJECT_KEY_FILE: '/k', NII_OBJECT_PLAIN: 'yes' },
      /Invalid NII_OBJECT_PLAIN "yes": use reject or read/,
    ],
    [{ NII_S3_ENCRYPTION: 'require' }, /Missing NII_S3_URL: NII_S3_ENCRYPTION needs it/],
    [{ NII_S3_ENCRYPTION: 'on' }, /Invalid NII_S3_ENCRYPTION "on": use report or require/],
  ] as const)
    expect(() => readConfig(env)).toThrow(detail);
});
