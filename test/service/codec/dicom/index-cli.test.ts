import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataSet } from '../../../../src/codec/dicom/data-set.ts';
import { encodePart10 } from '../../../../src/codec/dicom/write/part10.ts';
import { encapsulate } from '../../../../src/codec/dicom/write/write.ts';
import { runInProcess } from '../../../../src/convert/run.ts';
import { hasDicomTools } from '../../../support/dicom-tools.ts';
import { type ConvertedRaw, convertToRaw } from '../../../support/inputs/converted-raw.ts';
import { type ForeignRow, foreignRows, largestDifference } from '../../../support/inputs/dicom-fixtures.ts';
import { hasSharedData, readShared, sharedPath } from '../../../support/shared-data.ts';
import { openWorld, type World } from '../../../support/world.ts';

const ROWS = 87;
/** Largest difference to an independent decode that rounding explains: of samples, and of upsampled colour. */
const TOLERANCE = { grey: 1, colour: 3 } as const;
const present = hasSharedData('dicom') && hasDicomTools();

/** A bare HTJ2K codestream as the DICOM file that its columns describe. */
function wrapped({ path, geometry }: ForeignRow): Uint8Array {
  const [rows = 0, columns = 0, allocated = 0, stored = 0, representation = 0, samples = 0] = geometry;
  const us = (tag: string, value: number) => ({ tag, vr: 'US', value: [value] }) as const;
  const dataSet: DataSet = [
    us('00280002', samples),
    us('00280010', rows),
    us('00280011', columns),
    us('00280100', allocated),
    us('00280101', stored),
    us('00280103', representation),
    { tag: '7fe00010', vr: 'OB', value: encapsulate([readShared(`dicom/${path}`)]) },
  ];
  return encodePart10(dataSet, {
    sopClass: '1.2.840.10008.5.1.4.1.1.7',
    sopInstance: '2.25.1',
    transferSyntax: '1.2.840.10008.1.2.4.201',
    implementationClass: '2.25.2',
    implementationVersion: 'TEST',
  });
}

/**
 * What DCMTK (JPEG, colours as they were coded) or else GDCM through pydicom makes of the files; one file of samples
 * each, named by its place in the list.
 */
function independentDecodes(paths: readonly string[], dir: string): readonly Uint8Array[] {
  const script = `
import sys, pathlib, subprocess, pydicom
from pydicom.pixel_data_handlers import gdcm_handler
pydicom.config.pixel_data_handlers = [gdcm_handler]
for i, path in enumerate(sys.argv[2:]):
    out = pathlib.Path(sys.argv[1], str(i))
    ds = pydicom.dcmread(path)
    if ds.file_meta.TransferSyntaxUID.startswith('1.2.840.10008.1.2.4.5'):
        subprocess.run(['dcmdjpeg', '+cn', '+px', path, str(out)], check=True)
        ds = pydicom.dcmread(out)
        size = ds.Rows * ds.Columns * ds.SamplesPerPixel * ds.BitsAllocated // 8 * int(ds.get('NumberOfFrames', 1))
        samples = ds.PixelData[:size]
    else:
        samples = ds.pixel_array.tobytes()
    out.write_bytes(samples)
`;
  mkdirSync(dir);
  execFileSync('/usr/bin/python3', ['-c', script, dir, ...paths], { stdio: ['ignore', 'ignore', 'inherit'] });
  return paths.map((_, i) => new Uint8Array(readFileSync(join(dir, String(i)))));
}

// In this order: the last test counts what the others found.
describe.skipIf(!present)('nii convert --format raw of every file by others', { shuffle: false }, () => {
  let world: World;
  const outcomes = new Map<string, ConvertedRaw>();
  const verdicts: string[] = [];
  const rows = present ? foreignRows() : [];

  /** One reader process for all: 87 of them take a minute. `guarded` has the real ones. */
  async function converted(row: ForeignRow, i: number, at: Pick<World, 'nii'>): Promise<ConvertedRaw> {
    const isBare = row.path.endsWith('.j2c');
    const path = isBare ? join(world.dir, `bare-${i}.dcm`) : sharedPath(`dicom/${row.path}`);
    if (isBare) writeFileSync(path, wrapped(row));
    return convertToRaw(at, path, world.dir);
  }

  beforeAll(async () => {
    world = await openWorld();
    const here = world.at('data', runInProcess);
    for (const [i, row] of rows.entries()) outcomes.set(row.path, await converted(row, i, here));
  });

  afterAll(async () => {
    console.log(verdicts.toSorted((a, b) => (a < b ? -1 : 1)).join('\n'));
    await world.close();
  });

  function state(row: ForeignRow, verdict: string): void {
    verdicts.push([row.path, row.syntax, verdict].join('  '));
  }

  test(`has ${ROWS} rows`, () => {
    expect(outcomes.size).toBe(ROWS);
  });

  const of = (wanted: (row: ForeignRow) => boolean) => rows.filter(wanted);
  const isHash = ({ stated }: ForeignRow) => /^[0-9a-f]{64}$/.test(stated[0] ?? '');

  test.each(of((row) => isHash(row) && row.compare === 'exact'))('$path is exact', (row) => {
    const { code, sha256 } = outcomes.get(row.path) ?? {};
    state(row, `exact ${sha256?.slice(0, 16)}`);
    expect(code).toBe(0);
    expect(row.stated).toContain(sha256);
  });

  test('samples that were compressed with loss are within the tolerance of an independent decode', () => {
    const lossy = of((row) => isHash(row) && row.compare === 'tolerance');
    const paths = lossy.map(({ path }) => sharedPath(`dicom/${path}`));
    const decodes = independentDecodes(paths, join(world.dir, 'independent'));
    const beyond = lossy.filter((row, i) => {
      const { code, raw } = outcomes.get(row.path) ?? {};
      const [, , bits = 8, , , samples = 1] = row.geometry;
      const ours = raw === undefined ? new Uint8Array() : new Uint8Array(readFileSync(raw));
      const difference = largestDifference(ours, decodes[i] ?? new Uint8Array(), bits);
      state(row, `within ${difference} of an independent decode`);
      return code !== 0 || difference > (samples === 1 ? TOLERANCE.grey : TOLERANCE.colour);
    });
    expect(beyond.map(({ path }) => path)).toEqual([]);
  });

  test.each(of(({ stated }) => /^(NO-PIXELS|PARSE-ONLY)$/.test(stated[0] ?? '')))(
    '$path is reported without samples, which is no refusal',
    (row) => {
      const outcome = outcomes.get(row.path);
      state(row, `reported, exit ${outcome?.code}`);
      expect(outcome).toEqual({ code: 4 });
    },
  );

  test.each(of(({ stated }) => stated[0] === 'ERROR'))('$path is refused by code', (row) => {
    const { code, refusal } = outcomes.get(row.path) ?? {};
    state(row, `refused ${refusal}, exit ${code}`);
    expect(refusal).toMatch(/^NII_(MALFORMED|TRUNCATED|UNSUPPORTED_VARIANT)$/);
    expect(code).not.toBe(0);
  });

  const guarded = of(({ path }) => /no_meta|MultiplePTOs|JPEG2000-emb|MR_truncated|CT1\.j2c/.test(path));
  test.each(guarded)('$path comes to the same in a process of its own', async (row) => {
    const { raw: _, ...outcome } = await converted(row, ROWS, world);
    expect(outcomes.get(row.path)).toMatchObject(outcome);
  });

  test('every row has one of these outcomes', () => {
    expect(verdicts).toHaveLength(ROWS);
  });
});
