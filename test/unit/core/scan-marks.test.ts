import { describe, expect, it } from 'vitest';
import { marksAfter, marksOfScan, withMarks } from '../../../src/core/rules/scan-marks.ts';
import { type MarkKind, markOf } from '../../../src/core/rules/vehicle-hold.ts';
import type { ScanRow } from '../../../src/core/scan/stored-scan.ts';

const marks = (...written: readonly (readonly [MarkKind, string])[]) =>
  written.map(([kind, value]) => markOf(kind, value));

const [misread, real, third] = marks(['container', 'A1'], ['container', 'B2'], ['container', 'C3']);

describe('marks that people have corrected', () => {
  const decided = { written: [misread!], counting: [real!] };

  it('stay corrected while the files state what they stated then', () => {
    expect(marksAfter([misread!], decided)).toEqual([real]);
  });

  it('get a mark more where later files state one that nobody has seen', () => {
    expect(marksAfter([misread!, third!], decided)).toEqual([real, third]);
  });
});

describe('a scan with other marks', () => {
  const scan = {
    containers: ['A1'],
    terms: ['plate:XY1', 'seal:S9'],
    visit: 'V-1',
  } as unknown as ScanRow;

  it('has these, in any spelling, and keeps what else it is found by', () => {
    expect(withMarks(scan, marks(['plate', 'ab 12'], ['container', 'b-2'], ['visit', 'v 2']))).toEqual({
      containers: ['B2'],
      terms: ['plate:AB12', 'seal:S9'],
      visit: 'V2',
    });
    expect(withMarks(scan, [])).toEqual({ containers: [], terms: ['seal:S9'] });
  });

  it('is of the visit that was stated last', () => {
    expect(withMarks(scan, marks(['visit', 'V1'], ['visit', 'V2'])).visit).toBe('V2');
  });

  it('states each mark once', () => {
    const all = marksOfScan({ containers: ['A1', 'a-1'], terms: ['plate:XY1', 'seal:S9'], visit: 'V-1' });
    expect(all).toEqual(marks(['plate', 'XY1'], ['container', 'A1'], ['visit', 'V1']));
  });
});
