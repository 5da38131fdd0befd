import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { transferSyntaxes } from '../../../../src/codec/dicom/pixels/syntaxes.ts';
import { type QuirkName, quirks } from '../../../../src/codec/dicom/read/quirks.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import {
  type DicomFixture,
  dicomFixtureFolder,
  dicomFixtures,
  type ForeignRow,
  foreignRows,
  largestDifference,
  readFixture,
} from '../../../support/inputs/dicom-fixtures.ts';
import { hasSharedData } from '../../../support/shared-data.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const open = (fixture: DicomFixture) => readDicom(readFixture(fixture), fixture.file, defaultLimits);
const ofKind = <K extends DicomFixture['outcome']['kind']>(...kinds: readonly K[]) =>
  dicomFixtures.filter(({ outcome }) => (kinds as readonly string[]).includes(outcome.kind));

describe('a DICOM fixture of our own', () => {
  test('is in the index, and small', () => {
    const files = ['samples', 'headers', 'rejected'].flatMap((folder) =>
      readdirSync(dicomFixtureFolder + folder).map((name) => `${folder}/${name}`),
    );
    expect(dicomFixtures.map(({ file }) => file).toSorted()).toEqual(files.toSorted());
    for (const fixture of dicomFixtures) expect(readFixture(fixture).length).toBeLessThan(4096);
  });

  test.each(ofKind('exact'))('$file has exactly its samples: $what', async (fixture) => {
    const { bytes } = await open(fixture).pixels();
    expect(fixture.outcome).toMatchObject({ sha256: sha256(bytes) });
  });

  test.each(ofKind('near'))(
    '$file has samples within rounding of another decoder: $what',
    async (fixture) => {
      const { outcome, bitsAllocated = 8 } = fixture;
      if (outcome.kind !== 'near') throw new Error(fixture.file);
      const theirs = Buffer.from(outcome.samples, 'base64');
      expect(sha256(theirs)).toBe(outcome.sha256);
      const { bytes, lossy } = await open(fixture).pixels();
      expect(largestDifference(bytes, theirs, bitsAllocated)).toBeLessThanOrEqual(outcome.tolerance);
      expect(lossy).toBe(true);
    },
  );

  test.each(ofKind('exact', 'near'))('$file has the measures that it was written with', async (fixture) => {
    const file = open(fixture);
    const pixels = await file.pixels();
    expect({ ...pixels, syntax: file.transferSyntax }).toMatchObject({
      rows: fixture.rows,
      columns: fixture.columns,
      frames: fixture.frames,
      bitsAllocated: fixture.bitsAllocated,
      bitsStored: fixture.bitsStored,
      sampleFormat: fixture.signed ? 'signed' : 'unsigned',
      photometric: fixture.photometric,
      syntax: fixture.syntax,
    });
  });

  test.each(ofKind('no-samples'))('$file is read and gives no samples: $what', async (fixture) => {
    const file = open(fixture);
    expect(file.dataSet.length).toBeGreaterThan(5);
    const refused: unknown = await file.pixels().catch((error: unknown) => error);
    expect(isNiiError(refused) ? refused.code : refused).toMatch(/^NII_(MALFORMED|UNSUPPORTED_VARIANT)$/);
  });

  test.each(ofKind('rejected'))('$file is rejected: $what', async (fixture) => {
    const read = async () => open(fixture).pixels();
    await expect(read()).rejects.toMatchObject({ code: Reflect.get(fixture.outcome, 'code') });
  });

  test.each(dicomFixtures.filter(({ outcome }) => outcome.kind !== 'rejected'))(
    '$file has the quirks that it was given, and no other',
    (fixture) => {
      const met = open(fixture).quirks.map(({ quirk }) => quirk);
      expect(new Set(met)).toEqual(new Set(fixture.quirks));
    },
  );
});

describe('fixtures of our own', () => {
  test.each(Object.entries(transferSyntaxes))(
    'hold %s with samples that an independent decoder gave',
    (syntax) => {
      const decoded = dicomFixtures.filter(
        ({ outcome, ...fixture }) =>
          fixture.syntax === syntax && 'decoders' in outcome && outcome.decoders.length > 0,
      );
      expect(decoded.map(({ file }) => file)).not.toEqual([]);
    },
  );

  test.each(Object.keys(quirks) as QuirkName[])('hold the quirk %s', (quirk) => {
    expect(dicomFixtures.filter((fixture) => fixture.quirks.includes(quirk))).not.toEqual([]);
  });

  test.runIf(hasSharedData('dicom'))('stand for every file of others, by syntax, samples and outcome', () => {
    const without = foreignRows().filter((row) => !dicomFixtures.some((fixture) => standsFor(fixture, row)));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  test.runIf(hasSharedData('dicom'))('name no file of others that is not there', () => {
    const paths = new Set(foreignRows().map(({ path }) => path));
    expect(dicomFixtures.flatMap(({ like }) => like).filter((path) => !paths.has(path))).toEqual([]);
  });
});

const outcomes: Readonly<Record<string, DicomFixture['outcome']['kind']>> = {
  ERROR: 'rejected',
  'NO-PIXELS': 'no-samples',
  'PARSE-ONLY': 'no-samples',
};

/** Named for the file of others, and of the same kind by each column that the index has of it. */
function standsFor(fixture: DicomFixture, row: ForeignRow): boolean {
  if (!fixture.like.includes(row.path)) return false;
  const syntax = row.path.endsWith('.j2c') ? '1.2.840.10008.1.2.4.201' : row.syntax;
  const wanted = outcomes[row.stated[0] ?? ''] ?? (row.compare === 'exact' ? 'exact' : ('near' as const));
  return fixture.outcome.kind === wanted && hasSyntax(fixture, row, syntax) && hasSamples(fixture, row);
}

/** Where a head is lost, nothing names the syntax. */
function hasSyntax(fixture: DicomFixture, { syntax }: ForeignRow, wanted: string): boolean {
  return fixture.syntax === wanted || (syntax === '(none)' && fixture.quirks.includes('lost-head'));
}

function hasSamples(fixture: DicomFixture, row: ForeignRow): boolean {
  const { kind } = fixture.outcome;
  if (kind === 'no-samples' || kind === 'rejected') return true;
  const [, , allocated, stored, representation, samples] = row.geometry;
  return (
    fixture.bitsAllocated === allocated &&
    fixture.bitsStored === stored &&
    fixture.signed === (representation === 1) &&
    fixture.samples === samples &&
    fixture.photometric === row.photometric &&
    (fixture.frames ?? 1) > 1 === row.frames > 1
  );
}
