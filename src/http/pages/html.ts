export const HTML = 'text/html; charset=utf-8';

/** Text that cannot leave the place of an element or an attribute value in HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: #51606f; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d5dde5; overflow-wrap: break-word; }
th { color: #51606f; font-weight: 600; } code { font-size: .9em; }
.verdict { display: inline-block; padding: .3rem .8rem; border-radius: .3rem; font-weight: 600; background: #e6ebf0; }
.good { background: #d8f0dd; color: #12481f; } .some { background: #fdf0cd; color: #5b4300; } .bad { background: #fadcd9; color: #6b1711; }
@media print { body { margin: 0; max-width: none; } }
`;

/** A whole page without script, with nothing loaded from elsewhere; `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head><body>
${body}
</body></html>
`;
}

/** A table of texts; cells are escaped here. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line(head, 'th')}</thead><tbody>${rows.map((row) => line(row, 'td')).join('\n')}</tbody></table>`;
}
