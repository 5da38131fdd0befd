import { spawnSync } from 'node:child_process';
import { lstat, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSeen } from '../../../src/watch/open-seen.ts';
import { hashAll } from '../../../src/watch/outgoing.ts';
import { sendForm } from '../../../src/watch/send/service.ts';

const NAME = 'day/a1high.img';
let dir: string;
let folder: string;
let secret: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-seen-'));
  folder = join(dir, 'share');
  secret = join(dir, 'elsewhere', 'a1high.img');
  await mkdir(join(folder, 'day'), { recursive: true });
  await mkdir(dirname(secret));
  await writeFile(join(folder, NAME), 'a scan');
  await writeFile(secret, 'secret');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function seenFile() {
  const path = join(folder, NAME);
  const { size, mtimeMs } = await lstat(path);
  return { name: NAME, path, bytes: size, mtimeMs, since: 0, waitingSince: 0 };
}

const planned = (seen: Awaited<ReturnType<typeof seenFile>>) => ({
  converter: 'x',
  group: 'a1',
  waitsFor: undefined,
  files: [
    {
      seen,
      role: 'high',
      staged: { name: NAME, path: seen.path, bytes: seen.bytes, sha256: NAME, head: new Uint8Array() },
    },
  ],
});

const swaps = [
  [
    'a link',
    async (path: string) => {
      await rm(path);
      await symlink(secret, path);
    },
  ],
  [
    'a file of a folder that became a link',
    async (path: string) => {
      await rename(dirname(path), join(dir, 'away'));
      await symlink(dirname(secret), dirname(path));
    },
  ],
  [
    'a pipe',
    async (path: string) => {
      await rm(path);
      expect(spawnSync('mkfifo', [path]).status).toBe(0);
    },
  ],
] as const;

describe.runIf(process.platform !== 'win32')('a file that became, after it was seen,', () => {
  test.each(swaps)('%s is not opened', async (_what, swap) => {
    const seen = await seenFile();
    await (await openSeen(seen)).close();
    await swap(seen.path);
    await expect(openSeen(seen)).rejects.toMatchObject({ name: 'NotSeenFile' });
  });

  test.each(swaps.slice(0, 2))('%s is not hashed, however alike it looks', async (_what, swap) => {
    const seen = await seenFile();
    await utimes(secret, seen.mtimeMs / 1000, seen.mtimeMs / 1000);
    const alike = { ...seen, mtimeMs: (await lstat(secret)).mtimeMs };
    await utimes(seen.path, seen.mtimeMs / 1000, seen.mtimeMs / 1000);
    expect(await hashAll(planned(alike))).toHaveLength(1);
    await swap(seen.path);
    expect(await hashAll(planned(alike))).toBeUndefined();
  });

  test.each(swaps.slice(0, 2))('%s is not sent, not a byte of it', async (_what, swap) => {
    const seen = await seenFile();
    const { createServer } = await import('node:http');
    let text = '';
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => response.end('{"scans":[]}'));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const target = { url: new URL(`http://127.0.0.1:${port}/`), key: async () => 'key', fields: {} };
    try {
      await swap(seen.path);
      const file = { name: NAME, path: seen.path, bytes: seen.bytes, sha256: '0'.repeat(64) };
      await expect(sendForm(target, [file], new AbortController().signal)).rejects.toMatchObject({
        failure: { kind: 'again' },
      });
      expect(text).not.toContain('secret');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
