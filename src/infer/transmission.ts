import { type PlaneSource, readWindow, rowBlocks } from '../core/scan/plane-source.ts';
import type { Channel } from '../core/scan/scan.ts';
import type { OpenBeam } from './geometry.ts';
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
const MOST_TRANSMISSION = 1.2;
/** Below one count in ten thousand of open beam there is only noise; also keeps the logarithm finite. */
const LEAST_TRANSMISSION = 1e-4;
const OPEN_BEAM_PERCENTILE = 99.5;
/** Enough for a percentile; a wide scan has a hundred times more. */
const OPEN_BEAM_SAMPLES = 50_000;

/** Stored samples of one channel read as a physical quantity. */
export interface Source {
  readonly channel: Channel;
  readonly plane: PlaneSource;
  /** Turns a sample so that high is transparent. */
  readonly upright: (sample: number) => number;
  readonly openBeam: OpenBeam;
}

/** A rectangle of a channel in memory; rows and columns of `channel` are those of the rectangle. */
export interface SourceWindow {
  readonly channel: Channel;
  readonly samples: Samples;
  readonly upright: Source['upright'];
  readonly openBeam: OpenBeam;
}

/**
 * A channel ready to be read, or why it cannot be.
 * @param plane as many samples as the channel says (checked where the scan was accepted, and here)
 */
export function openSource(channel: Channel, plane: PlaneSource): Source | string {
  if (plane.byteLength < channel.rows * channel.columns * (channel.bitsAllocated / 8)) {
    return `Channel '${channel.id}' has fewer samples than its rows and columns`;
  }
  if (samplesOf({ ...channel, rows: 0 }, new Uint8Array()) === undefined) {
    return `Channel '${channel.id}' has samples of ${channel.bitsAllocated} bits that are not read`;
  }
  const upright = uprightOf(channel);
  const openBeam = openBeamOf(channel, plane, upright);
  if (openBeam === undefined) return `Channel '${channel.id}' has no sample with a value`;
  if (!(openBeam.value > 0)) return `Channel '${channel.id}' has an open beam of ${openBeam.value}`;
  return { channel, plane, upright, openBeam };
}

/** Reads a rectangle into memory; all of the channel is a view where the plane is in memory. */
export function openWindow({ channel, plane, upright, openBeam }: Source, window: Rectangle): SourceWindow {
  const part = {
    ...channel,
    rows: window.rowTo - window.rowFrom,
    columns: window.columnTo - window.columnFrom,
  };
  const samples = samplesOf(part, readWindow(plane, channel, window));
  if (samples === undefined) throw new RangeError(`samples of channel ${channel.id}`); // openSource looked
  return { channel: part, samples, upright, openBeam };
}

export function isMeasured({ invalidValue }: Pick<Channel, 'invalidValue'>, sample: number): boolean {
  return sample !== invalidValue && Number.isFinite(sample);
}

/** Counts over open beam, within 0..1.2. */
export function toTransmission(counts: number, openBeam: number): number {
  return Math.min(Math.max(counts / openBeam, 0), MOST_TRANSMISSION);
}

/** -ln of a transmission, never of zero. */
export function toLog(transmission: number): number {
  return -Math.log(Math.max(transmission, LEAST_TRANSMISSION));
}

/** Mean of the measured samples among the 3 x 3 neighbours of a sample, high is transparent; undefined without any. */
export function neighbourMean(
  { channel, samples, upright }: SourceWindow,
  index: number,
): number | undefined {
  const row = Math.floor(index / channel.columns);
  const column = index % channel.columns;
  let sum = 0;
  let count = 0;
  for (let r = Math.max(0, row - 1); r <= Math.min(channel.rows - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(channel.columns - 1, column + 1); c++) {
      const sample = samples[r * channel.columns + c] ?? Number.NaN;
      if (!isMeasured(channel, sample)) continue;
      sum += upright(sample);
      count++;
    }
  }
  return count === 0 ? undefined : sum / count;
}

/** Samples without a measured value, counted in blocks of rows. */
export function* countUnmeasured({ channel, plane }: Source): Steps<number> {
  if (channel.invalidValue === undefined && channel.sampleFormat !== 'float') return 0;
  let count = 0;
  for (const samples of blocksOf(channel, plane)) {
    for (let i = 0; i < samples.length; i++) if (!isMeasured(channel, samples[i] ?? Number.NaN)) count++;
    yield;
  }
  return count;
}

const COUNTED_AT_ONCE_BYTES = 1024 * 1024;

function* blocksOf(channel: Channel, plane: PlaneSource): Generator<Samples> {
  const rowBytes = channel.columns * (channel.bitsAllocated / 8);
  for (const { rows, bytes } of rowBlocks(plane, rowBytes, COUNTED_AT_ONCE_BYTES)) {
    yield samplesOf({ ...channel, rows }, bytes) ?? new Uint8Array();
  }
}

function uprightOf({ polarity, bitsStored }: Channel): (sample: number) => number {
  if (polarity !== 'high-is-opaque') return (sample) => sample;
  const ceiling = 2 ** bitsStored - 1;
  return (sample) => ceiling - sample;
}

function openBeamOf(channel: Channel, plane: PlaneSource, upright: Source['upright']): OpenBeam | undefined {
  if (channel.openBeam !== undefined) {
    return { channel: channel.id, value: upright(channel.openBeam), source: 'stated' };
  }
  const bright = strideOver(channel, plane).map(upright).sort();
  const value = bright[Math.ceil((bright.length * OPEN_BEAM_PERCENTILE) / 100) - 1];
  return value === undefined ? undefined : { channel: channel.id, value, source: 'estimated' };
}

/** Evenly drawn measured samples; the stride has no factor in common with the columns, so every column is met. */
function strideOver(channel: Channel, plane: PlaneSource): Float64Array {
  const total = channel.rows * channel.columns;
  let stride = Math.max(1, Math.floor(total / OPEN_BEAM_SAMPLES));
  while (stride > 1 && commonDivisor(stride, channel.columns) > 1) stride--;
  const drawn = new Float64Array(Math.ceil(total / stride));
  let count = 0;
  let next = 0;
  for (const samples of blocksOf(channel, plane)) {
    for (; next < samples.length; next += stride) {
      const sample = samples[next] ?? Number.NaN;
      if (isMeasured(channel, sample)) drawn[count++] = sample;
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
