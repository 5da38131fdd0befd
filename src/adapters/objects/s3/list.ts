import type { Client } from 'minio';
import { localName, parseXml, type XmlNode } from '../../../codec/xml/xml.ts';
import { defined } from '../../../core/defined.ts';
import type { ListedObject } from '../../../core/ports/objects.ts';
import { cutAnswer } from './errors.ts';

const LIST_PAGE = 1000;

export interface ListPage {
  readonly objects: readonly ListedObject[];
  readonly next: string | undefined;
}

/** `ListBucketResult`, `Contents`, `Owner` and its fields. */
const DEPTH = 8;

/**
 * One page of the keys that begin with the prefix, in rising order; the token is that of the previous page. The client's
 * own lists read a key or token that looks like a number as one: `0012` comes back as 12.
 * @throws NII_STORE_UNREACHABLE if the answer is not a complete list
 */
export async function listPage(
  client: Client,
  bucketName: string,
  prefix: string,
  token: string | undefined,
): Promise<ListPage> {
  const query = [
    ...(token === undefined ? [] : [`continuation-token=${encodeURIComponent(token)}`]),
    'list-type=2',
    `max-keys=${LIST_PAGE}`,
    `prefix=${encodeURIComponent(prefix)}`,
  ].join('&'); // in the order of names, as the signature wants it
  const answer = await client.makeRequestAsync({ method: 'GET', bucketName, query });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return toListPage(rootOf(Buffer.concat(chunks)));
}

function rootOf(answer: Uint8Array): XmlNode {
  try {
    return parseXml(answer, { depth: DEPTH }, 'list of objects').root;
  } catch (cause) {
    throw cutAnswer(cause);
  }
}

function toListPage(root: XmlNode): ListPage {
  if (localName(root.name) !== 'ListBucketResult') throw cutAnswer();
  const objects = root.children.filter(({ name }) => localName(name) === 'Contents').map(toListedObject);
  if (textOf(root, 'IsTruncated') !== 'true') return { objects, next: undefined };
  return { objects, next: requireText(root, 'NextContinuationToken') };
}

function toListedObject(contents: XmlNode): ListedObject {
  const size = requireText(contents, 'Size');
  if (!/^\d{1,15}$/.test(size)) throw cutAnswer();
  const writtenAt = timeOf(textOf(contents, 'LastModified'));
  return { key: requireText(contents, 'Key'), bytes: Number(size), ...defined({ writtenAt }) };
}

function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(text ?? '');
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function requireText(node: XmlNode, name: string): string {
  const text = textOf(node, name);
  if (text === undefined) throw cutAnswer();
  return text;
}

function textOf({ children }: XmlNode, name: string): string | undefined {
  return children.find((child) => localName(child.name) === name)?.text;
}
