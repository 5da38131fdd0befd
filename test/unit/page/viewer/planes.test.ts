import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planeInMemory, sideOfLevel } from '../../../../src/page/viewer/plane.ts';

const planes = fc
  .record({ rows: fc.integer({ min: 1, max: 20 }), columns: fc.integer({ min: 1, max: 20 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      samples: fc.array(fc.integer({ min: 0, max: 65_535 }), {
        minLength: rows * columns,
        maxLength: rows * columns,
      }),
    }),
  );

test('a level has the rounded means of its blocks, those at the border of fewer samples', () => {
  fc.assert(
    fc.property(planes, fc.integer({ min: 0, max: 4 }), ({ rows, columns, samples }, level) => {
      const plane = planeInMemory({ rows, columns, fullScale: 65_535 }, Uint16Array.from(samples));
      const size = { rows: sideOfLevel(rows, level), columns: sideOfLevel(columns, level) };
      const found = plane.read(level, { row: 0, column: 0, ...size });
      const wanted = Array.from({ length: size.rows * size.columns }, (_, i) => {
        const top = Math.floor(i / size.columns) * 2 ** level;
        const left = (i % size.columns) * 2 ** level;
        const block = samples.filter((_value, at) => {
          const [row, column] = [Math.floor(at / columns), at % columns];
          return row >= top && row < top + 2 ** level && column >= left && column < left + 2 ** level;
        });
        return Math.round(block.reduce((sum, value) => sum + value, 0) / block.length);
      });
      expect([...(found ?? [])]).toEqual(wanted);
    }),
  );
});

test('a region is cut out of its level', () => {
  fc.assert(
    fc.property(
      planes,
      fc.integer({ min: 0, max: 3 }),
      fc.nat(400),
      ({ rows, columns, samples }, level, seed) => {
        const plane = planeInMemory({ rows, columns, fullScale: 65_535 }, Uint16Array.from(samples));
        const size = { rows: sideOfLevel(rows, level), columns: sideOfLevel(columns, level) };
        const [row, column] = [seed % size.rows, (seed * 7) % size.columns];
        const whole = plane.read(level, { row: 0, column: 0, ...size });
        const region = { row, column, rows: size.rows - row, columns: Math.min(3, size.columns - column) };
        const part = plane.read(level, region);
        part?.forEach((value, i) => {
          const at = (row + Math.floor(i / region.columns)) * size.columns + column + (i % region.columns);
          expect(value).toBe(whole?.[at]);
        });
        expect(part).toHaveLength(region.rows * region.columns);
      },
    ),
  );
});

test('classes have no mean: a level shows the one that is there most often, and the lower of two', () => {
  const plane = planeInMemory(
    { rows: 3, columns: 5, fullScale: 255 },
    Uint8Array.of(10, 200, 30, 40, 5, 200, 60, 30, 40, 7, 9, 8, 8, 9, 0),
    'most-frequent',
  );
  const level = plane.read(1, { row: 0, column: 0, rows: 2, columns: 3 });
  expect(level).toEqual(Uint8Array.of(200, 30, 5, 8, 8, 0));
});

test('too few samples are rejected with the number that is needed', () => {
  expect(() => planeInMemory({ rows: 3, columns: 5, fullScale: 1 }, new Uint8Array(14))).toThrow('use 15');
});
