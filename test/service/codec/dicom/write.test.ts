import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataSet, DicomElement } from '../../../../src/codec/dicom/data-set.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { encodePart10, type Part10 } from '../../../../src/codec/dicom/write/part10.ts';
import { encodeDataSet } from '../../../../src/codec/dicom/write/write.ts';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { hasDicomTools } from '../../../support/dicom-tools.ts';
import { runs } from '../../../support/search-size.ts';

const about: Part10 = {
  sopClass: '1.2.840.10008.5.1.4.1.1.501.2.2',
  sopInstance: '2.25.1',
  transferSyntax: '1.2.840.10008.1.2.1',
  implementationClass: '2.25.2',
  implementationVersion: 'TEST',
  dicosVersion: 'V03',
};

/** Group 4011: no standard element is there, so every VR may be put at any tag. */
const tag = fc.integer({ min: 0x1000, max: 0xffff }).map((element) => `4011${element.toString(16)}`);
const clean = (text: string) => text.replace(/[\\\0]/g, '_').trimEnd();
const ascii = fc.string({ maxLength: 30 }).map(clean);
const unicode = fc.string({ unit: 'grapheme', maxLength: 30 }).map(clean);
const values = (one: fc.Arbitrary<string>) =>
  fc
    .array(one, { maxLength: 4 })
    .filter((all) => all.length !== 1 || all[0] !== '')
    .filter((all) => all.at(-1) !== '');
const single = (one: fc.Arbitrary<string>) =>
  fc.array(
    one.filter((text) => text !== ''),
    { maxLength: 1 },
  );
const numbers = (one: fc.Arbitrary<number>) => fc.array(one, { maxLength: 4 });
const evenBytes = fc.uint8Array({ maxLength: 40 }).filter((bytes) => bytes.length % 2 === 0);

const leaf: fc.Arbitrary<DicomElement> = fc.oneof(
  fc.record({ tag, vr: fc.constantFrom('AE', 'CS', 'DA', 'DS', 'UI'), value: values(ascii) }),
  fc.record({ tag, vr: fc.constantFrom('LO', 'SH', 'PN', 'UC'), value: values(unicode) }),
  fc.record({ tag, vr: fc.constantFrom('LT', 'ST', 'UT'), value: single(unicode) }),
  fc.record({ tag, vr: fc.constant('US'), value: numbers(fc.integer({ min: 0, max: 0xffff })) }),
  fc.record({ tag, vr: fc.constant('SS'), value: numbers(fc.integer({ min: -0x8000, max: 0x7fff })) }),
  fc.record({
    tag,
    vr: fc.constantFrom('UL', 'AT'),
    value: numbers(fc.integer({ min: 0, max: 0xffff_ffff })),
  }),
  fc.record({ tag, vr: fc.constant('SL'), value: numbers(fc.integer()) }),
  fc.record({ tag, vr: fc.constant('FL'), value: numbers(fc.float()) }),
  fc.record({ tag, vr: fc.constant('FD'), value: numbers(fc.double()) }),
  fc.record({ tag, vr: fc.constantFrom('OB', 'OW', 'OF', 'OL', 'OD', 'UN'), value: evenBytes }),
) as fc.Arbitrary<DicomElement>;

const sorted = (dataSet: readonly DicomElement[]) => [...dataSet].sort((a, b) => (a.tag < b.tag ? -1 : 1));
const utf8: DicomElement = { tag: '00080005', vr: 'CS', value: ['ISO_IR 192'] };
const dataSets: fc.Arbitrary<DataSet> = fc.letrec<{ dataSet: DataSet; element: DicomElement }>((tie) => ({
  dataSet: fc.uniqueArray(tie('element'), { maxLength: 6, selector: (element) => element.tag }).map(sorted),
  element: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    { arbitrary: leaf, weight: 5 },
    {
      arbitrary: fc.record({
        tag,
        vr: fc.constant('SQ' as const),
        value: fc.array(tie('dataSet'), { maxLength: 3 }),
      }),
      weight: 2,
    },
  ),
})).dataSet;

const body = (file: Uint8Array) =>
  readDicom(file, 'file', defaultLimits).dataSet.filter((element) => !element.tag.startsWith('0002'));
const plain = (dataSet: DataSet): unknown =>
  dataSet.map(({ tag, vr, value }) => ({
    tag,
    vr,
    value:
      value instanceof Uint8Array
        ? [...value]
        : 'fragments' in value
          ? { offsets: value.offsets, fragments: value.fragments.map((fragment) => [...fragment]) }
          : vr === 'SQ'
            ? (value as readonly DataSet[]).map(plain)
            : value,
  }));

describe('a data set that is written', () => {
  test('is read back equal, whatever it holds', () => {
    fc.assert(
      fc.property(dataSets, (dataSet) => {
        const whole = [utf8, ...dataSet];
        expect(plain(body(encodePart10(whole, about)))).toEqual(plain(whole));
      }),
      { numRuns: runs(500) },
    );
  });

  test('is the same data set with sequences of defined and of undefined length', () => {
    fc.assert(
      fc.property(dataSets, (dataSet) => {
        const defined = encodeDataSet([utf8, ...dataSet], 'defined');
        const start = encodePart10([], about);
        const file = new Uint8Array(Buffer.concat([start, defined]));
        expect(plain(body(file))).toEqual(plain([utf8, ...dataSet]));
      }),
    );
  });

  test.runIf(hasDicomTools())(
    'is accepted by dcmdump and gives it the same tags',
    { timeout: 120_000 },
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'nii-dicom-'));
      try {
        const all = fc.sample(dataSets, { numRuns: 20, seed: 7 });
        for (const [i, dataSet] of all.entries()) {
          const path = join(folder, `${i}.dcm`);
          writeFileSync(path, encodePart10([utf8, ...dataSet], about));
          const dump = execFileSync('dcmdump', ['-q', path], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          const top = dump
            .split('\n')
            .filter((line) => line.startsWith('(4011,'))
            .map((line) => line.slice(6, 10));
          expect(top).toEqual(dataSet.map((element) => element.tag.slice(4)));
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );

  test('keeps compressed fragments and their offset table', () => {
    const value = { offsets: [0, 12], fragments: [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6)] };
    const element: DicomElement = { tag: '7fe00010', vr: 'OB', value };
    expect(plain(body(encodePart10([element], { ...about, transferSyntax: '1.2.840.10008.1.2.5' })))).toEqual(
      plain([element]),
    );
  });

  test('refuses a tag that is given twice, and a number that its VR cannot hold', () => {
    const rows: DicomElement = { tag: '00280010', vr: 'US', value: [1] };
    expect(() => encodeDataSet([rows, rows])).toThrow(RangeError);
    expect(() => encodeDataSet([{ ...rows, value: [65536] }])).toThrow(RangeError);
  });
});

describe('any bytes', () => {
  test('are read or refused by code', () => {
    const start = encodePart10([], about);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        try {
          readDicom(Buffer.concat([start, tail]), 'file', defaultLimits);
        } catch (error) {
          expect(isNiiError(error)).toBe(true);
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  test('changed anywhere in a good file are read or refused by code', async () => {
    const good = encodePart10(
      [
        { tag: '00280002', vr: 'US', value: [1] },
        { tag: '00280010', vr: 'US', value: [4] },
        { tag: '00280011', vr: 'US', value: [5] },
        { tag: '00280100', vr: 'US', value: [8] },
        { tag: '40101011', vr: 'SQ', value: [[{ tag: '40101010', vr: 'US', value: [1] }]] },
        { tag: '7fe00010', vr: 'OW', value: new Uint8Array(20) },
      ],
      about,
    );
    const change = fc.tuple(fc.integer({ min: 128, max: good.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bad = Uint8Array.from(good);
        for (const [at, value] of changes) bad[at] = value;
        try {
          const file = readDicom(bad, 'file', { ...defaultLimits, pixels: 1000 });
          if (file.hasPixels) await file.pixels();
        } catch (error) {
          if (!isNiiError(error)) throw error;
        }
      }),
      { numRuns: runs(3000) },
    );
  });
});
