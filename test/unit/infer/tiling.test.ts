import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucket,
  cutTile,
  type ModelImage,
  planTiles,
  StripMerger,
  tileColumns,
} from '../../../src/infer/tiling.ts';

const side = fc.integer({ min: 1, max: 70 });
const tiles = fc
  .record({
    height: fc.integer({ min: 2, max: 40 }),
    width: fc.integer({ min: 2, max: 40 }),
    part: fc.nat(100),
  })
  .map(({ height, width, part }) => ({
    kind: 'tiles' as const,
    height,
    width,
    overlap: Math.floor((Math.min(height, width) / 2) * (part / 100)),
  }));

function randomImage(channels: number, rows: number, columns: number, seed: number): ModelImage {
  const data = Float32Array.from(
    { length: channels * rows * columns },
    (_, i) => Math.sin(seed + i * 12.9898) * 43758.5453,
  );
  return { channels, rows, columns, data };
}

function columnsOf({ channels, rows, columns, data }: ModelImage, from: number, to: number): ModelImage {
  const lines = Array.from({ length: channels * rows }, (_, line) => [
    ...data.subarray(line * columns + from, line * columns + to),
  ]);
  return { channels, rows, columns: to - from, data: Float32Array.from(lines.flat()) };
}

describe('tiling', () => {
  test('an identity model over any tiles is the identity, to the last bit', () => {
    fc.assert(
      fc.property(side, side, tiles, fc.integer(), (rows, columns, shape, seed) => {
        const image = randomImage(1, rows, columns, seed % 1000);
        const plan = planTiles(shape, rows, columns);
        const merger = new StripMerger(plan, rows, columns);
        let next = 0;
        for (const { from, to, done } of tileColumns(plan, columns)) {
          for (const row of plan.rowStarts)
            merger.add(row, cutTile(columnsOf(image, from, to), plan, row, [0]).data);
          const strip = merger.take(done);
          expect([strip.from, strip.from + strip.columns]).toEqual([next, done]);
          expect(strip.values).toEqual(columnsOf(image, next, done).data);
          next = done;
        }
        expect(next).toBe(columns);
      }),
    );
  });

  test('tiles stay inside the image, cover it, and neighbours share the overlap', () => {
    fc.assert(
      fc.property(side, side, tiles, (rows, columns, shape) => {
        const plan = planTiles(shape, rows, columns);
        for (const [starts, length, size] of [
          [plan.rowStarts, rows, shape.height],
          [plan.columnStarts, columns, shape.width],
        ] as const) {
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)! + size).toBe(Math.max(length, size));
          starts.slice(1).forEach((start, i) => {
            expect(start).toBeGreaterThan(starts[i]!);
            expect(starts[i]! + size - start).toBeGreaterThanOrEqual(shape.overlap);
          });
        }
      }),
    );
  });

  test('a tile behind the border holds the padding of its channel', () => {
    const image = randomImage(2, 3, 5, 1);
    const plan = planTiles({ kind: 'buckets', multipleOf: 8, minimum: 8, maximumPixels: 64 }, 3, 5);
    const tile = cutTile(image, plan, 0, [1, 2]);
    expect(tile.shape).toEqual([1, 2, 8, 8]);
    for (let channel = 0; channel < 2; channel++) {
      for (let row = 0; row < 8; row++) {
        for (let column = 0; column < 8; column++) {
          const inside = row < 3 && column < 5;
          const expected = inside ? image.data[(channel * 3 + row) * 5 + column] : channel + 1;
          expect(tile.data[(channel * 8 + row) * 8 + column]).toBe(expected);
        }
      }
    }
  });

  test('buckets hold the image, waste less than a quarter beyond the smallest steps, and are few', () => {
    const shape = { multipleOf: 32, minimum: 64 };
    const sizes = new Set<number>();
    for (let length = 1; length <= 8192; length++) {
      const size = bucket(length, shape);
      sizes.add(size);
      expect(size).toBeGreaterThanOrEqual(Math.max(64, length));
      expect(size % 32).toBe(0);
      if (length > 64) expect(size - length).toBeLessThan(Math.max(32, length / 4));
    }
    expect(sizes.size).toBe(27);
  });

  test('an image over the pixel limit goes in tiles that keep to it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 900 }), (rows, columns) => {
        const plan = planTiles(
          { kind: 'buckets', multipleOf: 16, minimum: 32, maximumPixels: 20_000 },
          rows,
          columns,
        );
        expect(plan.rows * plan.columns).toBeLessThanOrEqual(20_000);
        expect([plan.rows % 16, plan.columns % 16]).toEqual([0, 0]);
        expect(plan.rowStarts.at(-1)! + plan.rows).toBeGreaterThanOrEqual(rows);
        expect(plan.columnStarts.at(-1)! + plan.columns).toBeGreaterThanOrEqual(columns);
      }),
    );
  });
});
