import type { Rectangle } from '../raster.ts';
import type { ModelImage } from '../tiling.ts';
import { toLog } from '../transmission.ts';

/** Width of a class of -ln T. */
export const CLASS_WIDTH = 0.1;
/** The last class holds all that is more opaque. */
export const CLASSES = 80;
/** Steps of transmission in the table of classes. */
const STEPS = 8192;
const MOST = 1.2;
const OPEN_FROM = 0.9;
const OPEN_TO = 1.1;
/** -ln T between which both energies are measured well. */
const [THIN, THICK] = [0.3, 2];

const classOf = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const attenuation = Math.max(0, toLog((i * MOST) / STEPS));
  return Math.min(CLASSES - 1, Math.floor(attenuation / CLASS_WIDTH));
});

/** How much of the beam is absorbed, row by row, in one part of an image. */
export interface RowClasses {
  readonly rows: number;
  /** Counts of pixels, `CLASSES` for each row of the image. */
  readonly counts: Uint32Array;
}

/** What tells scanners and populations apart, of a whole image in transmission; shares are 0 to 1. */
export interface ImageFacts {
  /** Of pixels that open beam reaches, transmission 0.9 to 1.1. */
  readonly openShare: number;
  /** Mean step from one open pixel to the next in its row; 0 where there are none. */
  readonly openNoise: number;
  /** Of pixels that nothing reaches: transmission below 0.001. */
  readonly darkShare: number;
  /** Mean of -ln T. */
  readonly absorption: number;
  /** Absorption at low energy over that at high energy, where high is 0.3 to 2; absent with one energy. */
  readonly energyRatio?: number;
}

/** Reads the first channel of an image, and the second beside it, that comes in columns; in transmission. */
export class Absorption {
  readonly #areas: readonly Rectangle[];
  readonly #classes: readonly RowClasses[];
  #pixels = 0;
  #open = 0;
  #dark = 0;
  #steps = 0;
  #stepped = 0;
  #absorbed = 0;
  #high = 0;
  #low = 0;

  constructor(rows: number, areas: readonly Rectangle[]) {
    this.#areas = areas;
    this.#classes = areas.map(() => ({ rows, counts: new Uint32Array(rows * CLASSES) }));
  }

  /** Columns `from` up to, not including, `to` of the whole image; `image` begins at column `at` of it. */
  add(image: ModelImage, at: number, from: number, to: number): void {
    const { rows, columns, data } = image;
    const second = image.channels > 1 ? rows * columns : 0;
    for (let row = 0; row < rows; row++) {
      const start = row * columns - at;
      let before = Number.NaN;
      for (let column = from; column < to; column++) {
        const value = data[start + column] ?? 1;
        this.#count(value, before);
        before = value;
        if (second > 0) this.#compare(value, data[second + start + column] ?? 1);
      }
      for (const [i, area] of this.#areas.entries()) this.#countRow(i, area, row, start, data, from, to);
    }
  }

  get rowClasses(): readonly RowClasses[] {
    return this.#classes;
  }

  get facts(): ImageFacts {
    const pixels = Math.max(1, this.#pixels);
    const facts = {
      openShare: this.#open / pixels,
      openNoise: this.#stepped === 0 ? 0 : this.#steps / this.#stepped,
      darkShare: this.#dark / pixels,
      absorption: this.#absorbed / pixels,
    };
    return this.#high === 0 ? facts : { ...facts, energyRatio: this.#low / this.#high };
  }

  #count(value: number, before: number): void {
    this.#pixels++;
    this.#absorbed += (classAt(value) + 0.5) * CLASS_WIDTH;
    if (value < 0.001) this.#dark++;
    if (!isOpen(value)) return;
    this.#open++;
    if (!isOpen(before)) return;
    this.#steps += Math.abs(value - before);
    this.#stepped++;
  }

  #compare(high: number, low: number): void {
    const absorbed = toLog(high);
    if (absorbed < THIN || absorbed > THICK) return;
    this.#high += absorbed;
    this.#low += toLog(low);
  }

  #countRow(
    index: number,
    area: Rectangle,
    row: number,
    start: number,
    data: Float32Array,
    from: number,
    to: number,
  ): void {
    const counts = this.#classes[index]?.counts;
    if (counts === undefined || row < area.rowFrom || row >= area.rowTo) return;
    const end = Math.min(to, area.columnTo);
    for (let column = Math.max(from, area.columnFrom); column < end; column++) {
      const at = row * CLASSES + classAt(data[start + column] ?? 1);
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }
}

function classAt(transmission: number): number {
  return classOf[Math.max(0, Math.min(STEPS, Math.round((transmission * STEPS) / MOST)))] ?? 0;
}

function isOpen(transmission: number): boolean {
  return transmission >= OPEN_FROM && transmission <= OPEN_TO;
}
