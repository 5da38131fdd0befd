import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/embedded-postgres.ts';
import { readConfig } from '../../src/config.ts';
import { issueKey } from '../../src/pipeline/keys.ts';
import { TusUploads } from '../../src/pipeline/tus-uploads.ts';
import { openService } from '../../src/wiring.ts';
import { type Harness, openHarness, SITE } from '../harness.ts';
import { postgresFolder } from '../medium/postgres-server.ts';
import { eventually, runService } from '../medium/running-service.ts';
import { fakeScan } from './fake-scan.ts';

const PATH = '/v1/uploads/tus';
const KiB = 1024;
let service: Harness;
let address: string;

beforeAll(async () => {
  service = await openHarness({ limits: { uploadBytes: 512 * KiB, openUploads: 6 } });
  address = await service.listen();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

/** A scan of so many bytes; what fills it up carries nothing. */
function largeScan(seed: number, bytes: number): Buffer {
  const filled = (filler: number) => fakeScan({ seed, filler: 'x'.repeat(filler) });
  return filled(bytes - filled(0).length);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bearer = (token = service.token('scanner')) => ({ authorization: `Bearer ${token}` });
const protocol = { 'tus-resumable': '1.0.0' };

interface Sent {
  readonly url: string;
  readonly error: DetailedError | undefined;
}

/** Sends by the protocol's widely used client; without trying again, so that a refusal shows. */
function send(
  bytes: Buffer,
  options: Partial<UploadOptions> & { readonly home?: string } = {},
): Promise<Sent> {
  const { home = address, ...over } = options;
  return new Promise((resolve) => {
    const upload: Upload = new Upload(bytes, {
      endpoint: `${home}${PATH}`,
      headers: bearer(),
      metadata: { filename: 'a.fake' },
      retryDelays: [],
      ...over,
      onSuccess: () => resolve({ url: upload.url ?? '', error: undefined }),
      onError: (error) => resolve({ url: upload.url ?? '', error: error as DetailedError }),
    });
    upload.start();
  });
}

/** Sends the first chunk only. @returns the address of the upload */
function begin(
  bytes: Buffer,
  chunkSize: number,
  options: Partial<UploadOptions> & { readonly home?: string } = {},
) {
  const { home = address, ...over } = options;
  return new Promise<string>((resolve, reject) => {
    const upload: Upload = new Upload(bytes, {
      endpoint: `${home}${PATH}`,
      headers: bearer(),
      metadata: { filename: 'a.fake' },
      retryDelays: [],
      chunkSize,
      ...over,
      onChunkComplete: () => {
        void upload.abort().then(() => resolve(upload.url ?? ''));
      },
      onError: reject,
    });
    upload.start();
  });
}

async function ask(url: string, method = 'GET', headers: Record<string, string> = {}) {
  const answer = await fetch(url, { method, headers: { ...bearer(), ...protocol, ...headers } });
  const text = await answer.text();
  const body = text === '' ? {} : JSON.parse(text);
  return { status: answer.status, headers: answer.headers, body };
}

async function offsetOf(url: string): Promise<number> {
  return Number((await ask(url, 'HEAD')).headers.get('upload-offset'));
}

function filesLeft(): readonly string[] {
  const folder = join(service.spoolDir, 'tus', 'files');
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe('a resumable upload', () => {
  test('sent in pieces becomes a scan, of the bytes that were sent', async () => {
    const bytes = largeScan(1, 200 * KiB);
    const { url, error } = await send(bytes, {
      chunkSize: 64 * KiB,
      metadata: { filename: 'a.fake', lane: 'lane-3', sha256: sha256(bytes) },
    });
    expect(error).toBeUndefined();
    const { body } = await ask(url);
    expect(body).toMatchObject({
      state: 'accepted',
      name: 'a.fake',
      bytes: bytes.length,
      offset: bytes.length,
    });
    expect(body.scans).toMatchObject([{ result: 'new-scan', converter: 'fake' }]);
    const revision = await service.as('supervisor', { url: body.scans[0].revisionHref });
    expect(revision.json()).toMatchObject({
      meta: { lane: 'lane-3' },
      originals: [{ sha256: sha256(bytes) }],
    });
    expect(filesLeft()).toEqual([]);
  });

  test('goes on where it was left', async () => {
    const bytes = largeScan(2, 200 * KiB);
    const url = await begin(bytes, 64 * KiB);
    expect(await offsetOf(url)).toBe(64 * KiB);
    expect((await ask(url)).body).toMatchObject({ state: 'arriving', offset: 64 * KiB });
    const sizes: number[] = [];
    const { error } = await send(bytes, { uploadUrl: url, onChunkComplete: (size) => sizes.push(size) });
    expect(error).toBeUndefined();
    expect(sizes).toEqual([bytes.length - 64 * KiB]);
    expect((await ask(url)).body.scans).toHaveLength(1);
  });

  test('whose connection is cut in the middle of a piece keeps what arrived', async () => {
    const bytes = largeScan(3, 300 * KiB);
    const url = await begin(bytes, 16 * KiB);
    const { hostname, port, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    const head = [
      `PATCH ${pathname} HTTP/1.1`,
      'host: localhost',
      `authorization: ${bearer().authorization}`,
      'tus-resumable: 1.0.0',
      `upload-offset: ${16 * KiB}`,
      'content-type: application/offset+octet-stream',
      `content-length: ${bytes.length - 16 * KiB}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await new Promise((resolve) => socket.write(bytes.subarray(16 * KiB, 200 * KiB), resolve));
    await delay(300);
    socket.destroy();
    await expect.poll(() => offsetOf(url), { timeout: 10_000 }).toBeGreaterThan(16 * KiB);
    expect(await offsetOf(url)).toBeLessThanOrEqual(200 * KiB);
    expect((await send(bytes, { uploadUrl: url })).error).toBeUndefined();
    const { body } = await ask(url);
    const revision = await service.as('supervisor', { url: body.scans[0].revisionHref });
    expect(revision.json().originals[0].sha256).toBe(sha256(bytes));
  });

  test('of a set is accepted with the last file of the set, all in one', async () => {
    const set = (filename: string) => ({ metadata: { filename, set: 'truck-7', files: '2' } });
    const first = await send(fakeScan({ seed: 11 }), set('a.fake'));
    expect((await ask(first.url)).body).toMatchObject({
      state: 'waiting',
      set: { id: 'truck-7', files: 2, whole: 1 },
    });
    const second = await send(fakeScan({ seed: 12 }), set('b.fake'));
    const scans = (await ask(second.url)).body.scans;
    expect(scans).toHaveLength(2);
    expect((await ask(first.url)).body.scans).toEqual(scans);
    expect(await offsetOf(first.url)).toBe(fakeScan({ seed: 11 }).length);
  });

  test('sent again is answered with the same scan', async () => {
    const answers = [await send(fakeScan({ seed: 21 })), await send(fakeScan({ seed: 21 }))];
    const [one, two] = [(await ask(answers[0]!.url)).body, (await ask(answers[1]!.url)).body];
    expect(two.scans[0]).toMatchObject({ scanId: one.scans[0].scanId, result: 'already-here' });
  });

  test('can be ended, and is then gone', async () => {
    const url = await begin(largeScan(31, 100 * KiB), 16 * KiB);
    expect((await ask(url, 'DELETE')).status).toBe(204);
    expect((await ask(url, 'HEAD')).status).toBe(404);
    expect(filesLeft()).toEqual([]);
  });

  test('says which part of the protocol is spoken', async () => {
    const { status, headers } = await ask(`${address}${PATH}`, 'OPTIONS');
    expect(status).toBe(204);
    expect(headers.get('tus-version')).toBe('1.0.0');
    expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,termination,expiration');
    expect(headers.get('tus-max-size')).toBe(String(512 * KiB));
  });
});

describe('is refused by code:', () => {
  const refusal = (error: DetailedError | undefined) => {
    const answer = error?.originalResponse;
    const body = answer?.getBody() ?? '';
    return { status: answer?.getStatus(), ...(body === '' ? {} : { code: JSON.parse(body).code }) };
  };

  test.each([
    ['more bytes than the limit', Buffer.alloc(600 * KiB), {}, 413, 'NII_LIMIT_BYTES'],
    ['another site', fakeScan(), { site: 'elsewhere' }, 403, 'NII_FORBIDDEN'],
    ['a field that nobody knows', fakeScan(), { colour: 'red' }, 400, 'NII_BAD_REQUEST'],
    ['a set without its number of files', fakeScan(), { set: 'x' }, 400, 'NII_BAD_REQUEST'],
    ['a content of no format', Buffer.from('what is this'), {}, 415, 'NII_UNKNOWN_FORMAT'],
    ['another hash than declared', fakeScan(), { sha256: 'a'.repeat(64) }, 400, 'NII_HASH_MISMATCH'],
  ] as const)('%s', async (_what, bytes, metadata, status, code) => {
    const { error, url } = await send(bytes, { metadata: { filename: 'x.fake', ...metadata } });
    expect(refusal(error)).toEqual({ status, code });
    expect(filesLeft()).toEqual([]);
    if (url !== '') expect((await ask(url)).body).toMatchObject({ state: 'refused', problem: { code } });
  });

  test('files of a set that nothing tells apart', async () => {
    const set = { set: 'twins', files: '2' };
    const nameless = await send(fakeScan({ seed: 81 }), { metadata: set });
    expect(refusal(nameless.error)).toEqual({ status: 400, code: 'NII_BAD_REQUEST' });
    const first = await send(fakeScan({ seed: 82 }), { metadata: { ...set, filename: 'a.fake' } });
    expect(first.error).toBeUndefined();
    const other = await send(fakeScan({ seed: 8200 }), { metadata: { ...set, filename: 'a.fake' } });
    expect(refusal(other.error)).toEqual({ status: 409, code: 'NII_CONFLICT' });
    await send(fakeScan({ seed: 83 }), { metadata: { ...set, filename: 'b.fake' } });
  });

  test('the upload of another key, as if it were not there', async () => {
    const url = await begin(largeScan(41, 100 * KiB), 16 * KiB);
    const other = await service.newToken('scanner', 'utopia', SITE);
    const patch = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '16384' };
    for (const [method, headers] of [
      ['GET', {}],
      ['HEAD', {}],
      ['PATCH', patch],
      ['DELETE', {}],
    ] as const)
      expect([method, (await ask(url, method, { ...headers, ...bearer(other) })).status]).toEqual([
        method,
        404,
      ]);
    expect((await ask(url, 'DELETE')).status).toBe(204);
  });

  test('the upload of another key, named behind the path of an own one', async () => {
    const theirs = await begin(largeScan(43, 100 * KiB), 16 * KiB);
    const other = await service.newToken('scanner', 'utopia', SITE);
    const own = await begin(largeScan(44, 100 * KiB), 16 * KiB, { headers: bearer(other) });
    const behind = `${own}?x=/${theirs.slice(theirs.lastIndexOf('/') + 1)}`;
    expect((await ask(behind, 'DELETE', bearer(other))).status).toBe(204);
    expect(await offsetOf(theirs)).toBe(16 * KiB);
    expect((await ask(own, 'GET', bearer(other))).status).toBe(404);
    await ask(theirs, 'DELETE');
  });

  test('a piece that does not begin where the upload stands', async () => {
    const url = await begin(largeScan(42, 100 * KiB), 16 * KiB);
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '5' };
    expect(await ask(url, 'PATCH', headers)).toMatchObject({ status: 409, body: { code: 'NII_CONFLICT' } });
    await ask(url, 'DELETE');
  });

  test('a request that does not speak the protocol', async () => {
    const answer = await fetch(`${address}${PATH}`, {
      method: 'POST',
      headers: { ...bearer(), 'upload-length': '10' },
    });
    expect(answer.status).toBe(412);
    expect(answer.headers.get('tus-version')).toBe('1.0.0');
    expect(await answer.json()).toMatchObject({ code: 'NII_PRECONDITION_FAILED' });
  });

  test('more open uploads than one key may have', async () => {
    const urls: string[] = [];
    for (let seed = 50; seed < 56; seed += 1) urls.push(await begin(largeScan(seed, 100 * KiB), 16 * KiB));
    expect(refusal((await send(fakeScan({ seed: 57 }))).error)).toEqual({
      status: 429,
      code: 'NII_QUEUE_FULL',
    });
    for (const url of urls) await ask(url, 'DELETE');
  });

  test('the sum of a set that passes the limit', async () => {
    const set = (filename: string) => ({ metadata: { filename, set: 'heavy', files: '3' } });
    const first = await send(largeScan(61, 300 * KiB), set('a.fake'));
    const second = await send(largeScan(62, 300 * KiB), set('b.fake'));
    expect(refusal(second.error)).toEqual({ status: 413, code: 'NII_LIMIT_BYTES' });
    expect((await ask(first.url, 'DELETE')).status).toBe(204);
  });
});

test('an upload that was not finished in time is gone', async () => {
  const quick = await openHarness({ limits: { resumableSeconds: 1 } });
  try {
    const home = await quick.listen();
    const headers = { authorization: `Bearer ${quick.token('scanner')}` };
    const url = await begin(largeScan(71, 100 * KiB), 16 * KiB, { home, headers });
    await delay(1_200);
    expect((await ask(url, 'HEAD', headers)).status).toBe(410);
    await new TusUploads(quick.deps).tend();
    expect(await ask(url, 'GET', headers)).toMatchObject({
      body: { state: 'refused', problem: { code: 'NII_UPLOAD_EXPIRED' } },
    });
    expect(readdirSync(join(quick.spoolDir, 'tus', 'files'))).toEqual([]);
  } finally {
    await quick.close();
  }
});

describe('a whole upload that could not be accepted at once', () => {
  let full: Harness;
  let home: string;
  beforeAll(async () => {
    full = await openHarness({ limits: { queuedJobs: 1 } });
    home = await full.listen();
    const { error } = await send(fakeScan({ seed: 1 }), { home, headers: headers() });
    expect(error).toBeUndefined();
  });
  afterAll(() => full.close());
  const headers = () => ({ authorization: `Bearer ${full.token('scanner')}` });

  test('is kept, and accepted when its sender asks again', async () => {
    const { error, url } = await send(fakeScan({ seed: 2 }), { home, headers: headers() });
    expect(error?.originalResponse?.getStatus()).toBe(429);
    expect((await ask(url, 'HEAD', headers())).status).toBe(429);
    await full.work();
    expect((await ask(url, 'HEAD', headers())).status).toBe(200);
    expect((await ask(url, 'GET', headers())).body.scans).toMatchObject([{ result: 'new-scan' }]);
  });

  test('is accepted by the next start without being asked for', async () => {
    const { error, url } = await send(fakeScan({ seed: 3 }), { home, headers: headers() });
    expect(error?.originalResponse?.getStatus()).toBe(429);
    await full.work();
    await new TusUploads(full.deps).tend();
    expect((await ask(url, 'GET', headers())).body).toMatchObject({ state: 'accepted' });
  });
});

test('a service that is killed in the middle goes on with what it had', async () => {
  const data = await postgresFolder();
  const settings = { NII_DATA: data, NII_WORKERS: '0', NII_ENABLE_FAKE: '1' };
  const own = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
  const { token } = await issueKey(own.deps, {
    role: 'scanner',
    administration: 'utopia',
    site: SITE,
    name: 'tus',
  });
  await own.close();
  const running = await runService(settings);
  try {
    const ready = async () => (await fetch(`${running.address}/v1/health/ready`)).ok;
    await eventually('the service answers', 60, ready);
    const bytes = largeScan(81, 300 * KiB);
    const headers = bearer(token);
    const metadata = { filename: 'a.fake', sha256: sha256(bytes) };
    const url = await begin(bytes, 128 * KiB, { home: running.address, headers, metadata });
    process.kill(running.apiPid()!, 'SIGKILL');
    await delay(200);
    await eventually('the service answers again', 60, ready);
    const sizes: number[] = [];
    const { error } = await send(bytes, {
      uploadUrl: url,
      headers,
      onChunkComplete: (size) => sizes.push(size),
    });
    expect(error).toBeUndefined();
    expect(sizes).toEqual([bytes.length - 128 * KiB]);
    expect((await ask(url, 'GET', headers)).body.scans).toMatchObject([{ result: 'new-scan' }]);
  } finally {
    await running.stop();
    const server = await openEmbeddedPostgres(join(data, 'postgres'), () => {});
    await server.stop();
  }
});
