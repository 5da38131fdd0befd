import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, NiiScan } from '../../../src/core/scan/scan.ts';
import {
  type KnownStructure,
  LEARNING_SCANS,
  learn,
  nothingKnown,
  RUN,
  type StructureChange,
  structureOf,
} from '../../../src/core/scanner/structure.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

function learnt(scans: readonly (readonly string[])[]): {
  readonly known: KnownStructure;
  readonly changes: readonly StructureChange[];
} {
  let known = nothingKnown;
  const changes: StructureChange[] = [];
  for (const structure of scans) {
    const next = learn(known, structure);
    known = next.known;
    if (next.change !== undefined) changes.push(next.change);
  }
  return { known, changes };
}

const times = (count: number, structure: readonly string[]) => Array.from({ length: count }, () => structure);

/** The same shape with every text and number another. */
function otherValues(value: Json, salt: number): Json {
  if (typeof value === 'string') return `${value}${salt}`;
  if (typeof value === 'number') return value + salt;
  if (Array.isArray(value)) return value.map((item) => otherValues(item, salt));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, otherValues(item, salt)]));
}

const vendor = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 4 }));
const scanWith = (metadata: unknown): NiiScan =>
  scanOf([channelOf()], { vendor: metadata as NiiScan['vendor'] });

describe('the structure of a scan', () => {
  test('is the same for other values at the same paths', () => {
    fc.assert(
      fc.property(vendor, fc.integer({ min: 1, max: 9 }), (metadata, salt) => {
        const changed = otherValues(metadata as Json, salt);
        expect(structureOf(scanWith(changed))).toEqual(structureOf(scanWith(metadata)));
      }),
    );
  });

  test('does not depend on the order of files, nor on their names', () => {
    const file = (name: string, role: string) => ({
      name,
      role,
      bytes: 1,
      sha256: 'a'.repeat(64),
      complete: true,
    });
    const one = {
      ...scanWith({ 'a.xml': { T: 1 } }),
      originals: [file('a.img', 'high'), file('a.xml', 'metadata')],
    };
    const two = {
      ...scanWith({ 'b.xml': { T: 2 } }),
      originals: [file('b.xml', 'metadata'), file('b.img', 'high')],
    };
    expect(structureOf(two)).toEqual(structureOf(one));
  });

  test('is the same for the next scan of files that are named by their own UIDs', () => {
    const scan = (uid: string) => ({
      ...scanWith({ [`${uid}.dcm`]: { '00080060': 'DX' } }),
      originals: [{ name: `${uid}.dcm`, role: uid, bytes: 1, sha256: 'a'.repeat(64), complete: true }],
    });
    expect(structureOf(scan('1.2.826.7'))).toEqual(structureOf(scan('1.2.826.8')));
    expect(structureOf(scan('1.2.826.7'))).toContain('metadata instance/00080060');
  });

  test('is the same for a longer vehicle, and another for a detector of another height', () => {
    const structure = (rows: number, columns: number) =>
      structureOf(scanOf([channelOf({ rows, columns })], { vendor: {} }));
    expect(structure(24, 900)).toEqual(structure(24, 700));
    expect(structure(25, 900)).not.toEqual(structure(24, 900));
  });
});

describe('learning', () => {
  test('finds no change while the structure stays', () => {
    expect(learnt(times(50, ['a', 'b'])).changes).toEqual([]);
  });

  test('tells an upgrade once, after so many scans in a row, with what came and what went', () => {
    const scans = [...times(LEARNING_SCANS, ['a', 'b']), ...times(20, ['a', 'c'])];
    expect(learnt(scans).changes).toEqual([{ appeared: ['c'], vanished: ['b'] }]);
  });

  test('tells the next upgrade, too', () => {
    const scans = [...times(10, ['a', 'b']), ...times(10, ['a', 'c']), ...times(10, ['a', 'd'])];
    expect(learnt(scans).changes).toEqual([
      { appeared: ['c'], vanished: ['b'] },
      { appeared: ['d'], vanished: ['c'] },
    ]);
  });

  test('tells what is new once, also where a scan from before comes in between', () => {
    const scans = [
      ...times(10, ['a']),
      ['a', 'c'],
      ['a'],
      ...times(3, ['a', 'c']),
      ['a'],
      ...times(9, ['a', 'c']),
    ];
    expect(learnt(scans).changes).toEqual([{ appeared: ['c'], vanished: [] }]);
  });

  test('calls fewer odd scans in a row no change', () => {
    const odd = times(RUN - 1, ['a', 'x']);
    const scans = [
      ...times(10, ['a', 'b']),
      ...odd,
      ...times(3, ['a', 'b']),
      ...odd,
      ...times(5, ['a', 'b']),
    ];
    expect(learnt(scans).changes).toEqual([]);
  });

  test('never misses a file that some scans lack from the beginning', () => {
    const scans = Array.from({ length: 60 }, (_, i) => (i % 4 === 1 ? ['a'] : ['a', 'material']));
    expect(learnt(scans).changes).toEqual([]);
  });

  test('keeps no pile of features that each scan has anew', () => {
    const scans = Array.from({ length: 600 }, (_, i) => ['a', `rows ${i}`]);
    const { known, changes } = learnt(scans);
    expect(changes).toEqual([]);
    expect(Object.keys(known.features).length).toBeLessThan(150);
  });
});
