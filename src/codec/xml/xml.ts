import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Json } from '../../core/scan/scan.ts';
import { type DecodedText, decodeText } from '../text.ts';
import { tokensOf } from './tokens.ts';
import { treeOf, type XmlNode } from './tree.ts';

export type { XmlNode } from './tree.ts';

const SIZE_CEILING = 16 * 1024 * 1024;

export interface XmlDocument extends Omit<DecodedText, 'text'> {
  readonly root: XmlNode;
  /** It was not well-formed; what could not be read as elements is kept as text. */
  readonly repaired: boolean;
}

/**
 * Reads an XML text of any encoding.
 * @throws NII_MALFORMED on a DOCTYPE or no single root; NII_TRUNCATED when it ends early; NII_LIMIT_DEPTH; NII_LIMIT_BYTES
 */
export function parseXml(bytes: Uint8Array, limits: Pick<Limits, 'depth'>, name = 'XML'): XmlDocument {
  if (bytes.length > SIZE_CEILING)
    throw new NiiError('NII_LIMIT_BYTES', `${name}: XML too large (${bytes.length} bytes)`);
  const { text, ...encoding } = decodeText(bytes);
  const { roots, repaired } = treeOf(text, tokensOf(text, limits, name));
  const [root] = roots;
  if (root !== undefined && roots.length === 1) return { ...encoding, root, repaired };
  throw new NiiError('NII_MALFORMED', { detail: `${name}: use exactly one root element`, field: name });
}

/** The name of an element or attribute without its namespace prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** First descendant (or the node itself) of that local name, in document order. */
export function findNode(node: XmlNode, name: string): XmlNode | undefined {
  if (localName(node.name) === name) return node;
  for (const child of node.children) {
    const found = findNode(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Plain JSON: attributes as `@name`, text as `#text` (or the value itself where there is nothing else). */
export function xmlToJson(node: XmlNode): Json {
  const attributes = Object.entries(node.attributes).map(([key, value]): [string, Json] => [
    `@${key}`,
    value,
  ]);
  if (attributes.length === 0 && node.children.length === 0) return node.text;
  const text: [string, Json][] = node.text === '' ? [] : [['#text', node.text]];
  return Object.fromEntries([...attributes, ...text, ...grouped(node.children)]);
}

function grouped(children: readonly XmlNode[]): readonly [string, Json][] {
  const byName = new Map<string, Json[]>();
  for (const child of children) {
    const known = byName.get(child.name);
    if (known === undefined) byName.set(child.name, [xmlToJson(child)]);
    else known.push(xmlToJson(child));
  }
  return [...byName].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values]);
}

const ROOT_PROBE = 4096;

/** Local name of the root element, from the head of a file; undefined when it does not look like XML. */
export function xmlRootName(head: Uint8Array): string | undefined {
  const { text } = decodeText(head.subarray(0, ROOT_PROBE - (head.length % 2)));
  const body = text.replace(/^﻿/, '').trimStart();
  if (!body.startsWith('<')) return undefined;
  let at = 0;
  for (let part = partAt(prologue, body, at); part !== undefined; part = partAt(prologue, body, at)) {
    at += part[0].length;
  }
  return partAt(rootTag, body, at)?.[1];
}

/** What may stand before the root. One part at a time: a repetition of all of them would try every way to divide them. */
const prologue = /\s+|<\?[^>]*\?>|<!--[\s\S]*?-->|<!(?!--)[^>[]*>/y;
const rootTag = /<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)[\s/>]/y;

function partAt(form: RegExp, text: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at;
  return form.exec(text) ?? undefined;
}
