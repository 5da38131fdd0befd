import Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { recordFields } from '../../../../src/core/disclosure/field-list.ts';
import { maskRecord } from '../../../../src/core/disclosure/mask.ts';
import { NiiScan } from '../../../../src/core/scan/scan.ts';
import { fullRecord } from '../../../support/record/full-record.ts';

/** Every value of a record with its path, lists as []. */
function leaves(value: unknown, path = ''): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${path}[]`));
  if (typeof value !== 'object' || value === null || path === 'vendor') return [[path, value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === '' ? name : `${path}.${name}`),
  );
}

describe('a record whose fields are masked by class', () => {
  const full = fullRecord();
  const classOf = new Map(recordFields().map(({ path, classes }) => [path, classes]));

  it('is taken from one that is by the schema and sets every field of place, scanner, trade and control', () => {
    expect([...Value.Errors(NiiScan, full)]).toEqual([]);
    const set = new Set(leaves(full).map(([path]) => path));
    const wanted = recordFields().filter(({ path }) =>
      /^(source|units|history|consignments|control)\b/.test(path),
    );
    expect(wanted.map(({ path }) => path).filter((path) => !set.has(path))).toEqual([]);
  });

  it.each([
    ['personal', /person/],
    ['commercial', /trade/],
  ] as const)('without %s fields holds none of them, and is by the schema', (hidden, words) => {
    const masked = maskRecord(full, [hidden]);
    expect([...Value.Errors(NiiScan, masked)]).toEqual([]);
    expect(JSON.stringify(full)).toMatch(words);
    expect(JSON.stringify(masked)).not.toMatch(words);
    const left = leaves(masked).filter(
      ([path, value]) => classOf.get(path)?.includes(hidden) === true && value !== 'masked',
    );
    // Files are numbered, a warning says what its code says, the vendor's fields are empty
    expect(
      left.map(([path]) => path).filter((path) => !/^(originals|attachments|warnings|vendor)/.test(path)),
    ).toEqual([]);
    expect(masked.vendor).toEqual({});
    expect(masked.originals.map(({ name }) => name)).toEqual(['file-1', 'file-2']);
    expect(masked.attachments.map(({ name }) => name)).toEqual(['file-2']);
  });

  it('keeps all that is technical, and fields of the other class', () => {
    const both = maskRecord(full, ['personal', 'commercial']);
    const technical = (scan: NiiScan) =>
      leaves(scan).filter(
        ([path]) =>
          classOf.get(path)?.includes('technical') === true && !/^(consignments|control|units)/.test(path),
      );
    expect(technical(both)).toEqual(technical(full));
    expect(both.units[0]?.kind).toBe('container');
    expect(both.units[0]?.extent).toEqual(full.units[0]?.extent);
    expect(maskRecord(full, ['personal']).consignments?.[0]?.items).toEqual(full.consignments?.[0]?.items);
    expect(maskRecord(full, ['commercial']).units[0]?.plates).toEqual(['person-plate']);
    expect(maskRecord(full, [])).toBe(full);
  });
});
