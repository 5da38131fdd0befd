import { expect, test } from 'vitest';
import { errorTable } from '../../../src/core/errors.ts';
import { warningTable } from '../../../src/core/warnings.ts';
import { readRepositoryFile, tableRows } from '../../support/markdown-table.ts';

const page = readRepositoryFile('docs/reference/errors.md');

test('the page of errors names every code with its status and title, in order, and no other', () => {
  const documented = tableRows(page, (code) => /^NII_(?!W_)/.test(code));
  const stated = Object.entries(errorTable).map(([code, { status, title }]) => [code, String(status), title]);
  expect(documented.map((row) => row.slice(0, 3))).toEqual(stated);
});

test('the page of errors says for every code what to do next', () => {
  for (const [code, , , next] of tableRows(page, (first) => /^NII_(?!W_)/.test(first))) {
    expect(next?.length, code).toBeGreaterThan(10);
  }
});

test('the page of errors names every warning with its title, in order, and no other', () => {
  expect(tableRows(page, (code) => code.startsWith('NII_W_'))).toEqual(Object.entries(warningTable));
});

test('every code and title is unique, and every status is one that HTTP calls an error', () => {
  const titles = [...Object.values(errorTable).map(({ title }) => title), ...Object.values(warningTable)];
  expect(new Set(titles).size).toBe(titles.length);
  for (const { status } of Object.values(errorTable)) expect(status).toBeGreaterThanOrEqual(400);
});
