import type { Token } from './tokens.ts';

export interface XmlNode {
  /** As written, prefix included. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Text of the element itself, blanks around it off, entities resolved. */
  readonly text: string;
}

/** Nodes at the top of a document, and whether anything in it had to become text. */
export interface XmlTree {
  readonly roots: readonly XmlNode[];
  readonly repaired: boolean;
}

interface Growing {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  readonly texts: string[];
}

const bareAmpersand = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/;

/** Builds the tree of a text from its tokens, in one pass. */
export function treeOf(text: string, tokens: readonly Token[]): XmlTree {
  const top = growing('', {});
  const open = [top];
  const run = new Run();
  let repaired = false;
  let end = 0;
  for (const token of tokens) {
    const before = text.slice(end, token.at);
    const own = text.slice(token.at, token.end);
    const mayHoldAny = token.kind === 'comment' || token.kind === 'cdata' || token.misplaced;
    repaired ||= token.misplaced || bareAmpersand.test(before) || (!mayHoldAny && bareAmpersand.test(own));
    end = token.end;
    run.add(before, true);
    if (token.misplaced) run.add(own, false);
    else if (token.kind !== 'comment') step(token, own, open, run);
  }
  return { roots: top.children, repaired: repaired || bareAmpersand.test(text.slice(end)) };
}

function growing(name: string, attributes: Readonly<Record<string, string>>): Growing {
  return { name, attributes, children: [], texts: [] };
}

function step(token: Token, own: string, open: Growing[], run: Run): void {
  const parent = open.at(-1);
  if (parent === undefined) return;
  parent.texts.push(run.take());
  if (token.kind === 'cdata') parent.texts.push(lines(own.slice('<![CDATA['.length, -']]>'.length)));
  if (token.kind === 'empty') parent.children.push(grown(growing(token.name, attributesOf(token))));
  if (token.kind === 'open') open.push(growing(token.name, attributesOf(token)));
  if (token.kind !== 'close') return;
  open.pop();
  open.at(-1)?.children.push(grown(parent));
}

function grown({ name, attributes, children, texts }: Growing): XmlNode {
  return { name, attributes, children, text: texts.join('').trim() };
}

function attributesOf({ attributes }: Token): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(([name, written]) => [name, resolved(lines(written).trim())]));
}

/** Text between two tags that count; what became text stands in it as it was written. */
class Run {
  readonly #parts: { written: string; readonly hasEntities: boolean }[] = [];

  add(written: string, hasEntities: boolean): void {
    const last = this.#parts.at(-1);
    if (written === '') return;
    if (last?.hasEntities === true && hasEntities) last.written += written;
    else this.#parts.push({ written, hasEntities });
  }

  /** The text so far, blanks around it off; begins anew. */
  take(): string {
    const parts = this.#parts.splice(0);
    const last = parts.length - 1;
    return parts
      .map(({ written, hasEntities }, i) => {
        const from = i === 0 ? written.trimStart() : written;
        const part = lines(i === last ? from.trimEnd() : from);
        return hasEntities ? resolved(part) : part;
      })
      .join('');
  }
}

/** Line ends as XML has them (section 2.11). */
function lines(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** No entity but the five of XML and numbers is ever resolved. */
function resolved(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, word, dec, hex) => {
      if (typeof word === 'string') return named[word] ?? whole;
      const point = typeof dec === 'string' ? Number(dec) : Number.parseInt(String(hex), 16);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
