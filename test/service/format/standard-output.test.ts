import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDicom } from '../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Channel } from '../../../src/core/scan/scan.ts';
import { turnedCorner } from '../../../src/core/scan/turn.ts';
import { decompressed, hasDicomTools, pydicomSha256 } from '../../support/dicom-tools.ts';
import { dicosDifferences } from './standard/dicos-differences.ts';
import { asWritten, isPicture } from './standard/forms.ts';
import { differences, dxMapping, reportDifferences } from './standard/mapping.ts';
import {
  type DcmtkJson,
  dciodvfyErrors,
  dcm2jsonWithoutPixels,
  dcmtkComplaints,
  modified,
} from './standard/tools.ts';
import { type FixtureScan, fixtureScans, writeAll, writeReports } from './standard/written.ts';

const patience = { timeout: 180_000 };
const medicalRelabel = ['-m', '(0008,0016)=1.2.840.10008.5.1.4.1.1.1.1', '-m', '(0008,0060)=DX'];

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** pydicom unpacks bits and gives subsampled chroma to every pixel. */
const isPlain = ({ bitsAllocated, samplesPerPixel }: Channel) => bitsAllocated > 1 && samplesPerPixel !== 2;

describe.skipIf(!hasDicomTools())('for every scan of every package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nii-standard-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let scans: readonly FixtureScan[] = [];
  let dx: Awaited<ReturnType<typeof writeAll>>;
  let presentation: Awaited<ReturnType<typeof writeAll>>;
  let medical: Awaited<ReturnType<typeof writeAll>>;

  beforeAll(async () => {
    scans = await fixtureScans(folder);
    dx = await writeAll(scans, 'dicos', join(folder, 'dx'));
    presentation = await writeAll(scans, 'dicos-presentation', join(folder, 'presentation'));
    medical = await writeAll(scans, 'medical-dx', join(folder, 'medical'));
  }, 180_000);

  test('there are scans, and DICOS DX refuses none of their channels', () => {
    expect(scans.length).toBeGreaterThan(20);
    expect(dx.refused).toEqual([]);
    expect(presentation.refused).toEqual([]);
  });

  test('DICOS DX and TDR pass dcmftest and dcmdump without an error line', patience, () => {
    const reports = scans.flatMap((scan) => writeReports(scan, join(folder, 'tdr')));
    const files = [...dx.written, ...presentation.written, ...medical.written, ...reports];
    expect(dcmtkComplaints(files.map(({ path }) => path))).toEqual([]);
  });

  test('dcm2json reads of a DICOS DX what scan.json says, value by value, and nothing else', patience, () => {
    const written = dx.written.filter(({ channel }) => !isPicture(channel));
    const read = dcm2jsonWithoutPixels(
      written.map(({ path }) => path),
      join(folder, 'no-pixels'),
    );
    const wrong = written.map((one, i) => ({ path: one.path, wrong: differences(one, read[i] ?? {}) }));
    expect(wrong.filter((one) => one.wrong.length > 0)).toEqual([]);
    for (const [i, { scan, view, channel }] of written.entries()) {
      const block = JSON.parse(String(read[i]?.['00411001']?.Value?.[0]));
      expect({ ...block.view, channels: view.channels }).toEqual(JSON.parse(JSON.stringify(view)));
      expect(block.channel).toEqual(JSON.parse(JSON.stringify(channel)));
      expect(block.originals).toEqual(scan.originals.map((file) => file.sha256));
    }
    const seen = new Set(read.flatMap((json) => Object.keys(json)));
    const conditional = ['00282112', '00282114', '40101046', '00280008', '00280120', '00080005'];
    const never = dxMapping
      .map(({ tag }) => tag)
      .filter((tag) => !seen.has(tag) && !conditional.includes(tag));
    expect(never).toEqual([]);
  });

  test('dcm2json reads of a report what scan.json says of the scan, and the report itself', patience, () => {
    const reports = scans.flatMap((scan) => writeReports(scan, join(folder, 'reports')).slice(0, 1));
    const read = dcm2jsonWithoutPixels(
      reports.map(({ path }) => path),
      join(folder, 'reports-read'),
    );
    for (const [i, { input }] of reports.entries()) {
      const json = read[i] ?? {};
      expect({ path: reports[i]?.path, wrong: reportDifferences(input.scan, json) }).toMatchObject({
        wrong: [],
      });
      const [threat = {}] = (json['40101011']?.Value ?? []) as readonly DcmtkJson[];
      const [seen = {}] = (threat['40101037']?.Value ?? []) as readonly DcmtkJson[];
      const [reference] = input.references;
      const box = input.findings[0]?.box;
      const corners = [
        [box?.columnFrom, box?.rowFrom],
        [box?.columnTo, box?.rowTo],
      ].map(([column = 0, row = 0]) =>
        reference?.turned === undefined
          ? [column, row]
          : turnedCorner([column, row], reference.turned, reference.turned.turn),
      );
      const sorted = [0, 1].map((i) => corners.map((corner) => corner[i] ?? 0).sort((a, b) => a - b));
      const [columns = [], rows = []] = sorted;
      expect(seen['4010101D']?.Value).toEqual([columns[0], rows[0], 0, columns[1], rows[1], 1]);
      expect(json['40101031']?.Value).toEqual([input.decision]);
      expect(json['00081110']?.Value).toHaveLength(input.references.length);
    }
  });

  test('DCMTK and pydicom decode the very samples', patience, () => {
    const plain = [...dx.written, ...presentation.written, ...medical.written].filter(({ channel }) =>
      isPlain(channel),
    );
    expect(plain.length).toBeGreaterThan(100);
    const jpeg = '1.2.840.10008.1.2.4.70';
    const native = plain.map(({ path }) => (isCompressed(path) ? decompressed(path, jpeg) : path));
    expect(pydicomSha256(native)).toEqual(plain.map((one) => sha256(asWritten(one))));
  });

  test('medical DICOM, and colour among DICOS files, passes dciodvfy without an error', patience, () => {
    const pictures = [...dx.written, ...presentation.written].filter(({ channel }) => isPicture(channel));
    expect(pictures.length).toBeGreaterThan(4);
    const errors = [...medical.written, ...pictures].map(({ path }) => ({
      path,
      errors: dciodvfyErrors(path),
    }));
    expect(errors.filter((one) => one.errors.length > 0)).toEqual([]);
  });

  test('medical DICOM refuses, by code, only what it has no place for', () => {
    for (const { channel, code } of medical.refused) {
      expect(code).toBe('NII_UNSUPPORTED_VARIANT');
      const { sampleFormat, bitsAllocated, samplesPerPixel } = channel;
      const isWide = bitsAllocated > 16;
      const isOdd = samplesPerPixel > 1 && !isPicture(channel);
      expect(sampleFormat === 'float' || isWide || isOdd).toBe(true);
    }
  });

  test(
    'a DICOS DX relabelled as medical DX shows the listed DICOS differences and no other',
    patience,
    () => {
      const written = presentation.written.filter(({ channel }) => !isPicture(channel));
      const copies = modified(
        written.map(({ path }) => path),
        join(folder, 'relabelled'),
        medicalRelabel,
      );
      const lines = [...new Set(copies.flatMap(dciodvfyErrors))];
      const isListed = (line: string) => dicosDifferences.some(({ line: listed }) => listed.test(line));
      expect(lines.filter((line) => !isListed(line))).toEqual([]);
      const gone = dicosDifferences.filter(({ line: listed }) => !lines.some((line) => listed.test(line)));
      expect(gone.map(({ line, because }) => `${line}: ${because}`)).toEqual([]);
    },
  );
});

function isCompressed(path: string): boolean {
  return readDicom(readFileSync(path), 'file', defaultLimits).transferSyntax !== '1.2.840.10008.1.2.1';
}
