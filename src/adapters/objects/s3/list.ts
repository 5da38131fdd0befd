import { XMLParser } from 'fast-xml-parser';
import type { Client } from 'minio';
import type { StoredObject } from '../../../core/ports/objects.ts';
import { cutAnswer } from './errors.ts';

const LIST_PAGE = 1000;

export interface ListPage {
  readonly objects: readonly StoredObject[];
  readonly next: string | undefined;
}

/** The client's own lists read a key or token that looks like a number as one: `0012` comes back as 12. */
const xml = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'Contents' });

/** One page of the keys that begin with the prefix, in rising order; the token is that of the page before. */
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
  return parseListPage(Buffer.concat(chunks).toString('utf8'));
}

/** What a list says, as far as it is used; the parser gives every value as text. */
interface ListAnswer {
  readonly ListBucketResult?: {
    readonly IsTruncated?: string;
    readonly NextContinuationToken?: string;
    readonly Contents?: readonly { readonly Key: string; readonly Size: string }[];
  };
}

function parseListPage(text: string): ListPage {
  const result = (xml.parse(text) as ListAnswer).ListBucketResult;
  if (result === undefined) throw cutAnswer();
  const objects = (result.Contents ?? []).map(({ Key, Size }) => ({ key: Key, bytes: Number(Size) }));
  if (objects.some(({ bytes }) => !Number.isSafeInteger(bytes))) throw cutAnswer();
  if (result.IsTruncated !== 'true') return { objects, next: undefined };
  if (result.NextContinuationToken === undefined) throw cutAnswer();
  return { objects, next: result.NextContinuationToken };
}
