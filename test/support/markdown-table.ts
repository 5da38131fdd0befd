import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

export function readRepositoryFile(name: string): string {
  return readFileSync(`${repositoryRoot}${name}`, 'utf8');
}

/** The cells of every table row of a Markdown page whose first cell passes, heading and ruler left out. */
export function tableRows(page: string, isRow: (firstCell: string) => boolean): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim()),
    )
    .filter(([first]) => first !== undefined && isRow(first));
}
