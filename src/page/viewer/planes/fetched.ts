import { reduceSamples, sideOfLevel } from '../../../core/samples/reduce.ts';
import type { Plane, Region, Samples } from '../plane.ts';

interface Of extends Pick<Plane, 'rows' | 'columns' | 'bits' | 'fullScale'> {
  /** A copy of all of it, which is held for ever. */
  readonly copy: { readonly level: number; readonly samples: Samples };
  /** Asks for what is not there; it is asked again after it failed. */
  readonly ask: (level: number, region: Region) => Promise<Samples>;
  readonly mostBytes?: number;
}

interface Piece {
  readonly level: number;
  readonly region: Region;
  readonly samples: Samples;
}

const USUAL_MOST_BYTES = 64 * 2 ** 20;
/** A reader who scrolls past no longer needs most of the requested samples. */
const ASKED_AT_ONCE = 4;

/**
 * A channel that is too large to be held: what is drawn is asked for when it comes into view, and what was drawn longest
 * ago is dropped. Only what is held can be read as a measurement.
 */
export function fetchedPlane({ copy, ask, mostBytes = USUAL_MOST_BYTES, ...of }: Of): Plane {
  const drawn = new DrawnPieces(mostBytes);
  const asked = new Set<string>();
  /** What was drawn just before and is not there: the coarser copies of the same place are not asked for. */
  let lacking: { readonly level: number; readonly region: Region } | undefined;
  const sidesOfCopy = {
    rows: sideOfLevel(of.rows, copy.level),
    columns: sideOfLevel(of.columns, copy.level),
  };
  const fetch = async (key: string, level: number, region: Region) => {
    asked.add(key);
    try {
      drawn.keep(key, { level, region, samples: await ask(level, region) });
    } catch {
      // it is asked again when it is drawn again
    } finally {
      asked.delete(key);
    }
  };
  const show = (level: number, region: Region): Samples | undefined => {
    if (level >= copy.level)
      return reduceSamples(copy.samples, sidesOfCopy, level - copy.level, region, 'mean');
    const key = `${level} ${region.row} ${region.column} ${region.rows} ${region.columns}`;
    const samples = drawn.take(key);
    if (samples !== undefined) return samples;
    const isAskedFiner = lacking?.level === level - 1 && overlaps(lacking.region, region);
    if (!isAskedFiner && !asked.has(key) && asked.size < ASKED_AT_ONCE) void fetch(key, level, region);
    lacking = { level, region };
    return undefined;
  };
  const read = (level: number, region: Region): Samples | undefined => {
    const piece = drawn.containing(level, region);
    if (piece === undefined) return undefined;
    return reduceSamples(piece.samples, piece.region, 0, within(region, piece.region), 'mean');
  };
  return { ...of, read, show };
}

/** A region as rows and columns of a piece that contains it. */
function within(region: Region, piece: Region): Region {
  return { ...region, row: region.row - piece.row, column: region.column - piece.column };
}

/** Pieces of a channel that were drawn, up to a number of bytes: the one that was drawn longest ago is dropped first. */
class DrawnPieces {
  readonly #pieces = new Map<string, Piece>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The newest piece is kept, however large it is. */
  keep(key: string, piece: Piece): void {
    this.#pieces.set(key, piece);
    this.#bytes += piece.samples.byteLength;
    for (const [name, { samples }] of this.#pieces) {
      if (this.#bytes <= this.#mostBytes || name === key) break;
      this.#pieces.delete(name);
      this.#bytes -= samples.byteLength;
    }
  }

  /** Returns the samples of a piece, which is then the one that was drawn last. */
  take(key: string): Samples | undefined {
    const piece = this.#pieces.get(key);
    if (piece === undefined) return undefined;
    this.#pieces.delete(key);
    this.#pieces.set(key, piece);
    return piece.samples;
  }

  containing(level: number, region: Region): Piece | undefined {
    return [...this.#pieces.values()].find((one) => one.level === level && holds(one.region, region));
  }
}

/** Whether a region lies at the place of one that is twice as coarse. */
function overlaps(fine: Region, coarse: Region): boolean {
  const row = (fine.row + fine.rows / 2) / 2;
  const column = (fine.column + fine.columns / 2) / 2;
  return (
    row >= coarse.row &&
    row <= coarse.row + coarse.rows &&
    column >= coarse.column &&
    column <= coarse.column + coarse.columns
  );
}

function holds(outer: Region, inner: Region): boolean {
  return (
    inner.row >= outer.row &&
    inner.column >= outer.column &&
    inner.row + inner.rows <= outer.row + outer.rows &&
    inner.column + inner.columns <= outer.column + outer.columns
  );
}
