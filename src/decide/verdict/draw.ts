import { randomInt } from 'node:crypto';

/** From 0 to below 1, which nobody can foresee. */
export function draw(): number {
  return randomInt(DRAWS) / DRAWS;
}

const DRAWS = 2 ** 47;
