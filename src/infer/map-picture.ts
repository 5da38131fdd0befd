import { type Geometry, turnBack } from './geometry.ts';
import type { Strip } from './tiling.ts';

/** Pictures with longer sides are not shown by browsers. */
const LONGEST_SIDE = 16_384;

export interface TurnedMap {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}

/**
 * The anomaly map as a picture of 8 bits in stored orientation, from strips. A longer one than `LONGEST_SIDE` is made
 * smaller by whole factors; each pixel is then the highest value of its square, so that nothing found vanishes.
 */
export class MapPicture {
  readonly #geometry: Geometry;
  readonly #factor: number;
  readonly #model: { readonly rows: number; readonly columns: number };
  readonly #bytes: Uint8Array;

  constructor(geometry: Geometry, longestSide = LONGEST_SIDE) {
    const { rows, columns } = geometry.model;
    this.#geometry = geometry;
    this.#factor = Math.ceil(Math.max(rows, columns) / longestSide);
    this.#model = { rows: Math.ceil(rows / this.#factor), columns: Math.ceil(columns / this.#factor) };
    this.#bytes = new Uint8Array(this.#model.rows * this.#model.columns);
  }

  add({ from, rows, columns, values }: Strip): void {
    const bytes = this.#bytes;
    for (let row = 0; row < rows; row++) {
      const into = Math.floor(row / this.#factor) * this.#model.columns;
      for (let column = 0; column < columns; column++) {
        const at = into + Math.floor((from + column) / this.#factor);
        const byte = Math.round(Math.min(Math.max(values[row * columns + column] ?? 0, 0), 1) * 255);
        if (byte > (bytes[at] ?? 0)) bytes[at] = byte;
      }
    }
  }

  finish(): TurnedMap {
    return turnBack({ ...this.#geometry, model: this.#model }, this.#bytes);
  }
}
