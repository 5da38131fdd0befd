import { arealDensity, type Material } from '../../simulate/physics/materials.ts';
import type { Random } from '../../simulate/random.ts';
import type { ThreatObject } from './library.ts';

type Corner = readonly [x: number, y: number];

/** An object as it is put in: turned, of its own thickness, its corners in mm from its lower left end. */
export interface Shape {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly pieces: readonly (readonly Corner[])[];
  /** Relative to the library's. */
  readonly thickness: number;
  readonly object: ThreatObject;
}

/** What a shape adds to a window of pixels, row 0 at the top. */
export interface Layers {
  readonly rows: number;
  readonly columns: number;
  /** g/cm² of each material at each pixel. */
  readonly added: ReadonlyMap<Material, Float32Array>;
  /** Share of the goods that is taken away at each pixel. */
  readonly removed: Float32Array;
}

/** So far an object leans, as a standard deviation in radians, and so far its thickness is off the library's. */
const LEAN = 0.1;
const THICKNESS_SPREAD = 0.2;

/** Draws how an object lies: turned a little, perhaps mirrored, somewhat thinner or thicker. */
export function drawShape(random: Random, object: ThreatObject): Shape {
  const turn = random.normal() * LEAN;
  const side = random.chance(0.5) ? -1 : 1;
  const [cos, sin] = [1 - (turn * turn) / 2, turn];
  const turned = repeated(object).map((piece) =>
    piece.map(([x, y]): Corner => [side * (x * cos - y * sin), x * sin + y * cos]),
  );
  const corners = turned.flat();
  const left = Math.min(...corners.map(([x]) => x));
  const low = Math.min(...corners.map(([, y]) => y));
  return {
    widthMm: Math.max(...corners.map(([x]) => x)) - left,
    heightMm: Math.max(...corners.map(([, y]) => y)) - low,
    pieces: turned.map((piece) => piece.map(([x, y]): Corner => [x - left, y - low])),
    thickness: random.between(1 - THICKNESS_SPREAD, 1 + THICKNESS_SPREAD),
    object,
  };
}

/** The outline once, or in a grid. */
function repeated(object: ThreatObject): readonly (readonly Corner[])[] {
  const { outline } = object;
  if (!('grid' in object) || object.grid === undefined) return [outline];
  const { columns, rows, gapMm } = object.grid;
  const width = spread(outline.map(([x]) => x)) + gapMm;
  const height = spread(outline.map(([, y]) => y)) + gapMm;
  return Array.from({ length: columns * rows }, (_, i) => {
    const [right, up] = [(i % columns) * width, Math.floor(i / columns) * height];
    return outline.map(([x, y]): Corner => [x + right, y + up]);
  });
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** Samples of a pixel's side. */
const SUBSAMPLES = 3;

/**
 * The layers of a shape on pixels of this size.
 * @param rowMm height of a pixel
 * @param columnMm width of a pixel
 */
export function layersOf(shape: Shape, rowMm: number, columnMm: number): Layers {
  const rows = Math.max(1, Math.ceil(shape.heightMm / rowMm));
  const columns = Math.max(1, Math.ceil(shape.widthMm / columnMm));
  const cover = new Float32Array(rows * columns);
  const rim = new Float32Array(rows * columns);
  const { object } = shape;
  const lining = 'lining' in object ? object.lining : undefined;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let k = 0; k < SUBSAMPLES * SUBSAMPLES; k++) {
        const x = (column + ((k % SUBSAMPLES) + 0.5) / SUBSAMPLES) * columnMm;
        const y = (rows - row - (Math.floor(k / SUBSAMPLES) + 0.5) / SUBSAMPLES) * rowMm;
        const piece = shape.pieces.find((one) => isInside(one, x, y));
        if (piece === undefined) continue;
        const isRim = lining !== undefined && distanceToEdge(piece, x, y) < lining.thicknessMm;
        const at = row * columns + column;
        if (isRim) rim[at] = (rim[at] ?? 0) + 1 / SUBSAMPLES ** 2;
        else cover[at] = (cover[at] ?? 0) + 1 / SUBSAMPLES ** 2;
      }
    }
  }
  return { rows, columns, ...filled(shape, cover, rim) };
}

function filled(
  { object, thickness }: Shape,
  cover: Float32Array,
  rim: Float32Array,
): Pick<Layers, 'added' | 'removed'> {
  if ('removes' in object) {
    const share = Math.min(1, object.removes * thickness);
    return { added: new Map(), removed: cover.map((part) => part * share) };
  }
  const added = new Map<Material, Float32Array>();
  const add = (material: Material, parts: Float32Array, grams: number) => {
    const plane = added.get(material) ?? new Float32Array(parts.length);
    parts.forEach((part, i) => {
      plane[i] = (plane[i] ?? 0) + part * grams;
    });
    added.set(material, plane);
  };
  add(object.material, cover, object.arealDensity * thickness);
  if (object.lining !== undefined) {
    const { material, thicknessMm, depthMm } = object.lining;
    add(material, cover, arealDensity(material, 2 * thicknessMm));
    add(material, rim, arealDensity(material, depthMm));
  }
  return { added, removed: new Float32Array(cover.length) };
}

/** Even-odd rule. */
function isInside(corners: readonly Corner[], x: number, y: number): boolean {
  let inside = false;
  let before = corners.at(-1);
  for (const corner of corners) {
    if (before !== undefined && corner[1] > y !== before[1] > y) {
      const crossing = before[0] + ((y - before[1]) / (corner[1] - before[1])) * (corner[0] - before[0]);
      if (x < crossing) inside = !inside;
    }
    before = corner;
  }
  return inside;
}

function distanceToEdge(corners: readonly Corner[], x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let before = corners.at(-1);
  for (const corner of corners) {
    if (before !== undefined) nearest = Math.min(nearest, distanceToLine(before, corner, x, y));
    before = corner;
  }
  return nearest;
}

function distanceToLine([ax, ay]: Corner, [bx, by]: Corner, x: number, y: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}
