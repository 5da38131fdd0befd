import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../src/core/ports/objects.ts';
import { runs } from '../search-size.ts';

const MiB = 1 << 20;
const TYPE = 'application/octet-stream';
/** What a plain sort does, by name. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys;
}

/** What every object store must do; run on each of them. `open` gives another handle on the same empty store. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`the object store contract on ${name}`, () => {
    let store: ObjectStore;
    let folder: string;
    beforeAll(async () => {
      store = await open();
      folder = await mkdtemp(join(tmpdir(), 'nii-objects-'));
    });
    afterAll(async () => {
      await store?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('returns exactly the bytes that were put, none included', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
          await store.put('bytes/one', bytes, TYPE);
          expect(Buffer.from(await store.get('bytes/one')).equals(bytes)).toBe(true);
          expect((await bytesOf(await store.stream('bytes/one'))).equals(bytes)).toBe(true);
          expect(await store.head('bytes/one')).toEqual({ key: 'bytes/one', bytes: bytes.length });
        }),
        { numRuns: runs(20), examples: [[new Uint8Array(0)]] },
      );
    });

    it('stores a view into a larger buffer as the view alone', async () => {
      const view = Buffer.from('0123456789').subarray(3, 7);
      await store.put('bytes/view', view, TYPE);
      expect(Buffer.from(await store.get('bytes/view')).toString()).toBe('3456');
    });

    it('puts a file of 64 MiB whole and streams it back whole', async () => {
      const path = join(folder, 'large');
      const bytes = randomBytes(64 * MiB + 13);
      await writeFile(path, bytes);
      await store.put('large/file', { path, bytes: bytes.length }, TYPE);
      const hash = createHash('sha256');
      for await (const chunk of await store.stream('large/file')) hash.update(chunk);
      expect(hash.digest('hex')).toBe(sha256(bytes));
      const range = { first: 16 * MiB - 5, last: 32 * MiB + 4 };
      const part = await bytesOf(await store.stream('large/file', range));
      expect(part.equals(bytes.subarray(range.first, range.last + 1))).toBe(true);
      expect((await store.head('large/file'))?.bytes).toBe(bytes.length);
    });

    it('puts a file of no bytes', async () => {
      const path = join(folder, 'empty');
      await writeFile(path, '');
      await store.put('empty/file', { path, bytes: 0 }, TYPE);
      expect((await store.get('empty/file')).length).toBe(0);
    });

    it('keeps what a file held: also of one that was given to it and is removed, or that is written to afterwards', async () => {
      const [given, lent] = [join(folder, 'given'), join(folder, 'lent')];
      const bytes = randomBytes(5000);
      await writeFile(given, bytes);
      await writeFile(lent, bytes);
      await store.put('given/file', { path: given, bytes: bytes.length, isGiven: true }, TYPE);
      await store.put('lent/file', { path: lent, bytes: bytes.length }, TYPE);
      await rm(given);
      await writeFile(lent, 'something else');
      for (const key of ['given/file', 'lent/file'])
        expect(Buffer.from(await store.get(key)).equals(bytes), key).toBe(true);
    });

    it('refuses a file that no longer has the size it was received with, and stores nothing of it', async () => {
      const path = join(folder, 'cut');
      await writeFile(path, randomBytes(1000));
      await truncate(path, 999);
      await expect(store.put('cut/file', { path, bytes: 1000 }, TYPE)).rejects.toMatchObject({
        code: 'NII_CORRUPT',
      });
      expect(await store.head('cut/file')).toBeUndefined();
    });

    it('gives any range inside the object, cuts one that goes beyond the end, and refuses one that lies outside', async () => {
      const bytes = randomBytes(3000);
      await store.put('ranges/some', bytes, TYPE);
      await fc.assert(
        fc.asyncProperty(fc.nat(2999), fc.nat(4000), async (first, more) => {
          const got = await bytesOf(await store.stream('ranges/some', { first, last: first + more }));
          expect(got.equals(bytes.subarray(first, first + more + 1))).toBe(true);
        }),
        {
          numRuns: runs(25),
          examples: [
            [0, 0],
            [2999, 0],
            [0, 2999],
            [2999, 4000],
          ],
        },
      );
      const outside = { first: 3000, last: 3001 };
      await expect(store.stream('ranges/some', outside)).rejects.toMatchObject({ code: 'NII_RANGE' });
      const backwards = { first: 5, last: 4 };
      await expect(store.stream('ranges/some', backwards)).rejects.toMatchObject({ code: 'NII_RANGE' });
    });

    it('has no range of an object without bytes, and an empty stream of the whole', async () => {
      await store.put('ranges/none', new Uint8Array(0), TYPE);
      await expect(store.stream('ranges/none', { first: 0, last: 0 })).rejects.toMatchObject({
        code: 'NII_RANGE',
      });
      expect((await bytesOf(await store.stream('ranges/none'))).length).toBe(0);
    });

    it('replaces what a key held', async () => {
      await store.put('again/one', randomBytes(5000), TYPE);
      await store.put('again/one', Buffer.from('short'), TYPE);
      expect(Buffer.from(await store.get('again/one')).toString()).toBe('short');
    });

    it('says NII_NOT_FOUND of an absent key, and removes it without complaint', async () => {
      await expect(store.get('absent/a')).rejects.toMatchObject({ code: 'NII_NOT_FOUND' });
      await expect(store.stream('absent/a')).rejects.toMatchObject({ code: 'NII_NOT_FOUND' });
      expect(await store.head('absent/a')).toBeUndefined();
      await store.remove('absent/a');
      await store.put('absent/b', Buffer.from('b'), TYPE);
      await store.remove('absent/b');
      await store.remove('absent/b');
      expect(await store.head('absent/b')).toBeUndefined();
      expect(await keysOf(store, 'absent/')).toEqual([]);
    });

    it('does not take the folder of a key for a key', async () => {
      await store.put('deep/er/key', Buffer.from('x'), TYPE);
      expect(await store.head('deep/er')).toBeUndefined();
      await expect(store.get('deep/er')).rejects.toMatchObject({ code: 'NII_NOT_FOUND' });
      await expect(store.get('deep/er/key/below')).rejects.toMatchObject({ code: 'NII_NOT_FOUND' });
      await store.remove('deep/er');
      await store.remove('deep/er/key/below');
      expect(Buffer.from(await store.get('deep/er/key')).toString()).toBe('x');
    });

    it('lists in rising order of whole keys, whatever stands beside a slash', async () => {
      const keys = ['a-b', 'a.b', 'a/b', 'a/b-c/d', 'a/b.c', 'a0', 'a_b', 'ab', 'a-/x', 'a./x'];
      for (const key of keys) await store.put(`order/${key}`, Buffer.from(key), TYPE);
      const expected = keys.map((key) => `order/${key}`).sort(byCodeUnits);
      expect(await keysOf(store, 'order/')).toEqual(expected);
      expect(await keysOf(store, 'order/a/')).toEqual(expected.filter((key) => key.startsWith('order/a/')));
      expect(await keysOf(store, 'order/a')).toEqual(expected);
      expect(await keysOf(store, 'order/a/b')).toEqual(expected.filter((key) => key.startsWith('order/a/b')));
      expect(await keysOf(store, 'order/zz')).toEqual([]);
    });

    it('lists any set of keys as they are, in order', async () => {
      const segment = fc.string({ unit: fc.constantFrom(...'ab01.-_'), minLength: 1, maxLength: 3 });
      const key = fc
        .array(
          segment.filter((name) => name !== '.' && name !== '..'),
          { minLength: 1, maxLength: 3 },
        )
        .map((names) => names.join('/'));
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 12 }), async (all) => {
          const keys = all.filter((one) => !all.some((other) => other.startsWith(`${one}/`)));
          const under = `sets/${round++}/`;
          await Promise.all(keys.map((one) => store.put(under + one, Buffer.from(one), TYPE)));
          expect(await keysOf(store, under)).toEqual(keys.map((one) => under + one).sort(byCodeUnits));
        }),
        { numRuns: runs(10) },
      );
    });

    it('lists keys that look like numbers or truth values unchanged, and more than one page of them', async () => {
      const odd = ['0012', '1.0', '1e5', '0x1f', 'true', 'null', '12345678901234567890'];
      const many = Array.from({ length: 1100 }, (_, index) => `n${String(index).padStart(5, '0')}`);
      const keys = [...odd, ...many].map((name) => `many/${name}`);
      for (let from = 0; from < keys.length; from += 50) {
        await Promise.all(keys.slice(from, from + 50).map((key) => store.put(key, Buffer.from('m'), TYPE)));
      }
      expect(await keysOf(store, 'many/')).toEqual([...keys].sort(byCodeUnits));
    });

    it('gives size and time of what it lists, and lets a list be left early', async () => {
      const before = Date.now();
      await store.put('sizes/a', randomBytes(77), TYPE);
      await store.put('sizes/b', randomBytes(78), TYPE);
      for await (const found of store.list('sizes/')) {
        expect(found).toEqual({ key: 'sizes/a', bytes: 77, writtenAt: expect.any(Date) });
        // stores give whole seconds, and the clock of a file system lags
        expect(found.writtenAt?.getTime()).toBeGreaterThan(before - 2000);
        expect(found.writtenAt?.getTime()).toBeLessThan(Date.now() + 2000);
        break;
      }
    });

    it.each([
      '',
      '/a',
      'a/',
      'a//b',
      '../a',
      'a/../b',
      'a/.',
      './a',
      'A',
      'é',
      'a b',
      'a\\b',
      'a\u0000b',
      'ключ',
      '%61',
    ])('refuses %j as a key', async (key) => {
      const refused = { code: 'NII_BAD_REQUEST' };
      await expect(store.put(key, Buffer.from('x'), TYPE)).rejects.toMatchObject(refused);
      await expect(store.get(key)).rejects.toMatchObject(refused);
      await expect(store.stream(key)).rejects.toMatchObject(refused);
      await expect(store.head(key)).rejects.toMatchObject(refused);
      await expect(store.remove(key)).rejects.toMatchObject(refused);
    });

    it('refuses a list outside of its keys', async () => {
      for (const prefix of ['../', '/', 'a/../', 'Ä']) {
        await expect(keysOf(store, prefix)).rejects.toMatchObject({ code: 'NII_BAD_REQUEST' });
      }
    });

    it.each([
      ['small', 100_000],
      ['of several parts', 17 * MiB],
    ])(
      'holds one whole object when several %s are put on one key at once, and shows no other',
      async (_, size) => {
        const another = await open();
        const bodies = Array.from({ length: 4 }, (_unused, index) => Buffer.alloc(size, index));
        const hashes = new Set(bodies.map(sha256));
        await store.put('race/key', Buffer.alloc(size, 0), TYPE);
        let writing = true;
        const reader = (async () => {
          while (writing) expect(hashes).toContain(sha256(await another.get('race/key')));
        })();
        await Promise.all(
          bodies.map((body, index) => (index % 2 === 0 ? store : another).put('race/key', body, TYPE)),
        );
        writing = false;
        await reader;
        expect(hashes).toContain(sha256(await store.get('race/key')));
        await another.close();
      },
    );

    it('shows one handle what another has put', async () => {
      const another = await open();
      await another.put('shared/key', Buffer.from('seen'), TYPE);
      expect(Buffer.from(await store.get('shared/key')).toString()).toBe('seen');
      await another.close();
    });

    it('survives streams that nobody reads, or not to the end', async () => {
      await store.put('left/key', randomBytes(4 * MiB), TYPE);
      for (let times = 0; times < 300; times += 1) await store.stream('left/key');
      for (let times = 0; times < 20; times += 1) {
        for await (const chunk of await store.stream('left/key')) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      }
      expect((await store.get('left/key')).length).toBe(4 * MiB);
    });

    it('is ready, and leaves no trace of the question in a list', async () => {
      const before = await keysOf(store, '');
      await store.ready();
      expect(await keysOf(store, '')).toEqual(before);
    });
  });
}
