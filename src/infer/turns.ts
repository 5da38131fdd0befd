import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of work on the event loop before others get their turn. */
const TURN_MS = 5;

/** Work cut into small parts; it yields after each. */
export type Steps<T> = Generator<void, T>;

/** Does all the work at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does the same work in short turns, between which the event loop does what else is due. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  let turnEnds = performance.now() + TURN_MS;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < turnEnds) continue;
    await nextTurn();
    turnEnds = performance.now() + TURN_MS;
  }
}
