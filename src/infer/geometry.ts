import type { Box } from '../core/case/box.ts';
import type { Lines } from '../core/scan/cab.ts';
import type { Extent, PixelPitch } from '../core/scan/scan.ts';
import {
  type DisplayRule,
  displayRaster,
  isTurned,
  type Raster,
  type Rectangle,
  sampleAt,
  sourceRectangle,
  storedFromDisplay,
} from './raster.ts';

interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** How a view became a model's image, and so how to come back. */
export interface Geometry {
  readonly view: string;
  readonly stored: Size;
  readonly rule: DisplayRule;
  /** The model's image, upright, without padding. */
  readonly model: Size;
  /** Of the stored samples. */
  readonly pitch: PixelPitch;
  readonly openBeam: readonly OpenBeam[];
  /** Samples without a value that were filled, all channels together. */
  readonly filled: number;
  /** Lines of stored samples that the model got as not measured. */
  readonly leftOut: readonly Lines[];
}

/** Value of the unobstructed beam, one a channel; estimated: as open-beam.ts says. */
export interface OpenBeam {
  readonly channel: string;
  readonly value: number;
  readonly source: 'stated' | 'estimated';
}

type Frame = Pick<Geometry, 'stored' | 'rule' | 'model'>;

/** Size of the upright picture in samples. */
export function displaySize({ stored, rule }: Pick<Geometry, 'stored' | 'rule'>): Size {
  return isTurned(rule) ? { rows: stored.columns, columns: stored.rows } : stored;
}

/** The stored samples that a rectangle of the model's pixels was made from; every sample it touches is inside. */
export function boxInStored(geometry: Frame & Pick<Geometry, 'view'>, pixels: Rectangle): Box {
  const display = displaySize(geometry);
  const rows = stretch(pixels.rowFrom, pixels.rowTo, geometry.model.rows, display.rows);
  const columns = stretch(pixels.columnFrom, pixels.columnTo, geometry.model.columns, display.columns);
  const raster = displayRaster(geometry.stored.rows, geometry.stored.columns, geometry.rule);
  const upright = { rowFrom: rows.from, rowTo: rows.to, columnFrom: columns.from, columnTo: columns.to };
  return { view: geometry.view, ...sourceRectangle(raster, geometry.stored.columns, upright) };
}

/** The model's pixels that a unit's extent touches; undefined when it lies outside of the view. */
export function extentInModel(
  geometry: Frame & Pick<Geometry, 'view'>,
  extent: Extent,
): Rectangle | undefined {
  const { stored, rule, model } = geometry;
  const length = extent.axis === 'rows' ? stored.rows : stored.columns;
  const to = Math.min(extent.to, length);
  if (extent.view !== geometry.view || extent.from >= to) return undefined;
  const along =
    extent.axis === 'rows'
      ? { rowFrom: extent.from, rowTo: to, columnFrom: 0, columnTo: stored.columns }
      : { rowFrom: 0, rowTo: stored.rows, columnFrom: extent.from, columnTo: to };
  const display = displaySize(geometry);
  const raster = storedFromDisplay(display.rows, display.columns, rule);
  const upright = sourceRectangle(raster, display.columns, along);
  const rows = stretch(upright.rowFrom, upright.rowTo, display.rows, model.rows);
  const columns = stretch(upright.columnFrom, upright.columnTo, display.columns, model.columns);
  return { rowFrom: rows.from, rowTo: rows.to, columnFrom: columns.from, columnTo: columns.to };
}

/** A plane of the model's pixels turned back to stored orientation, at the model's resolution. */
export function turnBack(geometry: Frame, plane: Uint8Array): Size & { readonly bytes: Uint8Array } {
  const raster = storedFromDisplay(geometry.model.rows, geometry.model.columns, geometry.rule);
  const bytes = new Uint8Array(plane.length);
  for (let row = 0; row < raster.rows; row++) copyRow(plane, raster, row, bytes);
  return { rows: raster.rows, columns: raster.columns, bytes };
}

function copyRow(plane: Uint8Array, raster: Raster, row: number, into: Uint8Array): void {
  for (let column = 0; column < raster.columns; column++) {
    into[row * raster.columns + column] = plane[sampleAt(raster, row, column)] ?? 0;
  }
}

/**
 * Cells of `to` equal parts that cells [from, end) of `parts` equal parts of the same length touch.
 * Products of two sizes stay below 2^53, so the quotients round to the right side.
 */
function stretch(from: number, end: number, parts: number, to: number): { from: number; to: number } {
  return { from: Math.floor((from * to) / parts), to: Math.ceil((end * to) / parts) };
}
