import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';

/** One of them. @throws where there is none */
export function oneOf<T>(numbers: SeededNumbers, items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[numbers.below(items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** True once in this many times, in the mean. */
export function oneIn(numbers: SeededNumbers, count: number): boolean {
  return numbers.below(count) === 0;
}
