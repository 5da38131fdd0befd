import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import type { DataSet } from '../../src/codec/dicom/data-set.ts';
import { encodePart10 } from '../../src/codec/dicom/part10.ts';
import { readDicom } from '../../src/codec/dicom/read.ts';
import { transferSyntaxes } from '../../src/codec/dicom/syntaxes.ts';
import { encapsulate } from '../../src/codec/dicom/write.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { hasSharedData, readShared } from '../shared-data.ts';

interface Row {
  readonly path: string;
  readonly syntax: string;
  readonly expected: string;
  readonly compare: string;
  readonly other: string;
  readonly cells: readonly string[];
}

function rows(): readonly Row[] {
  const text = new TextDecoder().decode(readShared('dicom/INDEX.tsv'));
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .map((cell) => ({
      path: cell[0] ?? '',
      syntax: cell[1] ?? '',
      expected: cell[12] ?? '',
      compare: cell[13] ?? '',
      other: cell[14] ?? '',
      cells: cell,
    }));
}

/** What became of a file: the hash of its samples, NO-PIXELS, or the code of the refusal. */
async function outcome(path: string): Promise<string> {
  try {
    const file = readDicom(readShared(`dicom/${path}`), path, defaultLimits);
    if (!file.hasPixels) return 'NO-PIXELS';
    const { bytes } = await file.pixels();
    return createHash('sha256').update(bytes).digest('hex');
  } catch (error) {
    if (isNiiError(error)) return error.code;
    throw error;
  }
}

const present = hasSharedData('dicom');

/** Raw codestreams of the index, with the DICOM header that its columns state. */
const raw = present ? rows().filter(({ path }) => path.endsWith('.j2c')) : [];

describe.skipIf(!present)('HTJ2K codestreams', () => {
  test.each(raw)('$path decodes to the samples beside it', async ({ path, cells, expected }) => {
    const number = (tag: string, at: number) => ({ tag, vr: 'US', value: [Number(cells[at])] }) as const;
    const dataSet: DataSet = [
      number('00280002', 7),
      number('00280010', 2),
      number('00280011', 3),
      number('00280100', 4),
      number('00280101', 5),
      number('00280103', 6),
      { tag: '7fe00010', vr: 'OB', value: encapsulate([readShared(`dicom/${path}`)]) },
    ];
    const file = encodePart10(dataSet, {
      sopClass: '1.2.840.10008.5.1.4.1.1.7',
      sopInstance: '2.25.1',
      transferSyntax: '1.2.840.10008.1.2.4.201',
      implementationClass: '2.25.2',
      implementationVersion: 'TEST',
    });
    const { bytes, lossy } = await readDicom(file, path, defaultLimits).pixels();
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(expected);
    expect(lossy).toBe(false);
  });
});

describe.skipIf(!present)('files written by others', () => {
  const table: string[] = [];
  afterAll(() => console.log(table.join('\n')));

  test.each(present ? rows() : [])('$syntax $path', async (row) => {
    const found = await outcome(row.path);
    table.push([row.syntax, found.slice(0, 23), row.path.split('/').at(-1)].join('\t'));
    const pixels = transferSyntaxes[row.syntax]?.pixels;
    if (row.expected === 'NO-PIXELS' && pixels !== undefined) {
      expect(found).toBe('NO-PIXELS');
    } else if (row.path.endsWith('no_meta.dcm')) {
      expect(found).toBe('NII_UNSUPPORTED_VARIANT');
    } else if (pixels === undefined) {
      expect(found).toBe('NII_UNSUPPORTED_VARIANT');
    } else if (row.expected === 'ERROR' || row.expected === 'PARSE-ONLY') {
      expect(['NII_MALFORMED', 'NII_TRUNCATED', 'NII_UNSUPPORTED_VARIANT']).toContain(found);
    } else {
      expect([row.expected, row.other].filter(Boolean)).toContain(found);
    }
  });
});
