import { type Client, S3Error } from 'minio';
import { localName, parseXml, type XmlNode } from '../../../codec/xml/xml.ts';
import { answerOf } from './errors.ts';

/** `ServerSideEncryptionConfiguration`, `Rule`, `ApplyServerSideEncryptionByDefault` and its fields. */
const DEPTH = 6;

/**
 * How the server encrypts new objects of the bucket (GetBucketEncryption): `AES256`, `aws:kms` or another name of its own,
 * `none`, or `unknown` if it does not say. What a server encrypts without such a setting is unknown to its clients.
 */
export async function readBucketEncryption(client: Client, bucketName: string): Promise<string> {
  try {
    const answer = await client.makeRequestAsync({ method: 'GET', bucketName, query: 'encryption' });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const { root } = parseXml(Buffer.concat(chunks), { depth: DEPTH }, 'encryption of the bucket');
    return textOf(root, 'SSEAlgorithm') ?? 'unknown';
  } catch (error) {
    if (answerOf(error) === 'ServerSideEncryptionConfigurationNotFoundError') return 'none';
    if (error instanceof S3Error) return 'unknown'; // not allowed, or not known to this server
    throw error;
  }
}

/** The text of the first element of this name, at any depth. */
function textOf(node: XmlNode, name: string): string | undefined {
  if (localName(node.name) === name) return node.text;
  for (const child of node.children) {
    const found = textOf(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
