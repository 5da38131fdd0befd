/** Longest first; each stands for digits. */
const tokens: readonly (readonly [token: string, part: string, digits: string])[] = [
  ['YYYY', 'year', '\\d{4}'],
  ['YY', 'year', '\\d{2}'],
  ['MM', 'month', '\\d{1,2}'],
  ['DD', 'day', '\\d{1,2}'],
  ['hh', 'hour', '\\d{1,2}'],
  ['mm', 'minute', '\\d{1,2}'],
  ['ss', 'second', '\\d{1,2}'],
  ['fff', 'fraction', '\\d{1,9}'],
];

/**
 * A regular expression with one group for each token; all else stands for itself.
 * @throws SyntaxError where a part stands twice
 */
export function datePattern(pattern: string): RegExp {
  let source = '';
  for (let rest = pattern; rest !== ''; ) {
    const found = tokens.find(([token]) => rest.startsWith(token));
    const [token, part, digits] = found ?? [rest.slice(0, 1)];
    source += part === undefined ? escapeForm(token) : `(?<${part}>${digits})`;
    rest = rest.slice(token.length);
  }
  return new RegExp(`^${source}`, 'u');
}

function escapeForm(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
