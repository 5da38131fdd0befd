import type { Measure } from '../../core/measures/figures.ts';
import type { FigureRow } from './rows.ts';

/** Tables as CSV (RFC 4180) that is safe to open: no text of a stranger becomes a formula. */

type Cell = string | number | null | undefined;

/** What a table calculator reads as the start of a formula. */
const formula = /^[=+\-@\t\r\n]/;

export function toCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

/** Numbers stay numbers, also negative ones. */
function cellOf(value: Cell): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const columns = [
  'measure',
  'figure',
  'part',
  'from',
  'to',
  'site',
  'scanner',
  'count',
  'of',
  'value',
  'low',
  'high',
  'unit',
];

/** One line a figure. */
export function measureCsv(views: readonly (readonly [Measure, readonly FigureRow[]])[]): string {
  return toCsv(
    columns,
    views.flatMap(([measure, rows]) =>
      rows.map(({ figure, kind, from, to, site, scanner, count, of, value, low, high, unit }) => [
        measure,
        figure,
        kind,
        from,
        to,
        site,
        scanner,
        count,
        of,
        value,
        low,
        high,
        unit,
      ]),
    ),
  );
}
