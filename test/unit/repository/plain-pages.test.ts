import { readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';

/** Words of a sentence beyond which most readers read it twice. */
const LONG_SENTENCE = 25;

/**
 * Percent of the sentences of a page that may be longer. Pages that everybody reads have none; a page that is written
 * anew gets a lower ceiling here. No ceiling is ever raised.
 */
const ceilings: Readonly<Record<string, number>> = {
  'ARCHITECTURE.md': 5,
  'CONTRIBUTING.md': 0,
  'README.md': 9,
  'SECURITY.md': 18,
  'docs/accessibility.md': 0,
  'docs/api.md': 0,
  'docs/client.md': 12,
  'docs/conformance-kit.md': 32,
  'docs/conformance-report.md': 28,
  'docs/converter-guide.md': 4,
  'docs/dicomweb.md': 10,
  'docs/dicos-conformance.md': 21,
  'docs/errors.md': 0,
  'docs/evaluation.md': 0,
  // the lists of channels of two formats
  'docs/formats.md': 2,
  'docs/formats.template.md': 0,
  'docs/fuzzing.md': 25,
  'docs/human-oversight.md': 0,
  'docs/lane.md': 0,
  'docs/models.md': 23,
  'docs/offline.md': 5,
  'docs/operations.md': 0,
  'docs/record.md': 10,
  'docs/simulator.md': 15,
  'docs/sizing.md': 0,
  'docs/testing.md': 19,
  'docs/uff.md': 15,
  'docs/versions.md': 16,
  'docs/watch.md': 0,
  'docs/workstation.md': 2,
};

/** Phrases that readers asked about. */
const riddles = [
  /however long the line is away/,
  /under another name neither/,
  /by whoever needs it next/,
  /\bIt ends\. From\b/,
  /what the fixtures became/,
  /read neither\b/,
  /words of before|headers of before/,
  /that was to be made again/,
  /cannot be read here is one that/,
  /\bNobody gives them: they follow\b/,
  /\bThe answer is the state so far\b/,
];

const pages = [
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'],
  ...readdirSync(`${repositoryRoot}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].toSorted((a, b) => (a < b ? -1 : 1));

test('every page has a ceiling for its long sentences', () => {
  expect(Object.keys(ceilings)).toEqual(pages);
});

describe.each(pages)('%s', (page) => {
  const sentences = sentencesOf(readRepositoryFile(page));

  it('has few sentences that are read twice', () => {
    const long = sentences.filter((sentence) => wordCount(sentence) > LONG_SENTENCE);
    const percent = (100 * long.length) / sentences.length;
    expect(percent, long.join('\n')).toBeLessThanOrEqual(ceilings[page] ?? 0);
  });

  it('has none of the phrases that readers asked about', () => {
    const text = readRepositoryFile(page).replace(/\s+/g, ' ');
    expect(riddles.filter((riddle) => riddle.test(text))).toEqual([]);
  });
});

test('a sentence is counted over lines, without code, and apart from lists and tables', () => {
  const page = [
    '# No sentence',
    '',
    'One that begins here',
    'and ends here. Another with `a few words of code`!',
    '',
    '| a table | is none |',
    '- a first item',
    '  that goes on',
    '1. a [second](with/an/address.md) item',
    '```sh',
    'nothing. of. this.',
    '```',
  ].join('\n');
  expect(sentencesOf(page)).toEqual([
    'One that begins here and ends here.',
    'Another with code!',
    'a first item that goes on',
    'a second item',
  ]);
  expect(wordCount('Of 16 bits, 4 × 2 samples')).toBe(3);
});

/** What a reader reads as prose: no code blocks, tables or headings. */
function sentencesOf(page: string): readonly string[] {
  return blocksOf(page.replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '')).flatMap((block) =>
    block
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/`[^`]*`/g, 'code')
      .replace(/[*_]/g, '')
      .split(/(?<=[.?!])\s+/)
      .filter((sentence) => sentence.trim() !== ''),
  );
}

/** Paragraphs and items of lists, each as one line. */
function blocksOf(page: string): readonly string[] {
  const blocks: string[] = [];
  let isOpen = false;
  for (const line of page.split('\n').map((one) => one.trim())) {
    const item = /^(?:[-*]|\d+\.)\s+(.*)$/.exec(line)?.[1];
    const isProse = line !== '' && !/^(?:#|\||<!--|!\[)/.test(line);
    if (!isProse) isOpen = false;
    else if (item === undefined && isOpen) blocks.push(`${blocks.pop() ?? ''} ${line}`);
    else {
      blocks.push(item ?? line);
      isOpen = true;
    }
  }
  return blocks;
}

/** Numbers and signs alone are no words. */
function wordCount(sentence: string): number {
  return sentence.split(/\s+/).filter((part) => /\p{Letter}/u.test(part)).length;
}
