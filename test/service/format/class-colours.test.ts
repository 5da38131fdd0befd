import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import { encodeMedical } from '../../../src/format/medical/medical.ts';
import { decompressed, hasDicomTools, inFolder } from '../../support/dicom-tools.ts';
import { channelOf, ids, scanOf } from '../../support/scan.ts';

const legend = ['background', 'organic', 'inorganic', 'metal'].map((label, i) => ({
  from: i * 50,
  to: i * 50 + 9,
  label,
}));
const values = [0, 50, 109, 150];
const colours = [255, 255, 255, 255, 140, 0, 0, 160, 0, 0, 70, 200];

/** Red, green and blue of each pixel of a binary PPM. */
function pixelsOf(ppm: Buffer): readonly number[] {
  const [head = ''] = /^P6\s+\d+ \d+\s+255\s/.exec(ppm.toString('latin1')) ?? [];
  expect(head).not.toBe('');
  return [...ppm.subarray(head.length)];
}

describe.skipIf(!hasDicomTools())('DCMTK shows organic orange, inorganic green and metal blue', () => {
  test.each([
    ['DICOS', encodeDx, 8],
    ['DICOS of 16 bits', encodeDx, 16],
    ['medical DICOM', encodeMedical, 8],
    ['medical DICOM of 16 bits', encodeMedical, 16],
  ] as const)('in a class map of %s', async (_, encode, bits) => {
    const size = { rows: 1, columns: 4, bitsAllocated: bits, bitsStored: bits };
    const channel: Channel = channelOf({ ...size, kind: 'class-map', polarity: 'none', legend });
    const plane = bits === 8 ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
    const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
    const scan = {
      ...scanOf([channel]),
      views: scanOf([channel]).views.map((view) => ({ ...view, display })),
    };
    const { bytes, transferSyntax } = await encode({ scan, viewId: 'side', channelId: 'high', plane, ids });
    await inFolder(async (folder) => {
      const path = join(folder, 'classes.dcm');
      writeFileSync(path, bytes);
      const shown = `${path}.ppm`;
      execFileSync('dcm2pnm', ['+op', decompressed(path, transferSyntax), shown]);
      expect(pixelsOf(readFileSync(shown))).toEqual(colours);
    });
  });
});
