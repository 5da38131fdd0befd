import { samplesOf } from '../codec/pixels/samples.ts';
import { type FailedSamples, failedSamples } from '../core/scan/failed-sample.ts';
import { findDeadLines, isCounts, type MeasuredMask, measuredMask } from '../core/scan/measured.ts';
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
  const mask = measuredMask(findDeadLines(channel, plane));
  const add = lineAdder(channel, columns, sample, mask);
  for (const { firstRow, samples, count } of blocksOf(channel, plane, sample)) {
    const failed = failedSamples({ ...channel, rows: count }, maskOfRows(mask, firstRow, count));
    for (let row = 0; row < count; row += 1) {
      if (mask.rows[firstRow + row] === 1) continue;
      const first = Math.floor(((firstRow + row) * rows) / channel.rows) * columns;
      add(samples, row, { sums, counts, first }, failed);
    }
  }
  const values = sums;
  for (let cell = 0; cell < values.length; cell += 1) values[cell] = (sums[cell] ?? 0) / (counts[cell] ?? 0);
  fillDeadLines({ rows, columns, values }, channel, mask);
  return { rows, columns, values };
}

/** A row of cells, from `first` on. */
interface Cells {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
  readonly first: number;
}

/** Adds the measured samples of one row of a block to the cells that they lie in. */
type AddLine = (
  samples: ArrayLike<number>,
  row: number,
  cells: Cells,
  failed: FailedSamples | undefined,
) => void;

function lineAdder(channel: Channel, columns: number, sample: number, mask: MeasuredMask): AddLine {
  const isWhole = mask.invalidValue === undefined && !mask.columns.includes(1);
  if (isWhole && isCounts(channel) && channel.bitsAllocated === 16) {
    const ends = Uint32Array.from({ length: columns }, (_, cell) =>
      Math.ceil(((cell + 1) * channel.columns) / columns),
    );
    return (samples, row, cells, failed) =>
      addCounts(samples as Uint16Array, row * channel.columns, ends, cells, failed);
  }
  const step = channel.planar ? 1 : channel.samplesPerPixel;
  const start = channel.planar ? 0 : sample;
  const isFloat = channel.sampleFormat === 'float';
  const cellOf = Uint32Array.from({ length: channel.columns }, (_, column) =>
    Math.floor((column * columns) / channel.columns),
  );
  return (samples, row, cells, failed) => {
    const line = { samples, at: start + row * channel.columns * step, step, isFloat };
    addLine(line, cellOf, cells, mask, failed);
  };
}

/**
 * The same of counts of 16 bits that were all measured, what nearly every channel has, cell by cell: the loop over each
 * sample of most scans.
 */
function addCounts(
  samples: Uint16Array,
  at: number,
  ends: Uint32Array,
  { sums, counts, first }: Cells,
  failed: FailedSamples | undefined,
): void {
  const failedValue = failed?.value ?? -1;
  let place = at;
  for (let cell = 0; cell < ends.length; cell += 1) {
    const from = place;
    const end = at + (ends[cell] ?? 0);
    let sum = 0;
    for (; place < end; place += 1) {
      const value = samples[place] ?? 0;
      sum +=
        value === failedValue && failed?.isFailed(samples, place) === true
          ? failed.meanAround(samples, place)
          : value;
    }
    sums[first + cell] = (sums[first + cell] ?? 0) + sum;
    counts[first + cell] = (counts[first + cell] ?? 0) + (end - from);
  }
}

interface Line {
  readonly samples: ArrayLike<number>;
  /** Where its first sample is, and how far each is from the next. */
  readonly at: number;
  readonly step: number;
  readonly isFloat: boolean;
}

function addLine(
  { samples, at, step, isFloat }: Line,
  cellOf: Uint32Array,
  { sums, counts, first }: Cells,
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
    const cell = first + (cellOf[column] ?? 0);
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

/** Bins into which means are counted to find one of them by its place. */
const BINS = 65_536;

/** The value below which this share (0 to 1) of the valid means lies; NaN when none is valid. */
export function quantile({ values }: Means, share: number): number {
  let [least, most, valid] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    valid += 1;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return valid === 0 ? Number.NaN : placeOf(values, { least, most }, Math.round(share * (valid - 1)));
}

/** The value that a sort would put at this place: only those of its bin are sorted. */
function placeOf(
  values: Float64Array,
  { least, most }: { readonly least: number; readonly most: number },
  place: number,
): number {
  const perValue = BINS / (most - least);
  if (!(perValue > 0 && Number.isFinite(perValue))) return valuesFrom(values, least, most)[place] ?? least;
  const counts = new Uint32Array(BINS);
  const bins = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const bin = Math.min(BINS - 1, Math.floor((value - least) * perValue));
    bins[i] = bin;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  let before = 0;
  let bin = 0;
  while (before + (counts[bin] ?? 0) <= place) {
    before += counts[bin] ?? 0;
    bin += 1;
  }
  const found = new Float64Array(counts[bin] ?? 0);
  let at = 0;
  for (let i = bins.indexOf(bin); i !== -1; i = bins.indexOf(bin, i + 1)) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue; // as the first bin is marked, too
    found[at] = value;
    at += 1;
  }
  return found.sort()[place - before] ?? Number.NaN;
}

/** The valid values in order, where they lie too near to each other, or too far apart, to be counted. */
function valuesFrom(values: Float64Array, least: number, most: number): Float64Array {
  return least === most ? new Float64Array() : values.filter((value) => !Number.isNaN(value)).sort();
}
