import { samplesOf } from '../codec/pixels/samples.ts';
import { type FailedSamples, failedSamples } from '../core/scan/failed-sample.ts';
import { findDeadLines, type MeasuredMask, measuredMask } from '../core/scan/measured.ts';
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
  const isFloat = channel.sampleFormat === 'float';
  const cellOf = Uint32Array.from({ length: channel.columns }, (_, column) =>
    Math.floor((column * columns) / channel.columns),
  );
  for (const { firstRow, samples, count } of blocksOf(channel, plane, sample)) {
    const failed = failedSamples({ ...channel, rows: count }, maskOfRows(mask, firstRow, count));
    for (let row = 0; row < count; row += 1) {
      if (mask.rows[firstRow + row] === 1) continue;
      const first = Math.floor(((firstRow + row) * rows) / channel.rows) * columns;
      const cells = {
        sums: sums.subarray(first, first + columns),
        counts: counts.subarray(first, first + columns),
      };
      const line = { samples, at: start + row * channel.columns * step, step, isFloat };
      addLine(line, cellOf, cells, mask, failed);
    }
  }
  const values = sums;
  for (let cell = 0; cell < values.length; cell += 1) values[cell] = (sums[cell] ?? 0) / (counts[cell] ?? 0);
  fillDeadLines({ rows, columns, values }, channel, mask);
  return { rows, columns, values };
}

interface Line {
  readonly samples: ArrayLike<number>;
  /** Where its first sample is, and how far each is from the next. */
  readonly at: number;
  readonly step: number;
  readonly isFloat: boolean;
}

/** Adds the measured samples of one row to the cells that they lie in: the loop over each sample of a scan. */
function addLine(
  { samples, at, step, isFloat }: Line,
  cellOf: Uint32Array,
  { sums, counts }: { readonly sums: Float64Array; readonly counts: Uint32Array },
  { columns: dead, invalidValue }: MeasuredMask,
  failed: FailedSamples | undefined,
): void {
  const failedValue = failed?.value;
  for (let column = 0, place = at; column < cellOf.length; column += 1, place += step) {
    let value = samples[place] ?? Number.NaN;
    if (value === invalidValue || dead[column] === 1) continue;
    if (isFloat && !Number.isFinite(value)) continue;
    if (value === failedValue && failed?.isFailed(samples, place) === true)
      value = failed.meanAround(samples, place);
    const cell = cellOf[column] ?? 0;
    sums[cell] = (sums[cell] ?? 0) + value;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
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
  const valid = values.filter((value) => !Number.isNaN(value));
  return valid.length === 0 ? Number.NaN : placeOf(valid, Math.round(share * (valid.length - 1)));
}

/** The value that a sort would put at this place; moves values about. Hoare's selection, with the middle of three. */
function placeOf(values: Float64Array, place: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = middleOf(values[from] ?? 0, values[(from + to) >> 1] ?? 0, values[to] ?? 0);
    let [low, high] = [from, to];
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low += 1;
      while ((values[high] ?? 0) > pivot) high -= 1;
      if (low > high) break;
      const value = values[low] ?? 0;
      values[low] = values[high] ?? 0;
      values[high] = value;
      low += 1;
      high -= 1;
    }
    if (place <= high) to = high;
    else if (place >= low) from = low;
    else break;
  }
  return values[place] ?? Number.NaN;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
