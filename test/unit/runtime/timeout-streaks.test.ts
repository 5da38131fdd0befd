import { expect, test } from 'vitest';
import { TimeoutStreaks } from '../../../src/runtime/children/timeout-streaks.ts';

test('three timeouts in a row make a caller slow, and one reading in time ends that', () => {
  const streaks = new TimeoutStreaks();
  const slowAfter = (...timeouts: readonly boolean[]) => {
    for (const isTimeout of timeouts) streaks.note('a', isTimeout);
    return streaks.isSlow('a');
  };
  expect(slowAfter(true, true)).toBe(false);
  expect(slowAfter(true)).toBe(true);
  expect(streaks.isSlow('b')).toBe(false);
  expect(slowAfter(false)).toBe(false);
  expect(slowAfter(true, true, false, true, true)).toBe(false);
  expect(slowAfter(true)).toBe(true);
});
