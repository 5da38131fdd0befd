import { expect, test } from 'vitest';
import {
  compareNote,
  type PresentState,
  type Rollback,
  type SealNote,
} from '../../../src/audit/newest-seal.ts';

const sha = (letter: string) => letter.repeat(64);
const note = (over: Partial<SealNote> = {}): SealNote => ({
  number: 5,
  highest: 50,
  sha256: sha('a'),
  changes: 9,
  ...over,
});
const present = (over: Partial<PresentState> = {}): PresentState => ({
  ...note(),
  sha256OfNoted: sha('a'),
  ...over,
});

test.each<[string, Parameters<typeof compareNote>[0], PresentState, Rollback | undefined]>([
  ['the same seal', note(), present(), undefined],
  ['a seal that is not noted yet', note(), present({ number: 6 }), undefined],
  ['a new installation', undefined, present({ number: 0 }), undefined],
  ['a first seal that is not noted yet', undefined, present({ number: 1 }), undefined],
  [
    'an empty audit that was accepted',
    note({ number: 0, sha256: sha('0') }),
    present({ number: 0 }),
    undefined,
  ],
  ['two seals that are not noted', note(), present({ number: 7 }), 'witness older'],
  ['no note of two seals', undefined, present({ number: 2 }), 'witness older'],
  ['an audit that ends earlier', note(), present({ number: 4, sha256OfNoted: undefined }), 'audit older'],
  ['an audit without seals', note(), present({ number: 0, sha256OfNoted: undefined }), 'audit older'],
  ['another seal of this number', note(), present({ sha256OfNoted: sha('b') }), 'audit differs'],
  [
    'a longer audit that was written anew',
    note(),
    present({ number: 9, sha256OfNoted: sha('b') }),
    'audit differs',
  ],
  ['a gap where the noted seal was', note(), present({ sha256OfNoted: undefined }), 'audit differs'],
  ['a feed that ends earlier', note(), present({ changes: 8 }), 'records older'],
  ['a note of other bytes', 'unreadable', present(), 'note unreadable'],
])('%s', (_, noted, state, expected) => {
  expect(compareNote(noted, state, true)).toBe(expected);
  // what is no part of the installation may be late, because it was not mounted for a while; if it is gone, it was removed
  const isLate = expected === 'witness older' && noted !== undefined;
  expect(compareNote(noted, state, false)).toBe(isLate ? undefined : expected);
});
