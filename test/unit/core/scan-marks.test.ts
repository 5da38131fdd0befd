import { describe, expect, it } from 'vitest';
import { marksAfter, marksOfScan, statedMarks, withMarks } from '../../../src/core/rules/scan-marks.ts';
import { type MarkKind, markOf } from '../../../src/core/rules/vehicle-hold.ts';
import type { ScanRow } from '../../../src/core/scan/stored-scan.ts';

const marks = (...written: readonly (readonly [MarkKind, string])[]) =>
  written.map(([kind, value]) => markOf(kind, value));

const [misread, real, third] = marks(['container', 'A1'], ['container', 'B2'], ['container', 'C3']);

describe('marks that people have corrected', () => {
  const decided = { written: [misread!], terms: { marks: [real!], reason: 'read off the container' } };

  it('count alone while the files state no other', () => {
    expect(marksAfter([misread!], decided)).toEqual([real]);
    expect(marksAfter([], decided)).toEqual([real]);
  });

  it('count beside what later files state that nobody has seen', () => {
    expect(marksAfter([misread!, third!], decided)).toEqual([real, third]);
  });

  it('count before what later files state of the visit, of which a scan has one', () => {
    const [first, second] = marks(['visit', 'V1'], ['visit', 'V2']);
    const ofVisit = { written: [], terms: { marks: [second!], reason: 'as booked' } };
    expect(marksAfter([second!, first!], ofVisit)).toEqual([second, first]);
  });
});

describe('marks that somebody states', () => {
  const stated =
    (...given: readonly (readonly [MarkKind, string])[]) =>
    () =>
      statedMarks({ marks: given.map(([kind, value]) => ({ kind, value })), reason: 'x' });

  it('have a letter or a digit, and nothing that cannot be read', () => {
    for (const value of ['--', '_', '???', 'A\u0000', '\u0007', 'A'.repeat(65)])
      expect(stated(['container', value]), value).toThrow('Invalid marks');
    expect(stated(['container', 'msku 123-4'])()).toEqual(marks(['container', 'MSKU1234']));
  });

  it('are of one visit', () => {
    expect(stated(['visit', 'A'], ['visit', 'B'])).toThrow('one visit');
    expect(stated(['visit', 'a-1'], ['visit', 'A 1'])()).toEqual(marks(['visit', 'A1']));
  });
});

describe('a scan with other marks', () => {
  const scan = {
    containers: ['A1'],
    terms: ['plate:XY1', 'seal:S9'],
    visit: 'V-1',
  } as unknown as ScanRow;

  it('has these, in any spelling, and keeps what else it is found by', () => {
    expect(withMarks(scan, marks(['plate', 'ab 12'], ['container', 'b-2'], ['visit', 'v 2']), {})).toEqual({
      containers: ['B2'],
      terms: ['plate:AB12', 'seal:S9'],
      visit: 'V2',
    });
    expect(withMarks(scan, [], {})).toEqual({ containers: [], terms: ['seal:S9'] });
  });

  it('keeps the spelling of the visit that it had', () => {
    expect(withMarks(scan, marks(['visit', 'v1']), {}).visit).toBe('V-1');
  });

  it('is of the first visit that stands for one at the site', () => {
    const visits = marks(['visit', 'NONE'], ['visit', 'V2'], ['visit', 'V3']);
    expect(withMarks(scan, visits, { noMarks: ['none'] }).visit).toBe('V2');
    expect(withMarks(scan, visits, {}).visit).toBe('NONE');
  });

  it('states each mark once', () => {
    const all = marksOfScan({ containers: ['A1', 'a-1'], terms: ['plate:XY1', 'seal:S9'], visit: 'V-1' });
    expect(all).toEqual(marks(['plate', 'XY1'], ['container', 'A1'], ['visit', 'V1']));
  });
});
