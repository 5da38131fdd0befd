import { SeededNumbers } from '../../src/tools/contract/mutate.ts';

const MIX = 2_654_435_761;

/** Draws that a seed determines. Each act has its own, so that an act that is left out changes no other. */
export class Chance {
  readonly numbers: SeededNumbers;

  constructor(seed: number, step: number) {
    this.numbers = new SeededNumbers(Math.imul(seed + 1, MIX) ^ Math.imul(step + 1, 40_503));
  }

  below(limit: number): number {
    return this.numbers.below(limit);
  }

  /** True once in this many times, in the mean. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  /** From the least to the most, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** One of them, or undefined where there is none. */
  maybeOf<T>(items: readonly T[]): T | undefined {
    return items[this.below(items.length)];
  }

  /** @throws where there is none */
  oneOf<T>(items: readonly T[]): T {
    const item = this.maybeOf(items);
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  /** One of them, each as often as its weight says. @throws where there is none */
  weighted<T extends { readonly weight: number }>(items: readonly T[]): T {
    let left = this.below(items.reduce((sum, { weight }) => sum + weight, 0));
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    throw new Error('nothing to choose from');
  }
}
