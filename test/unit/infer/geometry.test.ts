import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boxInStored, displaySize, extentInModel, turnBack } from '../../../src/infer/geometry.ts';
import { displayRaster, sampleAt, storedFromDisplay } from '../../../src/infer/raster.ts';
import { runs } from '../../support/search-size.ts';

const rule = fc.record({
  flipRows: fc.boolean(),
  rotate: fc.constantFrom(0 as const, 90 as const, 180 as const, 270 as const),
  flipColumns: fc.boolean(),
});
const size = fc.record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 40 }) });
const frame = fc.record({ stored: size, model: size, rule }).map((known) => ({ ...known, view: 'side' }));

/** The display rule done on an array of arrays, step by step as its definition says. */
function displayed(
  stored: readonly (readonly number[])[],
  { flipRows, rotate, flipColumns }: Rule,
): number[][] {
  let picture = stored.map((row) => [...row]);
  if (flipRows) picture = picture.reverse();
  for (let quarter = 0; quarter < rotate / 90; quarter++) {
    const source = picture;
    const width = source[0]!.length;
    picture = Array.from({ length: width }, (_, r) => source.map((row) => row[width - 1 - r]!));
  }
  return flipColumns ? picture.map((row) => row.reverse()) : picture;
}
interface Rule {
  readonly flipRows: boolean;
  readonly rotate: number;
  readonly flipColumns: boolean;
}

function indices(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => r * columns + c));
}

describe('geometry', () => {
  test('the display rule is flip rows, then rotate counter-clockwise, then flip columns', () => {
    fc.assert(
      fc.property(size, rule, ({ rows, columns }, how) => {
        const expected = displayed(indices(rows, columns), how);
        const raster = displayRaster(rows, columns, how);
        const seen = Array.from({ length: raster.rows }, (_, r) =>
          Array.from({ length: raster.columns }, (__, c) => sampleAt(raster, r, c)),
        );
        expect(seen).toEqual(expected);
      }),
    );
  });

  test('an example: a quarter turn counter-clockwise brings the last column to the top', () => {
    const raster = displayRaster(2, 3, { flipRows: false, rotate: 90, flipColumns: false });
    expect([raster.rows, raster.columns]).toEqual([3, 2]);
    expect([0, 1].map((c) => sampleAt(raster, 0, c))).toEqual([2, 5]);
  });

  test('the way back from the upright picture gives every stored sample its place', () => {
    fc.assert(
      fc.property(size, rule, (stored, how) => {
        const there = displayRaster(stored.rows, stored.columns, how);
        const back = storedFromDisplay(there.rows, there.columns, how);
        expect([back.rows, back.columns]).toEqual([stored.rows, stored.columns]);
        for (let r = 0; r < stored.rows; r++) {
          for (let c = 0; c < stored.columns; c++) {
            const pixel = sampleAt(back, r, c);
            const sample = sampleAt(there, Math.floor(pixel / there.columns), pixel % there.columns);
            expect(sample).toBe(r * stored.columns + c);
          }
        }
      }),
    );
  });

  test('the box of a pixel holds exactly the stored samples that its area covers, whatever the turn', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.nat(), (known, anyRow, anyColumn) => {
        const row = anyRow % known.model.rows;
        const column = anyColumn % known.model.columns;
        const box = boxInStored(known, {
          rowFrom: row,
          rowTo: row + 1,
          columnFrom: column,
          columnTo: column + 1,
        });
        const { rows, columns } = displaySize(known);
        const picture = displayed(indices(known.stored.rows, known.stored.columns), known.rule);
        const covered = picture.flatMap((line, r) =>
          line.filter(
            (_, c) =>
              touches(r, row, rows, known.model.rows) && touches(c, column, columns, known.model.columns),
          ),
        );
        const inside = indices(known.stored.rows, known.stored.columns)
          .slice(box.rowFrom, box.rowTo)
          .flatMap((line) => line.slice(box.columnFrom, box.columnTo));
        expect(inside).toEqual(covered.sort((a, b) => a - b));
      }),
    );
  });

  test('the whole image is the whole view', () => {
    fc.assert(
      fc.property(frame, (known) => {
        const whole = { rowFrom: 0, rowTo: known.model.rows, columnFrom: 0, columnTo: known.model.columns };
        expect(boxInStored(known, whole)).toEqual({
          view: 'side',
          rowFrom: 0,
          rowTo: known.stored.rows,
          columnFrom: 0,
          columnTo: known.stored.columns,
        });
      }),
    );
  });

  test("a unit's extent covers exactly the pixels that touch its stored columns or rows", () => {
    fc.assert(
      fc.property(
        frame,
        fc.constantFrom('columns' as const, 'rows' as const),
        fc.nat(),
        fc.nat(),
        (known, axis, a, b) => {
          const length = axis === 'columns' ? known.stored.columns : known.stored.rows;
          const from = a % length;
          const to = from + 1 + (b % (length - from));
          const area = extentInModel(known, { view: 'side', axis, from, to })!;
          for (let row = 0; row < known.model.rows; row++) {
            for (let column = 0; column < known.model.columns; column++) {
              const box = boxInStored(known, {
                rowFrom: row,
                rowTo: row + 1,
                columnFrom: column,
                columnTo: column + 1,
              });
              const [start, end] =
                axis === 'columns' ? [box.columnFrom, box.columnTo] : [box.rowFrom, box.rowTo];
              const meets = start < to && end > from;
              const inside =
                row >= area.rowFrom &&
                row < area.rowTo &&
                column >= area.columnFrom &&
                column < area.columnTo;
              expect(inside).toBe(meets);
            }
          }
        },
      ),
      { numRuns: runs(50) },
    );
  });

  test('an extent of another view, or behind the last column, is no place', () => {
    const known = {
      view: 'side',
      stored: { rows: 4, columns: 8 },
      model: { rows: 4, columns: 8 },
      rule: still,
    };
    expect(extentInModel(known, { view: 'top', axis: 'columns', from: 0, to: 4 })).toBeUndefined();
    expect(extentInModel(known, { view: 'side', axis: 'columns', from: 8, to: 9 })).toBeUndefined();
  });

  test('a map turned back lies over the stored samples', () => {
    fc.assert(
      fc.property(size, rule, (stored, how) => {
        const samples = indices(stored.rows, stored.columns);
        const plane = Uint8Array.from(displayed(samples, how).flat());
        const { rows, columns } = displaySize({ stored, rule: how });
        const back = turnBack({ stored, rule: how, model: { rows, columns } }, plane);
        expect([...back.bytes]).toEqual(samples.flat().map((value) => value % 256));
        expect([back.rows, back.columns]).toEqual([stored.rows, stored.columns]);
      }),
    );
  });
});

const still = { flipRows: false, rotate: 0, flipColumns: false } as const;

/** Sample `at` of `samples` and pixel `pixel` of `pixels` on the same length share more than a border. */
function touches(at: number, pixel: number, samples: number, pixels: number): boolean {
  return at * pixels < (pixel + 1) * samples && (at + 1) * pixels > pixel * samples;
}
