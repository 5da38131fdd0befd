/** A picture of a truck from the side, upright, row by row: shares of the open beam, NaN where nothing was measured. */
export interface UprightPicture {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** Columns of the picture, end exclusive. */
export interface GapBetween {
  readonly from: number;
  readonly to: number;
}

/** The two thin walls of an empty container let through less than this; air lets through more, noise included. */
const OPEN_SHARE = 0.95;
/** A roof is where most of this many cells below one another are closed. */
const ROOF_CELLS = 4;
/** This share of the height from the roof to the ground lies above the floors of containers, on any chassis. */
const UPPER_SHARE = 0.6;
/** In the gap between two containers the beam is open from the roof down to the deck; single samples may have failed. */
const OPEN_ROWS = 0.9;
/** The shorter container is at least this long, compared with the longer one: 20 and 45 feet. A cab is shorter. */
const LEAST_RATIO = 0.42;
/** Longer gaps are between a tractor and its trailer. */
const LONGEST_GAP = 0.3;
/** Roofs may differ by a foot of three and a half metres. */
const ROOF_TOLERANCE = 0.15;
/** Corner posts, and end walls or doors seen edge-on, stand within this share of a container's length at each end. */
const END_SHARE = 0.03;
/** They absorb at least this much, as -ln of the transmission, on average over the height. */
const LEAST_END = 0.3;

/**
 * The gap between two containers that stand one behind the other: open beam from the roof to the deck, with the end of a
 * container at both sides. Undefined where the picture shows anything else.
 */
export function gapBetweenContainers(picture: UprightPicture): GapBetween | undefined {
  const tops = Array.from({ length: picture.columns }, (_, column) => topOf(picture, column));
  const roof = roofOf(tops, picture.rows);
  const zone = { from: roof, to: roof + Math.floor((picture.rows - roof) * UPPER_SHARE) };
  if (zone.to - zone.from < ROOF_CELLS) return undefined;
  const closed = closedRuns(picture, zone);
  const longest = Math.max(0, ...closed.map(({ from, to }) => to - from));
  const long = closed.filter(({ from, to }) => to - from >= longest * LEAST_RATIO);
  const [left, right, third] = long;
  if (left === undefined || right === undefined || third !== undefined) return undefined;
  const isContainer = (run: GapBetween) =>
    Math.abs(median(tops.slice(run.from, run.to)) - roof) <= ROOF_TOLERANCE * (picture.rows - roof);
  if (!isContainer(left) || !isContainer(right)) return undefined;
  const shorter = Math.min(left.to - left.from, right.to - right.from);
  if (right.from - left.to > shorter * LONGEST_GAP) return undefined;
  const end = Math.max(1, Math.round(shorter * END_SHARE));
  const isEnd = (from: number, to: number) => absorbed(picture, zone, from, to) >= LEAST_END;
  if (!isEnd(left.to - end, left.to) || !isEnd(right.from, right.from + end)) return undefined;
  return { from: left.to, to: right.from };
}

function valueAt({ columns, values }: UprightPicture, row: number, column: number): number {
  return values[row * columns + column] ?? Number.NaN;
}

/** The first row of what stands in the beam; the number of rows where nothing does. */
function topOf(picture: UprightPicture, column: number): number {
  let closed = 0;
  for (let row = 0; row < picture.rows; row += 1) {
    closed = valueAt(picture, row, column) < OPEN_SHARE ? closed + 1 : Math.max(0, closed - 1);
    if (closed >= ROOF_CELLS) return row + 1 - ROOF_CELLS;
  }
  return picture.rows;
}

/** The row that the tops of the higher third reach: that of the containers, since they are most of a truck. */
function roofOf(tops: readonly number[], rows: number): number {
  const loaded = tops.filter((top) => top < rows).toSorted((a, b) => a - b);
  return loaded[Math.floor(loaded.length * 0.3)] ?? rows;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

interface Zone {
  readonly from: number;
  readonly to: number;
}

/** Runs of columns that are not open from the roof down to the floor. */
function closedRuns(picture: UprightPicture, zone: Zone): readonly GapBetween[] {
  const runs: GapBetween[] = [];
  let from = 0;
  for (let column = 0; column <= picture.columns; column += 1) {
    if (column < picture.columns && !isOpen(picture, zone, column)) continue;
    if (column > from) runs.push({ from, to: column });
    from = column + 1;
  }
  return runs;
}

function isOpen(picture: UprightPicture, { from, to }: Zone, column: number): boolean {
  let open = 0;
  let measured = 0;
  for (let row = from; row < to; row += 1) {
    const value = valueAt(picture, row, column);
    if (Number.isNaN(value)) continue;
    measured += 1;
    if (value >= OPEN_SHARE) open += 1;
  }
  return measured > 0 && open >= measured * OPEN_ROWS;
}

const LEAST_TRANSMISSION = 1e-4;

/** Mean of -ln of the transmission over columns of the zone. */
function absorbed(picture: UprightPicture, zone: Zone, from: number, to: number): number {
  let sum = 0;
  let measured = 0;
  for (let row = zone.from; row < zone.to; row += 1) {
    for (let column = from; column < to; column += 1) {
      const value = valueAt(picture, row, column);
      if (Number.isNaN(value)) continue;
      sum -= Math.log(Math.max(value, LEAST_TRANSMISSION));
      measured += 1;
    }
  }
  return measured === 0 ? 0 : sum / measured;
}
