import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ResumableUpload, UploadEnding } from '../../../src/core/upload/resumable.ts';
import { adoptOldUploads } from '../../../src/receive/resumable/old-spool.ts';
import { ResumableUploads } from '../../../src/receive/resumable/uploads.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** The folder `tus` as versions before 0010 wrote it, by @tus/file-store 2.1.1 and themselves. */

let service: Harness;
let keyId: string;
let tus: string;

beforeAll(async () => {
  service = await openHarness();
  const [, id = ''] = /^nii_([0-9a-f]{16})/.exec(service.token('scanner')) ?? [];
  keyId = id;
  tus = join(service.stagingDir, 'tus');
});
afterEach(() => rm(tus, { recursive: true, force: true }));
afterAll(() => service.close());

const CREATED = new Date(Date.now() - 60_000).toISOString();
const newId = () => `${keyId}.${randomBytes(16).toString('hex')}`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function write(path: string, content: Uint8Array | object): Promise<void> {
  await mkdir(join(tus, path, '..'), { recursive: true });
  await writeFile(join(tus, path), content instanceof Uint8Array ? content : JSON.stringify(content));
}

/** An upload of which the first bytes are here. */
async function oldUpload(bytes: Buffer, here: number, metadata: Record<string, string>): Promise<string> {
  const id = newId();
  await write(`files/${id}`, bytes.subarray(0, here));
  await write(`files/${id}.json`, {
    id,
    metadata,
    size: bytes.length,
    offset: 0,
    creation_date: CREATED,
    storage: { type: 'file', path: `/old/spool/tus/files/${id}` },
  });
  return id;
}

function ended(id: string): ResumableUpload {
  return { id, keyId, bytes: 3, offset: 3, createdAt: CREATED, metadata: { filename: 'x.fake' } };
}

const problem: UploadEnding = { problem: { code: 'NII_UNKNOWN_FORMAT', title: 't', detail: 'd' } };
const adopt = (deps = service.deps) => adoptOldUploads(deps, service.stagingDir);
const upload = (id: string) => service.deps.records.transaction((tx) => tx.upload(id));
const url = (id: string) => `/v1/uploads/tus/${id}`;
const tusHeaders = { 'tus-resumable': '1.0.0' };

function patch(id: string, offset: number, payload: Buffer) {
  return service.as('scanner', {
    method: 'PATCH',
    url: url(id),
    headers: {
      ...tusHeaders,
      'upload-offset': String(offset),
      'content-type': 'application/offset+octet-stream',
    },
    payload,
  });
}

test('an unfinished upload of an older version goes on where it was left and becomes a scan', async () => {
  const bytes = fakeScan({ seed: 1, filler: 'x'.repeat(10_000_000) });
  const id = await oldUpload(bytes, 9_000_000, { filename: 'a.fake', sha256: sha256(bytes) });
  await adopt();
  expect(existsSync(tus)).toBe(false);
  const head = await service.as('scanner', { method: 'HEAD', url: url(id), headers: tusHeaders });
  expect(head.headers['upload-offset']).toBe('9000000');
  expect(await upload(id)).toMatchObject({ createdAt: CREATED });
  expect((await patch(id, 9_000_000, bytes.subarray(9_000_000))).statusCode).toBe(204);
  const answer = (await service.as('scanner', { url: url(id) })).json();
  expect(answer).toMatchObject({ state: 'accepted', scans: [{ result: 'new-scan' }] });
  const revision = await service.as('supervisor', { url: answer.scans[0].revisionHref });
  expect(revision.json().originals).toMatchObject([{ sha256: sha256(bytes) }]);
});

test('a set of which one file is whole is accepted with the other', async () => {
  const files = [fakeScan({ seed: 21 }), fakeScan({ seed: 22 })];
  const metadata = (filename: string) => ({ filename, set: 'truck', files: '2' });
  const whole = await oldUpload(files[0]!, files[0]!.length, metadata('a.fake'));
  const begun = await oldUpload(files[1]!, 0, metadata('b.fake'));
  await adopt();
  expect((await service.as('scanner', { url: url(whole) })).json()).toMatchObject({ state: 'waiting' });
  expect((await patch(begun, 0, files[1]!)).statusCode).toBe(204);
  const scans = (await service.as('scanner', { url: url(whole) })).json().scans;
  expect(scans).toHaveLength(2);
});

test('outcomes, copies and decided files are taken over, and a whole one ends as its set did', async () => {
  const bytes = fakeScan({ seed: 31 });
  const refused = newId();
  await write(`outcomes/${refused}.json`, { upload: ended(refused), at: CREATED, ...problem });
  const copy = await oldUpload(bytes, 10, { filename: 'a.fake', set: 'twice', files: '2' });
  await write(`copies/${copy}.json`, { sha256: sha256(bytes), ending: problem });
  const setKey = createHash('sha256').update(`${keyId} twice`).digest('hex');
  const decided = { at: CREATED, name: 'b.fake', bytes: 7, sha256: 'ab', ending: problem };
  await write(`decided/${setKey}/name.ab.json`, decided);
  await adopt();
  expect((await service.as('scanner', { url: url(refused) })).json()).toMatchObject({ state: 'refused' });
  const found = await service.deps.records.transaction((tx) => tx.decidedFiles(setKey, 'b.fake', 7));
  expect(found).toEqual([decided]);
  expect((await patch(copy, 10, bytes.subarray(10))).json()).toMatchObject({ code: 'NII_UNKNOWN_FORMAT' });
});

test('a start that is killed anywhere is done again, and no byte is taken twice', async () => {
  const bytes = fakeScan({ seed: 41, filler: 'y'.repeat(20_000_000) });
  const id = await oldUpload(bytes, 20_000_000, { filename: 'a.fake', sha256: sha256(bytes) });
  const killed = { killed: true };
  let puts = 0;
  // The process ends while it stores the second piece
  const objects = {
    ...service.deps.objects,
    put: async (key: string, body: Uint8Array, type: string) => {
      puts += 1;
      if (puts === 2) throw killed;
      await service.deps.objects.put(key, body, type);
    },
  };
  const logged: unknown[] = [];
  const log = { ...service.deps.log, warn: (fields: object) => void logged.push(fields) };
  await adopt({ ...service.deps, objects: { ...objects }, log } as typeof service.deps);
  expect(logged).toMatchObject([{ upload: id, err: killed }]);
  const before = (await upload(id))?.offset ?? 0;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(20_000_000);
  // The next two starts, at the same time
  await Promise.all([adopt(), adopt()]);
  expect(await upload(id)).toMatchObject({ offset: 20_000_000 });
  expect(existsSync(tus)).toBe(false);
  expect((await patch(id, 20_000_000, bytes.subarray(20_000_000))).statusCode).toBe(204);
  expect((await service.as('scanner', { url: url(id) })).json()).toMatchObject({ state: 'accepted' });
});

test('an upload that went on elsewhere, or has ended, is not taken over again', async () => {
  const bytes = fakeScan({ seed: 51 });
  const finished = await oldUpload(bytes, bytes.length, { filename: 'a.fake' });
  await adopt();
  await new ResumableUploads(service.deps).finish(finished);
  await write(`files/${finished}`, bytes);
  await write(`files/${finished}.json`, { size: bytes.length, creation_date: CREATED, metadata: {} });
  const ahead = await oldUpload(bytes, bytes.length, { filename: 'b.fake' });
  const tail = await oldUpload(bytes, 10, { filename: 'b.fake' });
  await adopt();
  await write(`files/${ahead}`, bytes.subarray(0, 10));
  await write(`files/${ahead}.json`, { size: bytes.length, creation_date: CREATED, metadata: {} });
  await adopt();
  expect(await upload(finished)).toBeUndefined();
  expect(await upload(ahead)).toMatchObject({ offset: bytes.length, metadata: { filename: 'b.fake' } });
  expect(await upload(tail)).toMatchObject({ offset: 10 });
});

test('what cannot be read stays where it is and does not stop the rest', async () => {
  const bytes = fakeScan({ seed: 61 });
  const odd = await oldUpload(bytes, 10, { colour: 'red' });
  const good = await oldUpload(bytes, 10, { filename: 'a.fake' });
  const unknown = newId();
  await write(`files/${unknown}`, bytes);
  const logged: object[] = [];
  const log = { ...service.deps.log, warn: (fields: object) => void logged.push(fields) };
  await adopt({ ...service.deps, log });
  expect(logged).toMatchObject([{ upload: odd, err: { code: 'NII_BAD_REQUEST' } }]);
  expect(await upload(good)).toMatchObject({ offset: 10 });
  expect((await readdir(join(tus, 'files'))).toSorted()).toEqual([odd, `${odd}.json`]);
});
