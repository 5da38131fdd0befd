import type { FailedSamples } from '../../core/scan/failed-sample.ts';
import type { PlaneSource } from '../../core/scan/plane-source.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { type DisplayRule, displayRaster, isTurned, sampleAt } from '../raster.ts';
import { openWindow, type Source, type SourceWindow } from '../transmission.ts';
import type { Steps } from '../turns.ts';

/** Means over areas of a channel, upright; of the highest value, NaN where no sample of an area was measured. */
export interface Cells {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** Samples that are read before others get their turn. */
const READ_AT_ONCE = 256 * 1024;

/**
 * The means of a channel in this many upright rows and columns of equal parts, over its open beam. Samples that were not
 * measured, and those that failed, take no part.
 */
export function* readCells(
  source: Source,
  rule: DisplayRule,
  upright: Pick<Cells, 'rows' | 'columns'>,
): Steps<Cells> {
  const turned = isTurned(rule);
  const rows = turned ? upright.columns : upright.rows;
  const columns = turned ? upright.rows : upright.columns;
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  const { channel } = source;
  const step = Math.max(1, Math.floor(READ_AT_ONCE / channel.columns));
  const ends = Uint32Array.from({ length: columns }, (_, i) =>
    Math.ceil(((i + 1) * channel.columns) / columns),
  );
  for (let rowFrom = 0; rowFrom < channel.rows; rowFrom += step) {
    const rowTo = Math.min(channel.rows, rowFrom + step);
    const lines = linesOf(source, rowFrom, rowTo);
    for (let row = rowFrom; row < rowTo; row++) {
      const first = Math.floor((row * rows) / channel.rows) * columns;
      lines(row - rowFrom, ends, { sums, counts, first });
    }
    yield;
  }
  const { value } = source.openBeam;
  const raster = displayRaster(rows, columns, rule);
  const values = new Float32Array(rows * columns);
  for (let row = 0, i = 0; row < raster.rows; row++)
    for (let column = 0; column < raster.columns; column++, i++) {
      const at = sampleAt(raster, row, column);
      values[i] = source.upright((sums[at] ?? 0) / (counts[at] ?? 0)) / value;
    }
  return { ...upright, values };
}

interface Sums {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
  readonly first: number;
}

/** Adds rows of a part of the channel, counted from its first, to the cells that they lie in. */
function linesOf(source: Source, rowFrom: number, rowTo: number) {
  const { channel } = source;
  const window = openWindow(source, { rowFrom, rowTo, columnFrom: 0, columnTo: channel.columns });
  const { samples, failed, mask } = window;
  const isWhole = !mask.columns.includes(1) && mask.invalidValue === undefined;
  return (row: number, ends: Uint32Array, into: Sums): void => {
    if (mask.rows[row] === 1) return;
    const start = row * channel.columns;
    if (isWhole && samples instanceof Uint16Array) addCounts(samples, start, ends, failed, into);
    else addMeasured(window, start, ends, into);
  };
}

/** Of counts of 16 bits in lines that were all measured: the loop over each sample of most scans. */
function addCounts(
  samples: Uint16Array,
  start: number,
  ends: Uint32Array,
  failed: FailedSamples | undefined,
  { sums, counts, first }: Sums,
): void {
  const failedValue = failed?.value ?? -1;
  let at = start;
  for (let cell = 0; cell < ends.length; cell++) {
    const end = start + (ends[cell] ?? 0);
    let sum = 0;
    let count = end - at;
    for (; at < end; at++) {
      const value = samples[at] ?? 0;
      if (value === failedValue && failed?.isFailed(samples, at) === true) count--;
      else sum += value;
    }
    sums[first + cell] = (sums[first + cell] ?? 0) + sum;
    counts[first + cell] = (counts[first + cell] ?? 0) + count;
  }
}

function addMeasured(
  { samples, failed, mask: { columns: dead, invalidValue } }: SourceWindow,
  start: number,
  ends: Uint32Array,
  { sums, counts, first }: Sums,
): void {
  for (let cell = 0, column = 0; cell < ends.length; cell++) {
    const end = ends[cell] ?? 0;
    for (; column < end; column++) {
      const value = samples[start + column] ?? Number.NaN;
      if (value === invalidValue || dead[column] === 1 || !Number.isFinite(value)) continue;
      if (value === failed?.value && failed.isFailed(samples, start + column)) continue;
      sums[first + cell] = (sums[first + cell] ?? 0) + value;
      counts[first + cell] = (counts[first + cell] ?? 0) + 1;
    }
  }
}

/** Weights of red, green and blue in a grey, of 256 (ITU-R BT.601). */
const WEIGHTS = [77, 150, 29] as const;

/** A colour picture of 8 bits as one channel of greys; undefined for pictures of other samples. */
export function asGreys(
  channel: Channel,
  plane: PlaneSource,
): { readonly channel: Channel; readonly plane: PlaneSource } | undefined {
  if (channel.samplesPerPixel === 1) return { channel, plane };
  const pixels = channel.rows * channel.columns;
  if (channel.samplesPerPixel !== 3 || channel.bitsAllocated !== 8) return undefined;
  if (channel.photometric?.startsWith('YBR') === true || plane.byteLength < 3 * pixels) return undefined;
  const grey = { ...channel, samplesPerPixel: 1, planar: false, bytes: pixels };
  const read = (from: number, to: number): Uint8Array => {
    const out = new Uint8Array(to - from);
    const parts = channel.planar
      ? WEIGHTS.map((_, colour) => plane.read(colour * pixels + from, colour * pixels + to))
      : [plane.read(3 * from, 3 * to)];
    const [red = out, green = red, blue = red] = parts;
    const [step, g, b] = channel.planar ? [1, 0, 0] : [3, 1, 2];
    for (let i = 0, at = 0; i < out.length; i++, at += step)
      out[i] =
        (WEIGHTS[0] * (red[at] ?? 0) +
          WEIGHTS[1] * (green[at + g] ?? 0) +
          WEIGHTS[2] * (blue[at + b] ?? 0)) >>
        8;
    return out;
  };
  return { channel: grey, plane: { byteLength: pixels, read } };
}
