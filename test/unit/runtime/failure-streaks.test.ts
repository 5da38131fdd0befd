import { expect, test } from 'vitest';
import { FailureStreaks } from '../../../src/runtime/children/failure-streaks.ts';

function callers() {
  const streaks = new FailureStreaks();
  return (caller: string, ...timeouts: readonly boolean[]) => {
    for (const isTimeout of timeouts) streaks.note(caller, isTimeout);
    return streaks.isSlow(caller);
  };
}

test('three timeouts make a caller slow, and one reading in time ends that', () => {
  const slowAfter = callers();
  expect(slowAfter('a', true, true)).toBe(false);
  expect(slowAfter('a', true)).toBe(true);
  expect(slowAfter('b')).toBe(false);
  expect(slowAfter('a', false)).toBe(false);
});

test('a reading in time takes back one timeout, so a cheap file between two that time out wins little', () => {
  const slowAfter = callers();
  expect(slowAfter('a', true, true, false)).toBe(false);
  expect(slowAfter('a', true, true)).toBe(true);
  expect(slowAfter('b', true, false, true, false, true, false)).toBe(false);
});

test('four readings in time always make up for it', () => {
  const slowAfter = callers();
  expect(slowAfter('a', ...Array.from({ length: 100 }, () => true))).toBe(true);
  expect(slowAfter('a', false, false, false)).toBe(true);
  expect(slowAfter('a', false)).toBe(false);
});
