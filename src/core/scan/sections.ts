import type { PlaneSource, PlaneWindow } from './plane-source.ts';
import { readWindow } from './plane-source.ts';
import { type Axis, type Channel, type NotMeasured, planeBytes } from './scan.ts';

/**
 * A part of a channel between two lines across its longer side, all frames: an instance of its own, where the whole
 * would be more than DICOM counts or than a viewer holds. docs/decisions/0007-large-scans.md.
 */
export interface Section {
  /** From 1. */
  readonly number: number;
  readonly of: number;
  readonly axis: Axis;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Readers that count rows and columns in signed 16 bits stop here; DICOM itself stops at 65,535. */
const LONGEST_WHOLE = 32_767;
const LONGEST_SECTION = 16_384;

type Sides = Pick<Channel, 'rows' | 'columns' | 'bitsAllocated'>;

/** Sections of equal length (the last may be shorter); none for a channel that is one instance, as bits packed in bytes are. */
export function sectionsOf({ rows, columns, bitsAllocated }: Sides): readonly Section[] {
  const axis = columns >= rows ? 'columns' : 'rows';
  const length = Math.max(rows, columns);
  if (length <= LONGEST_WHOLE || bitsAllocated === 1) return [];
  const step = Math.ceil(length / Math.ceil(length / LONGEST_SECTION));
  const of = Math.ceil(length / step);
  return Array.from({ length: of }, (_, i) => {
    const from = i * step;
    return { number: i + 1, of, axis, from, to: Math.min(from + step, length) };
  });
}

/** The channel as if the section were all of it; the hash and the count are those of the whole, so they are left out. */
export function channelOfSection(channel: Channel, { axis, from, to }: Section): Channel {
  const { sha256: _, opaqueSamples: __, notMeasured, ...rest } = channel;
  const part = { ...rest, [axis]: to - from };
  const lines = notMeasured && {
    notMeasured: { ...notMeasured, [axis]: rangesWithin(notMeasured[axis], from, to) },
  };
  return { ...part, ...lines, bytes: planeBytes(part) };
}

function rangesWithin(ranges: NotMeasured[Axis], from: number, to: number): NotMeasured[Axis] {
  return ranges
    .filter((range) => range.from < to && from < range.to)
    .map((range) => ({ from: Math.max(range.from, from) - from, to: Math.min(range.to, to) - from }));
}

function windowOf({ rows, columns }: Sides, { axis, from, to }: Section): PlaneWindow {
  return axis === 'columns'
    ? { rowFrom: 0, rowTo: rows, columnFrom: from, columnTo: to }
    : { rowFrom: from, rowTo: to, columnFrom: 0, columnTo: columns };
}

/** Samples of one section: of each frame, and of each colour where they lie by plane, what lies in it. */
export function readSection(plane: PlaneSource, channel: Channel, section: Section): Uint8Array {
  const window = windowOf(channel, section);
  const { layers, ...layer } = layersOf(channel);
  if (layers === 1) return readWindow(plane, layer, window);
  const out = new Uint8Array(channelOfSection(channel, section).bytes);
  for (let i = 0; i < layers; i += 1) {
    out.set(readWindow(plane, layer, window, i), (i * out.length) / layers);
  }
  return out;
}

/** Rows of a section with their places in the whole plane, in bytes. */
export function* rowsOfSection(
  samples: Uint8Array,
  channel: Channel,
  section: Section,
): Generator<{ readonly at: number; readonly bytes: Uint8Array }> {
  const { layers, rows, columns, samplesPerPixel, bitsAllocated } = layersOf(channel);
  const { rowFrom, rowTo, columnFrom, columnTo } = windowOf(channel, section);
  const pixelBytes = samplesPerPixel * (bitsAllocated / 8);
  const width = (columnTo - columnFrom) * pixelBytes;
  let from = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    for (let row = rowFrom; row < rowTo; row += 1, from += width) {
      const at = ((layer * rows + row) * columns + columnFrom) * pixelBytes;
      yield { at, bytes: samples.subarray(from, from + width) };
    }
  }
}

/** Frames, and colours by plane, as pictures one behind the other. */
function layersOf({ rows, columns, frames, samplesPerPixel, planar, bitsAllocated }: Channel) {
  const byPlane = planar && samplesPerPixel > 1;
  return {
    rows,
    columns,
    bitsAllocated,
    layers: byPlane ? frames * samplesPerPixel : frames,
    samplesPerPixel: byPlane ? 1 : samplesPerPixel,
  };
}

/** Name of the instance that holds a channel, or one section of it, after `planeKey`. */
export function instanceName(plane: string, section?: Pick<Section, 'number'>): string {
  return section === undefined ? plane : `${plane}-s${section.number}`;
}
