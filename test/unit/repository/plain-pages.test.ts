import { readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readRepositoryFile, repositoryRoot } from '../../support/markdown-table.ts';

/** Words of a sentence beyond which most readers read it twice. */
const LONG_SENTENCE = 25;

/** Percent of the sentences of a page that may be longer: none unless it is listed. Lower a ceiling, never raise one. */
const ceilings: Readonly<Record<string, number>> = {
  'ARCHITECTURE.md': 5,
  // the list of channels of one format
  'docs/reference/formats.md': 2,
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

const folders = ['tutorial', 'how-to', 'reference', 'explanation', 'security'];
const pages = [
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md', 'docs/README.md'],
  ...folders.flatMap((folder) =>
    readdirSync(`${repositoryRoot}docs/${folder}`).map((name) => `docs/${folder}/${name}`),
  ),
].filter((name) => name.endsWith('.md'));

test('only pages that exist have a ceiling for their long sentences', () => {
  expect(pages).toEqual(expect.arrayContaining(Object.keys(ceilings)));
});

describe.each(pages)('%s', (page) => {
  it('starts no program of the registry that has our name: npx runs it with --no-install', () => {
    const commands = readRepositoryFile(page).matchAll(/\bnpx (?:--?[a-z-]+ )*nii\b/g);
    expect([...commands].map(([text]) => text).filter((text) => !text.includes('--no-install '))).toEqual([]);
  });

  const sentences = sentencesOf(readRepositoryFile(page));

  it('has few long sentences', () => {
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
