import { isMeasured, measuredMask, opaqueEnd } from '../core/scan/measured.ts';
import { type PlaneSource, type PlaneSources, rowBlocks } from '../core/scan/plane-source.ts';
import {
  type Axis,
  type Channel,
  type Extent,
  type InspectionUnit,
  planeKey,
  type View,
  type Warning,
} from '../core/scan/scan.ts';
import { type GapBetween, gapBetweenContainers, type UprightPicture } from './container-gap.ts';
import { warningOf } from './tools/toolbox.ts';

/** The units with their places, and what is said of it. */
interface PlacedUnits {
  readonly units: readonly InspectionUnit[];
  readonly warnings: readonly Warning[];
}

/**
 * Gives each of two containers on one truck its part of the picture, where the file names two numbers and no places and
 * the picture shows the gap. A picture alone never makes a second container. docs/decisions/0026-two-containers.md.
 */
export function placeTwoContainers(
  units: readonly InspectionUnit[],
  views: readonly View[],
  planes: PlaneSources,
): PlacedUnits {
  const pair = pairOf(units);
  if (pair === undefined) return { units, warnings: [] };
  for (const view of views) {
    const extents = extentsIn(view, planes);
    if (extents === undefined) continue;
    const placed = pair.map((unit, i): InspectionUnit => ({ ...unit, extent: extents[i === 0 ? 0 : 1] }));
    const [{ axis, from, to }] = extents;
    const value = `${axis} of ${view.id}, at ${from === 0 ? to : from}`;
    const warnings = [warningOf('NII_W_CONTAINERS_FOUND', { field: 'units', value })];
    return { units: units.flatMap((unit) => replaced(unit, placed)), warnings };
  }
  return { units, warnings: [] };
}

/** Two units of one number each, or one unit with the numbers of two containers made two; undefined for anything else. */
function pairOf(units: readonly InspectionUnit[]): readonly [InspectionUnit, InspectionUnit] | undefined {
  if (units.some(({ extent }) => extent !== undefined)) return undefined;
  const numbered = units.filter(({ containers }) => containers.length > 0);
  const [first, second, third] = numbered.flatMap(({ containers }) => containers);
  if (first === undefined || second === undefined || third !== undefined) return undefined;
  if (!areOfTwoContainers(first.value, second.value)) return undefined;
  const [one, other] = numbered;
  if (one === undefined) return undefined;
  if (other !== undefined) return [one, other];
  const id = `${one.id.slice(0, 62)}-2`;
  return [
    { ...one, containers: [first] },
    { ...one, id, containers: [second] },
  ];
}

/** Two readings of one number differ in a character or two. */
const MOST_MISREAD = 2;

function areOfTwoContainers(one: string, other: string): boolean {
  if (one.length !== other.length) return true;
  return [...one].filter((character, i) => character !== other[i]).length > MOST_MISREAD;
}

/** The unit with its place; both where it became two. */
function replaced(unit: InspectionUnit, placed: readonly InspectionUnit[]): readonly InspectionUnit[] {
  const [first, second] = placed;
  if (unit.id === second?.id) return [second];
  if (unit.id !== first?.id) return [unit];
  const isSplit = unit.containers.length === 2 && second !== undefined;
  return isSplit ? [first, second] : [first];
}

/** Of the left container of the upright picture, and of the right one. They meet in the gap and leave nothing out. */
function extentsIn(view: View, planes: PlaneSources): readonly [Extent, Extent] | undefined {
  const channel = view.channels.find(isReadable);
  const plane = channel && planes.get(planeKey(view.id, channel.id));
  if (channel === undefined || plane === undefined || plane.byteLength < channel.bytes) return undefined;
  const turn = turnOf(view);
  const picture = uprightPicture(channel, plane, view.display);
  const gap = gapBetweenContainers(picture);
  if (gap === undefined) return undefined;
  const lines = channel[turn.axis];
  const cell = lines / picture.columns;
  const { at, uncertainty } = inLines(gap, cell);
  const meet = turn.isReversed ? lines - at : at;
  const part = (from: number, to: number): Extent => ({
    view: view.id,
    axis: turn.axis,
    from,
    to,
    estimated: { uncertainty },
  });
  const [low, high] = [part(0, meet), part(meet, lines)];
  return turn.isReversed ? [high, low] : [low, high];
}

function inLines({ from, to }: GapBetween, cell: number): { at: number; uncertainty: number } {
  return {
    at: Math.round(((from + to) / 2) * cell),
    uncertainty: Math.ceil(((to - from) / 2 + 1) * cell),
  };
}

/** Counts of a projection whose polarity is known, in one frame. */
function isReadable(channel: Channel): boolean {
  return opaqueEnd(channel) !== undefined && channel.frames === 1;
}

interface Turn {
  /** Of the stored samples, along the upright picture from left to right. */
  readonly axis: Axis;
  /** The first stored line is at the right. */
  readonly isReversed: boolean;
}

function turnOf({ display: { flipRows, rotate, flipColumns } }: View): Turn {
  const isTurned = rotate === 90 || rotate === 270;
  const reversals = [flipColumns, rotate >= 180, isTurned && flipRows].filter(Boolean).length;
  return { axis: isTurned ? 'rows' : 'columns', isReversed: reversals % 2 === 1 };
}

/** A gap of 76 mm is some cells wide at these sizes, and noise averages out. */
const MOST_ALONG = 2048;
const MOST_UPWARDS = 256;

/** Means over areas, upright, as shares of the open beam; NaN where nothing was measured. */
function uprightPicture(channel: Channel, plane: PlaneSource, display: View['display']): UprightPicture {
  const isTurned = display.rotate === 90 || display.rotate === 270;
  const rows = Math.min(channel.rows, isTurned ? MOST_ALONG : MOST_UPWARDS);
  const columns = Math.min(channel.columns, isTurned ? MOST_UPWARDS : MOST_ALONG);
  const stored = means(channel, plane, rows, columns);
  const size = isTurned ? { rows: columns, columns: rows } : { rows, columns };
  const values = new Float64Array(stored.length);
  for (let row = 0; row < size.rows; row += 1) {
    for (let column = 0; column < size.columns; column += 1) {
      values[row * size.columns + column] =
        stored[storedIndex(display, rows, columns, row, column)] ?? Number.NaN;
    }
  }
  return { ...size, values: sharesOfOpenBeam(values) };
}

/** Where a cell of the upright picture is stored: the display rule backwards. */
function storedIndex(
  { flipRows, rotate, flipColumns }: View['display'],
  rows: number,
  columns: number,
  row: number,
  column: number,
): number {
  const width = rotate === 90 || rotate === 270 ? rows : columns;
  const x = flipColumns ? width - 1 - column : column;
  const turned = {
    0: [row, x],
    90: [x, columns - 1 - row],
    180: [rows - 1 - row, columns - 1 - x],
    270: [rows - 1 - x, row],
  } as const;
  const [y, at] = turned[rotate];
  return (flipRows ? rows - 1 - y : y) * columns + at;
}

function means(channel: Channel, plane: PlaneSource, rows: number, columns: number): Float64Array {
  const sums = new Float64Array(rows * columns);
  const counts = new Uint32Array(rows * columns);
  const mask = measuredMask(channel);
  const width = channel.bitsAllocated / 8;
  const ceiling = 2 ** channel.bitsStored - 1;
  const isOpaqueHigh = channel.polarity === 'high-is-opaque';
  for (const { firstRow, rows: count, bytes } of rowBlocks(plane, channel.columns * width)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < count * channel.columns; i += 1) {
      const sample = width === 1 ? view.getUint8(i) : view.getUint16(i * 2, true);
      const row = firstRow + Math.floor(i / channel.columns);
      const column = i % channel.columns;
      if (!isMeasured(mask, sample, row, column)) continue;
      const cell =
        Math.floor((row * rows) / channel.rows) * columns + Math.floor((column * columns) / channel.columns);
      sums[cell] = (sums[cell] ?? 0) + (isOpaqueHigh ? ceiling - sample : sample);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return sums.map((sum, cell) => sum / (counts[cell] ?? 0));
}

/** Air above the load is more than a twentieth of the picture of a truck. */
const AIR_PERCENTILE = 0.97;

function sharesOfOpenBeam(values: Float64Array): Float64Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const air = sorted[Math.floor(sorted.length * AIR_PERCENTILE)] ?? Number.NaN;
  return values.map((value) => value / air);
}
