import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { fakeSamples, fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

const order = { rows: 40, columns: 25, seed: 5 };
const high = fakeSamples(order, 0);
let service: Harness;
let home: string;

beforeAll(async () => {
  service = await openHarness();
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans',
    payload: fakeScan(order),
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="export.fake"',
    },
  });
  home = sent.json().scans[0].revisionHref;
  await service.work();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const get = (query: string, headers: Record<string, string> = {}) =>
  service.as('supervisor', { method: 'GET', url: `${home}/channels/main/high/export?${query}`, headers });

const dicom = (bytes: Uint8Array) => readDicom(bytes, 'export', defaultLimits);

test.each(['tiff', 'png'])('%s gives libvips the very samples', async (format) => {
  const answer = await get(`format=${format}`);
  expect(answer.headers['content-type']).toBe(`image/${format}`);
  expect(answer.headers['content-disposition']).toMatch(/main-high\.(tif|png)/);
  const pixels = await sharp(answer.rawPayload).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
  expect(pixels.equals(high)).toBe(true);
});

test('npy is a NumPy array with the very samples', async () => {
  const { rawPayload } = await get('format=npy');
  expect(rawPayload.toString('latin1', 1, 6)).toBe('NUMPY');
  expect(rawPayload.toString('latin1')).toContain(
    "'descr': '<u2', 'fortran_order': False, 'shape': (40, 25)",
  );
  expect(rawPayload.subarray(-high.length).equals(high)).toBe(true);
});

test.each([
  ['dicos', '1.2.840.10008.5.1.4.1.1.501.2.2'],
  ['dicos-presentation', '1.2.840.10008.5.1.4.1.1.501.2.1'],
  ['medical-dx', '1.2.840.10008.5.1.4.1.1.1.1'],
])(
  '%s has its SOP class and the very samples, in the syntax that was asked for',
  async (format, sopClass) => {
    for (const [syntax, uid] of [
      ['implicit', '1.2.840.10008.1.2'],
      ['jpeg-ls', '1.2.840.10008.1.2.4.80'],
    ]) {
      const answer = await get(`format=${format}&syntax=${syntax}`);
      expect(answer.headers['content-type']).toBe('application/dicom');
      const file = dicom(answer.rawPayload);
      expect(textOf(file.dataSet, '00080016')).toBe(sopClass);
      expect(file.transferSyntax).toBe(uid);
      expect(Buffer.from((await file.pixels()).bytes).equals(high)).toBe(true);
    }
  },
);

test('dicos is the stored file byte for byte', async () => {
  const stored = await service.as('supervisor', { method: 'GET', url: `${home}/dicos/main/high` });
  expect((await get('format=dicos')).rawPayload.equals(stored.rawPayload)).toBe(true);
});

test('an export has the hash of its bytes as ETag, and is not sent again to who has it', async () => {
  const first = await get('format=png');
  const hash = createHash('sha256').update(first.rawPayload).digest('hex');
  expect(first.headers.etag).toBe(`"${hash}"`);
  expect((await get('format=png', { 'if-none-match': `"${hash}"` })).statusCode).toBe(304);
  const range = await get('format=png', { range: 'bytes=1-3' });
  expect(range.rawPayload.toString('latin1')).toBe('PNG');
});

test.each([
  ['format=gif', 400, 'NII_BAD_REQUEST'],
  ['format=png&syntax=rle', 400, 'NII_BAD_REQUEST'],
  ['format=dicos&syntax=jpeg', 400, 'NII_BAD_REQUEST'],
  ['format=medical-dx&section=1', 400, 'NII_BAD_REQUEST'],
])('%s is refused with what to change', async (query, status, code) => {
  const answer = await get(query);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ code });
});

test('a channel that is not there is not found', async () => {
  const answer = await service.as('supervisor', {
    method: 'GET',
    url: `${home}/channels/main/none/export?format=npy`,
  });
  expect(answer.json()).toMatchObject({ code: 'NII_NOT_FOUND' });
});
