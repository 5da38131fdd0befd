import { writeNpy } from '../codec/npy.ts';
import { samplesOf } from '../codec/pixels/samples.ts';
import { type Channel, planeBytes } from '../core/scan/scan.ts';

/**
 * A channel as a NumPy array, little-endian, nothing changed: rows, columns; in front of them frames where there are
 * several, behind them the samples of a pixel (before them where colours lie by plane). Packed bits become one byte a
 * sample.
 */
export function encodeNpy(channel: Channel, plane: Uint8Array): Uint8Array {
  if (channel.bitsAllocated > 1) return writeNpy(itemType(channel), shapeOf(channel), plane);
  const count = planeBytes({ ...channel, bitsAllocated: 8 });
  const bits = Uint8Array.from(samplesOf(plane, channel)).subarray(0, count);
  return writeNpy('|u1', shapeOf(channel), bits);
}

const kinds = { unsigned: 'u', signed: 'i', float: 'f' } as const;

function itemType({ bitsAllocated, sampleFormat }: Channel): string {
  const order = bitsAllocated === 8 ? '|' : '<';
  return `${order}${kinds[sampleFormat]}${bitsAllocated / 8}`;
}

function shapeOf({ frames, rows, columns, samplesPerPixel, planar }: Channel): readonly number[] {
  const samples = samplesPerPixel === 1 ? [] : [samplesPerPixel];
  return [
    ...(frames === 1 ? [] : [frames]),
    ...(planar ? samples : []),
    rows,
    columns,
    ...(planar ? [] : samples),
  ];
}
