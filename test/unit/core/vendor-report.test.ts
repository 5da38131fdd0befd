import { describe, expect, test } from 'vitest';
import { vendorReportsOf } from '../../../src/core/case/vendor-report.ts';
import type { ImportedReport } from '../../../src/core/scan/scan.ts';
import { channelOf, scanOf, viewOf } from '../../support/infer/scans.ts';

/** Reports of the vendor's algorithms, as they are shown beside our models. */

type Region = ImportedReport['objects'][number]['regions'][number];

const report = (more: Partial<ImportedReport> = {}): ImportedReport => ({
  source: 'r.dcs',
  type: 'MACHINE',
  decision: 'ALARM',
  by: 'Example 2.0',
  references: [],
  objects: [],
  ...more,
});
const at = (...regions: readonly Partial<Region>[]) =>
  report({ objects: [{ category: 'ANOMALY', regions: regions.map((one) => ({ references: [], ...one })) }] });

/** Of images of 40 rows and 60 columns. */
function shown(reports: readonly ImportedReport[], views = ['side']) {
  const scan = scanOf(views.map((id) => viewOf([channelOf(40, 60)], {}, id)));
  return vendorReportsOf({ ...scan, reports: [...reports] });
}
const boxOf = (...regions: readonly Partial<Region>[]) => shown([at(...regions)])[0]?.findings[0]?.box;
const box = (rowFrom: number, rowTo: number, columnFrom: number, columnTo: number) => ({
  view: 'side',
  rowFrom,
  rowTo,
  columnFrom,
  columnTo,
});

describe('a report of a machine', () => {
  test('is named by its algorithm, and numbered as its file is', () => {
    const found = shown([report({ type: 'OPERATOR', by: 'Ada' }), report(), report({ by: ' ' })]);
    expect(found.map(({ number, algorithm }) => [number, algorithm])).toEqual([
      [2, 'Example 2.0'],
      [3, 'not named'],
    ]);
  });

  test.each(['OPERATOR', 'GROUND TRUTH', 'AGGREGATE', 'UNDEFINED', 'STRUCTURED REPORT'] as const)(
    'is none that is of type %s: what persons said is not shown with it',
    (type) => expect(shown([report({ type })])).toEqual([]),
  );

  test('of very many objects lists the first 1,024 of the scan, and counts the rest', () => {
    const objects = Array.from({ length: 800 }, () => ({ regions: [] }));
    const found = shown([report({ objects }), report({ objects }), report({ objects })]);
    expect(found.map(({ findings, omitted }) => [findings.length, omitted])).toEqual([
      [800, undefined],
      [224, 576],
      [0, 800],
    ]);
  });
});

describe('the place of an object', () => {
  test('is the whole samples that its region touches, by its box or by its outline', () => {
    expect(boxOf({ base: [1.5, 2, 0], extents: [3, 2.2, 1] })).toEqual(box(2, 5, 1, 5));
    expect(boxOf({ polygon: [4, 9, 0, 1, 2, 1] })).toEqual(box(2, 9, 1, 4));
    expect(boxOf({ polygon: [10, 10, 0, 20, 12, 0, 15, 30, 0] })).toEqual(box(10, 30, 10, 20));
  });

  test('is the first region that says where it lies', () => {
    expect(boxOf({}, { base: [1, 2, 0], extents: [3, 4, 1] }, { polygon: [9, 9, 9] })).toEqual(
      box(2, 6, 1, 4),
    );
  });

  test('ends where the image ends, and is none outside of it or without a size', () => {
    expect(boxOf({ base: [-5, 30, 0], extents: [10, 1e9, 1] })).toEqual(box(30, 40, 0, 5));
    for (const outside of [
      { base: [60, 0, 0], extents: [5, 5, 1] },
      { base: [-9, 0, 0], extents: [5, 5, 1] },
      { base: [1, 1, 0], extents: [0, 0, 0] },
      { base: [1, 1, 0] },
      { polygon: [1, 1] },
    ])
      expect([outside, boxOf(outside)]).toEqual([outside, undefined]);
  });

  test('is unknown in a scan of several views', () => {
    const [found] = shown([at({ base: [1, 2, 0], extents: [3, 4, 1] })], ['side', 'top']);
    expect(found?.findings).toEqual([{ label: 'ANOMALY' }]);
  });
});
