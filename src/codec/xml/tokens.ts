import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';

/** Tags, sections and attributes of one document, all together. */
const NODES_CEILING = 200_000;
/** Of one tag. */
const ATTRIBUTES_CEILING = 1024;

export interface Token {
  /** `stray`: a `<` that begins nothing. */
  readonly kind: 'comment' | 'cdata' | 'instruction' | 'open' | 'empty' | 'close' | 'stray';
  readonly at: number;
  readonly end: number;
  /** Of a tag; empty else. */
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, written: string])[];
  /** It cannot stand where it stands, and is text. */
  misplaced: boolean;
}

interface Walk {
  readonly name: string;
  readonly text: string;
  readonly tokens: Token[];
  readonly open: Token[];
  nodes: number;
}

/**
 * Every tag and section of a text in one pass, each character looked at a fixed number of times. A tag that does not
 * nest is marked: scanners write such, and what is read of them is text.
 * @throws NII_MALFORMED on a DOCTYPE or too many nodes, NII_TRUNCATED when an element or section never closes,
 *   NII_LIMIT_DEPTH
 */
export function tokensOf(text: string, limits: Pick<Limits, 'depth'>, name: string): readonly Token[] {
  const walk: Walk = { name, text, tokens: [], open: [], nodes: 0 };
  let at = text.indexOf('<');
  while (at >= 0) {
    const token = tokenAt(walk, at);
    walk.nodes += 1 + token.attributes.length;
    if (walk.nodes > NODES_CEILING) throw malformed(walk, 'too many elements', at);
    place(token, walk);
    walk.tokens.push(token);
    if (walk.open.length > limits.depth) {
      throw new NiiError('NII_LIMIT_DEPTH', { detail: `${name}: nested too deeply`, offset: at });
    }
    at = text.indexOf('<', token.end);
  }
  if (walk.open.length > 0) throw truncated(walk, 'an element is never closed', text.length);
  if (!/<[A-Za-z_]/.test(text)) throw truncated(walk, 'there is no element', text.length);
  return walk.tokens;
}

const sections = [
  { kind: 'comment', begin: '<!--', end: '-->' },
  { kind: 'cdata', begin: '<![CDATA[', end: ']]>' },
  { kind: 'instruction', begin: '<?', end: '?>' },
] as const;

function tokenAt(walk: Walk, at: number): Token {
  const { text } = walk;
  const section = sections.find(({ begin }) => text.startsWith(begin, at));
  if (section !== undefined) {
    const last = text.indexOf(section.end, at + section.begin.length);
    if (last < 0) throw truncated(walk, 'a section is never closed', at);
    return bare(section.kind, at, last + section.end.length);
  }
  if (text.startsWith('<!', at)) throw xmlError(walk, 'document types and entities are not allowed', at);
  return closingAt(text, at) ?? openingAt(walk, at) ?? bare('stray', at, at + 1);
}

function bare(kind: Token['kind'], at: number, end: number, name = ''): Token {
  return { kind, at, end, name, attributes: [], misplaced: false };
}

const closingForm = /<\/([A-Za-z_][\w.:-]*)\s*>/y;

function closingAt(text: string, at: number): Token | undefined {
  closingForm.lastIndex = at;
  const name = closingForm.exec(text)?.[1];
  return name === undefined ? undefined : bare('close', at, closingForm.lastIndex, name);
}

/** Names that would reach for a prototype wherever a record becomes an object. */
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const nameForm = /<([A-Za-z_][\w.:-]*)/y;
const attributeForm = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const endForm = /\s*(\/?)>/y;

/** A tag that is whole but not as XML has it is stray, all of it. */
function openingAt(walk: Walk, at: number): Token | undefined {
  const { text } = walk;
  const end = tagEnd(text, at);
  if (end === undefined) return undefined;
  nameForm.lastIndex = at;
  const name = nameForm.exec(text)?.[1] ?? '';
  let last = nameForm.lastIndex;
  const attributes: (readonly [string, string])[] = [];
  for (let found = matchAt(attributeForm, text, last); found !== null; ) {
    attributes.push([found[1] ?? '', found[2] ?? found[3] ?? '']);
    if (attributes.length > ATTRIBUTES_CEILING) throw malformed(walk, 'too many attributes', at);
    last = attributeForm.lastIndex;
    found = matchAt(attributeForm, text, last);
  }
  const close = matchAt(endForm, text, last);
  if (close === null || endForm.lastIndex !== end) return bare('stray', at, end);
  if ([name, ...attributes.map(([key]) => key)].some((key) => reserved.has(key))) {
    throw malformed(walk, 'reserved name of an element or attribute', at);
  }
  return { kind: close[1] === '/' ? 'empty' : 'open', at, end, name, attributes, misplaced: false };
}

function matchAt(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** Behind the `>` of a tag that begins here, quoted ones not counted; no tag goes over another `<`. */
function tagEnd(text: string, at: number): number | undefined {
  if (!/[A-Za-z_]/.test(text.charAt(at + 1))) return undefined;
  let quote = '';
  for (let i = at + 1; i < text.length; i += 1) {
    const letter = text.charAt(i);
    if (letter === '<') return undefined;
    if (quote !== '') quote = letter === quote ? '' : quote;
    else if (letter === '>') return i + 1;
    else if (letter === '"' || letter === "'") quote = letter;
  }
  return undefined;
}

function place(token: Token, walk: Walk): void {
  switch (token.kind) {
    case 'open':
      walk.open.push(token);
      return;
    case 'close':
      closeElement(token, walk);
      return;
    case 'stray':
      misplace(token, walk);
      return;
    case 'instruction':
      // An XML declaration inside an element is a document pasted into a field
      if (walk.open.length > 0) misplace(token, walk);
      return;
    case 'comment':
    case 'cdata':
    case 'empty':
      return;
  }
}

function misplace(token: Token, walk: Walk): void {
  if (walk.open.length === 0) throw xmlError(walk, 'a tag is outside the root element', token.at);
  token.misplaced = true;
}

function closeElement(token: Token, walk: Walk): void {
  const depth = walk.open.findLastIndex(({ name }) => name === token.name);
  if (depth < 0) {
    misplace(token, walk);
    return;
  }
  for (const unclosed of walk.open.splice(depth).slice(1)) unclosed.misplaced = true;
}

/** A tag that never ends is the end of a text that was cut. */
function xmlError(walk: Walk, detail: string, at: number): NiiError {
  return walk.text.includes('>', at)
    ? malformed(walk, detail, at)
    : truncated(walk, 'it ends within a tag', at);
}

function malformed({ name }: Walk, detail: string, offset: number): NiiError {
  return new NiiError('NII_MALFORMED', { detail: `${name}: ${detail}`, offset, field: name });
}

function truncated({ name }: Walk, detail: string, offset: number): NiiError {
  return new NiiError('NII_TRUNCATED', { detail: `${name}: ${detail}`, offset, field: name });
}
