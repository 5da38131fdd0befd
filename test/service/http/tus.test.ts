import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../../src/config.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { ResumableUploads } from '../../../src/receive/resumable/uploads.ts';
import { openService } from '../../../src/wiring.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { postgresFolder } from '../../support/postgres-server.ts';
import { runService } from '../../support/running-service.ts';

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

/** Chunks in the object store. */
function chunksLeft({ objectsDir } = service): readonly string[] {
  const folder = join(objectsDir, 'uploads');
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
    expect(chunksLeft()).toEqual([]);
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
    expect(chunksLeft()).toEqual([]);
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
    expect(chunksLeft()).toEqual([]);
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
  const quick = await openHarness({ limits: { resumableSeconds: 4 } });
  try {
    const home = await quick.listen();
    const headers = { authorization: `Bearer ${quick.token('scanner')}` };
    const url = await begin(largeScan(71, 100 * KiB), 16 * KiB, { home, headers });
    await expect.poll(async () => (await ask(url, 'HEAD', headers)).status, { timeout: 20_000 }).toBe(410);
    await new ResumableUploads(quick.deps).sweep();
    expect(await ask(url, 'GET', headers)).toMatchObject({
      body: { state: 'refused', problem: { code: 'NII_UPLOAD_EXPIRED' } },
    });
    expect(chunksLeft(quick)).toEqual([]);
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
    await new ResumableUploads(full.deps).sweep();
    expect((await ask(url, 'GET', headers())).body).toMatchObject({ state: 'accepted' });
  });
});

test('an upload that three processes died of is set aside, told, and counted, and the next one is taken', async () => {
  const doomed = await openHarness({ limits: { queuedJobs: 1 } });
  try {
    const home = await doomed.listen();
    const headers = { authorization: `Bearer ${doomed.token('scanner')}` };
    expect((await send(fakeScan({ seed: 1 }), { home, headers })).error).toBeUndefined();
    const { url } = await send(fakeScan({ seed: 2 }), { home, headers });
    await doomed.work();
    const id = url.slice(url.lastIndexOf('/') + 1);
    for (const deaths of [1, 2, 3])
      expect(await doomed.deps.records.transaction((tx) => tx.beginAcceptance([id]))).toBe(deaths);
    await new ResumableUploads(doomed.deps).sweep();
    expect(await ask(url, 'GET', headers)).toMatchObject({
      body: { state: 'refused', problem: { code: 'NII_SET_ASIDE' } },
    });
    expect(chunksLeft(doomed)).toEqual([]);
    const entries = await doomed.deps.records.transaction((tx) => tx.auditRowsIn([[1, 1e9]], 0, 1e6));
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'security: upload set aside', subject: id }),
    );
    const metrics = await doomed.as('administrator', { url: '/metrics' });
    expect(metrics.body).toContain('nii_uploads_set_aside 1');
    expect((await send(fakeScan({ seed: 3 }), { home, headers })).error).toBeUndefined();
  } finally {
    await doomed.close();
  }
});

test('a service that is killed in the middle goes on with what it had', async () => {
  const data = await postgresFolder();
  const settings = { NII_DATA: data, NII_WORKERS: '0', NII_ENABLE_FAKE: '1' };
  const own = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
  const { token } = await issueKey(own.deps, {
    roles: ['scanner'],
    administration: 'utopia',
    site: SITE,
    name: 'tus',
  });
  await own.close();
  const running = await runService(settings);
  try {
    const ready = async () => (await fetch(`${running.address}/v1/health/ready`)).ok;
    await eventually('the service answers', 180, ready);
    const bytes = largeScan(81, 300 * KiB);
    const headers = bearer(token);
    const metadata = { filename: 'a.fake', sha256: sha256(bytes) };
    const url = await begin(bytes, 128 * KiB, { home: running.address, headers, metadata });
    const killed = running.apiPid()!;
    process.kill(killed, 'SIGKILL');
    await eventually('another process runs', 60, () => ![killed, undefined].includes(running.apiPid()));
    await eventually('the service answers again', 180, ready);
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

describe('a set that two senders send at once', () => {
  /** A machine that is behind asks its callers to come back. */
  async function patiently<T extends { readonly status: number }>(call: () => Promise<T>): Promise<T> {
    let answer = await call();
    await eventually('the machine keeps up', 30, async () => {
      if (answer.status === 503) answer = await call();
      return answer.status !== 503;
    });
    return answer;
  }

  const copies = (set: string, seed: number) =>
    ['a.fake', 'b.fake'].map((filename, i) => ({ filename, set, bytes: fakeScan({ seed: seed + i }) }));

  async function create(
    file: { filename: string; set: string; bytes: Buffer },
    sha = false,
  ): Promise<string> {
    const words = {
      filename: file.filename,
      set: file.set,
      files: '2',
      ...(sha ? { sha256: sha256(file.bytes) } : {}),
    };
    const metadata = Object.entries(words).map(
      ([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`,
    );
    const answer = await patiently(() =>
      ask(`${address}${PATH}`, 'POST', {
        'upload-length': String(file.bytes.length),
        'upload-metadata': metadata.join(','),
      }),
    );
    expect(answer.status).toBe(201);
    return new URL(answer.headers.get('location')!, address).href;
  }

  async function patch(url: string, bytes: Buffer, from = 0) {
    const answer = await patiently(() =>
      fetch(url, {
        method: 'PATCH',
        headers: {
          ...bearer(),
          ...protocol,
          'upload-offset': String(from),
          'content-type': 'application/offset+octet-stream',
        },
        body: new Uint8Array(bytes.subarray(from)),
      }),
    );
    return {
      status: answer.status,
      offset: Number(answer.headers.get('upload-offset')),
      text: await answer.text(),
    };
  }

  const scansOf = async (url: string) => {
    const { body } = await patiently(() => ask(url));
    expect(body).toMatchObject({ state: 'accepted' });
    return body.scans.map((scan: { scanId: string }) => scan.scanId);
  };

  const idOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

  /** All bytes arrive, and the process ends before it looks at them. */
  const arrive = async (url: string, bytes: Buffer) => {
    const whole = (async function* () {
      yield bytes;
    })();
    await new ResumableUploads(service.deps).append(idOf(url), 0, whole);
  };

  /** SHA-256 of every file that the scans of this upload are made of. */
  const originalsOf = async (url: string) => {
    const { body } = await patiently(() => ask(url));
    const hashes = new Set<string>();
    for (const { revisionHref } of body.scans) {
      const revision = await service.as('supervisor', { url: revisionHref });
      for (const original of revision.json().originals) hashes.add(original.sha256);
    }
    return hashes;
  };

  test.each([
    ['with', true],
    ['without', false],
  ])('is answered to both, and is there once, %s its hashes declared', async (_how, sha) => {
    for (let round = 0; round < 12; round += 1) {
      const files = copies(`race-${sha}-${round}`, 1000 + 10 * round + (sha ? 500 : 0));
      const urls: string[][] = [];
      for (const _sender of [1, 2]) urls.push([await create(files[0]!, sha), await create(files[1]!, sha)]);
      const answers = await Promise.all(
        urls.flatMap((own) => own.map((url, i) => patch(url, files[i]!.bytes))),
      );
      const whole = files.map(({ bytes }) => ({ status: 204, offset: bytes.length, text: '' }));
      expect(answers).toEqual([...whole, ...whole]);
      const scans = await Promise.all(urls.flat().map(scansOf));
      expect(new Set(scans.map((ids) => ids.join())).size).toBe(1);
      expect(scans[0]).toHaveLength(2);
      expect(chunksLeft()).toEqual([]);
    }
  });

  test('is accepted once where two processes find it whole at the same time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const files = copies(`stale-${round}`, 2400 + 10 * round);
      const urls = [await create(files[0]!), await create(files[1]!), await create(files[0]!)];
      for (const [i, url] of urls.entries()) await arrive(url, files[i % 2]!.bytes);
      const processes = [new ResumableUploads(service.deps), new ResumableUploads(service.deps)];
      const finished = urls.flatMap((url) => processes.map((one) => one.finish(idOf(url))));
      await expect(Promise.all(finished)).resolves.toBeDefined();
      const scans = await Promise.all(urls.map(scansOf));
      expect(new Set(scans.map((found) => found.join())).size).toBe(1);
      expect(chunksLeft()).toEqual([]);
    }
  });

  test('is accepted although a copy of one file arrives damaged', async () => {
    const files = copies('damaged', 2500);
    const [a1, a2, b1] = [
      await create(files[0]!, true),
      await create(files[0]!, true),
      await create(files[1]!, true),
    ];
    const damaged = Buffer.from(files[0]!.bytes);
    damaged[damaged.length - 2] = 0x39;
    // Here whole, and not looked at: the one that began first would stand for its name
    await arrive(a1, damaged);
    expect((await patch(a2, files[0]!.bytes)).status).toBe(204);
    expect((await patch(b1, files[1]!.bytes)).status).toBe(204);
    expect(await scansOf(a2)).toHaveLength(2);
    expect((await ask(a1)).body).toMatchObject({ state: 'refused', problem: { code: 'NII_HASH_MISMATCH' } });
    expect(chunksLeft()).toEqual([]);
  });

  test('is accepted for the slower one too, whose last file arrives after that', async () => {
    const files = copies('slow', 2000);
    const [a1, b1] = [await create(files[0]!), await create(files[1]!)];
    const [a2, b2] = [await create(files[0]!), await create(files[1]!)];
    const half = files[1]!.bytes.subarray(0, 10);
    expect((await patch(a2, files[0]!.bytes)).status).toBe(204);
    expect((await patch(b2, half)).status).toBe(204);
    expect((await patch(a1, files[0]!.bytes)).status).toBe(204);
    expect((await patch(b1, files[1]!.bytes)).status).toBe(204);
    const scans = await scansOf(b1);
    expect(await scansOf(a2)).toEqual(scans);
    expect((await ask(b2)).body).toMatchObject({ state: 'arriving', offset: 10 });
    expect(await patch(b2, files[1]!.bytes, 10)).toMatchObject({
      status: 204,
      offset: files[1]!.bytes.length,
    });
    expect(await scansOf(b2)).toEqual(scans);
    expect(chunksLeft()).toEqual([]);
  });

  test('with another content under the same name says of that content that it was not taken', async () => {
    const [a, b] = copies('mixed', 2100);
    const other = { ...a!, bytes: fakeScan({ seed: 2199 }) };
    const late = { ...b!, bytes: fakeScan({ seed: 2198 }) };
    const [a1, b1, a2, b2] = [await create(a!), await create(b!), await create(other), await create(late)];
    expect((await patch(a1, a!.bytes)).status).toBe(204);
    expect((await patch(a2, other.bytes)).status).toBe(204);
    expect((await patch(b1, b!.bytes)).status).toBe(204);
    expect(await scansOf(a1)).toHaveLength(2);
    expect((await ask(a2)).body).toMatchObject({ state: 'refused', problem: { code: 'NII_CONFLICT' } });
    expect(await patch(b2, late.bytes)).toMatchObject({ status: 409 });
    expect((await ask(b2)).body).toMatchObject({ state: 'refused', problem: { code: 'NII_CONFLICT' } });
    expect(chunksLeft()).toEqual([]);
  });

  describe.each([
    ['with', true],
    ['without', false],
  ])('%s its hashes declared', (_how, sha) => {
    /** The slower sender has begun its first file, and sends it after the set was accepted. */
    async function decided(set: string, seed: number) {
      const files = copies(set, seed);
      const [a2, a1, b1] = [
        await create(files[0]!, sha),
        await create(files[0]!, sha),
        await create(files[1]!, sha),
      ];
      expect((await patch(a1, files[0]!.bytes)).status).toBe(204);
      expect((await patch(b1, files[1]!.bytes)).status).toBe(204);
      expect((await patch(a2, files[0]!.bytes)).status).toBe(204);
      const scans = await scansOf(b1);
      expect(scans).toHaveLength(2);
      expect(await scansOf(a2)).toEqual(scans);
      return { files, scans };
    }

    test('is accepted for the slower one too, who begins its last file after that', async () => {
      const { files, scans } = await decided(`late-${sha}`, sha ? 2600 : 2610);
      const b2 = await create(files[1]!, sha);
      expect((await patch(b2, files[1]!.bytes)).status).toBe(204);
      expect(await scansOf(b2)).toEqual(scans);
      expect(chunksLeft()).toEqual([]);
    });

    test('is not mixed with the next set of the same name', async () => {
      const { files, scans } = await decided(`next-${sha}`, sha ? 2620 : 2630);
      const next = copies(`next-${sha}`, sha ? 2640 : 2650);
      const a3 = await create(next[0]!, sha);
      const b2 = await create(files[1]!, sha);
      expect((await patch(a3, next[0]!.bytes)).status).toBe(204);
      // Here whole, and not looked at yet
      await arrive(b2, files[1]!.bytes);
      expect((await ask(a3)).body).toMatchObject({ state: 'waiting', set: { whole: 1 } });
      expect(await scansOf(b2)).toEqual(scans);
      const b3 = await create(next[1]!, sha);
      expect((await patch(b3, next[1]!.bytes)).status).toBe(204);
      expect(await originalsOf(b3)).toEqual(new Set(next.map(({ bytes }) => sha256(bytes))));
      expect(await scansOf(a3)).toEqual(await scansOf(b3));
      expect(chunksLeft()).toEqual([]);
    });
  });

  test('is accepted for the slower one although the next set has a whole file of that name', async () => {
    const files = copies('both', 2690);
    const urls = [await create(files[0]!), await create(files[0]!), await create(files[1]!)];
    await patch(urls[0]!, files[0]!.bytes);
    await patch(urls[2]!, files[1]!.bytes);
    const next = copies('both', 2695);
    const [a3, b3] = [await create(next[0]!, true), await create(next[1]!, true)];
    expect((await patch(b3, next[1]!.bytes)).status).toBe(204);
    const b2 = await create(files[1]!, true);
    expect((await patch(b2, files[1]!.bytes)).status).toBe(204);
    expect(await scansOf(b2)).toEqual(await scansOf(urls[2]!));
    expect((await patch(a3, next[0]!.bytes)).status).toBe(204);
    expect(await originalsOf(b3)).toEqual(new Set(next.map(({ bytes }) => sha256(bytes))));
    expect((await ask(urls[1]!, 'DELETE')).status).toBe(204);
  });

  test('is forgotten once no upload of its time may be open', async () => {
    const files = copies('forgotten', 2670);
    const urls = [await create(files[0]!), await create(files[0]!), await create(files[1]!)];
    await patch(urls[0]!, files[0]!.bytes);
    await patch(urls[2]!, files[1]!.bytes);
    expect(await scansOf(urls[2]!)).toHaveLength(2);
    const { deps } = service;
    const [{ set, bytes }] = [files[1]!];
    const keyId = idOf(urls[0]!).slice(0, 16);
    const setKey = createHash('sha256').update(`${keyId} ${set}`).digest('hex');
    const decided = () => deps.records.transaction((tx) => tx.decidedFiles(setKey, 'b.fake', bytes.length));
    const sweepAfter = (seconds: number) => {
      const now = () => new Date(deps.clock.now().getTime() + seconds * 1000);
      return new ResumableUploads({ ...deps, clock: { ...deps.clock, now } }).sweep();
    };
    await sweepAfter(deps.limits.resumableSeconds - 60);
    expect(await decided()).toHaveLength(1);
    await sweepAfter(deps.limits.resumableSeconds + 60);
    expect(await decided()).toEqual([]);
    expect(chunksLeft()).toEqual([]);
  });

  test('is still accepted for the slower one after a file was refused, and that refusal ended', async () => {
    const files = copies('kept', 2680);
    const urls = [await create(files[0]!), await create(files[0]!), await create(files[1]!)];
    await patch(urls[0]!, files[0]!.bytes);
    await patch(urls[2]!, files[1]!.bytes);
    const other = fakeScan({ seed: 2689 });
    expect((await patch(urls[1]!, other)).status).toBe(409);
    expect((await ask(urls[1]!, 'DELETE')).status).toBe(204);
    const b2 = await create(files[1]!);
    expect((await patch(b2, files[1]!.bytes)).status).toBe(204);
    expect(await scansOf(b2)).toEqual(await scansOf(urls[2]!));
  });

  test('is remembered as refused until its sender ends one of its uploads', async () => {
    const files = copies('unknown', 2660).map((file) => ({ ...file, bytes: Buffer.from(file.filename) }));
    const [a2, a1, b1] = [await create(files[0]!), await create(files[0]!), await create(files[1]!)];
    expect((await patch(a1, files[0]!.bytes)).status).toBe(204);
    expect((await patch(b1, files[1]!.bytes)).status).toBe(415);
    expect((await patch(a2, files[0]!.bytes)).status).toBe(415);
    expect((await patch(await create(files[1]!), files[1]!.bytes)).status).toBe(415);
    expect((await ask(b1, 'DELETE')).status).toBe(204);
    const again = await create(files[1]!);
    expect((await patch(again, files[1]!.bytes)).status).toBe(204);
    expect((await ask(again)).body).toMatchObject({ state: 'waiting' });
    expect((await ask(again, 'DELETE')).status).toBe(204);
  });

  test('leaves its name free for another set, although a copy never arrives whole', async () => {
    const [a, b] = copies('reused', 2200);
    const [a1, b1, b2] = [await create(a!), await create(b!), await create(b!)];
    await patch(a1, a!.bytes);
    await patch(b1, b!.bytes);
    const first = await scansOf(b1);
    const next = [fakeScan({ seed: 2290 }), fakeScan({ seed: 2291, filler: 'longer' })];
    const c1 = await create({ ...a!, bytes: next[0]! });
    const d1 = await create({ ...b!, bytes: next[1]! });
    expect((await patch(c1, next[0]!)).status).toBe(204);
    expect((await ask(c1)).body).toMatchObject({ state: 'waiting', set: { whole: 1 } });
    expect((await patch(d1, next[1]!)).status).toBe(204);
    expect(await scansOf(d1)).not.toEqual(first);
    expect((await ask(b2)).body).toMatchObject({ state: 'arriving', offset: 0 });
    expect((await ask(b2, 'DELETE')).status).toBe(204);
    expect(chunksLeft()).toEqual([]);
  });
});

test('an upload whose bytes come with its creation is acknowledged with its address', async () => {
  const bytes = fakeScan({ seed: 2300 });
  const { error, url } = await send(bytes, { uploadDataDuringCreation: true });
  expect(error).toBeUndefined();
  expect((await ask(url)).body).toMatchObject({ state: 'accepted', scans: [{ result: 'new-scan' }] });
});
