import type { Clock, ClockJump, ClockWatch } from '../core/ports/process.ts';

/** Clocks of machines are set by small steps; what is more than this may make an instruction look newer than it is. */
const MOST_MS = 60_000;

/**
 * Watches the wall clock from now on. Small steps add up: they count together. A machine that slept looks like one whose
 * clock was put ahead.
 * @param monotonicMs - milliseconds that only ever grow, from any begin
 */
export function watchClock(clock: Clock, monotonicMs: () => number = () => performance.now()): ClockWatch {
  const look = () => ({ wall: clock.now().getTime(), counted: monotonicMs() });
  let begin = look();
  let noticed: ClockJump | undefined;
  return {
    jump() {
      noticed ??= jumpBetween(begin, look());
      return noticed;
    },
    noted() {
      begin = look();
      noticed = undefined;
    },
  };
}

interface Look {
  readonly wall: number;
  readonly counted: number;
}

function jumpBetween(begin: Look, now: Look): ClockJump | undefined {
  const expected = begin.wall + now.counted - begin.counted;
  const ahead = now.wall - expected;
  if (Math.abs(ahead) <= MOST_MS) return undefined;
  return { seconds: Math.round(ahead / 1000), expected: new Date(expected), found: new Date(now.wall) };
}

/** Of a process that issues no instructions, and of tests that move the clock themselves. */
export const unwatchedClock: ClockWatch = { jump: () => undefined, noted: () => {} };
