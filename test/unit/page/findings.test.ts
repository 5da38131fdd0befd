import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeFindings, type NamedFinding, overlapOf } from '../../../src/page/case/findings/merge.ts';

/** Findings of several models at one place of the picture. */

const boxAt = (row: number, column: number, height = 10, width = 10, view = 'side') => ({
  view,
  rowFrom: row,
  rowTo: row + height,
  columnFrom: column,
  columnTo: column + width,
});

let ids = 0;
function finding(model: string, box: ReturnType<typeof boxAt>, anomalyPercentile = 50): NamedFinding {
  ids += 1;
  return { model, finding: { id: `f${ids}`, label: 'anomaly', box, anomalyPercentile } };
}

const modelsOf = (found: readonly NamedFinding[]) =>
  mergeFindings(found).map((place) => place.findings.map(({ model }) => model));

describe('findings at one place', () => {
  test('of two models are one mark that names both, the higher percentile first, around both boxes', () => {
    const weak = finding('a 1', boxAt(0, 0), 60);
    const strong = finding('b 1', boxAt(2, 1), 99);
    expect(mergeFindings([weak, strong])).toEqual([
      { box: { ...boxAt(0, 0), rowTo: 12, columnTo: 11 }, findings: [strong, weak] },
    ]);
  });

  test('that overlap by less than half are two marks, and so are those of two views', () => {
    // 10 x 10 beside 10 x 10: 50 of 150 samples, and 67 of 133
    expect(modelsOf([finding('a 1', boxAt(0, 0)), finding('b 1', boxAt(0, 5))])).toHaveLength(2);
    expect(modelsOf([finding('a 1', boxAt(0, 0, 30)), finding('b 1', boxAt(10, 0, 30))])).toHaveLength(1);
    const top = finding('b 1', boxAt(0, 0, 10, 10, 'top'));
    expect(modelsOf([finding('a 1', boxAt(0, 0)), top])).toHaveLength(2);
  });

  test('of one model stay two marks', () => {
    expect(modelsOf([finding('a 1', boxAt(0, 0)), finding('a 1', boxAt(0, 1))])).toEqual([['a 1'], ['a 1']]);
  });

  test('go to the mark that they overlap most', () => {
    const far = finding('a 1', boxAt(0, 3), 90);
    const near = finding('a 1', boxAt(0, 1), 80);
    const other = finding('b 1', boxAt(0, 0), 70);
    expect(mergeFindings([far, near, other]).map((place) => place.findings)).toEqual([[far], [near, other]]);
  });
});

describe('overlap', () => {
  test('is one with itself, none beside, and the same both ways', () => {
    const [a, b, c] = [boxAt(0, 0), boxAt(0, 10), boxAt(5, 5)];
    expect([overlapOf(a, a), overlapOf(a, b)]).toEqual([1, 0]);
    expect(overlapOf(a, c)).toBeCloseTo(25 / 175, 12);
    expect(overlapOf(c, a)).toBe(overlapOf(a, c));
  });
});

const anyFinding = fc
  .record({
    model: fc.constantFrom('a 1', 'b 2', 'c 1', 'd 9'),
    row: fc.nat(12),
    column: fc.nat(12),
    height: fc.integer({ min: 1, max: 10 }),
    width: fc.integer({ min: 1, max: 10 }),
    percentile: fc.constantFrom(50, 90, 99),
  })
  .map((one) => finding(one.model, boxAt(one.row, one.column, one.height, one.width), one.percentile));

test('each finding is in one mark, which holds it, with none of its own model and half of each other one', () => {
  fc.assert(
    fc.property(fc.array(anyFinding, { maxLength: 30 }), (found) => {
      const places = mergeFindings(found);
      const together = places.flatMap(({ findings }) => findings);
      expect(new Set(together)).toEqual(new Set(found));
      expect(together).toHaveLength(found.length);
      for (const { box, findings } of places) {
        expect(new Set(findings.map(({ model }) => model)).size).toBe(findings.length);
        for (const { finding: one } of findings) {
          expect(box.rowFrom <= one.box.rowFrom && box.rowTo >= one.box.rowTo).toBe(true);
          expect(box.columnFrom <= one.box.columnFrom && box.columnTo >= one.box.columnTo).toBe(true);
          for (const { finding: other } of findings)
            expect(overlapOf(one.box, other.box)).toBeGreaterThanOrEqual(0.5);
        }
      }
    }),
  );
});

test('the order in which findings come makes no difference', () => {
  fc.assert(
    fc.property(
      fc
        .array(anyFinding, { maxLength: 12 })
        .chain((found) =>
          fc.tuple(
            fc.constant(found),
            fc.shuffledSubarray(found, { minLength: found.length, maxLength: found.length }),
          ),
        ),
      ([found, shuffled]) => {
        expect(mergeFindings(shuffled)).toEqual(mergeFindings(found));
      },
    ),
  );
});
