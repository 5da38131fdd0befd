import { XMLParser } from 'fast-xml-parser';
import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { Json } from '../../core/scan/scan.ts';
import { type DecodedText, decodeText } from '../text.ts';
import { repairXml } from './repair.ts';

const SIZE_CEILING = 16 * 1024 * 1024;

export interface XmlNode {
  /** As written, prefix included. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
  /** Text of the element itself, blanks around it off, entities resolved. */
  readonly text: string;
}

export interface XmlDocument extends Omit<DecodedText, 'text'> {
  readonly root: XmlNode;
  /** It was not well-formed; what could not be read as elements is kept as text. */
  readonly repaired: boolean;
}

/** Attributes and order are kept; no entity but the five of XML and numbers is ever resolved. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  allowBooleanAttributes: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  cdataPropName: '#cdata',
  maxNestedTags: 1024,
});

/**
 * Reads an XML text of any encoding.
 * @throws NII_MALFORMED on a DOCTYPE, no single root, or what no repair can read; NII_TRUNCATED when it ends early; NII_LIMIT_DEPTH; NII_LIMIT_BYTES
 */
export function parseXml(bytes: Uint8Array, limits: Pick<Limits, 'depth'>, name = 'XML'): XmlDocument {
  if (bytes.length > SIZE_CEILING)
    throw new NiiError('NII_LIMIT_BYTES', `${name}: XML of ${bytes.length} bytes`);
  const { text, ...encoding } = decodeText(bytes);
  const repair = repairXml(text, limits, name);
  return { ...encoding, root: treeOf(repair.text, name), repaired: repair.repaired };
}

function treeOf(text: string, name: string): XmlNode {
  try {
    const roots = nodesOf(parser.parse(text));
    const [root] = roots;
    if (root !== undefined && roots.length === 1) return root;
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: `${name}: not readable as XML`, field: name, cause });
  }
  throw new NiiError('NII_MALFORMED', { detail: `${name}: XML needs exactly one root`, field: name });
}

/** fast-xml-parser's ordered form: one object per node, its key the name, `:@` the attributes. */
function nodesOf(ordered: unknown): readonly XmlNode[] {
  return entriesOf(ordered).flatMap(([name, value, attributes]) =>
    name.startsWith('#') ? [] : [nodeOf(name, value, attributes)],
  );
}

function nodeOf(name: string, value: unknown, attributes: Readonly<Record<string, string>>): XmlNode {
  const text = entriesOf(value)
    .map(([key, content]) => textOf(key, content))
    .join('')
    .trim();
  return { name, attributes, children: nodesOf(value), text };
}

function textOf(key: string, content: unknown): string {
  if (key === '#text') return resolveEntities(String(content));
  if (key === '#cdata')
    return entriesOf(content)
      .map(([, inner]) => String(inner))
      .join('');
  return '';
}

type Entry = readonly [name: string, value: unknown, attributes: Readonly<Record<string, string>>];

function entriesOf(ordered: unknown): readonly Entry[] {
  if (!Array.isArray(ordered)) return [];
  return ordered.flatMap((item: unknown): readonly Entry[] => {
    if (!isRecord(item)) return [];
    const name = Object.keys(item).find((key) => key !== ':@');
    return name === undefined ? [] : [[name, item[name], attributesOf(item[':@'])]];
  });
}

function attributesOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, resolveEntities(String(text))]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function resolveEntities(text: string): string {
  return text.replace(
    /&(?:(lt|gt|amp|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/g,
    (whole, word, dec, hex) => {
      if (typeof word === 'string') return named[word] ?? whole;
      const point = typeof dec === 'string' ? Number(dec) : Number.parseInt(String(hex), 16);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
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
