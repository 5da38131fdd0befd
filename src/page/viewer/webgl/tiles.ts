import { REACH } from '../../../core/material/evidence.ts';
import { type Canvas, type Scene, type Sides, screenToSample } from '../geometry.ts';
import { MOST_BELOW } from '../picture.ts';
import { type Region, sideOfLevel } from '../plane.ts';
import type { Look } from '../settings.ts';

/** Samples of a tile on a side; no texture of WebGL2 may be limited to less than twice as many. */
const TILE = 1024;
/** Samples around a tile that its texture holds too: for means, edges and evidence at its border. */
const EDGE = MOST_BELOW / 2 + REACH + 1;

/** A square of one level: its place counts tiles. */
export interface Tile {
  readonly level: number;
  readonly row: number;
  readonly column: number;
}

/** The tiles of a level that lie on the canvas. */
export function tilesInView(scene: Scene, look: Look, level: number): readonly Tile[] {
  const a = screenToSample(scene, look, { x: 0, y: 0 });
  const b = screenToSample(scene, look, { x: scene.width, y: scene.height });
  const rows = tilesBetween(a.y, b.y, scene.sides.rows, level);
  const columns = tilesBetween(a.x, b.x, scene.sides.columns, level);
  return rows.flatMap((row) => columns.map((column) => ({ level, row, column })));
}

function tilesBetween(a: number, b: number, side: number, level: number): readonly number[] {
  const size = TILE * 2 ** level;
  const first = Math.max(0, Math.floor((Math.min(a, b) - 1) / size));
  const last = Math.min(Math.ceil(side / size) - 1, Math.floor((Math.max(a, b) + 1) / size));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** The samples of a tile alone. */
export function coreOf({ level, row, column }: Tile, sides: Sides): Region {
  return regionAround(level, sides, row * TILE, column * TILE, 0);
}

/** The samples of a tile with its edge. */
export function textureRegion({ level, row, column }: Tile, sides: Sides): Region {
  return regionAround(level, sides, row * TILE, column * TILE, EDGE);
}

function regionAround(level: number, sides: Sides, row: number, column: number, edge: number): Region {
  const top = Math.max(0, row - edge);
  const left = Math.max(0, column - edge);
  return {
    row: top,
    column: left,
    rows: Math.min(sideOfLevel(sides.rows, level), row + TILE + edge) - top,
    columns: Math.min(sideOfLevel(sides.columns, level), column + TILE + edge) - left,
  };
}

/** The samples of a coarser level that lie around a tile, with one more on each side to interpolate. */
export function coarseRegion(tile: Tile, sides: Sides, coarse: number): Region {
  const factor = 2 ** (coarse - tile.level);
  const { row, column, rows, columns } = coreOf(tile, sides);
  const top = Math.max(0, Math.floor(row / factor) - 2);
  const left = Math.max(0, Math.floor(column / factor) - 2);
  return {
    row: top,
    column: left,
    rows: Math.min(sideOfLevel(sides.rows, coarse), Math.ceil((row + rows) / factor) + 2) - top,
    columns: Math.min(sideOfLevel(sides.columns, coarse), Math.ceil((column + columns) / factor) + 2) - left,
  };
}

/** The tile of the next coarser level that holds a tile. */
export function parentOf({ level, row, column }: Tile): Tile {
  return { level: level + 1, row: row >> 1, column: column >> 1 };
}

/** Left, bottom, right and top in clip coordinates of what lies between two points of the canvas, a pixel wider. */
export function clipRectangle(
  { width, height }: Canvas,
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): readonly [number, number, number, number] {
  const clip = (at: number, side: number) => Math.min(1, Math.max(-1, (2 * at) / side - 1));
  return [
    clip(Math.min(a.x, b.x) - 1, width),
    -clip(Math.max(a.y, b.y) + 1, height),
    clip(Math.max(a.x, b.x) + 1, width),
    -clip(Math.min(a.y, b.y) - 1, height),
  ];
}
