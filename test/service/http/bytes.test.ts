import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromDifferences } from '../../../src/core/samples/differences.ts';
import { reduceSamples } from '../../../src/core/samples/reduce.ts';
import { parseRange } from '../../../src/http/bytes-answer.ts';
import { attachment } from '../../../src/http/routes/objects.ts';
import { dispositionName } from '../../../src/http/upload-parts.ts';
import { fakeSamples, fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { runs } from '../../support/search-size.ts';

const order = { rows: 40, columns: 25, seed: 3 };
const high = fakeSamples(order, 0);
const file = fakeScan(order);
let service: Harness;
let home: string;

beforeAll(async () => {
  service = await openHarness();
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans',
    payload: file,
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="a b.fake"`,
    },
  });
  home = sent.json().scans[0].revisionHref;
  await service.work();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const get = (path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  service.as('supervisor', { method, url: `${home}${path}`, headers });

describe('samples', () => {
  const path = '/channels/main/high/samples';

  test('of any range are the very bytes of the whole', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(high.length - 1), fc.nat(high.length + 10), async (first, more) => {
        const last = first + more;
        const answer = await get(path, { range: `bytes=${first}-${last}` });
        const expected = high.subarray(first, last + 1);
        expect(answer.statusCode).toBe(206);
        expect(answer.headers['content-range']).toBe(
          `bytes ${first}-${Math.min(last, high.length - 1)}/${high.length}`,
        );
        expect(answer.rawPayload.equals(expected)).toBe(true);
      }),
      { numRuns: runs(30) },
    );
  });

  test('of a region of any level are those that the whole has there, packed or not', async () => {
    const whole = new Uint16Array(high.buffer, high.byteOffset, high.length / 2);
    const sides = { rows: 40, columns: 25 };
    for (const level of [0, 1, 3]) {
      const region = { row: 1, column: 2, rows: 3, columns: 2 };
      const wanted = reduceSamples(whole, sides, level, region, 'mean');
      const query = `level=${level}&rows=1-4&columns=2-4`;
      const plain = await get(`${path}?${query}`);
      const shape = { 'nii-rows': '3', 'nii-columns': '2' };
      expect(plain.headers).toMatchObject({ ...shape, 'accept-ranges': 'none' });
      expect([...plain.rawPayload]).toEqual([...new Uint8Array(wanted.buffer)]);
      const packed = await get(`${path}?${query}&as=differences`, { 'accept-encoding': 'gzip, br' });
      expect(packed.headers).toMatchObject({
        'content-encoding': 'gzip',
        vary: 'authorization, accept-encoding',
      });
      const unpacked = fromDifferences(gunzipSync(packed.rawPayload), { rows: 3, columns: 2, bits: 16 });
      expect(unpacked).toEqual(wanted);
    }
    const edge = await get(`${path}?level=4`);
    expect(edge.headers).toMatchObject({ 'nii-rows': '3', 'nii-columns': '2' });
  });

  test('of a region that is not there are rejected with what is', async () => {
    for (const [query, detail] of [
      ['rows=0-41', 'Invalid rows 0-41: the level has 40, use from-to within 0-40'],
      ['level=2&columns=3-8', 'Invalid columns 3-8: the level has 7, use from-to within 0-7'],
      ['rows=5-5', 'Invalid rows 5-5: the level has 40, use from-to within 0-40'],
    ]) {
      const answer = await get(`${path}?${query}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ code: 'NII_BAD_REQUEST', detail });
    }
  });

  test('end in the last bytes where only a count is given', async () => {
    expect((await get(path, { range: 'bytes=-4' })).rawPayload.equals(high.subarray(-4))).toBe(true);
    expect((await get(path, { range: 'bytes=1996-' })).rawPayload.equals(high.subarray(1996))).toBe(true);
  });

  test.each(['bytes=2000-', 'bytes=99999-100000', 'bytes=-0'])(
    'outside (%s) are refused with the length',
    async (range) => {
      const answer = await get(path, { range });
      expect(answer.statusCode).toBe(416);
      expect(answer.json().code).toBe('NII_RANGE');
      expect(answer.headers['content-range']).toBe('bytes */2000');
    },
  );

  test.each(['bytes=5-2', 'rows=1-2', 'bytes=0-1,4-5', 'bytes=-', 'bytes=a-b'])(
    'come whole where %s asks for nothing that is one range',
    async (range) => {
      const answer = await get(path, { range });
      expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, 2000]);
    },
  );

  test('come whole where If-Range names other bytes', async () => {
    const tag = `"${createHash('sha256').update(high).digest('hex')}"`;
    expect((await get(path, { range: 'bytes=0-9', 'if-range': tag })).statusCode).toBe(206);
    expect((await get(path, { range: 'bytes=0-9', 'if-range': '"other"' })).statusCode).toBe(200);
  });
});

describe.each([
  ['/channels/main/high/samples', 'application/octet-stream'],
  ['/dicos/main/high', 'application/dicom'],
  ['/scan.json', 'application/json'],
  ['/preview', 'image/png'],
  ['/thumbnail', 'image/png'],
  [`/originals/${createHash('sha256').update(file).digest('hex')}`, 'application/octet-stream'],
])('%s', (path, type) => {
  test('carries the hash of its bytes as ETag, and is not sent twice to who has it', async () => {
    const answer = await get(path);
    expect(answer.statusCode, answer.body).toBe(200);
    expect(answer.headers['content-type']).toBe(type);
    const etag = `"${createHash('sha256').update(answer.rawPayload).digest('hex')}"`;
    expect(answer.headers).toMatchObject({
      etag,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    // what shows pixels may be masked tomorrow
    const isForEver = /scan\.json|originals/.test(path);
    expect(answer.headers['cache-control']).toBe(
      isForEver ? 'private, max-age=31536000, immutable' : 'private, no-cache',
    );
    expect(Number(answer.headers['content-length'])).toBe(answer.rawPayload.length);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await get(path, { 'if-none-match': known });
      expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
    }
    expect((await get(path, { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  test('answers HEAD with the headers of GET and no body', async () => {
    const [whole, head] = [await get(path), await get(path, {}, 'HEAD')];
    expect([head.statusCode, head.rawPayload.length]).toEqual([200, 0]);
    for (const name of ['etag', 'content-length', 'content-type'])
      expect(head.headers[name]).toBe(whole.headers[name]);
  });
});

test('latest names the newest revision and is asked for again each time', async () => {
  const latest = await service.as('supervisor', { url: `${home.replace(/\d+$/, 'latest')}/scan.json` });
  expect(latest.headers['cache-control']).toBe('private, no-cache');
  expect(latest.rawPayload.equals((await get('/scan.json')).rawPayload)).toBe(true);
});

test('an original is saved, never shown, under the name that it came with', async () => {
  const list = await get('/originals');
  const [original] = list.json().items;
  expect(original).toMatchObject({ name: 'a b.fake', bytes: file.length, complete: true });
  const answer = await service.as('auditor', { url: original.href });
  expect(answer.rawPayload.equals(file)).toBe(true);
  expect(answer.headers['content-disposition']).toBe(
    `attachment; filename="a b.fake"; filename*=UTF-8''a%20b.fake`,
  );
});

test('a file name cannot break out of its header, and is read back as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/\p{Surrogate}/u.test(name)),
      (name) => {
        const header = attachment(name);
        expect(header).toMatch(/^[\x20-\x7e]+$/);
        expect(header).toMatch(
          /^attachment; filename="[A-Za-z0-9._ -]*"; filename\*=UTF-8''[A-Za-z0-9%!._~-]+$/,
        );
        expect(dispositionName(header)).toBe(name);
      },
    ),
  );
});

test('a range is always within the bytes, whatever is asked for', () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.oneof(fc.string(), fc.stringMatching(/^bytes=[0-9]{0,4}-[0-9]{0,4}$/)),
      (length, header) => {
        const range = parseRange(header, length);
        if (range === undefined || range === 'outside') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeLessThan(length);
        expect(range.first).toBeLessThanOrEqual(range.last);
      },
    ),
  );
});
