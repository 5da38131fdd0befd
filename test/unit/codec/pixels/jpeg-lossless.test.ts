import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareFrame } from '../../../../lab/fuzz/frames.ts';
import { bestTable, codesOf } from '../../../../src/codec/pixels/jpeg-lossless/huffman.ts';
import { decodeSv1, encodeSv1 } from '../../../../src/codec/pixels/jpeg-lossless/jpeg-lossless.ts';
import { runs } from '../../../support/search-size.ts';

describe('JPEG Lossless of ours', () => {
  test('writes what libjpeg writes, reads it back, and reads no changed stream otherwise', async () => {
    const faults: string[] = [];
    for (let seed = 1; seed <= runs(20_000); seed += 1) {
      const fault = await compareFrame(seed);
      if (fault !== undefined) faults.push(fault);
    }
    expect(faults).toEqual([]);
  });

  test('takes a frame that is larger than the memory it keeps, and a small one after it', () => {
    for (const [rows, columns] of [
      [5000, 7000],
      [3, 4],
    ] as const) {
      const shape = { rows, columns, samplesPerPixel: 1, bitsAllocated: 16, bitsStored: 16, signed: false };
      const values = new Uint16Array(rows * columns).map((_, at) => (at * 40_503) >> 7);
      const samples = new Uint8Array(values.buffer);
      const stream = encodeSv1(samples, shape);
      const back = stream && decodeSv1(stream, shape, 'frame');
      expect(back && Buffer.compare(back, samples)).toBe(0);
    }
  });

  test.each([
    { samplesPerPixel: 3, bitsAllocated: 8, bitsStored: 8 },
    { signed: true },
    { bitsStored: 8 },
    { bitsAllocated: 32, bitsStored: 32 },
  ])('leaves a frame of %j to the library', (other) => {
    const shape = {
      rows: 1,
      columns: 1,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 16,
      signed: false,
    };
    expect(encodeSv1(new Uint8Array(12), { ...shape, ...other })).toBeUndefined();
  });

  test('leaves samples beyond the precision of the stream to the library', () => {
    const shape = {
      rows: 1,
      columns: 1,
      samplesPerPixel: 1,
      bitsAllocated: 16,
      bitsStored: 12,
      signed: false,
    };
    expect(encodeSv1(Uint8Array.of(0xff, 0x0f), shape)).toBeDefined();
    expect(encodeSv1(Uint8Array.of(0, 0x10), shape)).toBeUndefined();
  });
});

test('a table has a code of at most 16 bits for each category that occurs, and none of ones alone', () => {
  // numbers of Fibonacci make the longest codes that there are
  const steep = Array.from({ length: 17 }, (_, i) => Math.round(1.618 ** (i * 1.3)));
  const frequencies = fc.oneof(
    fc.array(fc.nat(1_000_000), { minLength: 17, maxLength: 17 }),
    fc.shuffledSubarray(steep, { minLength: 17 }),
  );
  fc.assert(
    fc.property(frequencies, (counts) => {
      const codes = codesOf(bestTable(counts)) ?? [];
      const coded = codes.map(({ category }) => category).toSorted((a, b) => a - b);
      expect(coded).toEqual(counts.flatMap((count, category) => (count > 0 ? [category] : [])));
      const written = codes.map(({ code, bits }) => code.toString(2).padStart(bits, '0'));
      for (const one of written) {
        expect(one.length).toBeLessThanOrEqual(16);
        expect(one).toContain('0');
        expect(written.filter((other) => other.startsWith(one))).toEqual([one]);
      }
    }),
    { numRuns: runs(500) },
  );
});
