import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../../src/codec/block-hash.ts';
import type { ObjectRow } from '../../../src/core/ports/records/object-rows.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { runs } from '../../support/search-size.ts';

/** Stored bytes that somebody changed behind the service's back: no read gives them out. */

let service: Harness;
let address: string;
let seed = 0;

beforeAll(async () => {
  service = await openHarness();
  address = await service.listen();
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

/** White space at the end changes nothing of what it says. */
function longScan(bytes: number): Buffer {
  seed += 1;
  const scan = fakeScan({ seed });
  const tail = Buffer.alloc(bytes - scan.length, ' ');
  for (let i = 0; i < tail.length; i += 1 + ((i * 7919 + seed) % 1009)) tail[i] = 0x0a;
  return Buffer.concat([scan, tail]);
}

interface Sent {
  readonly bytes: Buffer;
  readonly row: ObjectRow;
  /** Of the original, at the service. */
  readonly url: string;
  readonly path: string;
}

/** Sends a scan of so many bytes, and says where its original lies. */
async function send(bytes: Buffer): Promise<Sent> {
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans',
    payload: bytes,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="a.fake"',
    },
  });
  const [{ scanId, revisionHref }] = sent.json().scans;
  const rows = await service.deps.records.transaction((tx) => tx.objectsOf(scanId, 1));
  const row = rows.find(({ kind }) => kind === 'original');
  if (row === undefined) throw new Error('no original is on record');
  return {
    bytes,
    row,
    url: `${revisionHref}/originals/${row.sha256}`,
    path: join(service.objectsDir, row.key),
  };
}

async function changeByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at);
  await file.close();
}

/** As a row was before blocks were kept. */
async function forgetBlocks({ blocks: _, ...row }: ObjectRow): Promise<void> {
  await service.deps.records.transaction((tx) => tx.putObjects([row as ObjectRow]));
}

const get = (url: string, range?: string) =>
  service.as('supervisor', { url, headers: range === undefined ? {} : { range } });

const fetched = (url: string) =>
  fetch(`${address}${url}`, { headers: { authorization: `Bearer ${service.token('supervisor')}` } });

/** The audit of the service itself names it, once however often it was read. */
async function toldOnce(key: string): Promise<void> {
  const entries = () =>
    service.deps.records.transaction((tx) => tx.auditTrail({ administration: '', site: '*' }, 500));
  const told = async () =>
    (await entries()).rows.filter((row) => row.action === 'security: object corrupt' && row.subject === key);
  await eventually('the audit names the object', 5, async () => (await told()).length > 0);
  expect(await told()).toHaveLength(1);
}

async function corruptKeys(): Promise<readonly string[]> {
  return (await verifyAll(service.deps)).corrupt;
}

test('any part of an object is the very bytes that came, whatever lies across the borders of its blocks', async () => {
  for (const length of [BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 2.5 * BLOCK_BYTES]) {
    const { bytes, url } = await send(longScan(length));
    expect((await get(url)).rawPayload.equals(bytes), `${length} bytes`).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.nat(length), async (first, more) => {
        const answer = await get(url, `bytes=${first}-${first + more}`);
        expect(answer.statusCode).toBe(206);
        expect(answer.rawPayload.equals(bytes.subarray(first, first + more + 1))).toBe(true);
      }),
      { numRuns: runs(8), examples: [[Math.min(length, BLOCK_BYTES) - 1, 1]] },
    );
  }
});

describe('an object of three and a half MiB', () => {
  const bytes = () => longScan(3.5 * BLOCK_BYTES);

  test('with a changed first MiB is NII_CORRUPT, and its other MiBs are read', async () => {
    const sent = await send(bytes());
    await changeByte(sent.path, 5);
    const whole = await get(sent.url);
    expect([whole.statusCode, whole.json().code]).toEqual([500, 'NII_CORRUPT']);
    const from = BLOCK_BYTES + 10;
    const rest = await get(sent.url, `bytes=${from}-`);
    expect(rest.statusCode).toBe(206);
    expect(rest.rawPayload.equals(sent.bytes.subarray(from))).toBe(true);
    await toldOnce(sent.row.key);
    expect(await corruptKeys()).toContain(sent.row.key);
  });

  test('with a changed third MiB ends the connection before a changed byte is sent', async () => {
    const sent = await send(bytes());
    await changeByte(sent.path, 2 * BLOCK_BYTES + 77);
    const answer = await fetched(sent.url);
    expect(answer.status).toBe(200);
    const got: Uint8Array[] = [];
    const read = async () => {
      for await (const chunk of answer.body ?? []) got.push(chunk);
    };
    await expect(read()).rejects.toThrow();
    const came = Buffer.concat(got);
    expect(came.length).toBeLessThanOrEqual(2 * BLOCK_BYTES);
    expect(came.equals(sent.bytes.subarray(0, came.length))).toBe(true);
    await toldOnce(sent.row.key);
    expect(await corruptKeys()).toContain(sent.row.key);
    expect((await fetched('/v1/health/live')).status).toBe(200);
  });

  test('that was cut short is NII_CORRUPT, from its beginning and at its end', async () => {
    const sent = await send(bytes());
    await truncate(sent.path, 5000);
    for (const range of [undefined, 'bytes=0-9', `bytes=${3 * BLOCK_BYTES}-`]) {
      expect((await get(sent.url, range)).json().code, range).toBe('NII_CORRUPT');
    }
    expect(await corruptKeys()).toContain(sent.row.key);
  });

  test('that grew is read as it came, and found by a verification', async () => {
    const sent = await send(bytes());
    await truncate(sent.path, sent.bytes.length + 1);
    expect((await get(sent.url)).rawPayload.equals(sent.bytes)).toBe(true);
    expect(await corruptKeys()).toContain(sent.row.key);
  });

  test('of before blocks were kept gets them at its first read, if it is what was stored', async () => {
    const [good, bad] = [await send(bytes()), await send(bytes())];
    for (const { row } of [good, bad]) await forgetBlocks(row);
    await changeByte(bad.path, 3 * BLOCK_BYTES);
    expect((await get(good.url, 'bytes=7-9')).rawPayload.equals(good.bytes.subarray(7, 10))).toBe(true);
    const now = await service.deps.records.transaction((tx) => tx.object(good.row.key));
    expect(good.row.blocks).toMatch(/^[A-Za-z0-9+/=]{172}$/);
    expect(now).toEqual(good.row);
    // nothing says which MiB is wrong, so none of them is given out
    expect((await get(bad.url, 'bytes=7-9')).json().code).toBe('NII_CORRUPT');
  });
});

test('a changed record, picture or instance is given to nobody', async () => {
  const { url } = await send(longScan(1000));
  await service.work();
  const home = url.slice(0, url.indexOf('/originals'));
  const [, scanId = ''] = /scans\/([^/]+)/.exec(home) ?? [];
  for (const [name, path] of [
    ['scan.json', '/scan.json'],
    ['preview.png', '/preview'],
    ['dicos/main-high.dcs', '/dicos/main/high'],
  ]) {
    await changeByte(join(service.objectsDir, 'scans', scanId, 'r1', name ?? ''), 20);
    const answer = await get(`${home}${path}`);
    expect([answer.statusCode, answer.json().code], name).toEqual([500, 'NII_CORRUPT']);
  }
  expect((await corruptKeys()).filter((key) => key.startsWith(`scans/${scanId}/`))).toHaveLength(3);
});
