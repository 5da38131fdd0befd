import { execFile } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openS3Store } from '../../src/adapters/objects/s3/store.ts';
import type { ObjectStore } from '../../src/core/ports/objects.ts';
import { hasProgram } from '../support/dicom-tools.ts';
import { eventually, pause } from '../support/eventually.ts';
import { leftOut } from '../support/s3-server.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/ceph-s3.sh', import.meta.url));
const TYPE = 'application/octet-stream';

if (!['radosgw', 'ceph-osd', 'ceph-mon', 'ceph-authtool'].every((name) => hasProgram(name, '--version'))) {
  leftOut('an outage of the S3 server', 'install the Debian packages radosgw, ceph-osd and ceph-mon');
} else {
  outages();
}

function outages(): void {
  describe('an outage of the S3 server', () => {
    const dir = `/tmp/nii-ceph-${randomBytes(4).toString('hex')}`;
    // above those of the server that the other tests share: scripts/s3-ports.mjs
    const port = randomInt(10_500, 11_400);
    const ceph = (command: string) => run(script, [command, dir, String(port)], { timeout: 120_000 });
    let store: ObjectStore;
    const options = {
      endPoint: `http://127.0.0.1:${port}`,
      accessKey: 'nii-test',
      secretKey: 'nii-test-secret',
      bucket: 'outage',
      createBucket: true,
    };
    beforeAll(async () => {
      await ceph('start');
      store = await openS3Store(options);
    });
    afterAll(async () => {
      await store?.close();
      await ceph('stop');
    });

    it('makes every call fail with NII_STORE_UNREACHABLE in 25 s when the server goes silent, and none when it goes on', async () => {
      await store.put('a/large', randomBytes(30 << 20), TYPE);
      const stream = await store.stream('a/large');
      await ceph('pause');
      const calls = {
        put: () => store.put('a/b', Buffer.from('x'), TYPE),
        'put in parts': () => store.put('a/c', Buffer.alloc(20 << 20), TYPE),
        get: () => store.get('a/large'),
        stream: async () => {
          for await (const chunk of stream) expect(chunk.length).toBeGreaterThan(0);
        },
        head: () => store.head('a/large'),
        list: async () => {
          for await (const { key } of store.list('')) expect(key).toBeDefined();
        },
        remove: () => store.remove('a/b'),
        ready: () => store.ready(),
      };
      const began = Date.now();
      await Promise.all(
        Object.entries(calls).map(async ([name, call]) => {
          await expect(call(), name).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
          expect(Date.now() - began, name).toBeLessThan(25_000);
        }),
      );
      await ceph('resume');
      await store.put('a/b', Buffer.from('x'), TYPE);
      await store.ready();
    });

    it('lets a reader be slower than the silence that ends a request', async () => {
      const impatient = await openS3Store({ ...options, silenceMs: 2000 });
      const bytes = randomBytes(8 << 20);
      await store.put('a/slow', bytes, TYPE);
      const chunks: Uint8Array[] = [];
      for await (const chunk of await impatient.stream('a/slow')) {
        if (chunks.length < 3) await pause(3000, 'pace');
        chunks.push(chunk);
      }
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
      await impatient.close();
    });

    it('loses no acknowledged object and shows no torn one when the server is killed in the middle of puts', async () => {
      const bodies = [1, 2, 3, 4].map((value) => Buffer.alloc(value === 4 ? 40 << 20 : 300_000, value));
      const acknowledged: string[] = [];
      const putting = bodies.map(async (body, lane) => {
        for (let round = 0; round < 500; round += 1) {
          const key = `kill/${lane}/${round}`;
          await store.put(key, body, TYPE);
          acknowledged.push(key);
        }
      });
      const outcome = Promise.allSettled(putting);
      await eventually('30 objects are acknowledged', 120, () => acknowledged.length >= 30);
      await ceph('kill');
      const reasons = (await outcome).map((one) => one.status === 'rejected' && one.reason);
      for (const reason of reasons) expect(reason).toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
      await expect(store.get('kill/0/0')).rejects.toMatchObject({ code: 'NII_STORE_UNREACHABLE' });
      await ceph('restart');
      const listed: string[] = [];
      for await (const { key } of store.list('kill/')) listed.push(key);
      for (const key of acknowledged) expect(listed).toContain(key);
      for (const key of listed) {
        const body = bodies[Number(key.split('/')[1])];
        expect(body?.equals(await store.get(key)), key).toBe(true);
      }
    });
  });
}
