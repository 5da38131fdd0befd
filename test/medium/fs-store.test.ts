import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderStore } from '../../src/adapters/objects/fs-store.ts';
import { bundleOfTest } from '../support/bundle-of-test.ts';
import { objectStoreContract } from '../support/contract/object-store.ts';
import { eventually, pause } from '../support/eventually.ts';
import { seededRandom } from '../support/random.ts';
import { searchSeed } from '../support/search-size.ts';

let root: string;
let writer: string;
beforeAll(async () => {
  writer = await bundleOfTest('test/medium/put-for-ever.ts');
  root = await mkdtemp(join(tmpdir(), 'nii-folder-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

objectStoreContract('a folder', () => openFolderStore(join(root, 'contract')));

/** An ordinary user. */
const NOBODY = 65534;
const canBeNobody =
  process.getuid?.() === 0 && spawnSync(process.execPath, ['--version'], { uid: NOBODY }).status === 0;

/** Runs the writer in a shell, so that limits can be set; resolves with what it printed once it has ended. */
function startWriter(dir: string, limits = 'true') {
  const command = `${limits}; exec "$0" "$1" "$2"`;
  const child = spawn('bash', ['-c', command, process.execPath, writer, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  const ended = once(child, 'close').then(() => printed);
  return { child, ended, printed: () => printed };
}

describe('the folder store', () => {
  it('has every acknowledged object whole, and none torn, after kill -9 of a writer, 8 times over', async () => {
    const dir = join(root, 'killed');
    const random = seededRandom(searchSeed);
    let acknowledged = 0;
    for (let round = 0; round < 8; round += 1) {
      const { child, ended, printed } = startWriter(dir);
      await eventually('some objects are there', 60, () => printed().split('\n').length > 7);
      await pause(random() * 150, 'moment');
      child.kill('SIGKILL');
      const keys = (await ended).split('\n').slice(0, -1);
      const store = await openFolderStore(dir);
      for (const key of keys) expect(await store.head(key), key).toBeDefined();
      for await (const { key } of store.list('')) {
        const bytes = await store.get(key);
        // Each object says in its first byte how long it is, and is that byte throughout
        expect(bytes.length).toBe((bytes[0] ?? 0) * 4096);
        expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
      }
      acknowledged += keys.length;
    }
    expect(acknowledged).toBeGreaterThan(50);
  });

  it('shows no draft in a list, and removes those that are older than an hour when it opens', async () => {
    const dir = join(root, 'drafts');
    const store = await openFolderStore(dir);
    await store.put('a/b', Buffer.from('x'), 'text/plain');
    const drafts = join(dir, '~drafts');
    await writeFile(join(drafts, 'old'), 'left by a killed process');
    await writeFile(join(drafts, 'new'), 'being written by another process');
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(drafts, 'old'), longAgo, longAgo);
    const keys: string[] = [];
    for await (const { key } of (await openFolderStore(dir)).list('')) keys.push(key);
    expect(keys).toEqual(['a/b']);
    expect(await readdir(drafts)).toEqual(['new']);
  });

  it.runIf(canBeNobody)('opens below a folder that its user can enter and not read', async () => {
    const above = await mkdtemp(join(tmpdir(), 'nii-above-'));
    const dir = join(above, 'objects');
    await mkdir(dir);
    await chown(dir, NOBODY, NOBODY);
    await chmod(above, 0o711);
    const program = join(above, 'program.js');
    await copyFile(writer, program);
    await writeFile(join(above, 'package.json'), '{ "type": "module" }');
    const child = spawn(process.execPath, [program, dir], { uid: NOBODY, gid: NOBODY, cwd: '/' });
    const ended = once(child, 'close');
    const [said] = await Promise.race([once(child.stdout, 'data'), ended]);
    child.kill('SIGKILL');
    await ended;
    await rm(above, { recursive: true, force: true });
    expect(String(said)).toMatch(/^lane\//);
  });

  it('says NII_DISK_FULL when no more can be written, and leaves no part behind', async () => {
    const dir = join(root, 'full');
    const { ended } = startWriter(dir, 'ulimit -f 64'); // blocks of 1 KiB: writing beyond is refused by the system
    expect(await ended).toContain('NII_DISK_FULL');
    const store = await openFolderStore(dir);
    for await (const { bytes } of store.list('')) expect(bytes % 4096).toBe(0);
    expect(await readdir(join(dir, '~drafts'))).toEqual([]);
  });

  it('says NII_STORE_UNREACHABLE when its folder is gone, and works again when it is back', async () => {
    const dir = join(root, 'gone');
    const store = await openFolderStore(dir);
    await store.put('a/b', Buffer.from('x'), 'text/plain');
    await rm(dir, { recursive: true });
    await expect(store.put('a/b', Buffer.from('x'), 'text/plain')).rejects.toMatchObject({
      code: 'NII_STORE_UNREACHABLE',
    });
    await expect(store.ready()).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
    await mkdir(join(dir, '~drafts'), { recursive: true });
    await store.put('a/b', Buffer.from('x'), 'text/plain');
    await store.ready();
  });

  it('refuses a key below another', async () => {
    const store = await openFolderStore(join(root, 'below'));
    await store.put('a', Buffer.from('x'), 'text/plain');
    await expect(store.put('a/b', Buffer.from('x'), 'text/plain')).rejects.toMatchObject({
      code: 'NII_BAD_REQUEST',
    });
  });
});
