import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Channel, type NiiScan, planeBytes } from '../../../src/core/scan/scan.ts';
import { encodeDx } from '../../../src/format/dicos/dx.ts';
import type { DxCodec } from '../../../src/format/dicos/pixel-module.ts';
import {
  complaints,
  decompressed,
  hasDicomTools,
  inFolder,
  pydicomSha256,
} from '../../support/dicom-tools.ts';
import { type RailScan, railScans } from '../../support/inputs/rail-scans.ts';
import { channelOf, ids, noise, scanOf, smooth } from '../../support/scan.ts';
import { temporaryFolder } from '../../support/staging.ts';
import { shifted } from './standard/forms.ts';

const codecs: readonly DxCodec[] = ['jpeg-lossless', 'jpeg-ls', 'rle', 'none'];
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

interface Case {
  readonly name: string;
  readonly channel: Channel;
  readonly plane: Uint8Array;
  readonly codec: DxCodec;
}

/** Writes each and holds what DCMTK and pydicom make of it against what was written. */
/** Of a view that is upright as it is measured, so that nothing is turned; the turn has tests of its own. */
function asItLies(scan: NiiScan): NiiScan {
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  return { ...scan, views: scan.views.map((view) => ({ ...view, display })) };
}

async function expectSameSamples(cases: readonly Case[]): Promise<void> {
  await inFolder(async (folder) => {
    const paths: string[] = [];
    for (const { name, channel, plane, codec } of cases) {
      const scan = asItLies(scanOf([channel]));
      const dx = await encodeDx({ scan, viewId: 'side', channelId: channel.id, plane, ids }, { codec });
      const path = join(folder, `${name}.dcs`);
      writeFileSync(path, dx.bytes);
      expect({ name, complaints: complaints(path) }).toEqual({ name, complaints: [] });
      paths.push(decompressed(path, dx.transferSyntax));
    }
    expect(pydicomSha256(paths)).toEqual(cases.map(({ channel, plane }) => sha256(shifted(channel, plane))));
  });
}

/** Channels of a NumPy array [rows, columns, 2] of 16-bit samples, high energy first. */
function channelsOf({
  bytes,
}: RailScan): readonly { readonly channel: Channel; readonly plane: Uint8Array }[] {
  const file = Buffer.from(bytes);
  const start = 10 + file.readUInt16LE(8);
  const [rows = 0, columns = 0] = (/\((\d+), (\d+), 2\)/.exec(file.toString('latin1', 10, start)) ?? [])
    .slice(1)
    .map(Number);
  return (['high', 'low'] as const).map((energy, index) => {
    const channel = channelOf({ id: energy, energy, rows, columns });
    const plane = new Uint8Array(planeBytes(channel));
    for (let pixel = 0; pixel < rows * columns; pixel += 1) {
      plane.set(file.subarray(start + pixel * 4 + index * 2, start + pixel * 4 + index * 2 + 2), pixel * 2);
    }
    return { channel, plane };
  });
}

describe.skipIf(!hasDicomTools())('DCMTK and pydicom', () => {
  test('decode the samples of every codec, 8 and 16 bits, signed and unsigned', {
    timeout: 180_000,
  }, async () => {
    const shapes: readonly Partial<Channel>[] = [
      { rows: 64, columns: 1024 },
      { rows: 63, columns: 255, bitsStored: 12 },
      { rows: 64, columns: 256, bitsAllocated: 8, bitsStored: 8 },
      { rows: 31, columns: 33, sampleFormat: 'signed' },
    ];
    const cases = codecs.flatMap((codec) =>
      shapes.map((shape, i) => {
        const channel = channelOf(shape);
        const plane = channel.bitsAllocated === 8 ? new Uint8Array(channel.bytes).fill(7) : smooth(channel);
        return { name: `${codec}-${i}`, channel, plane, codec };
      }),
    );
    await expectSameSamples(cases);
  });

  test('decode samples of other widths, colour and several frames', { timeout: 180_000 }, async () => {
    const shapes: readonly Partial<Channel>[] = [
      { bitsAllocated: 32, bitsStored: 32 },
      { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'signed' },
      { bitsAllocated: 32, bitsStored: 32, sampleFormat: 'float' },
      { bitsAllocated: 64, bitsStored: 64, sampleFormat: 'float' },
      { bitsAllocated: 8, bitsStored: 8, samplesPerPixel: 3, kind: 'display', polarity: 'none' },
      { frames: 3, rows: 20, columns: 40 },
    ];
    const cases = shapes.map((shape, i) => {
      const channel = channelOf(shape);
      return { name: `other-${i}`, channel, plane: noise(channel.bytes, `${i}`), codec: 'none' as const };
    });
    await expectSameSamples(cases);
  });

  test.each(railScans(temporaryFolder()))(
    'decode the rail scan $name as it was measured',
    { timeout: 180_000 },
    async (rail) => {
      const parts = channelsOf(rail);
      const cases = codecs.flatMap((codec) =>
        parts.map(({ channel, plane }) => ({ name: `${channel.id}-${codec}`, channel, plane, codec })),
      );
      await expectSameSamples(cases);
    },
  );
});
