import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { readDicom } from '../../src/codec/dicom/read.ts';
import { transferSyntaxes } from '../../src/codec/dicom/syntaxes.ts';
import { isNiiError } from '../../src/core/errors.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { hasSharedData, readShared } from '../shared-data.ts';

interface Row {
  readonly path: string;
  readonly syntax: string;
  readonly expected: string;
  readonly compare: string;
  readonly other: string;
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

describe.skipIf(!present)('files written by others', () => {
  const table: string[] = [];
  afterAll(() => console.log(table.join('\n')));

  test.each(present ? rows() : [])('$syntax $path', async (row) => {
    const found = await outcome(row.path);
    table.push([row.syntax, found.slice(0, 23), row.path.split('/').at(-1)].join('\t'));
    const pixels = transferSyntaxes[row.syntax]?.pixels;
    if (row.expected === 'NO-PIXELS' && pixels !== undefined) {
      expect(found).toBe('NO-PIXELS');
    } else if (pixels === undefined || pixels === 'not-read') {
      expect(found).toBe('NII_UNSUPPORTED_VARIANT');
    } else if (row.expected === 'ERROR') {
      expect(['NII_MALFORMED', 'NII_TRUNCATED', 'NII_UNSUPPORTED_VARIANT']).toContain(found);
    } else {
      expect([row.expected, row.other].filter(Boolean)).toContain(found);
    }
  });
});
