import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { writePieces } from '../../../src/runtime/write-pieces.ts';
import { runs } from '../../support/search-size.ts';

const folder = mkdtempSync(join(tmpdir(), 'nii-pieces-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(folder, String(files++));

async function* from(pieces: readonly Uint8Array[], ends?: Error): AsyncGenerator<Uint8Array> {
  yield* pieces;
  if (ends !== undefined) throw ends;
}

test('a file is its pieces one behind the other, however large they are', async () => {
  const piece = fc.tuple(fc.integer({ min: 0, max: 700_000 }), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (sizes) => {
      const pieces = sizes.map(([bytes, value]) => new Uint8Array(bytes).fill(value));
      const path = newPath();
      let seen = 0;
      await writePieces(path, from(pieces), ({ byteLength }) => {
        seen += byteLength;
      });
      const all = Buffer.concat(pieces);
      expect(seen).toBe(all.byteLength);
      expect(Buffer.compare(readFileSync(path), all)).toBe(0);
      rmSync(path);
    }),
    { numRuns: runs(40) },
  );
});

test('a source that fails fails the writing, after what came is written or given up', async () => {
  const large = new Uint8Array(3 * 1024 * 1024);
  await expect(writePieces(newPath(), from([large], new Error('cut')))).rejects.toThrow('cut');
});

test('who looks at the pieces can end it, and the source is told', async () => {
  let isClosed = false;
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(1000);
    } finally {
      isClosed = true;
    }
  }
  const stop = () => {
    throw new Error('too much');
  };
  await expect(writePieces(newPath(), endless(), stop)).rejects.toThrow('too much');
  expect(isClosed).toBe(true);
});

test('a file that is there is left as it is', async () => {
  const path = newPath();
  await writePieces(path, from([Buffer.from('first')]));
  await expect(writePieces(path, from([Buffer.from('second')]))).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(path, 'utf8')).toBe('first');
});
