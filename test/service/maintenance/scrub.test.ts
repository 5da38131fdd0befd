import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NiiError } from '../../../src/core/errors.ts';
import { keys } from '../../../src/core/keys.ts';
import { backup } from '../../../src/maintenance/backup.ts';
import { objectRows } from '../../../src/maintenance/object-rows.ts';
import { scrubDue } from '../../../src/maintenance/scrub.ts';
import { sha256Hex } from '../../../src/stored/identity.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** Stored objects are read again by the clock, and what a disk lost comes back from a backup. */

const DAY_MS = 24 * 3_600_000;
const never = new AbortController().signal;

let service: Harness;
let dir: string;
let replica: string;
let preview: string;
let record: string;
let days = 0;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-scrub-'));
  replica = join(dir, 'backup');
  days = 0;
  service = await openHarness({ deps: { clock: { now: () => new Date(Date.now() + days * DAY_MS) } } });
  const scanId = await service.sendFake({ seed: 1, containers: 'MSKU1234565' });
  preview = keys.preview(scanId, 1);
  record = keys.converted(scanId, 1);
  await backup(service.deps, replica, new Date());
});
afterEach(async () => {
  await service.close();
  await rm(dir, { recursive: true, force: true });
});

const fileOf = (key: string) => join(service.objectsDir, key);
const copyOf = (key: string) => join(replica, 'objects', key);
const scrubWith = (over: Partial<Harness['deps']> = {}) => scrubDue({ ...service.deps, ...over }, never);

async function damage(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(path, bytes);
}

async function faulty(): Promise<Readonly<Record<string, number>>> {
  const { body } = await service.as('supervisor', { url: '/metrics' });
  const found = body.matchAll(/^nii_objects_faulty\{fault="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, fault, count]) => [fault, Number(count)]));
}

async function repairsInAudit(): Promise<readonly string[]> {
  const rows = await service.deps.records.transaction((tx) =>
    tx.auditTrail({ administration: '', site: '*' }, 500),
  );
  return rows.rows
    .filter(({ action }) => action === 'security: object repaired')
    .map(({ subject }) => subject);
}

const none = { missing: 0, corrupt: 0, locked: 0 };

test('each object is read again when its days are over, and not before', async () => {
  let objects = 0;
  for await (const _ of objectRows(service.deps.records)) objects += 1;
  days = 29;
  expect(await scrubWith()).toBe(0);
  days = 31;
  expect(await scrubWith()).toBe(objects);
  expect(await scrubWith()).toBe(0);
  days = 62;
  expect(await scrubWith()).toBe(objects);
});

test('without a replica faults are counted, are looked at again after an hour, and go when somebody has restored the objects', async () => {
  const whole = await readFile(fileOf(record));
  await damage(fileOf(record));
  await rm(fileOf(preview));
  expect(await faulty()).toEqual(none);
  days = 31;
  await scrubWith();
  expect(await faulty()).toEqual({ ...none, missing: 1, corrupt: 1 });
  await writeFile(fileOf(record), whole);
  days += 0.5 / 24;
  expect(await scrubWith()).toBe(0);
  days += 1 / 24;
  expect(await scrubWith()).toBe(2);
  expect(await faulty()).toEqual({ ...none, missing: 1 });
});

test('with a replica what is missing or damaged comes back byte by byte, and the audit says so', async () => {
  const before = await Promise.all([record, preview].map((key) => readFile(fileOf(key))));
  await damage(fileOf(record));
  await rm(dirname(fileOf(preview)), { recursive: true });
  days = 31;
  await scrubWith({ replica });
  expect(await faulty()).toEqual(none);
  expect(await Promise.all([record, preview].map((key) => readFile(fileOf(key))))).toEqual(before);
  expect(await repairsInAudit()).toEqual(expect.arrayContaining([record, preview]));
});

test('a copy that is damaged, absent or of another object repairs nothing', async () => {
  await damage(fileOf(record));
  await damage(copyOf(record));
  await rm(fileOf(preview));
  await writeFile(copyOf(preview), await readFile(copyOf(keys.received(preview.split('/')[1] ?? '', 1))));
  days = 31;
  await scrubWith({ replica });
  expect(await faulty()).toEqual({ ...none, missing: 1, corrupt: 1 });
  days += 1.5 / 24;
  await scrubWith({ replica: join(dir, 'nowhere') });
  expect(await faulty()).toEqual({ ...none, missing: 1, corrupt: 1 });
  expect(await repairsInAudit()).toEqual([]);
});

test('an object that a step replaces while it is read is not taken for damaged, and not put back as it was', async () => {
  const { records, objects } = service.deps;
  const [row] = await records.transaction((tx) => tx.objectsOf(record.split('/')[1] ?? '', 1));
  if (row === undefined) throw new Error('the scan has no object');
  const next = Buffer.from('made anew');
  let isReplaced = false;
  const replacing: Harness['deps']['objects'] = {
    ...objects,
    async stream(key, range) {
      if (key === row.key && !isReplaced) {
        isReplaced = true;
        await objects.put(key, next, row.contentType);
        const { blocks: _, ...rest } = row;
        const made = { ...rest, bytes: next.length, sha256: sha256Hex(next) };
        await records.transaction((tx) => tx.putObjects([made]));
      }
      return objects.stream(key, range);
    },
  };
  days = 31;
  await scrubWith({ objects: replacing, replica });
  expect(isReplaced).toBe(true);
  expect(await faulty()).toEqual(none);
  expect(Buffer.from(await objects.get(row.key))).toEqual(next);
});

test('an object on a bad sector counts as faulty, and keeps no other from being checked', async () => {
  const { objects } = service.deps;
  const unreadable: Harness['deps']['objects'] = {
    ...objects,
    async stream(key, range) {
      if (key === preview) throw new NiiError('NII_STORE_UNREACHABLE', 'EIO');
      return objects.stream(key, range);
    },
  };
  days = 31;
  const checked = await scrubWith({ objects: unreadable });
  expect(await faulty()).toEqual({ ...none, corrupt: 1 });
  days = 62;
  expect(await scrubWith()).toBe(checked);
  expect(await faulty()).toEqual(none);
  days = 93;
  const away = async () => {
    throw new NiiError('NII_STORE_UNREACHABLE', 'gone');
  };
  await expect(scrubWith({ objects: { ...unreadable, ready: away } })).rejects.toMatchObject({
    code: 'NII_STORE_UNREACHABLE',
  });
});

test('an object on a bad sector is repaired, and one that has no room stays faulty and keeps no other from being checked', async () => {
  const { objects } = service.deps;
  const bad = new Set([preview, record]);
  const worn: Harness['deps']['objects'] = {
    ...objects,
    async stream(key, range) {
      if (bad.has(key)) throw new NiiError('NII_STORE_UNREACHABLE', 'EIO');
      return objects.stream(key, range);
    },
    async put(key, body, contentType) {
      if (key === record) throw new NiiError('NII_DISK_FULL', 'ENOSPC');
      await objects.put(key, body, contentType);
      bad.delete(key);
    },
  };
  days = 31;
  await scrubWith({ objects: worn, replica });
  expect(await repairsInAudit()).toEqual([preview]);
  expect(await faulty()).toEqual({ ...none, corrupt: 1 });
  expect(await scrubWith({ objects: worn, replica })).toBe(0);
});

test('a folder above new objects that somebody removes is made again', async () => {
  await rm(join(service.objectsDir, 'scans'), { recursive: true });
  await service.sendFake({ seed: 2, containers: 'TGHU1234560' });
});

test('it reads no faster than it may, and ends when the service does', async () => {
  days = 31;
  const begun = performance.now();
  const stop = AbortSignal.timeout(300);
  const checked = await scrubDue({ ...service.deps, scrub: { days: 30, bytesPerSecond: 1 } }, stop);
  expect(checked).toBe(1);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test('of two workers one reads', async () => {
  days = 31;
  const turn = await service.deps.records.takeTurn('scrub', { waitMs: 0 });
  await expect(scrubWith()).rejects.toMatchObject({ code: 'NII_BUSY' });
  await turn.end();
  expect(await scrubWith()).toBeGreaterThan(0);
});
