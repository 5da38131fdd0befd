import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Client } from 'minio';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import {
  clipRange,
  type FileBody,
  type ListedObject,
  type ObjectStore,
  type StoredObject,
} from '../../../core/ports/objects.ts';
import { within } from '../../../runtime/deadline.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { readBucketEncryption } from './encryption.ts';
import { answerOf, asStoreFailure, cutAnswer, isStaleConnection } from './errors.ts';
import { listPage } from './list.ts';
import { makeS3Transport } from './transport.ts';

export interface S3Options {
  /** http://host:port or https://host; paths in it are not supported. */
  readonly endPoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region?: string;
  /** Make the bucket when it is missing. */
  readonly createBucket: boolean;
  /** Put before every key, so that several services may share a bucket; ends with a slash. */
  readonly keyPrefix?: string;
  /** A request in which no byte moves for this long has failed. */
  readonly silenceMs?: number;
}

export interface S3Store extends ObjectStore {
  /** How the server encrypts new objects: its name of the algorithm, `none`, or `unknown` if it does not say. @throws NII_STORE_UNREACHABLE */
  bucketEncryption(): Promise<string>;
}

interface Bucket {
  readonly client: Client;
  readonly name: string;
  readonly prefix: string;
}

const SILENCE_MS = 12_000;
/** Up to this size an object goes in one request, above it in parts of it; held in memory while it is sent. */
const PART_BYTES = 16 * 1024 * 1024;
/** S3's limit on the number of parts. */
const PARTS = 10_000;
/** Written to learn whether the store takes writes; no list shows it. */
const PROBE = 'ready.probe';

/**
 * Objects in a bucket of an S3 server (AWS, Ceph, MinIO).
 *
 * @throws NII_CONFIG when the server rejects the keys or the bucket is missing and not to be made, NII_STORE_UNREACHABLE
 */
export async function openS3Store(options: S3Options): Promise<S3Store> {
  const url = parseEndPoint(options.endPoint);
  const transport = makeS3Transport(url.protocol === 'https:', options.silenceMs ?? SILENCE_MS);
  const prefix = options.keyPrefix ?? '';
  checkPrefix(prefix);
  const region = options.region ?? 'us-east-1';
  const client = new Client({
    endPoint: url.hostname,
    ...defined({ port: url.port === '' ? undefined : Number(url.port) }),
    useSSL: url.protocol === 'https:',
    accessKey: options.accessKey,
    secretKey: options.secretKey,
    // Given, so that the client does not ask the server for it first
    region,
    transport: { request: transport.request as typeof import('node:http').request },
    transportAgent: transport.agent,
    // Its retry loses the server's reason and writes to the console; a job runs again instead
    retryOptions: { disableRetry: true },
  });
  const bucket = { client, name: options.bucket, prefix };
  await openBucket(bucket, region, options.createBucket);
  return storeOf(bucket, () => transport.agent.destroy());
}

function storeOf(bucket: Bucket, close: () => void): S3Store {
  return {
    async put(key, body, contentType) {
      checkKey(key);
      await call(() => put(bucket, bucket.prefix + key, body, contentType));
    },
    async get(key) {
      checkKey(key);
      return await call(() => getWhole(bucket, key));
    },
    async stream(key, range) {
      checkKey(key);
      const { bytes } = await call(() => stat(bucket, key));
      return read(bucket, key, clipRange(range, bytes));
    },
    async head(key) {
      checkKey(key);
      return await call(() => stat(bucket, key)).catch((error: unknown) => {
        if (error instanceof NiiError && error.code === 'NII_NOT_FOUND') return undefined;
        throw error;
      });
    },
    list: (prefix) => list(bucket, prefix),
    async remove(key) {
      checkKey(key);
      await call(() => bucket.client.removeObject(bucket.name, bucket.prefix + key));
    },
    ready: () => probe(bucket),
    bucketEncryption: () => call(() => readBucketEncryption(bucket.client, bucket.name)),
    close: async () => close(),
  };
}

/** Runs a request, once more after a stale connection, and puts failures in the service's terms. */
async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request().catch((error: unknown) => {
      if (isStaleConnection(error)) return request();
      throw error;
    });
  } catch (error) {
    throw asStoreFailure(error);
  }
}

/* ---- Opening ------------------------------------------------------------------------------------------------ */

function parseEndPoint(endPoint: string): URL {
  const url = URL.canParse(endPoint) ? new URL(endPoint) : undefined;
  const sound =
    url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '';
  if (sound) return url;
  throw new NiiError('NII_CONFIG', 'Invalid address of the S3 server: use https://host or http://host:port');
}

async function openBucket(bucket: Bucket, region: string, create: boolean): Promise<void> {
  try {
    if (await bucket.client.bucketExists(bucket.name)) return;
    if (!create) throw new NiiError('NII_CONFIG', `The bucket ${bucket.name} does not exist`);
    await bucket.client.makeBucket(bucket.name, region);
  } catch (error) {
    // Several processes start at once; MinIO and AWS reject the second, Ceph does not
    if (answerOf(error) === 'BucketAlreadyOwnedByYou') return;
    throw toStoreError(bucket, error);
  }
}

function toStoreError(bucket: Bucket, error: unknown): unknown {
  const answer = answerOf(error);
  const rejected =
    /^(InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|InvalidBucketName|BucketAlreadyExists)$/;
  if (!rejected.test(answer)) return asStoreFailure(error);
  const detail = `The S3 server rejects the keys or the bucket ${bucket.name} (${answer})`;
  return new NiiError('NII_CONFIG', { detail, cause: error });
}

async function probe(bucket: Bucket): Promise<void> {
  const write = call(() => bucket.client.putObject(bucket.name, bucket.prefix + PROBE, Buffer.of(1), 1));
  await within(
    write,
    5000,
    () => new NiiError('NII_STORE_UNREACHABLE', 'The object store did not respond in time'),
  );
}

/* ---- Writing ------------------------------------------------------------------------------------------------ */

/** Gives the bytes from `first`, as many as asked for. */
type Source = (first: number, bytes: number) => Promise<Buffer>;

async function put(
  bucket: Bucket,
  name: string,
  body: Uint8Array | FileBody,
  contentType: string,
): Promise<void> {
  if (body instanceof Uint8Array) {
    const whole = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const part: Source = async (first, bytes) => whole.subarray(first, first + bytes);
    return await send(bucket, name, part, whole.length, contentType);
  }
  const file = await open(body.path, 'r');
  try {
    const { size } = await file.stat();
    if (size !== body.bytes) throw cutFile(body);
    await send(bucket, name, (first, bytes) => readPart(file, body, first, bytes), size, contentType);
  } finally {
    await file.close();
  }
}

async function readPart(file: FileHandle, body: FileBody, first: number, bytes: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await file.read(part, filled, bytes - filled, first + filled);
    if (bytesRead === 0) throw cutFile(body);
    filled += bytesRead;
  }
  return part;
}

function cutFile(body: FileBody): NiiError {
  return new NiiError(
    'NII_CORRUPT',
    `The file to store no longer has the ${body.bytes} bytes that were received`,
  );
}

async function send(
  bucket: Bucket,
  name: string,
  source: Source,
  bytes: number,
  contentType: string,
): Promise<void> {
  if (bytes > PART_BYTES) return await sendParts(bucket, name, source, bytes, contentType);
  const whole = await source(0, bytes);
  await bucket.client.putObject(bucket.name, name, whole, bytes, { 'Content-Type': contentType });
}

/**
 * In parts of an upload of its own: the client's putObject goes on with any unfinished upload of the same key, and
 * so with one that somebody else has under way. The key changes only when the last request completes it.
 */
async function sendParts(
  { client, name: bucketName }: Bucket,
  objectName: string,
  source: Source,
  bytes: number,
  contentType: string,
): Promise<void> {
  const uploadID = await client.initiateNewMultipartUpload(bucketName, objectName, {
    'Content-Type': contentType,
  });
  try {
    const partBytes = Math.max(PART_BYTES, Math.ceil(bytes / PARTS));
    const etags: { part: number; etag: string }[] = [];
    for (let first = 0, partNumber = 1; first < bytes; first += partBytes, partNumber += 1) {
      const part = await source(first, Math.min(partBytes, bytes - first));
      const headers = { 'Content-MD5': createHash('md5').update(part).digest('base64') };
      const { etag } = await client.uploadPart(
        { bucketName, objectName, uploadID, partNumber, headers },
        part,
      );
      etags.push({ part: partNumber, etag });
    }
    await client.completeMultipartUpload(bucketName, objectName, uploadID, etags);
  } catch (error) {
    // Its parts take room until it is ended; the bucket's lifecycle rule removes what a kill left
    await client.abortMultipartUpload(bucketName, objectName, uploadID).catch(() => undefined);
    throw error;
  }
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

async function stat(bucket: Bucket, key: string): Promise<StoredObject> {
  const { size } = await bucket.client.statObject(bucket.name, bucket.prefix + key);
  return { key, bytes: Number(size) };
}

/** One request; the length that the answer announces is what must arrive. */
async function getWhole(bucket: Bucket, key: string): Promise<Uint8Array> {
  const answer = await bucket.client.getObject(bucket.name, bucket.prefix + key);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  const announced = 'headers' in answer ? lengthIn(answer.headers) : undefined;
  if (announced === undefined || announced === whole.length) return whole;
  throw cutAnswer();
}

function lengthIn(headers: unknown): number | undefined {
  const found = headers as { readonly 'content-length'?: string } | undefined; // of an answer of node:http
  const text = found?.['content-length'];
  return text === undefined ? undefined : Number(text);
}

/** Asks only when somebody reads, so that a stream that nobody reads leaves no connection open. */
async function* read(
  bucket: Bucket,
  key: string,
  part: { readonly first: number; readonly bytes: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  if (part.bytes === 0) return;
  const { client, name, prefix } = bucket;
  const answer = await call(() => client.getPartialObject(name, prefix + key, part.first, part.bytes));
  let left = part.bytes;
  try {
    for await (const chunk of answer) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
  } catch (error) {
    throw asStoreFailure(error);
  } finally {
    answer.destroy();
  }
  if (left !== 0) throw cutAnswer();
}

/** S3 lists in the order of the keys' UTF-8 bytes, which for these keys is that of their code units. */
async function* list(bucket: Bucket, prefix: string): AsyncGenerator<ListedObject, void, undefined> {
  checkPrefix(prefix);
  let token: string | undefined;
  do {
    const page = await call(() => listPage(bucket.client, bucket.name, bucket.prefix + prefix, token));
    for (const found of page.objects) {
      const key = found.key.slice(bucket.prefix.length);
      if (key !== PROBE) yield { ...found, key };
    }
    if (page.next !== undefined && page.next === token) throw cutAnswer(); // it would go on for ever
    token = page.next;
  } while (token !== undefined);
}
