import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { QuirkName } from '../../../../src/codec/dicom/read/quirks.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { transcode } from '../../../../src/codec/dicom/transcode.ts';
import { syntaxNames, writableSyntaxes } from '../../../../src/codec/dicom/writable-syntaxes.ts';
import { binary, numbers, sequence, text } from '../../../../src/codec/dicom/write/build.ts';
import { encodePart10 } from '../../../../src/codec/dicom/write/part10.ts';
import { isNiiError } from '../../../../src/core/errors.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';
import { hasDicomTools } from '../../../support/dicom-tools.ts';
import { dicomFixtures, foreignRows, readFixture } from '../../../support/inputs/dicom-fixtures.ts';
import { noise } from '../../../support/scan.ts';
import { hasSharedData, readShared } from '../../../support/shared-data.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const folder = mkdtempSync(join(tmpdir(), 'nii-transcode-'));
afterAll(() => rmSync(folder, { recursive: true }));

const shapes = fc.constantFrom(
  { samples: 1, bits: 16, stored: 16, signed: 0, photometric: 'MONOCHROME2' },
  { samples: 1, bits: 16, stored: 12, signed: 0, photometric: 'MONOCHROME1' },
  { samples: 1, bits: 16, stored: 16, signed: 1, photometric: 'MONOCHROME2' },
  { samples: 1, bits: 8, stored: 8, signed: 0, photometric: 'MONOCHROME2' },
  { samples: 3, bits: 8, stored: 8, signed: 0, photometric: 'RGB' },
);
type Shape = (typeof shapes extends fc.Arbitrary<infer T> ? T : never) & {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
};

/** A file with Latin-1 text, nested sequences, private elements and an odd DS, which must all come through. */
function fileOf({ rows, columns, frames, samples, bits, stored, signed, photometric }: Shape, seed: string) {
  const bytes = noise((rows * columns * frames * samples * bits) / 8, seed);
  if (stored === 12) for (let i = 1; i < bytes.length; i += 2) bytes[i] = (bytes[i] ?? 0) & 0x0f;
  return encodePart10(
    [
      text('00080005', 'CS', 'ISO_IR 192'),
      text('00080016', 'UI', '1.2.840.10008.5.1.4.1.1.7'),
      text('00080018', 'UI', '2.25.7'),
      text('00080070', 'LO', 'Zoë'),
      sequence('00081140', [text('00081155', 'UI', '2.25.8'), sequence('00081199')]),
      text('00281053', 'DS', '1.50'),
      numbers('00280002', 'US', samples),
      text('00280004', 'CS', photometric),
      ...(samples > 1 ? [numbers('00280006', 'US', 0)] : []),
      text('00280008', 'IS', String(frames)),
      numbers('00280010', 'US', rows),
      numbers('00280011', 'US', columns),
      numbers('00280100', 'US', bits),
      numbers('00280101', 'US', stored),
      numbers('00280102', 'US', stored - 1),
      numbers('00280103', 'US', signed),
      text('00410010', 'LO', 'SOMEBODY'),
      text('00411001', 'UT', '{"kept": true}'),
      binary('7fe00010', bits > 8 ? 'OW' : 'OB', bytes),
    ],
    {
      sopClass: '1.2.840.10008.5.1.4.1.1.7',
      sopInstance: '2.25.7',
      transferSyntax: writableSyntaxes.explicit,
      implementationClass: '2.25.1',
      implementationVersion: 'TEST',
    },
  );
}

async function samplesOf(bytes: Uint8Array): Promise<string> {
  return sha256((await readDicom(bytes, 'file', defaultLimits).pixels()).bytes);
}

/** Quirks at which pydicom gives up or reads on at another place. */
const unreadable = new Set<QuirkName>(['stray-delimiter', 'od-without-reserved-bytes', 'unknown-vr']);

/** pydicom compares what two files say, element by element; what describes the encoding of pixels is left out. */
const comparer = `
import sys, warnings, pydicom
from pydicom.datadict import dictionary_VR
warnings.simplefilter('ignore')
encoding = {0x7fe00010, 0x7fe00001, 0x7fe00002, 0x00280004, 0x00280006, 0x00282110}
def standard(e):
    # An implicit file leaves the VR to the dictionary: private attributes, those of DICOS, and those that DICOS
    # writes with a VR of its own cannot be compared there.
    try:
        return e.VR in dictionary_VR(e.tag)
    except KeyError:
        return False
def flat(ds, left_out, top=True):
    out = []
    for e in ds:
        if e.tag.element == 0 or (top and int(e.tag) in encoding) or int(e.tag) in left_out: continue
        value = [flat(item, left_out, False) for item in e.value] if e.VR == 'SQ' else e.value
        out.append((int(e.tag), value if not isinstance(value, bytes) else value.rstrip(b'\\0 ')))
    return out
for line in sys.stdin.read().split('\\n'):
    if not line: continue
    first, second = line.split('\\t')
    one, other = pydicom.dcmread(first, force=True), pydicom.dcmread(second, force=True)
    implicit = second.endswith('implicit.dcm')
    left_out = {int(e.tag) for e in one.iterall() if not standard(e)} if implicit else set()
    same = str(flat(one, left_out)) == str(flat(other, left_out))
    print('same' if same else f'differs {first} {second}')
`;

import { runs } from '../../../support/search-size.ts';

function compared(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const input = pairs.map((pair) => pair.join('\t')).join('\n');
  const script = join(folder, 'compare.py');
  writeFileSync(script, comparer);
  return execFileSync('/usr/bin/python3', [script], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
    .trim()
    .split('\n');
}

const plain = { samples: 1, bits: 16, stored: 16, signed: 0, photometric: 'MONOCHROME2' } as const;

describe('a file in another transfer syntax', () => {
  test('has the same samples, also after it came back', async () => {
    const side = fc.integer({ min: 2, max: 20 });
    const cases = fc.record({
      shape: shapes,
      rows: side,
      columns: side,
      frames: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, fc.string(), async ({ shape, ...size }, seed) => {
        const file = fileOf({ ...shape, ...size }, seed);
        const expected = await samplesOf(file);
        for (const name of syntaxNames) {
          const there = await transcode(file, writableSyntaxes[name], defaultLimits);
          expect(readDicom(there, name, defaultLimits).transferSyntax).toBe(writableSyntaxes[name]);
          expect({ name, samples: await samplesOf(there) }).toEqual({ name, samples: expected });
          const back = await transcode(there, writableSyntaxes.explicit, defaultLimits);
          expect({ name, samples: await samplesOf(back) }).toEqual({ name, samples: expected });
        }
      }),
      { numRuns: runs(15) },
    );
  }, 120_000);

  test('of one column is refused where the codec cannot, and the next frame is not hurt by that', async () => {
    const narrow = fileOf({ rows: 9, columns: 1, frames: 1, ...plain }, 'narrow');
    const refused = transcode(narrow, writableSyntaxes['jpeg-2000'], defaultLimits);
    await expect(refused).rejects.toMatchObject({ code: 'NII_UNSUPPORTED_VARIANT' });
    const wide = fileOf({ rows: 9, columns: 9, frames: 1, ...plain }, 'wide');
    for (const name of syntaxNames) {
      expect(await samplesOf(await transcode(wide, writableSyntaxes[name], defaultLimits))).toBe(
        await samplesOf(wide),
      );
    }
  });

  test('that it is in already is the same bytes', async () => {
    const file = fileOf({ rows: 3, columns: 4, frames: 1, ...plain }, 'same');
    expect(await transcode(file, writableSyntaxes.explicit, defaultLimits)).toBe(file);
  });

  test.each([
    ['a syntax that is not written', '1.2.840.10008.1.2.2'],
    ['a syntax that loses', '1.2.840.10008.1.2.4.50'],
  ])('is refused for %s, with those that are', async (_, target) => {
    const file = fileOf({ rows: 3, columns: 4, frames: 1, ...plain }, 'other');
    const refused = transcode(file, target, defaultLimits);
    await expect(refused).rejects.toMatchObject({ code: 'NII_UNSUPPORTED_VARIANT' });
    await expect(refused).rejects.toThrow(/jpeg-ls/);
  });

  test.skipIf(!hasDicomTools())('says the same, by DCMTK and pydicom', { timeout: 120_000 }, async () => {
    const file = fileOf({ rows: 9, columns: 14, frames: 2, ...plain }, 'tools');
    const original = join(folder, 'original.dcm');
    writeFileSync(original, file);
    const paths: string[] = [];
    for (const name of syntaxNames) {
      const path = join(folder, `${name}.dcm`);
      writeFileSync(path, await transcode(file, writableSyntaxes[name], defaultLimits));
      paths.push(path);
    }
    const dump = spawnSync('dcmdump', paths, { encoding: 'utf8' });
    expect(dump.stderr.split('\n').filter((line) => /^[EF]:/.test(line))).toEqual([]);
    expect(compared(paths.map((path) => [original, path]))).toEqual(paths.map(() => 'same'));
    for (const [tool, name] of [
      ['dcmdrle', 'rle'],
      ['dcmdjpeg', 'jpeg-lossless'],
      ['dcmdjpls', 'jpeg-ls'],
    ] as const) {
      const native = join(folder, `${name}-native.dcm`);
      execFileSync(tool, [join(folder, `${name}.dcm`), native]);
      expect(await samplesOf(readFileSync(native))).toBe(await samplesOf(file));
    }
    execFileSync('gdcmconv', ['--raw', join(folder, 'jpeg-2000.dcm'), join(folder, 'j2k-native.dcm')]);
    expect(await samplesOf(readFileSync(join(folder, 'j2k-native.dcm')))).toBe(await samplesOf(file));
  });
});

interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Each file in every syntax that can hold it, checked for its samples: pairs of places to compare. */
async function inEverySyntax(files: readonly NamedFile[]): Promise<(readonly [string, string])[]> {
  const pairs: (readonly [string, string])[] = [];
  for (const [i, { name, bytes }] of files.entries()) {
    const expected = await samplesOf(bytes).catch(() => undefined);
    if (expected === undefined) continue;
    const original = join(folder, `${i}.dcm`);
    writeFileSync(original, bytes);
    for (const syntax of syntaxNames) {
      const written = await transcode(bytes, writableSyntaxes[syntax], defaultLimits).catch(
        (error: unknown) => {
          if (isNiiError(error, 'NII_UNSUPPORTED_VARIANT')) return undefined;
          throw error;
        },
      );
      if (written === undefined) continue;
      const samples = await samplesOf(written);
      expect({ name, syntax, samples }).toEqual({ name, syntax, samples: expected });
      const path = join(folder, `${i}-${syntax}.dcm`);
      writeFileSync(path, written);
      pairs.push([original, path]);
    }
  }
  return pairs;
}

describe.skipIf(!hasDicomTools())('a file in every syntax that can hold it', { timeout: 180_000 }, () => {
  test('says the same and has the same samples, for each that we read', async () => {
    // those that pydicom reads as well
    const files = dicomFixtures
      .filter(
        ({ outcome, quirks }) => outcome.kind !== 'rejected' && quirks.every((one) => !unreadable.has(one)),
      )
      .map((fixture) => ({ name: fixture.file, bytes: readFixture(fixture) }));
    const pairs = await inEverySyntax(files);
    expect(pairs.length).toBeGreaterThan(200);
    expect(compared(pairs).filter((line) => line !== 'same')).toEqual([]);
  });

  test.runIf(hasSharedData('dicom'))(
    'says the same and has the same samples, for each of others',
    async () => {
      const files = foreignRows()
        .map(({ path }) => ({ name: path, bytes: readShared(`dicom/${path}`) }))
        .filter(({ bytes }) => bytes.length <= 100_000);
      const pairs = await inEverySyntax(files);
      expect(pairs.length).toBeGreaterThan(100);
      expect(compared(pairs).filter((line) => line !== 'same')).toEqual([]);
    },
  );
});
