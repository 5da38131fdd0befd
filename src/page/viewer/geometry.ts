import type { Region } from '../../core/material/planes.ts';
import { inverseOf, stepsOf, type Turn, turnedCorner, turnedSides } from '../../core/scan/turn.ts';
import { turnOnScreen } from './orientation.ts';
import type { Look } from './settings.ts';

/** Of a picture in stored samples. */
export interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/** In canvas pixels. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What lies where: the stored picture, how the record turns it upright, and the canvas. */
export interface Scene extends Canvas {
  readonly sides: Sides;
  readonly display: Turn;
}

export const LEAST_ZOOM = 1 / 4096;
export const MOST_ZOOM = 64;

/** The point of the canvas at which a point of the stored picture lies: x counts columns, y counts rows. */
export function sampleToScreen({ sides, display, width, height }: Scene, look: Look, { x, y }: Point): Point {
  const [across, down] = turnedCorner([x, y], sides, turnOnScreen(display, look));
  return {
    x: (across - look.pan.x) * look.zoom + width / 2,
    y: (down - look.pan.y) * look.zoom + height / 2,
  };
}

/** The point of the stored picture that lies at a point of the canvas; it may lie outside of the picture. */
export function screenToSample(scene: Scene, look: Look, { x, y }: Point): Point {
  const turn = turnOnScreen(scene.display, look);
  const across = (x - scene.width / 2) / look.zoom + look.pan.x;
  const down = (y - scene.height / 2) / look.zoom + look.pan.y;
  const [column, row] = turnedCorner([across, down], turnedSides(scene.sides, turn), inverseOf(turn));
  return { x: column, y: row };
}

/** The stored samples that lie on the canvas. */
export function regionInView(scene: Scene, look: Look): Region {
  const a = screenToSample(scene, look, { x: 0, y: 0 });
  const b = screenToSample(scene, look, { x: scene.width, y: scene.height });
  const cut = (at: number, side: number) => Math.min(side, Math.max(0, at));
  const [top, bottom] = [Math.floor(Math.min(a.y, b.y)), Math.ceil(Math.max(a.y, b.y))];
  const [left, right] = [Math.floor(Math.min(a.x, b.x)), Math.ceil(Math.max(a.x, b.x))];
  const { rows, columns } = scene.sides;
  const [row, column] = [cut(top, rows), cut(left, columns)];
  return { row, column, rows: cut(bottom, rows) - row, columns: cut(right, columns) - column };
}

/** Stored column and row as sums: constant + across × canvas x + down × canvas y. */
export interface Affine {
  readonly column: { readonly at0: number; readonly across: number; readonly down: number };
  readonly row: { readonly at0: number; readonly across: number; readonly down: number };
}

/** `screenToSample` as numbers for a shader. */
export function screenToSampleAffine(scene: Scene, look: Look): Affine {
  const at0 = screenToSample(scene, look, { x: 0, y: 0 });
  const { rowRow, rowColumn, columnRow, columnColumn } = stepsOf(turnOnScreen(scene.display, look));
  const step = 1 / look.zoom;
  return {
    column: { at0: at0.x, across: columnColumn * step, down: rowColumn * step },
    row: { at0: at0.y, across: columnRow * step, down: rowRow * step },
  };
}

/** Another zoom, with what lies at a point of the canvas kept in its place. */
export function zoomAt<L extends Look>({ width, height }: Canvas, look: L, at: Point, factor: number): L {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, look.zoom * factor));
  const keep = 1 / look.zoom - 1 / zoom;
  const pan = { x: look.pan.x + (at.x - width / 2) * keep, y: look.pan.y + (at.y - height / 2) * keep };
  return { ...look, zoom, pan };
}

/** All of the picture, as large as the canvas allows, in its middle. */
export function fitPicture<L extends Look>(scene: Scene, look: L): L {
  const { rows, columns } = turnedSides(scene.sides, turnOnScreen(scene.display, look));
  const zoom = Math.min(scene.width / columns, scene.height / rows, MOST_ZOOM);
  return { ...look, zoom: Math.max(LEAST_ZOOM, zoom), pan: { x: columns / 2, y: rows / 2 } };
}

/** One canvas pixel for each sample, with the middle kept, and samples not cut by pixels. */
export function oneToOne<L extends Look>({ width, height }: Canvas, look: L): L {
  const whole = (at: number, side: number) => Math.round(at - side / 2) + side / 2;
  return { ...look, zoom: 1, pan: { x: whole(look.pan.x, width), y: whole(look.pan.y, height) } };
}

/** The picture turned by the reader, with the same sample in the middle. */
export function turnTo<L extends Look>(scene: Scene, look: L, to: Pick<Look, 'rotate' | 'mirror'>): L {
  const middle = screenToSample(scene, look, { x: scene.width / 2, y: scene.height / 2 });
  const turn = turnOnScreen(scene.display, to);
  const [x, y] = turnedCorner([middle.x, middle.y], scene.sides, turn);
  return { ...look, ...to, pan: { x, y } };
}
