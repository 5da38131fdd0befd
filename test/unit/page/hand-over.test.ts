import { afterEach, expect, test, vi } from 'vitest';
import { HandOver } from '../../../src/page/case/loading/hand-over.ts';

afterEach(() => vi.restoreAllMocks());

const seen = (id: string) => ({ value: { id }, tag: '"1"' });

test('what was kept a moment ago is given to the page that it belongs to, once', () => {
  const kept = new HandOver();
  kept.keep('a', seen('a'));
  expect(kept.take('a')).toEqual(seen('a'));
  expect(kept.take('a')).toBeUndefined();
});

test('nothing is given to another page, after another was asked for, or some time later', () => {
  const kept = new HandOver();
  kept.keep('a', seen('a'));
  expect(kept.take('b')).toBeUndefined();
  expect(kept.take('a')).toBeUndefined();
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  kept.keep('a', seen('a'));
  now.mockReturnValue(60_000);
  expect(kept.take('a')).toBeUndefined();
});
