import type { Region } from '../../core/material/planes.ts';
import { inverseOf, stepsOf, type Turn, turnedCorner, turnedSides } from '../../core/scan/turn.ts';
import { type Cell, turnedCell } from './cell.ts';
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

/** What lies where: the stored picture, the shape of its samples, how the record turns it upright, and the canvas. */
export interface Scene extends Canvas {
  readonly sides: Sides;
  readonly cell: Cell;
  readonly display: Turn;
}

export const LEAST_ZOOM = 1 / 4096;
export const MOST_ZOOM = 64;

/** Canvas pixels for one sample of the turned picture, across and down. */
export function pixelsOfSample({ cell, display }: Pick<Scene, 'cell' | 'display'>, look: Look): Point {
  const { width, height } = turnedCell(cell, turnOnScreen(display, look));
  return { x: width * look.zoom, y: height * look.zoom };
}

/** The same look after a move over this many canvas pixels: what lay there then comes to the middle. */
export function panBy<L extends Look>(scene: Scene, look: L, { x, y }: Point): L {
  const pixels = pixelsOfSample(scene, look);
  return { ...look, pan: { x: look.pan.x + x / pixels.x, y: look.pan.y + y / pixels.y } };
}

/** The point of the canvas at which a point of the stored picture lies: x counts columns, y counts rows. */
export function sampleToScreen(scene: Scene, look: Look, { x, y }: Point): Point {
  const { sides, display, width, height } = scene;
  const [across, down] = turnedCorner([x, y], sides, turnOnScreen(display, look));
  const pixels = pixelsOfSample(scene, look);
  return {
    x: (across - look.pan.x) * pixels.x + width / 2,
    y: (down - look.pan.y) * pixels.y + height / 2,
  };
}

/** The point of the stored picture that lies at a point of the canvas; it may lie outside of the picture. */
export function screenToSample(scene: Scene, look: Look, { x, y }: Point): Point {
  const turn = turnOnScreen(scene.display, look);
  const pixels = pixelsOfSample(scene, look);
  const across = (x - scene.width / 2) / pixels.x + look.pan.x;
  const down = (y - scene.height / 2) / pixels.y + look.pan.y;
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
  const pixels = pixelsOfSample(scene, look);
  return {
    column: { at0: at0.x, across: columnColumn / pixels.x, down: rowColumn / pixels.y },
    row: { at0: at0.y, across: columnRow / pixels.x, down: rowRow / pixels.y },
  };
}

/** Another zoom, with what lies at a point of the canvas kept in its place. */
export function zoomAt<L extends Look>(scene: Scene, look: L, at: Point, factor: number): L {
  const zoom = clampZoom(look.zoom * factor);
  const from = { x: at.x - scene.width / 2, y: at.y - scene.height / 2 };
  const there = panBy(scene, look, from);
  return panBy(scene, { ...there, zoom }, { x: -from.x, y: -from.y });
}

export function clampZoom(zoom: number): number {
  return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}

/** All of the picture, as large as the canvas allows, in its middle. */
export function fitPicture<L extends Look>(scene: Scene, look: L): L {
  const { rows, columns } = turnedSides(scene.sides, turnOnScreen(scene.display, look));
  const one = pixelsOfSample(scene, { ...look, zoom: 1 });
  const zoom = Math.min(scene.width / (columns * one.x), scene.height / (rows * one.y));
  return { ...look, zoom: clampZoom(zoom), pan: { x: columns / 2, y: rows / 2 } };
}

/**
 * One canvas pixel for the shorter side of a sample, with the middle kept, and the first sample not cut by pixels. So no
 * sample is left out; where rows and columns have one pitch, each sample is one pixel.
 */
export function oneToOne<L extends Look>(scene: Scene, look: L): L {
  const next = { ...look, zoom: 1 };
  const one = pixelsOfSample(scene, next);
  const whole = (at: number, side: number, pixels: number) =>
    (Math.round(at * pixels - side / 2) + side / 2) / pixels;
  return {
    ...next,
    pan: { x: whole(look.pan.x, scene.width, one.x), y: whole(look.pan.y, scene.height, one.y) },
  };
}

/** A place of the stored picture in the middle of the canvas. */
export function centreOn<L extends Look>(scene: Scene, look: L, sample: Point): L {
  const [x, y] = turnedCorner([sample.x, sample.y], scene.sides, turnOnScreen(scene.display, look));
  return { ...look, pan: { x, y } };
}

/** The picture turned by the reader, with the same sample in the middle. */
export function turnTo<L extends Look>(scene: Scene, look: L, to: Pick<Look, 'rotate' | 'mirror'>): L {
  const middle = screenToSample(scene, look, { x: scene.width / 2, y: scene.height / 2 });
  return centreOn(scene, { ...look, ...to }, middle);
}
