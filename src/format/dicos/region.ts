import type { DataSet } from '../../codec/dicom/data-set.ts';
import { binary, numbers, sequence } from '../../codec/dicom/write/build.ts';
import { turnedSamples } from '../../codec/pixels/turned.ts';
import type { Box } from '../../core/case/box.ts';
import { defined } from '../../core/defined.ts';
import type { Axis } from '../../core/scan/scan.ts';
import type { Section } from '../../core/scan/sections.ts';
import { turnedCorner } from '../../core/scan/turn.ts';
import type { Turned } from './ids.ts';
import { free } from './values.ts';

/** Where an object lies in a view, in stored samples. */
export interface Region {
  readonly box: Box;
  /** Of the box, row by row, one byte a sample; what is not 0 belongs to the object. */
  readonly mask?: Uint8Array;
  /** Corners of its outline, column and row; at least three. */
  readonly polygon?: readonly (readonly [number, number])[];
}

/**
 * Base and extents in pixels x, y, z of a flat image, the bitmap over them (empty where none is known), and the
 * bounding polygon: the outline, else two corners of the box.
 * @throws RangeError for a mask of another size than the box, or an outline of fewer than three corners
 */
export function regionElements(region: Region): DataSet {
  const { columnFrom, columnTo, rowFrom, rowTo, view } = region.box;
  const base = [columnFrom, rowFrom, 0];
  const extents = [columnTo - columnFrom, rowTo - rowFrom, 1];
  const roi = [
    numbers('40101004', 'FL', ...base),
    numbers('40101005', 'FL', ...extents),
    binary('40101006', 'OB', bitmapOf(region)),
  ];
  const where = `view ${view}, columns ${columnFrom} to ${columnTo - 1}, rows ${rowFrom} to ${rowTo - 1}`;
  return [
    sequence('40101001', roi),
    numbers('4010101d', 'FL', ...(outlineOf(region) ?? [...base, columnTo, rowTo, 1])),
    free('40101078', 'ST', where),
  ];
}

function outlineOf({ polygon }: Region): readonly number[] | undefined {
  if (polygon === undefined) return undefined;
  if (polygon.length < 3) throw new RangeError('an outline has at least three corners');
  return polygon.flatMap(([column, row]) => [column, row, 0]);
}

function bitmapOf({ box, mask }: Region): Uint8Array {
  if (mask === undefined) return new Uint8Array();
  const count = (box.columnTo - box.columnFrom) * (box.rowTo - box.rowFrom);
  if (mask.length !== count)
    throw new RangeError(`the mask has ${mask.length} samples, but its box has ${count}`);
  return packedBits(mask);
}

/** Eight samples a byte, least significant bit first, no row padding, whole 16-bit words: as DICOS toolkits write it. */
function packedBits(mask: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2 * Math.ceil(mask.length / 16));
  for (const [i, sample] of mask.entries()) {
    if (sample !== 0) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return bytes;
}

/** A region as it lies in an instance whose samples were turned. */
export function turnedRegion(region: Region, { turn, ...sides }: Turned): Region {
  const { box, mask, polygon } = region;
  const corner = (column: number, row: number) => turnedCorner([column, row], sides, turn);
  const [one, other] = [corner(box.columnFrom, box.rowFrom), corner(box.columnTo, box.rowTo)];
  const turnedBox = {
    ...box,
    columnFrom: Math.min(one[0], other[0]),
    columnTo: Math.max(one[0], other[0]),
    rowFrom: Math.min(one[1], other[1]),
    rowTo: Math.max(one[1], other[1]),
  };
  return {
    box: turnedBox,
    ...defined({
      mask: mask && turnedSamples(mask, maskShape(box), turn),
      polygon: polygon?.map(([column, row]) => corner(column, row)),
    }),
  };
}

function maskShape({ rowFrom, rowTo, columnFrom, columnTo }: Box) {
  const sides = { rows: rowTo - rowFrom, columns: columnTo - columnFrom };
  return { ...sides, frames: 1, samplesPerPixel: 1, planar: false, bitsAllocated: 8 } as const;
}

/**
 * What of a region lies in a section, counted from the section's first sample; undefined for nothing. Its outline goes
 * with it where all of it is in the section.
 */
export function withinSection(region: Region, { axis, from, to }: Section): Region | undefined {
  const { box, mask } = region;
  const [first, last] =
    axis === 'columns' ? (['columnFrom', 'columnTo'] as const) : (['rowFrom', 'rowTo'] as const);
  const start = Math.max(box[first], from);
  const end = Math.min(box[last], to);
  if (start >= end) return undefined;
  const kept = { ...box, [first]: start, [last]: end };
  const cut = { ...box, [first]: start - from, [last]: end - from };
  const polygon = start === box[first] && end === box[last] ? shifted(region, axis, from) : undefined;
  return {
    box: cut,
    ...defined({ polygon, mask: mask === undefined ? undefined : croppedMask(mask, box, kept) }),
  };
}

function shifted({ polygon }: Region, axis: Axis, from: number): Region['polygon'] {
  const [columns, rows] = axis === 'columns' ? [from, 0] : [0, from];
  return polygon?.map(([column, row]) => [column - columns, row - rows] as const);
}

function croppedMask(mask: Uint8Array, box: Box, kept: Box): Uint8Array {
  const width = box.columnTo - box.columnFrom;
  const rows = Array.from({ length: kept.rowTo - kept.rowFrom }, (_, i) => {
    const start = (kept.rowFrom - box.rowFrom + i) * width + kept.columnFrom - box.columnFrom;
    return mask.subarray(start, start + kept.columnTo - kept.columnFrom);
  });
  return new Uint8Array(Buffer.concat(rows));
}
