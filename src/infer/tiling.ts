import type { Tensor } from '../core/ports/inference.ts';
import type { ModelShape } from './manifest.ts';
import type { ValueMap } from './smooth.ts';

/** An image as a model sees it: channels one behind the other, row by row, without padding. */
export interface ModelImage {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** Where tiles of one size lie. One tile larger than the image is the whole image, padded. */
export interface TilePlan {
  readonly rows: number;
  readonly columns: number;
  readonly rowStarts: readonly number[];
  readonly columnStarts: readonly number[];
  /** Padding before the first row and column of the image; none unless given. */
  readonly before?: { readonly rows: number; readonly columns: number };
}

/** Between tiles of an image too large for one run; wider than what the default model sees around a pixel. */
const OVERLAP = 128;

/** How an image goes into a model: whole and padded to a bucket, or in tiles. */
export function planTiles(shape: ModelShape, rows: number, columns: number): TilePlan {
  if (shape.kind === 'tiles') {
    return tilesOf(rows, columns, shape.height, shape.width, shape.overlap);
  }
  if (shape.kind === 'whole') return wholePlan(shape, rows, columns);
  return bucketPlan(shape, rows, columns);
}

function bucketPlan(shape: Buckets, rows: number, columns: number): TilePlan {
  const bucketRows = bucket(rows, shape);
  const bucketColumns = bucket(columns, shape);
  if (bucketRows * bucketColumns <= shape.maximumPixels)
    return tilesOf(rows, columns, bucketRows, bucketColumns, 0);
  return tilesWithin(shape, rows, columns);
}

/** One run, with the image in the middle of its padding. */
function wholePlan({ height, width }: Size, rows: number, columns: number): TilePlan {
  const before = { rows: Math.floor((height - rows) / 2), columns: Math.floor((width - columns) / 2) };
  return { rows: height, columns: width, rowStarts: [0], columnStarts: [0], before };
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Few sizes: four an octave, each a multiple the model can take, so that the runtime meets few shapes. */
export function bucket(
  length: number,
  { multipleOf, minimum }: { multipleOf: number; minimum: number },
): number {
  const wanted = Math.max(length, minimum);
  const step = Math.max(multipleOf, 2 ** (Math.floor(Math.log2(wanted)) - 2));
  const rounded = Math.ceil(wanted / step) * step;
  return Math.ceil(rounded / multipleOf) * multipleOf;
}

type Buckets = Extract<ModelShape, { kind: 'buckets' }>;

/** Tiles as near to square as the image allows, each within the model's pixels. */
function tilesWithin(shape: Buckets, rows: number, columns: number): TilePlan {
  const side = Math.max(largestSide(shape), Math.ceil(shape.minimum / shape.multipleOf) * shape.multipleOf);
  const tileRows = Math.min(side, bucket(rows, shape));
  const tileColumns = Math.min(side, bucket(columns, shape));
  const overlap = Math.min(OVERLAP, Math.floor(Math.min(tileRows, tileColumns) / 2));
  return tilesOf(rows, columns, tileRows, tileColumns, overlap);
}

function largestSide({ maximumPixels, multipleOf }: Buckets): number {
  return Math.floor(Math.sqrt(maximumPixels) / multipleOf) * multipleOf;
}

function tilesOf(
  rows: number,
  columns: number,
  tileRows: number,
  tileColumns: number,
  overlap: number,
): TilePlan {
  return {
    rows: tileRows,
    columns: tileColumns,
    rowStarts: starts(rows, tileRows, overlap),
    columnStarts: starts(columns, tileColumns, overlap),
  };
}

/** Tiles of `size` over `length`, at least `overlap` shared by neighbours; the last one ends with the image. */
function starts(length: number, size: number, overlap: number): readonly number[] {
  if (size >= length) return [0];
  const step = Math.max(1, size - overlap);
  const count = Math.ceil((length - size) / step) + 1;
  return Array.from({ length: count }, (_, i) => Math.min(i * step, length - size));
}

/** Columns of tiles from left to right, each with the first column that only later tiles reach. */
export function tileColumns(
  { columns, columnStarts }: TilePlan,
  imageColumns: number,
): readonly { readonly from: number; readonly to: number; readonly done: number }[] {
  return columnStarts.map((from, i) => ({
    from,
    to: Math.min(from + columns, imageColumns),
    done: columnStarts[i + 1] ?? imageColumns,
  }));
}

/** One tile, from a row of the image and its first column on; beyond the image each channel holds its padding. */
export function cutTile(image: ModelImage, plan: TilePlan, firstRow: number, pad: readonly number[]): Tensor {
  const area = plan.rows * plan.columns;
  const data = new Float32Array(image.channels * area);
  const before = plan.before ?? { rows: 0, columns: 0 };
  const rows = Math.min(plan.rows - before.rows, image.rows - firstRow);
  const columns = Math.min(plan.columns - before.columns, image.columns);
  for (let channel = 0; channel < image.channels; channel++) {
    data.fill(pad[channel] ?? 0, channel * area, (channel + 1) * area);
    for (let row = 0; row < rows; row++) {
      const from = (channel * image.rows + firstRow + row) * image.columns;
      const into = channel * area + (before.rows + row) * plan.columns + before.columns;
      data.set(image.data.subarray(from, from + columns), into);
    }
  }
  return { shape: [1, image.channels, plan.rows, plan.columns], data };
}

/** A map of a tile moved so that it begins with the image and not with the padding before it. */
export function withoutPaddingBefore(map: Float32Array, { rows, columns, before }: TilePlan): Float32Array {
  if (before === undefined || (before.rows === 0 && before.columns === 0)) return map;
  const moved = new Float32Array(map.length);
  for (let row = before.rows; row < rows; row++) {
    const from = row * columns;
    moved.set(map.subarray(from + before.columns, from + columns), (row - before.rows) * columns);
  }
  return moved;
}

/** Columns of a map from `from` on, all rows. */
export interface Strip extends ValueMap {
  readonly from: number;
}

/**
 * Takes the maps of tiles, column of tiles by column of tiles from the left, and gives the map of the image in strips:
 * where tiles overlap they blend linearly. Holds no more than one column of tiles.
 */
export class StripMerger {
  readonly #plan: TilePlan;
  readonly #rows: number;
  readonly #columns: number;
  readonly #width: number;
  readonly #sum: Float64Array;
  readonly #weight: Float64Array;
  readonly #rowRamp: Float64Array;
  readonly #columnRamp: Float64Array;
  /** Column of the image that the first column held is. */
  #from = 0;

  constructor(plan: TilePlan, rows: number, columns: number) {
    this.#plan = plan;
    this.#rows = rows;
    this.#columns = columns;
    this.#width = Math.min(plan.columns, columns);
    this.#sum = new Float64Array(rows * this.#width);
    this.#weight = new Float64Array(rows * this.#width);
    this.#rowRamp = ramp(plan.rows);
    this.#columnRamp = ramp(plan.columns);
  }

  /** @param map of the tile at a row and at the first column held, as large as the plan's tiles; padding is left out */
  add(firstRow: number, map: Float32Array): void {
    const rows = Math.min(this.#plan.rows, this.#rows - firstRow);
    for (let row = 0; row < rows; row++) this.#addRow(firstRow, row, map);
  }

  /** The columns up to `done`, which no later tile reaches; the next column of tiles begins there. */
  take(done: number): Strip {
    const columns = done - this.#from;
    const values = new Float32Array(this.#rows * columns);
    for (let row = 0; row < this.#rows; row++) {
      const at = row * this.#width;
      for (let column = 0; column < columns; column++) {
        values[row * columns + column] = (this.#sum[at + column] ?? 0) / (this.#weight[at + column] ?? 1);
      }
      this.#moveRow(this.#sum, row, columns);
      this.#moveRow(this.#weight, row, columns);
    }
    const from = this.#from;
    this.#from = done;
    return { from, rows: this.#rows, columns, values };
  }

  #moveRow(values: Float64Array, row: number, columns: number): void {
    const start = row * this.#width;
    values.copyWithin(start, start + columns, start + this.#width);
    values.fill(0, start + this.#width - columns, start + this.#width);
  }

  #addRow(firstRow: number, row: number, map: Float32Array): void {
    const columns = Math.min(this.#width, this.#columns - this.#from);
    const into = (firstRow + row) * this.#width;
    const from = row * this.#plan.columns;
    const rowWeight = this.#rowRamp[row] ?? 0;
    const sums = this.#sum.subarray(into, into + columns);
    const weights = this.#weight.subarray(into, into + columns);
    const ramp = this.#columnRamp;
    for (let column = 0; column < columns; column++) {
      const weight = rowWeight * (ramp[column] ?? 0);
      sums[column] = (sums[column] ?? 0) + weight * (map[from + column] ?? 0);
      weights[column] = (weights[column] ?? 0) + weight;
    }
  }
}

/** Rises from the border of a tile, where the model sees least around a pixel, to its middle. */
function ramp(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => Math.min(i + 1, size - i));
}
