import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { nodesOf } from './sources.ts';

/** A folder holds at most this many files; its subfolders are folders of their own. */
export const FOLDER_CEILING = 20;
/** So many files that begin with one word are a folder that has no name yet. */
const FAMILY_SIZE = 3;
/** A file with fewer lines of code than this needs a reason. */
const SMALL_FILE_LINES = 6;

export interface Folder {
  readonly name: string;
  readonly files: number;
}

/** Folders by the number of files in each, the largest first. */
export function foldersOf(files: readonly string[]): readonly Folder[] {
  return [...grouped(files, path.posix.dirname)]
    .map(([name, { length }]) => ({ name, files: length }))
    .sort((a, b) => b.files - a.files || (a.name < b.name ? -1 : 1));
}

/**
 * Prefixes that want to be a folder: FAMILY_SIZE or more files of one folder whose names begin with the same word.
 * Words end at a hyphen; `records.ts` and `records-feed.ts` both begin with `records`.
 */
export function familiesOf(files: readonly string[]): readonly string[] {
  const groups = grouped(files, (name) => {
    const base = path.posix.basename(name).replace(/\..*$/, '');
    return `${path.posix.dirname(name)}/${base.split('-')[0]}-`;
  });
  return [...groups].filter(([, { length }]) => length >= FAMILY_SIZE).map(([family]) => family);
}

function grouped(
  files: readonly string[],
  groupOf: (name: string) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const name of files) groups.set(groupOf(name), [...(groups.get(groupOf(name)) ?? []), name]);
  return groups;
}

/** Text of files by their path. */
export type Texts = ReadonlyMap<string, string>;

export function textsOf(root: string, files: readonly string[]): Texts {
  return new Map(files.map((name) => [name, readFileSync(path.join(root, name), 'utf8')]));
}

/** A step of the database's history: a file of its own however short, which never changes once it is released. */
const migration = /\/migrations\/(?:[a-z]+\/)?\d{4}-/;

/**
 * Small files that could move into one of the files that import them: all others that import the small one import that
 * file already, so that nothing new is imported. A small file that ends a circle, or that rooms share which do not know
 * one another, cannot move.
 */
export function movableSmallFiles(texts: Texts): readonly string[] {
  const imports = new Map([...texts].map(([name, text]) => [name, importsOf(name, text)]));
  const importersOf = (file: string) => [...texts.keys()].filter((name) => imports.get(name)?.has(file));
  const small = [...texts].filter(([name, text]) => isSmall(name, text)).map(([name]) => name);
  return small.filter((file) => {
    if (migration.test(file)) return false;
    const importers = importersOf(file);
    return importers.some((home) =>
      importers.every((other) => other === home || imports.get(other)?.has(home)),
    );
  });
}

/** Paths of the files that a file imports by a relative address, types and dynamic imports included. */
function importsOf(name: string, text: string): ReadonlySet<string> {
  const folder = path.posix.dirname(name);
  const addresses = text.matchAll(/\b(?:from|import)\b[\s(]*'(\.[^']+)'/g);
  return new Set([...addresses].map(([, address = '']) => path.posix.join(folder, address)));
}

/** The rest of a small file is its comment; a longer one is not parsed to know. */
const SMALL_FILE_CHARACTERS = 2000;

function isSmall(name: string, text: string): boolean {
  return text.length <= SMALL_FILE_CHARACTERS && linesOfCode(name, text) < SMALL_FILE_LINES;
}

/** Lines that hold anything but comments and white space. */
function linesOfCode(name: string, text: string): number {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const lineAt = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const lines = new Set<number>();
  for (const node of nodesOf(file)) {
    if (node === file || node === file.endOfFileToken) continue;
    const [first, last] = [lineAt(node.getStart(file)), lineAt(node.end)];
    // a text over several lines has no nodes inside, while a function has blank lines and comments
    if (ts.isStringTextContainingNode(node)) for (let i = first; i < last; i += 1) lines.add(i);
    lines.add(first).add(last);
  }
  return lines.size;
}
