import type { MaterialSource } from '../../core/material/source.ts';
import type { Turn } from '../../core/scan/turn.ts';
import type { Sides } from './geometry.ts';
import { asMeasured, LEVELS_CEILING, type Plane } from './plane.ts';
import type { ViewSettings } from './settings.ts';

/** One view: planes of the same rows and columns by channel id, and how they stand upright. */
export interface Picture extends Sides {
  readonly display: Turn;
  readonly planes: ReadonlyMap<string, Plane>;
  readonly material?: MaterialSource;
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

/** The finest level with no more than two of its samples for each canvas pixel on an axis. */
export function levelFor(zoom: number): number {
  return zoom >= 1 ? 0 : Math.min(LEVELS_CEILING, Math.floor(Math.log2(1 / zoom)));
}

/** Local contrast takes the mean of this many levels above: 16 x 16 samples, interpolated. */
const LEVELS_TO_AROUND = 4;

/** The level of the mean around, for local contrast. */
export function aroundLevel(level: number): number {
  return Math.min(LEVELS_CEILING, level + LEVELS_TO_AROUND);
}

/** A pixel's centre on the line between two samples shows the later one, however it was rounded. */
export const NUDGE = 1 / 1024;
