import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { storeWithoutKey } from '../../../src/adapters/objects/encrypted/no-key.ts';
import { encryptedStore } from '../../../src/adapters/objects/encrypted/store.ts';
import { draftsOf, openFolderStore } from '../../../src/adapters/objects/fs-store.ts';
import type { ObjectReads } from '../../../src/core/ports/objects.ts';
import { type ObjectKeys, toObjectKey } from '../../../src/runtime/object-keys.ts';
import { runs } from '../../support/search-size.ts';

const TYPE = 'application/octet-stream';
const SEGMENT = 65_536;
const HEADER = 48;
const TAG = 16;
/** Sizes around the ends of segments, and of the 16 that are encrypted at a time. */
const SIZES = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 16 * SEGMENT, 16 * SEGMENT + 1];

const first = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const key = toObjectKey(first);
const newer = toObjectKey(Buffer.alloc(32, 9));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-encrypted-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const open = async (keys: ObjectKeys = [key], plain: 'read' | 'reject' = 'reject') =>
  encryptedStore(await openFolderStore(dir), { keys, plain, draftsDir: draftsOf(dir) });
const openPlain = async () => storeWithoutKey(await openFolderStore(dir));
const stored = (name: string) => readFile(join(dir, name));
const change = (name: string, bytes: Uint8Array) => writeFile(join(dir, name), bytes);

async function streamed(store: ObjectReads, name: string, range?: { first: number; last: number }) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.stream(name, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes of the object by every way of reading, or the code with which each rejects it. */
async function readAll(store: ObjectReads, name: string): Promise<readonly (Buffer | string)[]> {
  const ways = [async () => Buffer.from(await store.get(name)), () => streamed(store, name)];
  return Promise.all(ways.map((way) => way().catch((error: { code: string }) => error.code)));
}

describe('an encrypted object', () => {
  test.each(SIZES)('of %i bytes is larger by its header and a tag for each segment', async (size) => {
    const store = await open();
    const bytes = randomBytes(size);
    await store.put('size/one', bytes, TYPE);
    const onDisk = await stored('size/one');
    expect(onDisk.length).toBe(HEADER + size + TAG * Math.max(1, Math.ceil(size / SEGMENT)));
    expect(await store.head('size/one')).toEqual({ key: 'size/one', bytes: size });
    for (const read of await readAll(store, 'size/one')) expect(bytes.equals(read as Buffer)).toBe(true);
  });

  test('can be read in any range, also one that begins or ends at the end of a segment', async () => {
    const store = await open();
    const bytes = randomBytes(3 * SEGMENT + 5);
    await store.put('range/one', bytes, TYPE);
    const place = fc.oneof(
      fc.nat(bytes.length - 1),
      fc.constantFrom(SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT - 1, 3 * SEGMENT, bytes.length - 1),
    );
    await fc.assert(
      fc.asyncProperty(place, place, async (one, other) => {
        const range = { first: Math.min(one, other), last: Math.max(one, other) };
        const got = await streamed(store, 'range/one', range);
        expect(got.equals(bytes.subarray(range.first, range.last + 1))).toBe(true);
      }),
      { numRuns: runs(60) },
    );
  });

  test('holds no run of its plain bytes, and no two are alike', async () => {
    const store = await open();
    const bytes = Buffer.from('the same bytes again and again '.repeat(5000));
    await store.put('same/one', bytes, TYPE);
    await store.put('same/two', bytes, TYPE);
    const [one, two] = [await stored('same/one'), await stored('same/two')];
    expect(one.includes('again and again')).toBe(false);
    expect(one.subarray(HEADER).equals(two.subarray(HEADER))).toBe(false);
  });
});

describe('an encrypted object that somebody changed', () => {
  const plain = randomBytes(2 * SEGMENT + 100);

  /** Puts it anew, writes what the attack makes of it, and expects that nobody gets any other bytes. */
  async function expectNoticed(attack: (good: Buffer) => Uint8Array) {
    const store = await open();
    await store.put('attacked/one', plain, TYPE);
    const good = await stored('attacked/one');
    const bad = attack(Buffer.from(good));
    if (good.equals(bad)) return;
    await change('attacked/one', bad);
    for (const read of await readAll(store, 'attacked/one'))
      expect(['NII_CORRUPT', 'NII_ENCRYPTED']).toContain(read);
  }

  test('is rejected after any change of any byte', async () => {
    const size = HEADER + plain.length + 3 * TAG;
    const place = fc.oneof(
      fc.nat(size - 1),
      fc.nat(HEADER + TAG),
      fc.nat(99).map((back) => size - 1 - back),
    );
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), (at, mask) =>
        expectNoticed((bytes) => {
          bytes[at] = (bytes[at] ?? 0) ^ mask;
          return bytes;
        }),
      ),
      { numRuns: runs(80), examples: Array.from({ length: HEADER }, (_, at) => [at, 1] as [number, number]) },
    );
  });

  test('is rejected when it is cut anywhere, also at the end of a segment, or gets more bytes', async () => {
    const ends = [0, 7, HEADER, HEADER + TAG, HEADER + SEGMENT + TAG, HEADER + 2 * (SEGMENT + TAG)];
    for (const end of ends) await expectNoticed((bytes) => bytes.subarray(0, end));
    await fc.assert(
      fc.asyncProperty(fc.nat(HEADER + plain.length), (end) =>
        expectNoticed((bytes) => bytes.subarray(0, end)),
      ),
      { numRuns: runs(20) },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), (more) =>
        expectNoticed((bytes) => Buffer.concat([bytes, more])),
      ),
      { numRuns: runs(20) },
    );
  });

  test('is rejected when its segments change places, are left out or come twice', async () => {
    const segment = (bytes: Buffer, index: number) =>
      bytes.subarray(HEADER + index * (SEGMENT + TAG), HEADER + (index + 1) * (SEGMENT + TAG));
    const orders = [[1, 0, 2], [0, 2], [1, 2], [0, 0, 2], [0, 1], [2], [0, 1, 2, 2], [0, 1, 1, 2], [2, 1, 0]];
    for (const order of orders)
      await expectNoticed((bytes) =>
        Buffer.concat([bytes.subarray(0, HEADER), ...order.map((index) => segment(bytes, index))]),
      );
  });

  test('is rejected under another name, and with the header of another', async () => {
    const store = await open();
    await store.put('attacked/one', plain, TYPE);
    await store.put('attacked/two', plain, TYPE);
    const [one, two] = [await stored('attacked/one'), await stored('attacked/two')];
    await change('attacked/two', Buffer.concat([one.subarray(0, HEADER), two.subarray(HEADER)]));
    expect(await readAll(store, 'attacked/two')).toEqual(['NII_CORRUPT', 'NII_CORRUPT']);
    await rename(join(dir, 'attacked/one'), join(dir, 'attacked/two'));
    expect(await readAll(store, 'attacked/two')).toEqual(['NII_CORRUPT', 'NII_CORRUPT']);
  });

  test('gives no byte of a part that was changed, and every byte of one that was not', async () => {
    const store = await open();
    await store.put('attacked/one', plain, TYPE);
    const bytes = await stored('attacked/one');
    bytes[HEADER + SEGMENT + TAG + 5] = (bytes[HEADER + SEGMENT + TAG + 5] ?? 0) ^ 1;
    await change('attacked/one', bytes);
    const good = await streamed(store, 'attacked/one', { first: 0, last: SEGMENT - 1 });
    expect(good.equals(plain.subarray(0, SEGMENT))).toBe(true);
    await expect(streamed(store, 'attacked/one', { first: SEGMENT, last: SEGMENT })).rejects.toMatchObject({
      code: 'NII_CORRUPT',
    });
  });
});

describe('plain objects and keys', () => {
  it('rejects a plain object in the place of an encrypted one, unless plain objects may be read', async () => {
    for (const bytes of ['{"forged":true}', '']) {
      await (await openPlain()).put('plain/one', Buffer.from(bytes), TYPE);
      expect(await readAll(await open(), 'plain/one')).toEqual(['NII_CORRUPT', 'NII_CORRUPT']);
      const reading = await open([key], 'read');
      expect((await readAll(reading, 'plain/one')).map(String)).toEqual([bytes, bytes]);
      expect((await reading.head('plain/one'))?.bytes).toBe(bytes.length);
      expect(await reading.keyIdOf('plain/one')).toBeUndefined();
    }
  });

  it('reads what an older key encrypted, encrypts with the first, and names the key of an object', async () => {
    await (await open([key])).put('rotated/old', Buffer.from('old'), TYPE);
    const both = await open([newer, key]);
    await both.put('rotated/new', Buffer.from('new'), TYPE);
    expect((await readAll(both, 'rotated/old')).map(String)).toEqual(['old', 'old']);
    expect((await readAll(both, 'rotated/new')).map(String)).toEqual(['new', 'new']);
    expect(await both.keyIdOf('rotated/old')).toBe(key.id);
    expect(await both.keyIdOf('rotated/new')).toBe(newer.id);
    expect(await readAll(await open([newer]), 'rotated/old')).toEqual(['NII_ENCRYPTED', 'NII_ENCRYPTED']);
    expect(await readAll(await open([key]), 'rotated/new')).toEqual(['NII_ENCRYPTED', 'NII_ENCRYPTED']);
  });

  it('says NII_ENCRYPTED of an encrypted object without a key, and stores nothing that begins like one', async () => {
    await (await open()).put('locked/one', Buffer.from('locked'), TYPE);
    const without = await openPlain();
    expect(await readAll(without, 'locked/one')).toEqual(['NII_ENCRYPTED', 'NII_ENCRYPTED']);
    expect(await without.keyIdOf('locked/one')).toBe(key.id);
    const forged = await stored('locked/one');
    const path = join(dir, 'forged');
    await writeFile(path, forged);
    for (const body of [forged, { path, bytes: forged.length }])
      await expect(without.put('locked/two', body, TYPE)).rejects.toMatchObject({ code: 'NII_BAD_REQUEST' });
    expect(await without.head('locked/two')).toBeUndefined();
  });

  it('encrypts what looks encrypted like everything else', async () => {
    const store = await open();
    await store.put('twice/one', Buffer.from('x'), TYPE);
    const once = await stored('twice/one');
    await store.put('twice/two', once, TYPE);
    for (const read of await readAll(store, 'twice/two')) expect(once.equals(read as Buffer)).toBe(true);
  });
});

describe('the format', () => {
  const name = 'scans/a/r1/scan.json';

  it('reads what another program wrote from the description alone', async () => {
    // python3 test/support/encrypted-object.py encrypt AAECAwQ… scans/a/r1/scan.json 2021…3f
    const written =
      '8e4e4949454e430121cca42edc64b87d202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f' +
      'cd6cb33ef57134569ae02dba80d4f2486b8c15db10933f';
    const store = await open();
    await store.put(name, Buffer.from('to be replaced'), TYPE);
    await change(name, Buffer.from(written, 'hex'));
    expect((await readAll(store, name)).map(String)).toEqual(['A scan.', 'A scan.']);
  });

  const script = fileURLToPath(new URL('../../support/encrypted-object.py', import.meta.url));
  const python = (action: string, input: Uint8Array) =>
    spawnSync('python3', [script, action, first.toString('base64'), name], { input, maxBuffer: 1 << 26 });
  const hasPython = python('encrypt', Buffer.from('')).status === 0;

  it.skipIf(!hasPython).each(SIZES)('agrees with that program about an object of %i bytes', async (size) => {
    const store = await open();
    const bytes = randomBytes(size);
    await store.put(name, bytes, TYPE);
    expect(python('decrypt', await stored(name)).stdout.equals(bytes)).toBe(true);
    await change(name, python('encrypt', bytes).stdout);
    for (const read of await readAll(store, name)) expect(bytes.equals(read as Buffer)).toBe(true);
  });
});
