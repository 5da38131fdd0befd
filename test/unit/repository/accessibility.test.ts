import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRepositoryFile, repositoryRoot, tableRows } from '../../support/markdown-table.ts';

const rows = tableRows(readRepositoryFile('docs/reference/accessibility.md'), (first) =>
  /^(WCAG 2\.2, )?[0-9]/.test(first),
);
const clauses = rows.map(([clause = '']) => clause);

const numbers = (prefix: string, last: number) =>
  Array.from({ length: last }, (_, i) => `${prefix}.${i + 1}`);
/** WCAG 2.1, levels A and AA. */
const wcag21 = [
  '1.1.1',
  ...numbers('1.2', 5),
  ...numbers('1.3', 5),
  ...numbers('1.4', 5),
  ...['1.4.10', '1.4.11', '1.4.12', '1.4.13'],
  ...['2.1.1', '2.1.2', '2.1.4', '2.2.1', '2.2.2', '2.3.1'],
  ...numbers('2.4', 7),
  ...numbers('2.5', 4),
  ...['3.1.1', '3.1.2'],
  ...numbers('3.2', 4),
  ...numbers('3.3', 4),
  ...numbers('4.1', 3),
];
/** A document alone has no blocks to pass, no other ways to it, and no other pages to agree with. */
const notOfDocuments = new Set(['2.4.1', '2.4.5', '3.2.3', '3.2.4']);
const standard = [
  ...['5.1.2.1', '5.1.2.2', ...numbers('5.1.3', 16), '5.1.4', '5.1.5', '5.1.6.1', '5.1.6.2', '5.1.7'],
  ...['5.2', '5.3', '5.4', '5.5.1', '5.5.2', '5.6.1', '5.6.2', '5.7', '5.8', '5.9'],
  ...wcag21.map((criterion) => `9.${criterion}`),
  '9.6',
  ...['2.4.11', '2.5.7', '2.5.8', '3.2.6', '3.3.7', '3.3.8'].map((criterion) => `WCAG 2.2, ${criterion}`),
  ...wcag21.filter((criterion) => !notOfDocuments.has(criterion)).map((criterion) => `10.${criterion}`),
  ...['10.5', '10.6', '11', '12.1.1', '12.1.2', '12.2.2', '12.2.3', '12.2.4'],
];

test('every clause of the standard that can apply stands there once', () => {
  expect(clauses).toEqual(standard);
});

test('each says one of four things, and how we know', () => {
  for (const [clause, , says, how = ''] of rows) {
    expect(['supports', 'partly', 'does not', 'not applicable'], clause).toContain(says);
    expect(how.length, clause).toBeGreaterThan(10);
  }
});

test('each test that it names is there', () => {
  const named = rows.flatMap(([clause, , , how = '']) =>
    [...how.matchAll(/`(test\/[^`]+)`: (.+)$/g)].map(([, file = '', name = '']) => ({ clause, file, name })),
  );
  expect(named.length).toBeGreaterThan(40);
  for (const { clause, file, name } of named) {
    expect(existsSync(`${repositoryRoot}${file}`), `${clause}: ${file}`).toBe(true);
    expect(readRepositoryFile(file).includes(name), `${clause}: ${file} has "${name}"`).toBe(true);
  }
});
