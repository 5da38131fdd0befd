import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRepositoryFile, repositoryRoot, tableRows } from '../../support/markdown-table.ts';

const PAGE = 'docs/security/asvs.md';

/**
 * Of each chapter of ASVS 5.0.0 how many requirements of level 1 and 2 its sections have, in order. In each section those of
 * level 3 come last, so the number of the last one is their count. They are 253, as the standard itself counts them.
 */
const sections: Readonly<Record<string, readonly number[]>> = {
  V1: [2, 9, 11, 3, 2],
  V2: [3, 3, 4, 1],
  V3: [0, 2, 4, 6, 5, 0, 2],
  V4: [3, 1, 2, 4],
  V5: [1, 3, 2, 3],
  V6: [3, 12, 4, 4, 5, 3, 0, 4],
  V7: [3, 4, 2, 5, 2, 2],
  V8: [2, 3, 1, 1],
  V9: [3, 4],
  V10: [2, 2, 4, 11, 5, 2, 3],
  V11: [2, 3, 3, 4, 1, 1],
  V12: [3, 2, 4],
  V13: [1, 5, 2, 5],
  V14: [2, 4, 3],
  V15: [3, 3, 7],
  V16: [1, 5, 4, 3, 3],
  V17: [1, 4, 2],
};

/** Controls of Annex A of ISO/IEC 27001:2022, by theme. */
const controls: Readonly<Record<string, number>> = { 5: 37, 6: 8, 7: 14, 8: 34 };

/** Every number of a cell such as `V1.2.6, V1.2.8` or `V6.2.1 to V6.2.12`. */
function numbersIn(cell: string): readonly string[] {
  return cell.split(', ').flatMap((part) => {
    const [first = '', last = first] = part.split(' to ');
    const group = first.slice(0, first.lastIndexOf('.') + 1);
    const [from, to] = [first, last].map((number) => Number(number.slice(group.length)));
    if (!last.startsWith(group) || from === undefined || to === undefined || !(from <= to))
      return [`"${part}"`];
    return Array.from({ length: to - from + 1 }, (_, i) => `${group}${from + i}`);
  });
}

/** What is wrong with a row that says of a requirement how it stands. */
function faultOf([, asks = '', state = '', shown = '']: readonly string[]): string | undefined {
  if (asks === '' || shown === '') return 'says nothing';
  switch (state) {
    case 'held':
      if (/`test\/[^`]+`/.test(shown)) return undefined;
      return /by design.*`src\/[^`]+`/.test(shown) ? undefined : 'is held by no test and no source';
    case 'open':
    case 'not applicable':
      return undefined;
    default:
      return `has the state "${state}"`;
  }
}

/** Files that a page names: as a path of the repository in backticks, and as a link from where the page lies. */
function filesNamed(page: string): readonly string[] {
  const paths = page.matchAll(/`((?:test|src|docs|scripts|converters|fixtures)\/[^`\s]+)`/g);
  const roots = page.matchAll(/`([A-Z_]+\.md|package-lock\.json)`/g);
  const links = page.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
  return [
    ...[...paths, ...roots].map(([, path = '']) => path),
    ...[...links].map(([, path = '']) => normalize(join(dirname(PAGE), path))),
  ];
}

const page = readRepositoryFile(PAGE);
const requirementRows = (text: string) => tableRows(text, (first) => first.startsWith('V'));

describe('the page of ASVS', () => {
  test('has every requirement of level 1 and 2 once, in the part of its chapter, and no other', () => {
    const parts = page.split(/^## /m).filter((part) => /^V\d/.test(part));
    const found = parts.map((part) => [
      part.split(' ')[0],
      requirementRows(part)
        .flatMap(([cell = '']) => numbersIn(cell))
        .toSorted(),
    ]);
    const wanted = Object.entries(sections).map(([chapter, counts]) => [
      chapter,
      counts
        .flatMap((count, i) => Array.from({ length: count }, (_, j) => `${chapter}.${i + 1}.${j + 1}`))
        .toSorted(),
    ]);
    expect(found).toEqual(wanted);
  });

  test('says of each whether it is held, open or not applicable, and of those held by what', () => {
    const faults = requirementRows(page).map((row) => [row[0], faultOf(row)]);
    expect(faults.filter(([, fault]) => fault !== undefined)).toEqual([]);
  });

  test('names only files that exist', () => {
    const missing = filesNamed(page).filter((path) => !existsSync(join(repositoryRoot, path)));
    expect([...new Set(missing)]).toEqual([]);
  });

  test('has every control of ISO 27001 once, and says whose it is', () => {
    const rows = tableRows(page, (first) => /^\d/.test(first));
    const wanted = Object.entries(controls).flatMap(([theme, count]) =>
      Array.from({ length: count }, (_, i) => `${theme}.${i + 1}`),
    );
    expect(rows.flatMap(([cell = '']) => numbersIn(cell)).toSorted()).toEqual(wanted.toSorted());
    for (const [cell, whose] of rows) expect(['gives', 'supports', 'administration'], cell).toContain(whose);
  });
});

describe('what is wrong with such a page is found', () => {
  test('a state of another name, nothing said, and a held requirement that nothing shows', () => {
    for (const row of [
      ['V1.1.1', 'asks', 'done', '`test/a.ts`'],
      ['V1.1.1', 'asks', 'open', ''],
      ['V1.1.1', 'asks', 'held', 'trust us'],
      ['V1.1.1', 'asks', 'held', '`src/a.ts`'],
    ])
      expect(faultOf(row), row.join(' | ')).toBeDefined();
    expect(faultOf(['V1.1.1', 'asks', 'held', 'by design: so it is, `src/a.ts`'])).toBeUndefined();
  });

  test('numbers in a list and in a range, and no range that goes backwards or over sections', () => {
    expect(numbersIn('V1.2.3, V1.2.9 to V1.2.11')).toEqual(['V1.2.3', 'V1.2.9', 'V1.2.10', 'V1.2.11']);
    for (const cell of ['V1.2.3 to V1.2.1', 'V1.2.3 to V1.3.4', 'V1.2.x'])
      expect(numbersIn(cell)).toEqual([`"${cell}"`]);
  });

  test('files in backticks and in links', () => {
    const text =
      'see `test/a.ts` (x), [b](../b.md#part), [c](https://example.org/c), `SECURITY.md` and `npm test`';
    expect(filesNamed(text)).toEqual(['test/a.ts', 'SECURITY.md', 'docs/b.md']);
  });
});
