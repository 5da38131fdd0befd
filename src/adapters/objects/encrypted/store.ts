import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inBlocks } from '../../../codec/in-blocks.ts';
import { isNiiError, NiiError } from '../../../core/errors.ts';
import type {
  ByteRange,
  CopyCipher,
  FileBody,
  KeyIds,
  ObjectReads,
  ObjectStore,
  ObjectWrites,
  StoredObject,
} from '../../../core/ports/objects.ts';
import { clipRange } from '../../../core/ports/objects.ts';
import type { ObjectKey, ObjectKeys } from '../../../runtime/object-keys.ts';
import { writePieces } from '../../../runtime/write-pieces.ts';
import { gone, mapped } from '../fs-failures.ts';
import { checkKey, notFound } from '../keys.ts';
import {
  corrupt,
  decrypt,
  encrypt,
  HEADER_BYTES,
  type Header,
  isEncrypted,
  parseHeader,
  plainBytes,
  SEGMENT_BYTES,
  STORED_SEGMENT_BYTES,
  segmentsOf,
} from './format.ts';

export interface EncryptionOptions {
  /** The first encrypts, all decrypt. */
  readonly keys: ObjectKeys;
  /** What becomes of objects that are not encrypted: read as they are, or NII_CORRUPT. */
  readonly plain: 'read' | 'reject';
  /** Folder for encrypted files on their way into the store; on the same disk as a store that is a folder. */
  readonly draftsDir: string;
}

/** A store, and what it tells of its encryption. */
export type EncryptionAware = ObjectStore & KeyIds & CopyCipher;

/**
 * A store that encrypts what is put into another one and decrypts what it reads from there. Files are encrypted in
 * constant memory. Sizes are those of the plain bytes; only reading proves them.
 *
 * Besides the failures of every store: NII_CORRUPT for an object that was changed, moved from another name or replaced by
 * a plain one; NII_ENCRYPTED for one with a key that is not among the keys.
 */
export function encryptedStore(inner: ObjectStore, options: EncryptionOptions): EncryptionAware {
  const opener = new Opener(inner, options);
  const [key] = options.keys;
  return {
    async put(name, body, contentType) {
      checkKey(name);
      if (!(body instanceof Uint8Array)) return putFile(inner, options, name, body, contentType);
      await inner.put(name, await bytesOf(encrypt(key, name, [body])), contentType);
    },
    get: (name) => opener.get(name),
    stream: (name, range) => opener.stream(name, range),
    async head(name) {
      const stored = await inner.head(name);
      return stored && { ...stored, bytes: await opener.plainSizeOf(stored) };
    },
    async *list(prefix) {
      for await (const stored of inner.list(prefix))
        yield { ...stored, bytes: await opener.plainSizeOf(stored) };
    },
    remove: (name) => inner.remove(name),
    keyIdOf: async (name) => parseHeader(await beginningOf(inner, name), name)?.keyId,
    toCopy: (name, plain) => encrypt(key, name, plain),
    fromCopy: (name, copy) => opener.fromCopy(name, copy),
    ready: () => inner.ready(),
    close: () => inner.close(),
  };
}

/** Read from a file at a time; more than a header. */
const READ_BYTES = 1 << 20;

/* ---- Writing ------------------------------------------------------------------------------------------------ */

/** The inner store takes the encrypted file as its own, and makes it durable. */
async function putFile(
  inner: ObjectWrites,
  { keys: [key], draftsDir }: EncryptionOptions,
  name: string,
  body: FileBody,
  contentType: string,
): Promise<void> {
  const path = join(draftsDir, randomUUID());
  try {
    const bytes = await mapped(() => encryptFile(key, name, body, path), gone);
    await inner.put(name, { path, bytes, isGiven: true }, contentType);
  } finally {
    await rm(path, { force: true });
  }
}

/** Returns the size of the encrypted file. @throws NII_CORRUPT if the file no longer has its size */
async function encryptFile(key: ObjectKey, name: string, body: FileBody, path: string): Promise<number> {
  let read = 0;
  let written = 0;
  const plain = async function* () {
    for await (const chunk of createReadStream(body.path, { highWaterMark: READ_BYTES })) {
      read += chunk.length;
      yield chunk;
    }
  };
  await writePieces(path, encrypt(key, name, plain()), (piece) => {
    written += piece.length;
  });
  if (read === body.bytes) return written;
  throw new NiiError('NII_CORRUPT', `The file to store has ${read} bytes, but ${body.bytes} were received`);
}

/* ---- Reading ------------------------------------------------------------------------------------------------ */

class Opener {
  readonly #inner: ObjectReads;
  readonly #options: EncryptionOptions;

  constructor(inner: ObjectReads, options: EncryptionOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async get(name: string): Promise<Uint8Array> {
    const stored = await this.#inner.get(name);
    const opened = this.#open(stored, name);
    if (opened === undefined) return stored;
    const body = [stored.subarray(HEADER_BYTES)];
    return bytesOf(decrypt(opened.key, opened.header, name, body, { first: 0, toEnd: true }));
  }

  async stream(name: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const stored = await this.#inner.head(name);
    if (stored === undefined) throw notFound();
    const opened = this.#open(await beginningOf(this.#inner, name), name);
    if (opened === undefined) return this.#inner.stream(name, range);
    const bytes = plainBytes(stored.bytes);
    if (bytes === undefined) throw corrupt(name, 'it is incomplete');
    return this.#decrypted(name, opened, bytes, clipRange(range, bytes));
  }

  async *#decrypted(
    name: string,
    { key, header }: Opened,
    bytes: number,
    part: { readonly first: number; readonly bytes: number },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const first = Math.floor(part.first / SEGMENT_BYTES);
    const end = Math.max(first + 1, Math.ceil((part.first + part.bytes) / SEGMENT_BYTES));
    const stored = await this.#inner.stream(name, {
      first: HEADER_BYTES + first * STORED_SEGMENT_BYTES,
      last: HEADER_BYTES + end * STORED_SEGMENT_BYTES - 1,
    });
    const segments = { first, toEnd: end === segmentsOf(bytes) };
    let skip = part.first - first * SEGMENT_BYTES;
    let left = part.bytes;
    for await (const piece of decrypt(key, header, name, stored, segments)) {
      const wanted = piece.subarray(skip, skip + left);
      skip = 0;
      left -= wanted.length;
      if (wanted.length > 0) yield wanted;
    }
    if (left > 0) throw corrupt(name, 'it is incomplete');
  }

  async *fromCopy(
    name: string,
    copy: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const blocks = inBlocks(copy, READ_BYTES);
    try {
      const { value: first = new Uint8Array(0) } = await blocks.next();
      const opened = this.#open(first, name);
      const body = async function* () {
        yield first.subarray(opened === undefined ? 0 : HEADER_BYTES);
        yield* blocks;
      };
      if (opened === undefined) yield* body();
      else yield* decrypt(opened.key, opened.header, name, body(), { first: 0, toEnd: true });
    } finally {
      await blocks.return(); // whatever was read of it
    }
  }

  /** Where plain objects are rejected, every size is taken for that of an encrypted one, without a look at the object. */
  async plainSizeOf({ key, bytes }: StoredObject): Promise<number> {
    const { plain } = this.#options;
    if (plain === 'read' && !isEncrypted(await beginningOf(this.#inner, key))) return bytes;
    return plainBytes(bytes) ?? bytes;
  }

  /** Undefined for a plain object that may be read. */
  #open(beginning: Uint8Array, name: string): Opened | undefined {
    const header = parseHeader(beginning, name);
    if (header === undefined) {
      if (this.#options.plain === 'read') return undefined;
      throw new NiiError('NII_CORRUPT', { detail: `${name} is not encrypted; ${PLAIN_STEP}`, field: name });
    }
    const key = this.#options.keys.find(({ id }) => id === header.keyId);
    if (key !== undefined) return { key, header };
    throw lackingKey(name, `the file in NII_OBJECT_KEY_FILE lacks its key ${header.keyId}`);
  }
}

interface Opened {
  readonly key: ObjectKey;
  readonly header: Header;
}

const PLAIN_STEP = 'if it was stored before there was a key file, set NII_OBJECT_PLAIN=read';

export function lackingKey(name: string, why: string): NiiError {
  return new NiiError('NII_ENCRYPTED', { detail: `${name} is encrypted: ${why}`, field: name });
}

/** The first bytes of an object: a header, if it has one. @throws NII_NOT_FOUND */
export async function beginningOf(inner: ObjectReads, name: string): Promise<Uint8Array> {
  try {
    return await bytesOf(await inner.stream(name, { first: 0, last: HEADER_BYTES - 1 }));
  } catch (error) {
    if (isNiiError(error, 'NII_RANGE')) return new Uint8Array(0); // an empty object
    throw error;
  }
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  const [only] = all;
  return only !== undefined && all.length === 1 ? only : Buffer.concat(all);
}
