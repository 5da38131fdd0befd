import type { Point } from '../../viewer/geometry.ts';

/** Two fingers on the picture: what they began as decides what they do until one is lifted. */

export type Pair = readonly [Point, Point];
type Kind = 'undecided' | 'zoom' | 'window';

export interface TwoFingers {
  readonly kind: Kind;
  readonly from: Pair;
  readonly last: Pair;
}

/** What a move of two fingers asks for. */
export type Pinch =
  | { readonly kind: 'zoom'; readonly at: Point; readonly factor: number; readonly by: Point }
  | { readonly kind: 'window'; readonly by: Point };

/** Fingers that have moved no further, in canvas pixels, have not said what they want. */
const LEAST_MOVE = 12;

const middleOf = ([a, b]: Pair): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const apart = ([a, b]: Pair) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
const minus = (a: Point, b: Point): Point => ({ x: a.x - b.x, y: a.y - b.y });

export function beginTwoFingers(from: Pair): TwoFingers {
  return { kind: 'undecided', from, last: from };
}

/** Fingers that move apart zoom and move the picture; fingers that move together change window and level. */
export function moveTwoFingers(
  held: TwoFingers,
  now: Pair,
): readonly [next: TwoFingers, pinch: Pinch | undefined] {
  const kind = held.kind === 'undecided' ? decide(held.from, now) : held.kind;
  if (kind === 'undecided') return [held, undefined];
  const by = minus(middleOf(now), middleOf(held.last));
  const next = { ...held, kind, last: now };
  if (kind === 'window') return [next, { kind, by }];
  return [next, { kind, at: middleOf(now), factor: apart(now) / apart(held.last), by }];
}

function decide(from: Pair, now: Pair): Kind {
  const together = minus(middleOf(now), middleOf(from));
  const moved = Math.hypot(together.x, together.y);
  const spread = Math.abs(apart(now) - apart(from));
  if (Math.max(moved, spread) < LEAST_MOVE) return 'undecided';
  return spread > moved ? 'zoom' : 'window';
}
