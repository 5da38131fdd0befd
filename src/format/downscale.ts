import { samplesOf } from '../codec/pixels/samples.ts';
import { failedSamples } from '../core/scan/failed-sample.ts';
import { findDeadLines, isMeasured, type MeasuredMask, measuredMask } from '../core/scan/measured.ts';
import { type PlaneSource, planeInMemory, wholePlane } from '../core/scan/plane-source.ts';
import type { Channel } from '../core/scan/scan.ts';
import { fillDeadLines } from './fill.ts';
import { smallerSides } from './shown.ts';

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Means over areas of a channel; NaN where no sample of the area is valid. */
export interface Means {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * The first frame of a channel made smaller by averaging areas, before anything is cut to 8 bits, so that noise
 * averages out and nothing aliases. What was not measured and what is no number do not take part. Lines that were not
 * measured and failed samples are filled from what was measured beside them. Never enlarged.
 */
export function downscale(channel: Channel, plane: Uint8Array, maxSide: number, sample = 0): Means {
  return downscaleSource(channel, planeInMemory(plane), maxSide, sample);
}

/** The same, of a plane that may lie in a file; a few rows of it are in memory at a time. */
export function downscaleSource(channel: Channel, plane: PlaneSource, maxSide: number, sample = 0): Means {
  const { rows, columns } = smallerSides(channel, maxSide);
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  const step = channel.planar ? 1 : channel.samplesPerPixel;
  const start = channel.planar ? 0 : sample;
  const mask = measuredMask(findDeadLines(channel, plane));
  for (const { firstRow, samples, count } of blocksOf(channel, plane, sample)) {
    const failed = failedSamples({ ...channel, rows: count }, maskOfRows(mask, firstRow, count));
    for (let row = 0; row < count; row += 1) {
      const cellRow = Math.floor(((firstRow + row) * rows) / channel.rows) * columns;
      for (let column = 0; column < channel.columns; column += 1) {
        const at = start + (row * channel.columns + column) * step;
        const value = samples[at] ?? Number.NaN;
        if (!isMeasured(mask, value, firstRow + row, column)) continue;
        const isFailed = value === failed?.value && failed.isFailed(samples, at);
        const cell = cellRow + Math.floor((column * columns) / channel.columns);
        sums[cell] = (sums[cell] ?? 0) + (isFailed ? failed.meanAround(samples, at) : value);
        counts[cell] = (counts[cell] ?? 0) + 1;
      }
    }
  }
  const values = sums.map((sum, cell) => (counts[cell] === 0 ? Number.NaN : sum / (counts[cell] ?? 1)));
  fillDeadLines({ rows, columns, values }, channel, mask);
  return { rows, columns, values };
}

/** The mask of some rows; a failed sample in the first or last of them is told by the neighbours among them. */
function maskOfRows(mask: MeasuredMask, firstRow: number, count: number): MeasuredMask {
  return { ...mask, rows: mask.rows.subarray(firstRow, firstRow + count) };
}

/** The first frame of a channel made smaller by the sample in the middle of each area: a mean of classes is none. */
export function pickSource(channel: Channel, plane: PlaneSource, maxSide: number): Means {
  const { rows, columns } = smallerSides(channel, maxSide);
  const values = new Float64Array(rows * columns);
  const rowBytes = channel.columns * (channel.bitsAllocated / 8);
  for (let row = 0; row < rows; row += 1) {
    const from = Math.floor(((row + 0.5) * channel.rows) / rows) * rowBytes;
    const samples = samplesOf(plane.read(from, from + rowBytes), channel);
    for (let column = 0; column < columns; column += 1) {
      const at = Math.floor(((column + 0.5) * channel.columns) / columns);
      values[row * columns + column] = samples[at] ?? Number.NaN;
    }
  }
  return { rows, columns, values };
}

interface SampleBlock {
  readonly firstRow: number;
  readonly count: number;
  readonly samples: ArrayLike<number>;
}

/** Rows of the first frame, of one colour where they lie by plane. Bits packed in bytes are one block. */
function* blocksOf(channel: Channel, plane: PlaneSource, sample: number): Generator<SampleBlock> {
  if (channel.bitsAllocated === 1) {
    yield { firstRow: 0, count: channel.rows, samples: samplesOf(wholePlane(plane), channel) };
    return;
  }
  const pixelBytes = (channel.planar ? 1 : channel.samplesPerPixel) * (channel.bitsAllocated / 8);
  const rowBytes = channel.columns * pixelBytes;
  const first = channel.planar ? sample * channel.rows : 0;
  const step = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
  for (let firstRow = 0; firstRow < channel.rows; firstRow += step) {
    const count = Math.min(step, channel.rows - firstRow);
    const from = (first + firstRow) * rowBytes;
    const bytes = plane.read(
      Math.min(from, plane.byteLength),
      Math.min(from + count * rowBytes, plane.byteLength),
    );
    yield { firstRow, count, samples: samplesOf(bytes, channel) };
  }
}

/** The value below which this share (0 to 1) of the valid means lies; NaN when none is valid. */
export function quantile({ values }: Means, share: number): number {
  const valid = values.filter((value) => !Number.isNaN(value)).sort();
  return valid[Math.round(share * (valid.length - 1))] ?? Number.NaN;
}
