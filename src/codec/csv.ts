import { NiiError } from '../core/errors.ts';

/** Tables as text (RFC 4180), one row a line; `,` or `;` separates the cells. */

export interface CsvLine {
  /** From 1, as an editor counts. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** Every line that is not empty, the header first. @throws NII_MALFORMED naming the line, for a quote that is wrong */
export function csvLines(text: string): readonly CsvLine[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const rows = lines.map((line, i) => ({ line, number: i + 1 })).filter(({ line }) => line.trim() !== '');
  const separator = rows[0]?.line.includes(';') ? ';' : ',';
  return rows.map(({ line, number }) => ({ number, cells: cellsOf(line, separator, number) }));
}

/** The cells of one line; one that begins with a quote ends with one, and two quotes in it are one. */
function cellsOf(line: string, separator: string, number: number): readonly string[] {
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const isQuoted = line[at] === '"';
    const end = isQuoted ? endOfQuoted(line, at, number) : endOfPlain(line, at, separator);
    const cell = line.slice(at, end);
    cells.push((isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell).trim());
    if (end < line.length && line[end] !== separator)
      throw malformed(number, `text after a quoted cell; "${separator}" is expected`);
    at = end + 1;
  }
  return cells;
}

function endOfPlain(line: string, from: number, separator: string): number {
  const end = line.indexOf(separator, from);
  return end === -1 ? line.length : end;
}

function endOfQuoted(line: string, from: number, number: number): number {
  for (let at = line.indexOf('"', from + 1); at !== -1; at = line.indexOf('"', at + 2))
    if (line[at + 1] !== '"') return at + 1;
  throw malformed(number, 'a quote is not closed');
}

function malformed(number: number, what: string): NiiError {
  return new NiiError('NII_MALFORMED', `line ${number}: ${what}`);
}
