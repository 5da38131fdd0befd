import type { Lines } from '../core/scan/cab.ts';
import { type FailedSamples, failedSamples } from '../core/scan/failed-sample.ts';
import {
  isMeasured,
  type MeasuredMask,
  measuredMask,
  opaqueEnd,
  withDeadLines,
} from '../core/scan/measured.ts';
import { type PlaneSource, readWindow, rowBlocks } from '../core/scan/plane-source.ts';
import type { Channel } from '../core/scan/scan.ts';
import type { OpenBeam } from './geometry.ts';
import { estimatedOpenBeam } from './open-beam.ts';
import type { Rectangle } from './raster.ts';
import type { Steps } from './turns.ts';

type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Detector noise and gain lift open beam above its nominal value; more than this is no transmission. */
export const MOST_TRANSMISSION = 1.2;
/** Below one count in ten thousand of open beam there is only noise; also keeps the logarithm finite. */
const LEAST_TRANSMISSION = 1e-4;
/** A line that was not measured is filled from measured ones up to this far away, in samples. */
export const FILL_REACH = 64;
/** Enough to find the open beam; a wide scan has a hundred times more. */
const OPEN_BEAM_SAMPLES = 50_000;

/** Stored samples of one channel read as a physical quantity. */
export interface Source {
  readonly channel: Channel;
  readonly plane: PlaneSource;
  readonly mask: MeasuredMask;
  /** Turns a sample so that high is transparent. */
  readonly upright: (sample: number) => number;
  readonly openBeam: OpenBeam;
}

/** A rectangle of a channel in memory; rows and columns of `channel` are those of the rectangle. */
export interface SourceWindow {
  readonly channel: Channel;
  readonly samples: Samples;
  readonly mask: MeasuredMask;
  readonly failed: FailedSamples | undefined;
  readonly upright: Source['upright'];
  readonly openBeam: OpenBeam;
}

/**
 * A channel ready to be read, or why it cannot be. Where the record does not say which lines were not measured, they
 * are found in the samples.
 * @param leftOut lines that count as not measured
 * @param plane as many samples as the channel says (checked where the scan was accepted, and here)
 */
export function* openSource(
  recorded: Channel,
  plane: PlaneSource,
  leftOut: readonly Lines[] = [],
): Steps<Source | string> {
  if (plane.byteLength < recorded.rows * recorded.columns * (recorded.bitsAllocated / 8)) {
    return `Channel '${recorded.id}' has fewer samples than its rows and columns`;
  }
  if (samplesOf({ ...recorded, rows: 0 }, new Uint8Array()) === undefined) {
    return `Channel '${recorded.id}' has samples of ${recorded.bitsAllocated} bits, which are not supported`;
  }
  const channel = withoutLines(yield* withDeadLines(recorded, plane), leftOut);
  const mask = measuredMask(channel);
  const upright = uprightOf(channel);
  const openBeam = openBeamOf(channel, plane, mask, upright);
  if (openBeam === undefined) return `Channel '${channel.id}' has no measured sample`;
  if (!(openBeam.value > 0)) return `Channel '${channel.id}' has an open beam of ${openBeam.value}`;
  return { channel, plane, mask, upright, openBeam };
}

function withoutLines(channel: Channel, leftOut: readonly Lines[]): Channel {
  if (leftOut.length === 0) return channel;
  const along = (wanted: Lines['axis']) => [
    ...(channel.notMeasured?.[wanted] ?? []),
    ...leftOut.filter(({ axis }) => axis === wanted).map(({ from, to }) => ({ from, to })),
  ];
  return { ...channel, notMeasured: { rows: along('rows'), columns: along('columns') } };
}

/** Reads a rectangle into memory; all of the channel is a view where the plane is in memory. */
export function openWindow(
  { channel, plane, mask, upright, openBeam }: Source,
  window: Rectangle,
): SourceWindow {
  const part = {
    ...channel,
    rows: window.rowTo - window.rowFrom,
    columns: window.columnTo - window.columnFrom,
  };
  const samples = samplesOf(part, readWindow(plane, channel, window));
  if (samples === undefined) throw new RangeError(`samples of channel ${channel.id}`); // openSource looked
  const rows = mask.rows.subarray(window.rowFrom, window.rowTo);
  const columns = mask.columns.subarray(window.columnFrom, window.columnTo);
  const cut = { ...mask, rows, columns };
  return { channel: part, samples, mask: cut, failed: failedSamples(part, cut), upright, openBeam };
}

/** Counts over open beam, within 0..1.2. */
export function toTransmission(counts: number, openBeam: number): number {
  return Math.min(Math.max(counts / openBeam, 0), MOST_TRANSMISSION);
}

/** -ln of a transmission, never of zero. */
export function toLog(transmission: number): number {
  return -Math.log(Math.max(transmission, LEAST_TRANSMISSION));
}

/**
 * What stands for a sample that was not measured, high is transparent: the mean of the measured ones among its 3 x 3
 * neighbours; in a line that was not measured, without any, that of the nearest ones across it. Undefined without both.
 */
export function neighbourMean(window: SourceWindow, index: number): number | undefined {
  const { channel, mask } = window;
  const row = Math.floor(index / channel.columns);
  const column = index % channel.columns;
  return (
    meanBeside(window, row, column) ??
    meanAcross(window, nearest(mask.rows, row), nearest(mask.columns, column))
  );
}

/** Of the measured ones among its 3 x 3 neighbours. */
function meanBeside({ channel, samples, mask, upright }: SourceWindow, row: number, column: number) {
  let sum = 0;
  let count = 0;
  for (let y = Math.max(0, row - 1); y <= Math.min(channel.rows - 1, row + 1); y++) {
    if (mask.rows[y] === 1) continue;
    for (let x = Math.max(0, column - 1); x <= Math.min(channel.columns - 1, column + 1); x++) {
      const sample = samples[y * channel.columns + x] ?? Number.NaN;
      if (!isMeasured(mask, sample, y, x)) continue;
      sum += upright(sample);
      count++;
    }
  }
  return count === 0 ? undefined : sum / count;
}

/** The nearest measured lines before and after a line, or itself where it was measured; undefined beyond `FILL_REACH`. */
function nearest(notMeasured: Uint8Array, line: number): readonly [number | undefined, number | undefined] {
  if (notMeasured[line] === 0) return [line, undefined];
  return [nearestTo(notMeasured, line, -1), nearestTo(notMeasured, line, 1)];
}

function nearestTo(notMeasured: Uint8Array, line: number, step: -1 | 1): number | undefined {
  let next = line + step;
  while (notMeasured[next] === 1 && Math.abs(next - line) < FILL_REACH) next += step;
  return notMeasured[next] === 0 ? next : undefined;
}

/** Of the measured ones where these lines cross. */
function meanAcross(
  { channel, samples, mask, upright }: SourceWindow,
  rows: ReturnType<typeof nearest>,
  columns: ReturnType<typeof nearest>,
): number | undefined {
  let sum = 0;
  let count = 0;
  for (const row of rows) {
    if (row === undefined) continue;
    for (const column of columns) {
      if (column === undefined) continue;
      const sample = samples[row * channel.columns + column] ?? Number.NaN;
      if (!isMeasured(mask, sample, row, column)) continue;
      sum += upright(sample);
      count++;
    }
  }
  return count === 0 ? undefined : sum / count;
}

/** Samples without a measured value, counted in blocks of rows; a failed sample is one of them. */
export function* countUnmeasured({ channel, plane, mask }: Source): Steps<number> {
  const isAllMeasured = !mask.rows.includes(1) && !mask.columns.includes(1);
  const mayFail = channel.opaqueSamples !== 0 && opaqueEnd(channel) !== undefined;
  const isCounted = !isAllMeasured || mayFail || channel.invalidValue !== undefined;
  if (!isCounted && channel.sampleFormat !== 'float') return 0;
  let count = 0;
  for (const block of blocksOf(channel, plane)) {
    count += unmeasuredIn(block, channel, mask);
    yield;
  }
  return count;
}

/** A failed sample in the first or last row of a block is told by the neighbours that lie in the block. */
function unmeasuredIn({ samples, firstRow }: RowsOfSamples, channel: Channel, mask: MeasuredMask): number {
  const { columns } = channel;
  const rows = samples.length / columns;
  const cut = { ...mask, rows: mask.rows.subarray(firstRow, firstRow + rows) };
  const failed = failedSamples({ ...channel, rows }, cut);
  let count = 0;
  const { columns: dead, invalidValue } = mask;
  const isFloat = channel.sampleFormat === 'float';
  const failedValue = failed?.value;
  const isSpotless = !isFloat && invalidValue === undefined && !cut.rows.includes(1) && !dead.includes(1);
  if (isSpotless) return failed === undefined ? 0 : failedIn(samples, failed);
  for (let row = 0; row < rows; row++) {
    if (cut.rows[row] === 1) {
      count += columns;
      continue;
    }
    for (let column = 0, i = row * columns; column < columns; column++, i++) {
      const sample = samples[i] ?? Number.NaN;
      if (dead[column] === 1 || sample === invalidValue || (isFloat && !Number.isFinite(sample))) count++;
      else if (sample === failedValue && failed?.isFailed(samples, i) === true) count++;
    }
  }
  return count;
}

/** Most samples let something through, and are passed by. */
function failedIn(samples: Samples, { value, isFailed }: FailedSamples): number {
  let count = 0;
  for (let i = samples.indexOf(value); i !== -1; i = samples.indexOf(value, i + 1)) {
    if (isFailed(samples, i)) count++;
  }
  return count;
}

const COUNTED_AT_ONCE_BYTES = 1024 * 1024;

interface RowsOfSamples {
  readonly firstRow: number;
  readonly samples: Samples;
}

function* blocksOf(channel: Channel, plane: PlaneSource): Generator<RowsOfSamples> {
  const rowBytes = channel.columns * (channel.bitsAllocated / 8);
  for (const { firstRow, rows, bytes } of rowBlocks(plane, rowBytes, COUNTED_AT_ONCE_BYTES)) {
    yield { firstRow, samples: samplesOf({ ...channel, rows }, bytes) ?? new Uint8Array() };
  }
}

function uprightOf({ polarity, bitsStored }: Channel): (sample: number) => number {
  if (polarity !== 'high-is-opaque') return (sample) => sample;
  const ceiling = 2 ** bitsStored - 1;
  return (sample) => ceiling - sample;
}

function openBeamOf(
  channel: Channel,
  plane: PlaneSource,
  mask: MeasuredMask,
  upright: Source['upright'],
): OpenBeam | undefined {
  if (channel.openBeam !== undefined) {
    return { channel: channel.id, value: upright(channel.openBeam), source: 'stated' };
  }
  const value = estimatedOpenBeam(strideOver(channel, plane, mask).map(upright).sort());
  return value === undefined ? undefined : { channel: channel.id, value, source: 'estimated' };
}

/** Evenly drawn measured samples; the stride has no factor in common with the columns, so every column is met. */
function strideOver(channel: Channel, plane: PlaneSource, mask: MeasuredMask): Float64Array {
  const total = channel.rows * channel.columns;
  let stride = Math.max(1, Math.floor(total / OPEN_BEAM_SAMPLES));
  while (stride > 1 && commonDivisor(stride, channel.columns) > 1) stride--;
  const drawn = new Float64Array(Math.ceil(total / stride));
  let count = 0;
  let next = 0;
  for (const { firstRow, samples } of blocksOf(channel, plane)) {
    for (; next < samples.length; next += stride) {
      const sample = samples[next] ?? Number.NaN;
      const row = firstRow + Math.floor(next / channel.columns);
      if (isMeasured(mask, sample, row, next % channel.columns)) drawn[count++] = sample;
    }
    next -= samples.length;
  }
  return drawn.subarray(0, count);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/** A view where the bytes are aligned, a copy where not. */
function samplesOf(
  { rows, columns, bitsAllocated, sampleFormat }: Channel,
  bytes: Uint8Array,
): Samples | undefined {
  const width = bitsAllocated / 8;
  const count = rows * columns;
  if (bytes.byteLength < count * width) return undefined;
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  return typedView(aligned.buffer, aligned.byteOffset, count, `${sampleFormat}${bitsAllocated}`);
}

function typedView(
  buffer: ArrayBufferLike,
  offset: number,
  count: number,
  type: string,
): Samples | undefined {
  switch (type) {
    case 'unsigned8':
      return new Uint8Array(buffer, offset, count);
    case 'signed8':
      return new Int8Array(buffer, offset, count);
    case 'unsigned16':
      return new Uint16Array(buffer, offset, count);
    case 'signed16':
      return new Int16Array(buffer, offset, count);
    case 'unsigned32':
      return new Uint32Array(buffer, offset, count);
    case 'signed32':
      return new Int32Array(buffer, offset, count);
    case 'float32':
      return new Float32Array(buffer, offset, count);
    case 'float64':
      return new Float64Array(buffer, offset, count);
    default:
      return undefined;
  }
}
