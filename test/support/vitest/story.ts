import { describe } from 'vitest';

/**
 * Tests that follow each other whatever the seed: a later one looks at what an earlier one left, where a world for each
 * would take minutes. Every other test runs in an order that the seed draws (docs/how-to/testing.md).
 */
export function story(name: string, tests: () => void): void {
  describe(name, { shuffle: false }, tests);
}

/** Collects the tests and leaves them out where what they need is not there. */
story.runIf =
  (isThere: boolean) =>
  (name: string, tests: () => void): void => {
    describe.runIf(isThere)(name, { shuffle: false }, tests);
  };
