import { afterEach, expect, test, vi } from 'vitest';
import { Dealt } from '../../../src/page/case/loading/dealt.ts';

afterEach(() => vi.restoreAllMocks());

const seen = (id: string) => ({ value: { id }, tag: '"1"' });

test('a case that was just dealt opens as it was dealt, once', () => {
  const dealt = new Dealt();
  dealt.keep(seen('a'));
  expect(dealt.take('a')).toEqual(seen('a'));
  expect(dealt.take('a')).toBeUndefined();
});

test('another case, and one that was dealt some time ago, is asked for', () => {
  const dealt = new Dealt();
  dealt.keep(seen('a'));
  expect(dealt.take('b')).toBeUndefined();
  expect(dealt.take('a')).toBeUndefined();
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  dealt.keep(seen('a'));
  now.mockReturnValue(60_000);
  expect(dealt.take('a')).toBeUndefined();
});
