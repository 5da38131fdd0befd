import { afterEach, expect, test, vi } from 'vitest';
import type { Case, Seen } from '../../../src/page/api/client.ts';
import { keepDealt, takeDealt } from '../../../src/page/case/loading/dealt.ts';

afterEach(() => vi.restoreAllMocks());

const seen = (id: string) => ({ value: { id }, tag: '"1"' }) as Seen<Case>;

test('a case that was just dealt opens as it was dealt, once', () => {
  keepDealt(seen('a'));
  expect(takeDealt('a')).toEqual(seen('a'));
  expect(takeDealt('a')).toBeUndefined();
});

test('another case, and one that was dealt some time ago, is asked for', () => {
  keepDealt(seen('a'));
  expect(takeDealt('b')).toBeUndefined();
  expect(takeDealt('a')).toBeUndefined();
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  keepDealt(seen('a'));
  now.mockReturnValue(60_000);
  expect(takeDealt('a')).toBeUndefined();
});
