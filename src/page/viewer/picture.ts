import type { MaterialSource } from '../../core/material/source.ts';
import type { Turn } from '../../core/scan/turn.ts';
import type { Cell } from './cell.ts';
import type { Canvas, Scene, Sides } from './geometry.ts';
import { asMeasured, LEVELS_CEILING, type Plane } from './plane.ts';
import type { ViewSettings } from './settings.ts';

/** One view: planes of the same rows and columns by channel id, and how they stand upright. */
export interface Picture extends Sides {
  readonly cell: Cell;
  readonly display: Turn;
  readonly planes: ReadonlyMap<string, Plane>;
  readonly material?: MaterialSource;
}

/** A picture on a canvas. */
export function sceneOf(
  { rows, columns, cell, display }: Pick<Picture, 'rows' | 'columns' | 'cell' | 'display'>,
  { width, height }: Canvas,
): Scene {
  return { sides: { rows, columns }, cell, display, width, height };
}

/** The same picture with nothing filled. */
export function asMeasuredPicture(picture: Picture): Picture {
  const planes = new Map([...picture.planes].map(([id, plane]) => [id, asMeasured(plane)]));
  return { ...picture, planes };
}

/** What the settings ask for and the picture has. */
export interface Drawn {
  readonly id: string;
  readonly plane: Plane;
  readonly material: MaterialSource | undefined;
}

/** Undefined where the picture has no such channel, or no material. */
export function drawnOf(picture: Picture, { shown }: Pick<ViewSettings, 'shown'>): Drawn | undefined {
  if (shown.kind === 'material' && picture.material === undefined) return undefined;
  const material = shown.kind === 'material' ? picture.material : undefined;
  const id = shown.kind === 'channel' ? shown.id : (material?.brightness ?? '');
  const plane = picture.planes.get(id);
  return plane === undefined ? undefined : { id, plane, material };
}

/** Samples of a level below one canvas pixel on an axis, at most. */
export const MOST_BELOW = 16;

/**
 * The finest level with no more than two of its samples for each canvas pixel on the axis where samples are drawn longer,
 * so that this axis loses nothing. The other axis has as many more as its samples are shorter, as far as that goes.
 */
export function levelFor({ width, height }: Cell, zoom: number): number {
  const longer = zoom * Math.max(width, height);
  const wanted = longer >= 1 ? 0 : Math.floor(Math.log2(1 / longer));
  const least = Math.ceil(Math.log2(1 / zoom / MOST_BELOW));
  return Math.min(LEVELS_CEILING, Math.max(wanted, least));
}

/** Samples of a level below one canvas pixel along columns and along rows; 0 shows the sample below its centre. */
export function footprintOf(
  { width, height }: Cell,
  zoom: number,
  level: number,
): { readonly columns: number; readonly rows: number } {
  const along = (pixels: number) => (pixels >= 1 ? 0 : 1 / pixels / 2 ** level);
  return { columns: along(zoom * width), rows: along(zoom * height) };
}

/** Local contrast takes the mean of this many levels above: 16 x 16 samples, interpolated. */
const LEVELS_TO_AROUND = 4;

/** The level of the mean around, for local contrast. */
export function aroundLevel(level: number): number {
  return Math.min(LEVELS_CEILING, level + LEVELS_TO_AROUND);
}

/** A pixel's centre on the line between two samples shows the later one, however it was rounded. */
export const NUDGE = 1 / 1024;
