import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { nodesOf } from './sources.ts';

/** A file with fewer lines of code than this needs a reason. */
const SMALL_FILE_LINES = 6;

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
