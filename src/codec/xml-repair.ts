import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';

const NODES_CEILING = 200_000;

/** Comment, CDATA, processing instruction, declaration, tag, or a lone `<`. */
const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<![A-Za-z]|<\/[A-Za-z_][\w.:-]*\s*>|<[A-Za-z_](?:[^<>"']|"[^"<]*"|'[^'<]*')*>|</g;
const strictOpening = /^<[A-Za-z_][\w.:-]*(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*\/?>$/;
const bareAmpersand = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/g;

interface Open {
  readonly name: string;
  readonly innerStart: number;
  broken: boolean;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Makes well-formed what scanners write: a bare `&` becomes `&amp;`, and the content of an element that does not nest
 * becomes text. Depth and node ceilings hold before any tree is built.
 * @throws NII_MALFORMED on a DOCTYPE or a root that never closes, NII_LIMIT_DEPTH
 */
export function repairXml(
  text: string,
  limits: Pick<Limits, 'depth'>,
  name: string,
): { readonly text: string; readonly repaired: boolean } {
  const ranges = outermost(brokenRanges(text, limits, name));
  const nested = ranges.length === 0 ? text : escapeRanges(text, ranges);
  const whole = escapeAmpersands(nested);
  return { text: whole, repaired: whole !== text };
}

/** CDATA and comments may hold any ampersand. */
function escapeAmpersands(text: string): string {
  return text
    .split(/(<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) => (/^<!(--|\[CDATA\[)/.test(part) ? part : part.replace(bareAmpersand, '&amp;')))
    .join('');
}

function brokenRanges(text: string, limits: Pick<Limits, 'depth'>, name: string): readonly Range[] {
  const stack: Open[] = [];
  const ranges: Range[] = [];
  let nodes = 0;
  for (const match of text.matchAll(token)) {
    if (++nodes > NODES_CEILING) throw malformed(name, 'too many elements', match.index);
    step(match[0], match.index, stack, ranges, name);
    if (stack.length > limits.depth) {
      throw new NiiError('NII_LIMIT_DEPTH', {
        detail: `${name}: elements nested too deeply`,
        offset: match.index,
      });
    }
  }
  if (stack.length > 0) throw malformed(name, `element ${stack[0]?.name} is never closed`, text.length);
  return ranges;
}

function step(part: string, at: number, stack: Open[], ranges: Range[], name: string): void {
  if (part.startsWith('<!--') || part.startsWith('<![CDATA[')) return;
  if (part.startsWith('<!'))
    throw malformed(name, 'a document type or entity declaration is not accepted', at);
  if (part.startsWith('</')) return close(part.slice(2, -1).trim(), at, stack, ranges, name);
  if (part.startsWith('<?') || part === '<' || !strictOpening.test(part)) return blame(part, at, stack, name);
  if (!part.endsWith('/>')) stack.push({ name: tagName(part), innerStart: at + part.length, broken: false });
}

function tagName(part: string): string {
  return /^<([^\s/>]+)/.exec(part)?.[1] ?? '';
}

/** What cannot stand where it stands makes the content of the element around it text. */
function blame(part: string, at: number, stack: readonly Open[], name: string): void {
  const around = stack.at(-1);
  if (around !== undefined) around.broken = true;
  else if (!part.startsWith('<?')) throw malformed(name, 'not XML', at);
}

function close(closed: string, at: number, stack: Open[], ranges: Range[], name: string): void {
  const depth = stack.findLastIndex((open) => open.name === closed);
  const open = stack[depth];
  if (open === undefined) return blame('', at, stack, name);
  if (open.broken || depth < stack.length - 1) ranges.push({ from: open.innerStart, to: at });
  stack.length = depth;
}

/** Ranges close in order, so that one around others comes after them. */
function outermost(ranges: readonly Range[]): readonly Range[] {
  return ranges.filter(
    (inner) => !ranges.some((outer) => outer !== inner && outer.from <= inner.from && outer.to >= inner.to),
  );
}

function escapeRanges(text: string, ranges: readonly Range[]): string {
  let end = 0;
  const parts = ranges.map(({ from, to }) => {
    const before = text.slice(end, from);
    end = to;
    return before + text.slice(from, to).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  });
  return parts.join('') + text.slice(end);
}

function malformed(name: string, detail: string, offset: number): NiiError {
  return new NiiError('NII_MALFORMED', { detail: `${name}: ${detail}`, offset, field: name });
}
