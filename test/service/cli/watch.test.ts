import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { openWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe.runIf(process.platform !== 'win32')('nii watch', () => {
  test.each([0o644, 0o640, 0o602])('refuses a key file of mode %o before it watches', async (mode) => {
    const [key, share] = [join(world.dir, 'key'), join(world.dir, 'share')];
    await mkdir(share, { recursive: true });
    await writeFile(key, 'nii_secret\n');
    await chmod(key, mode);
    const ran = await world.nii('watch', share, '--url', 'http://127.0.0.1:9', '--key-file', key, '--once');
    expect(ran.code).toBe(3);
    expect(ran.err).toContain('NII_CONFIG');
    expect(ran.err).toContain('set mode 600');
    expect(`${ran.out}${ran.err}`).not.toContain('nii_secret');
  });

  test('a key that goes to another machine in the clear is warned of, unless that is said', async () => {
    const key = join(world.dir, 'open-key');
    await writeFile(key, 'nii_secret\n');
    await chmod(key, 0o644);
    const args = ['watch', world.dir, '--key-file', key, '--once'];
    const warned = await world.nii(...args, '--url', 'http://nii.invalid');
    expect(warned.err).toContain('use https, or add --plain-http');
    const said = await world.nii(...args, '--url', 'http://nii.invalid', '--plain-http');
    expect(said.err).not.toContain('--plain-http');
    // both stop at the key file, so nothing is sent
    for (const { err } of [warned, said]) expect(err).toContain('set mode 600');
  });

  test('sends nothing with a key file that was opened to others while it runs', async () => {
    const [key, share] = [join(world.dir, 'key-2'), join(world.dir, 'share-2')];
    await mkdir(share);
    await writeFile(key, 'nii_secret\n', { mode: 0o600 });
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      request.resume().on('end', () => response.writeHead(503).end());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await writeFile(join(share, 'todo.txt'), 'buy milk');
    const args = ['--url', `http://127.0.0.1:${port}`, '--key-file', key, '--send-unknown'];
    const quick = ['--settle', '0', '--max-wait', '3', '--poll', '0', '--once'];
    try {
      const running = world.nii('watch', share, ...args, ...quick);
      await eventually('it watches', 30, () => existsSync(join(share, '.nii-watch')));
      await chmod(key, 0o644);
      const ran = await running;
      expect(ran.out).toContain('Other users can access the key file');
      expect(ran.code).toBe(4);
      expect(asked).toEqual([]);
    } finally {
      server.close();
    }
  });
});
