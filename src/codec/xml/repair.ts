import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';

const NODES_CEILING = 200_000;

/** Comment, CDATA, processing instruction, declaration, tag, or a lone `<`. Each scans no further than the next `<`, or ends the parse. */
const token =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<!--|<!\[CDATA\[|<[!?]|<\/[A-Za-z_][\w.:-]*\s*>|<[A-Za-z_](?:[^<>"']|"[^"<]*"|'[^'<]*')*>|</g;
const strictOpening = /^<[A-Za-z_][\w.:-]*(?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*\/?>$/;
const bareAmpersand = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/g;

interface Token {
  readonly text: string;
  readonly at: number;
}

interface Walk {
  readonly name: string;
  readonly text: string;
  readonly open: Token[];
  /** Tokens that cannot stand where they stand; they become text. */
  readonly misplaced: Token[];
}

/**
 * Makes well-formed what scanners write: a bare `&` and every tag that does not nest become text.
 * Depth and node ceilings hold before any tree is built.
 * @throws NII_MALFORMED on a DOCTYPE, NII_TRUNCATED when an element or section never closes, NII_LIMIT_DEPTH
 */
export function repairXml(
  text: string,
  limits: Pick<Limits, 'depth'>,
  name: string,
): { readonly text: string; readonly repaired: boolean } {
  const whole = escapeAmpersands(escapeTokens(text, misplacedTokens(text, limits, name)));
  return { text: whole, repaired: whole !== text };
}

/** CDATA and comments may hold any ampersand. */
function escapeAmpersands(text: string): string {
  return text
    .split(/(<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>)/)
    .map((part) => (/^<!(--|\[CDATA\[)/.test(part) ? part : part.replace(bareAmpersand, '&amp;')))
    .join('');
}

function misplacedTokens(text: string, limits: Pick<Limits, 'depth'>, name: string): readonly Token[] {
  const walk: Walk = { name, text, open: [], misplaced: [] };
  let nodes = 0;
  for (const match of text.matchAll(token)) {
    if (++nodes > NODES_CEILING) throw malformed(name, 'too many elements', match.index);
    visit({ text: match[0], at: match.index }, walk);
    if (walk.open.length > limits.depth) {
      throw new NiiError('NII_LIMIT_DEPTH', { detail: `${name}: nested too deeply`, offset: match.index });
    }
  }
  if (walk.open.length > 0) throw truncated(name, 'an element is never closed', text.length);
  if (!/<[A-Za-z_]/.test(text)) throw truncated(name, 'there is no element', text.length);
  return walk.misplaced.toSorted((a, b) => a.at - b.at);
}

const unclosedSections = new Set(['<!--', '<![CDATA[', '<?']);

function visit(part: Token, walk: Walk): void {
  if (unclosedSections.has(part.text)) throw truncated(walk.name, 'a section is never closed', part.at);
  if (part.text.startsWith('<!--') || part.text.startsWith('<![CDATA[')) return;
  if (part.text === '<!') throw refusal(walk, 'a document type or entity is not accepted', part.at);
  if (part.text.startsWith('</')) closeElement(part, walk);
  else if (part.text.startsWith('<?')) visitInstruction(part, walk);
  else if (!strictOpening.test(part.text)) misplace(part, walk);
  else if (!part.text.endsWith('/>')) walk.open.push(part);
}

/** An XML declaration inside an element is a document pasted into a field. */
function visitInstruction(part: Token, walk: Walk): void {
  if (walk.open.length > 0) misplace(part, walk);
}

function misplace(part: Token, walk: Walk): void {
  if (walk.open.length === 0) throw refusal(walk, 'a tag outside of the root', part.at);
  walk.misplaced.push(part);
}

function closeElement(part: Token, walk: Walk): void {
  const closed = part.text.slice(2, -1).trim();
  const depth = walk.open.findLastIndex((open) => tagName(open.text) === closed);
  if (depth < 0) misplace(part, walk);
  else walk.misplaced.push(...walk.open.splice(depth).slice(1));
}

function tagName(tag: string): string {
  return /^<([^\s/>]+)/.exec(tag)?.[1] ?? '';
}

function escapeTokens(text: string, tokens: readonly Token[]): string {
  let end = 0;
  const parts = tokens.map((part) => {
    const before = text.slice(end, part.at);
    end = part.at + part.text.length;
    return before + part.text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  });
  return parts.join('') + text.slice(end);
}

/** A tag that never ends is the end of a text that was cut. */
function refusal({ name, text }: Walk, detail: string, at: number): NiiError {
  return text.includes('>', at) ? malformed(name, detail, at) : truncated(name, 'it ends within a tag', at);
}

function malformed(name: string, detail: string, offset: number): NiiError {
  return new NiiError('NII_MALFORMED', { detail: `${name}: ${detail}`, offset, field: name });
}

function truncated(name: string, detail: string, offset: number): NiiError {
  return new NiiError('NII_TRUNCATED', { detail: `${name}: ${detail}`, offset, field: name });
}
