import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storeWithoutKey } from '../../src/adapters/objects/encrypted/no-key.ts';
import { encryptedStore } from '../../src/adapters/objects/encrypted/store.ts';
import { draftsOf, openFolderStore } from '../../src/adapters/objects/fs-store.ts';
import { toObjectKey } from '../../src/runtime/object-keys.ts';
import { objectStoreContract } from '../support/contract/object-store.ts';

const key = toObjectKey(Buffer.alloc(32, 7));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nii-encrypted-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function openEncrypted(name: string, plain: 'read' | 'reject') {
  const dir = join(root, name);
  return encryptedStore(await openFolderStore(dir), { keys: [key], plain, draftsDir: draftsOf(dir) });
}

objectStoreContract('an encrypted folder', () => openEncrypted('encrypted', 'reject'));
objectStoreContract('an encrypted folder that may hold plain objects', () => openEncrypted('mixed', 'read'));
objectStoreContract('a folder without a key', async () =>
  storeWithoutKey(await openFolderStore(join(root, 'plain'))),
);

it('leaves no file on its way into the store, also if the file to store was cut', async () => {
  const store = await openEncrypted('drafts', 'reject');
  const path = join(root, 'file');
  await writeFile(path, 'twelve bytes');
  await store.put('a/b', { path, bytes: 12 }, 'text/plain');
  await expect(store.put('a/c', { path, bytes: 13 }, 'text/plain')).rejects.toMatchObject({
    code: 'NII_CORRUPT',
  });
  expect(await readdir(draftsOf(join(root, 'drafts')))).toEqual([]);
});
