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
