import { isDeadLine } from '../../core/scan/measured.ts';

/** Columns of one wagon, end exclusive. */
export interface WagonColumns {
  readonly from: number;
  readonly to: number;
}

export interface TrainChannel {
  readonly rows: number;
  readonly columns: number;
  /** Value of the unobstructed beam. */
  readonly openBeam: number;
  /** This value means: not measured; never 0, which is opaque but in dead lines. */
  readonly invalidValue?: number;
}

/** Buffers, couplings and what hangs below are no wagon: only the upper part of the picture is looked at. */
const UPPER_SHARE = 0.6;
/** Noise and scatter included, the beam is open above this share of its value. */
const OPEN_SHARE = 0.85;
/** So many samples of an open column may be something else: failed ones, an overhead wire. */
const MOST_CLOSED = 0.02;

/**
 * Which columns of a train show open beam from the top down to the height of the couplings. Rows that were not measured
 * say nothing, and a column that was not measured is as the one before it.
 * @param pieces samples of an upright transmission channel, 16 bits, little-endian, high is transparent, whole rows
 */
export function openColumns(pieces: Iterable<Uint8Array>, channel: TrainChannel): readonly boolean[] {
  const upper = Math.max(1, Math.floor(channel.rows * UPPER_SHARE));
  const counted = {
    closed: new Uint32Array(channel.columns),
    none: new Uint32Array(channel.columns),
    rows: 0,
  };
  let row = 0;
  for (const piece of pieces) {
    const rows = piece.byteLength / (channel.columns * 2);
    countClosed(piece, Math.min(rows, upper - row), channel, counted);
    row += rows;
    if (row >= upper) break;
  }
  const open: boolean[] = [];
  for (let column = 0; column < channel.columns; column += 1) {
    const isDead = isDeadLine(counted.none[column] ?? 0, counted.rows);
    const isOpen = (counted.closed[column] ?? 0) <= upper * MOST_CLOSED;
    open.push(isDead ? (open.at(-1) ?? true) : isOpen);
  }
  return open;
}

interface CountedColumns {
  readonly closed: Uint32Array;
  /** Samples without any count, which are closed as well. */
  readonly none: Uint32Array;
  /** That were measured. */
  rows: number;
}

function countClosed(
  piece: Uint8Array,
  rows: number,
  { columns, openBeam, invalidValue }: TrainChannel,
  counted: CountedColumns,
): void {
  const { closed, none } = counted;
  const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
  const least = openBeam * OPEN_SHARE;
  for (let row = 0; row < rows; row += 1) {
    const at = (column: number) => view.getUint16((row * columns + column) * 2, true);
    if (isDeadRow(at, columns)) continue;
    counted.rows += 1;
    for (let column = 0; column < columns; column += 1) {
      const value = at(column);
      if (value < least && value !== invalidValue) closed[column] = (closed[column] ?? 0) + 1;
      if (value === 0) none[column] = (none[column] ?? 0) + 1;
    }
  }
}

function isDeadRow(at: (column: number) => number, columns: number): boolean {
  let zeros = 0;
  for (let column = 0; column < columns; column += 1) if (at(column) === 0) zeros += 1;
  return isDeadLine(zeros, columns);
}

/**
 * The wagons between runs of open columns. Neighbours meet in the middle of the gap between them, so that what hangs
 * in it belongs to one of them; what is narrower than `leastColumns` is no wagon.
 */
export function wagonsBetween(open: readonly boolean[], leastColumns: number): readonly WagonColumns[] {
  const runs = closedRuns(open).filter(({ from, to }) => to - from >= leastColumns);
  const middle = (left: WagonColumns, right: WagonColumns) => Math.floor((left.to + right.from) / 2);
  return runs.map((run, i) => {
    const [before, after] = [runs[i - 1], runs[i + 1]];
    return {
      from: before === undefined ? run.from : middle(before, run),
      to: after === undefined ? run.to : middle(run, after),
    };
  });
}

function closedRuns(open: readonly boolean[]): readonly WagonColumns[] {
  const runs: WagonColumns[] = [];
  let from = 0;
  for (let column = 0; column <= open.length; column += 1) {
    if (column < open.length && open[column] === false) continue;
    if (column > from) runs.push({ from, to: column });
    from = column + 1;
  }
  return runs;
}
