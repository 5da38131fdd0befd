import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Ends a job of a person: it took so many presses since the one before. */
export type JobEnds = (job: string, presses: number) => Promise<void>;

/**
 * Counts what a person presses on a page: clicks, taps, keys and choices from a list. What they type into a field does not count.
 * @param counted - each job with its presses, for a table of all
 */
export async function countPresses(page: Page, counted: Map<string, number>): Promise<JobEnds> {
  let presses = 0;
  await page.exposeBinding('notePress', () => {
    presses += 1;
  });
  await page.addInitScript(() => {
    const { notePress } = window as unknown as { notePress: () => void };
    const isText = (target: EventTarget | null) =>
      target instanceof Element && target.matches('input:not([type=radio], [type=checkbox]), textarea');
    window.addEventListener('pointerdown', (event) => isText(event.target) || notePress(), true);
    window.addEventListener('keydown', (event) => isText(event.target) || notePress(), true);
    window.addEventListener(
      'change',
      ({ target }) => target instanceof HTMLSelectElement && notePress(),
      true,
    );
  });
  return async (job, expected) => {
    await expect.poll(() => presses, { message: job }).toBe(expected);
    counted.set(job, presses);
    presses = 0;
  };
}
