import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorTable } from '../../../src/core/errors.ts';
import { en, type WordKey } from '../../../src/page/words/en.ts';
import { es } from '../../../src/page/words/es.ts';
import { fr } from '../../../src/page/words/fr.ts';
import { chosenLanguage, fill } from '../../../src/page/words/words.ts';
import { repositoryRoot } from '../../support/markdown-table.ts';

const keys = Object.keys(en) as WordKey[];
const inOrder = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1));
const placesIn = (text: string) => inOrder([...text.matchAll(/\{[a-zA-Z]+\}/g)].map(([place]) => place));
/** The same in both languages. */
const alike = new Set<WordKey>(['app.title', 'viewer.oneToOne', 'verdict.note']);

describe.each([
  ['French', fr],
  ['Spanish', es],
])('the page in %s', (_, catalogue) => {
  test('has every sentence, with the same values to fill in', () => {
    expect(inOrder(Object.keys(catalogue))).toEqual(inOrder(keys));
    for (const key of keys) expect([key, placesIn(catalogue[key])]).toEqual([key, placesIn(en[key])]);
  });

  test('repeats hardly any sentence of English', () => {
    const same = keys.filter((key) => catalogue[key] === en[key] && !alike.has(key));
    expect(same.length).toBeLessThan(keys.length / 12);
  });
});

test('each code of the service has a title, which in English is that of the table of codes', () => {
  const titles = keys.filter((key) => key.startsWith('problem.')).map((key) => [key.slice(8), en[key]]);
  const table = Object.entries(errorTable).map(([code, { title }]) => [code, title]);
  expect(Object.fromEntries(titles)).toEqual(Object.fromEntries(table));
});

/** What the page is written in, without its catalogues. */
function pageSources(): string {
  const folder = `${repositoryRoot}src/page/`;
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('words/'))
    .map((name) => readFileSync(folder + name, 'utf8'))
    .join('\n');
}

test('every sentence is said somewhere on the page', () => {
  const sources = pageSources();
  const begun = [...sources.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map(([, begin = '']) => begin);
  const isSaid = (key: string) =>
    sources.includes(`'${key}'`) || begun.some((begin) => key.startsWith(begin));
  expect(keys.filter((key) => !isSaid(key))).toEqual([]);
});

test('no date and no number is written in the language of the browser alone', () => {
  const found = pageSources().match(/toLocale(?:Date|Time)?String\([^)]*\)/g) ?? [];
  expect(found).toEqual([]);
});

test('a value is put where the sentence names it, and one that is not given stays to be seen', () => {
  expect(fill('row {row}, column {column}', { row: 3 })).toBe('row 3, column {column}');
});

test('the language is the one that was chosen, else the first that the browser asks for and the page has', () => {
  expect(chosenLanguage('es', ['fr-CA'])).toBe('es');
  expect(chosenLanguage(null, ['de', 'fr-CA', 'en'])).toBe('fr');
  expect(chosenLanguage('tlh', ['de'])).toBe('en');
});
