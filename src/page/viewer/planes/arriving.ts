import { defined } from '../../../core/defined.ts';
import { emptyLike, type Reduction, reduceSamples, sideOfLevel } from '../../../core/samples/reduce.ts';
import type { Plane, Region, Samples } from '../plane.ts';
import type { Filled } from './filled.ts';

/** Samples on a side of a block: regions come in whole blocks. */
export const BLOCK = 64;

interface Of extends Pick<Plane, 'rows' | 'columns' | 'bits' | 'fullScale'> {
  readonly reduction: Reduction;
  /** Makes a copy to look at, once all samples are there. */
  readonly fill?: (samples: Samples) => Filled | undefined;
}

/**
 * A channel whose samples come region by region. A coarse copy comes first, and stands in for what is not there: drawn,
 * but never read as a measurement.
 */
export class ArrivingSamples {
  readonly #of: Of;
  readonly #blockColumns: number;
  /** 1 where the block has come. */
  readonly #blocks: Uint8Array;
  readonly #samples: Samples;
  #missing: number;
  #hasCopy = false;
  #filled: Filled | undefined;

  constructor(of: Of) {
    this.#of = of;
    this.#blockColumns = Math.ceil(of.columns / BLOCK);
    this.#blocks = new Uint8Array(Math.ceil(of.rows / BLOCK) * this.#blockColumns);
    this.#missing = this.#blocks.length;
    this.#samples = emptyLike(of.bits === 8 ? new Uint8Array() : new Uint16Array(), of.rows * of.columns);
  }

  get isWhole(): boolean {
    return this.#missing === 0;
  }

  get hasCopy(): boolean {
    return this.#hasCopy;
  }

  /** Share of the samples that have come, 0 to 1. */
  get share(): number {
    return 1 - this.#missing / this.#blocks.length;
  }

  /** A plane of what is there now. A later one is another value, so that it is drawn anew. */
  plane(): Plane {
    const { rows, columns, bits, fullScale, reduction, fill } = this.#of;
    if (this.isWhole) this.#filled ??= fill?.(this.#samples);
    const filled = this.#filled;
    const showOf = (samples: Samples) => (level: number, region: Region) =>
      reduceSamples(samples, { rows, columns }, level, region, reduction);
    const show = showOf(this.#samples);
    const showCopy = this.isWhole ? undefined : show;
    return {
      rows,
      columns,
      bits,
      fullScale,
      read: (level, region) => (this.has(stored(region, level)) ? show(level, region) : undefined),
      ...defined({
        filled: filled && { lines: filled.lines, single: filled.single },
        show: filled === undefined ? showCopy : showOf(filled.samples),
      }),
    };
  }

  /** Takes a copy of 2^level x 2^level samples for one, where nothing better is there. */
  takeCopy(level: number, copy: Samples): void {
    const { rows, columns } = this.#of;
    const width = sideOfLevel(columns, level);
    for (let block = 0; block < this.#blocks.length; block++) {
      if (this.#blocks[block] === 1) continue;
      const top = Math.floor(block / this.#blockColumns) * BLOCK;
      const left = (block % this.#blockColumns) * BLOCK;
      const [bottom, right] = [Math.min(rows, top + BLOCK), Math.min(columns, left + BLOCK)];
      for (let row = top; row < bottom; row++) {
        const from = (row >> level) * width;
        for (let column = left; column < right; column++)
          this.#samples[row * columns + column] = copy[from + (column >> level)] ?? 0;
      }
    }
    this.#hasCopy = true;
  }

  /** @param region - of whole blocks, cut to the channel */
  take(region: Region, samples: Samples): void {
    for (let row = 0; row < region.rows; row++) {
      const from = samples.subarray(row * region.columns, (row + 1) * region.columns);
      this.#samples.set(from, (region.row + row) * this.#of.columns + region.column);
    }
    for (const block of this.#blocksOf(region)) {
      if (this.#blocks[block] === 0) this.#missing -= 1;
      this.#blocks[block] = 1;
    }
    this.#hasCopy = true;
  }

  /** All of them at once. */
  takeAll(samples: Samples): void {
    this.take({ row: 0, column: 0, rows: this.#of.rows, columns: this.#of.columns }, samples);
  }

  has(region: Region): boolean {
    return this.isWhole || this.#blocksOf(region).every((block) => this.#blocks[block] === 1);
  }

  /** The least region of whole blocks that holds all that is missing of a region; undefined where nothing is. */
  missingIn(region: Region): Region | undefined {
    const lacking = this.#blocksOf(region).filter((block) => this.#blocks[block] === 0);
    if (lacking.length === 0) return undefined;
    const rows = lacking.map((block) => Math.floor(block / this.#blockColumns));
    const columns = lacking.map((block) => block % this.#blockColumns);
    return this.#cut(
      Math.min(...rows),
      Math.min(...columns),
      Math.max(...rows) + 1,
      Math.max(...columns) + 1,
    );
  }

  /** The next rows of blocks that lack any, as a region of at most this many samples; undefined when all is there. */
  nextMissing(mostSamples: number): Region | undefined {
    const first = this.#blocks.indexOf(0);
    if (first === -1) return undefined;
    const row = Math.floor(first / this.#blockColumns);
    const left = first % this.#blockColumns;
    const across = Math.max(1, Math.floor(mostSamples / (BLOCK * BLOCK)));
    let end = left + 1;
    while (
      end < this.#blockColumns &&
      end - left < across &&
      this.#blocks[row * this.#blockColumns + end] === 0
    )
      end += 1;
    return this.#cut(row, left, row + 1, end);
  }

  #blocksOf({ row, column, rows, columns }: Region): number[] {
    const found: number[] = [];
    const lastRow = Math.floor((Math.min(row + rows, this.#of.rows) - 1) / BLOCK);
    const lastColumn = Math.floor((Math.min(column + columns, this.#of.columns) - 1) / BLOCK);
    for (let r = Math.floor(Math.max(0, row) / BLOCK); r <= lastRow; r++)
      for (let c = Math.floor(Math.max(0, column) / BLOCK); c <= lastColumn; c++)
        found.push(r * this.#blockColumns + c);
    return found;
  }

  #cut(top: number, left: number, bottom: number, right: number): Region {
    const [row, column] = [top * BLOCK, left * BLOCK];
    return {
      row,
      column,
      rows: Math.min(this.#of.rows, bottom * BLOCK) - row,
      columns: Math.min(this.#of.columns, right * BLOCK) - column,
    };
  }
}

/** A region of a level in stored samples; it may go beyond the channel, which `has` cuts. */
function stored({ row, column, rows, columns }: Region, level: number): Region {
  const size = 2 ** level;
  return { row: row * size, column: column * size, rows: rows * size, columns: columns * size };
}
