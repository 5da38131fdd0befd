import { describe, expect, test } from 'vitest';
import { functionLengths } from '../../../scripts/house/functions.ts';
import { movableSmallFiles, textsOf } from '../../../scripts/house/rooms.ts';
import { pageSources, sourceFiles } from '../../../scripts/house/sources.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

/** Circles of imports are no matter of this test: `npm run layers` finds them. */
const files = ['src', 'converters', 'lab', 'scripts', 'test'].flatMap((folder) =>
  sourceFiles(repositoryRoot, folder),
);
test('no small file of the program could move into one of those that import it, tests among them', () => {
  const movable = movableSmallFiles(textsOf(repositoryRoot, files));
  expect(movable.filter((name) => !name.startsWith('test/'))).toEqual([]);
});

/** A component that is longer does several things. */
const LONGEST_OF_PAGE = 80;

test(`no function of the page takes more than ${LONGEST_OF_PAGE} lines`, () => {
  const long = pageSources(repositoryRoot).filter(
    ([, file]) => (functionLengths(file).at(-1) ?? 0) > LONGEST_OF_PAGE,
  );
  expect(long.map(([name]) => name)).toEqual([]);
});

describe('what is planted is found', () => {
  const small = '/** How many. */\nexport const count = 3;\n';
  const uses = (...from: string[]) =>
    `${from.map((name, i) => `import { a${i} } from './${name}.ts';`).join('\n')}\n${'use();\n'.repeat(6)}`;

  test('a small file that one file uses, and that is not small with a line more', () => {
    const lines = 'export const more = {\n  a: 1,\n  b: 2,\n  c: 3,\n};\n';
    expect(
      movableSmallFiles(
        new Map([
          ['s/small.ts', small],
          ['s/a.ts', uses('small')],
        ]),
      ),
    ).toEqual(['s/small.ts']);
    expect(
      movableSmallFiles(
        new Map([
          ['s/small.ts', small + lines],
          ['s/a.ts', uses('small')],
        ]),
      ),
    ).toEqual([]);
  });

  test('no step of the database, which is a file of its own however short', () => {
    const step = 'm/migrations/0007-more.ts';
    const index: [string, string] = ['m/migrations/index.ts', uses('0007-more')];
    expect(movableSmallFiles(new Map([[step, small], index]))).toEqual([]);
  });

  test('a small file whose users all know one of them, and not where that would add an import', () => {
    const one: [string, string] = ['s/a.ts', uses('small')];
    const known: [string, string] = ['s/b.ts', uses('small', 'a')];
    const stranger: [string, string] = ['s/b.ts', uses('small')];
    expect(movableSmallFiles(new Map([['s/small.ts', small], one, known]))).toEqual(['s/small.ts']);
    expect(movableSmallFiles(new Map([['s/small.ts', small], one, stranger]))).toEqual([]);
  });
});
