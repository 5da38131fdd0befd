/** Columns as wide as their widest cell, two blanks apart; the last one runs on. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    headings
      .map((_, column) => (cells[column] ?? '').padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${lines.map(line).join('\n')}\n`;
}

/** JSON for scripts, ended by a line feed. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/**
 * Text for a terminal in which nothing is a command to it: files come from strangers, and a name or a remark in one may
 * hold escape sequences that hide, paint over or retype what stands there. C0 but for line feed and tab, C1 and the
 * signs that turn the direction of writing (Unicode Bidi_Control) are shown as \uXXXX, as JSON writes them.
 */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (sign) =>
    sign === '\n' || sign === '\t' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
