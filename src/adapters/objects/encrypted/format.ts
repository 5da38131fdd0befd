import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ByteReader } from '../../../codec/bytes.ts';
import { inBlocks } from '../../../codec/in-blocks.ts';
import { NiiError } from '../../../core/errors.ts';
import { KEY_BYTES, KEY_ID_BYTES, type ObjectKey } from '../../../runtime/object-keys.ts';

/**
 * The bytes of an encrypted object: a header, then segments (docs/decisions/0062-encryption-at-rest.md).
 *
 * Header, 48 bytes: 7 bytes magic, 1 byte version, 8 bytes id of the key, 32 bytes salt.
 * Segment: AES-256-GCM of 64 KiB, of which only the last may hold less, and 16 bytes tag. An empty object has one segment.
 * Key: HKDF-SHA-256 of the key in the key file, with the salt. Nonce: 11 bytes number of the segment, big-endian, and
 * 1 byte that is 1 for the last segment (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár 2015). Additional data: the
 * name of the object.
 */
export const HEADER_BYTES = 48;
export const SEGMENT_BYTES = 64 * 1024;
const TAG_BYTES = 16;
export const STORED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;

/** Not valid UTF-8, so neither JSON nor text begins with it. */
const MAGIC = Buffer.from('8e4e4949454e43', 'hex');
const VERSION = 1;
const SALT_BYTES = 32;
/** Segments that are encrypted or decrypted at a time. */
const BATCH = 16;

export interface Header {
  readonly keyId: string;
  readonly salt: Uint8Array;
}

/** Whether these first bytes of an object are those of an encrypted one. */
export function isEncrypted(first: Uint8Array): boolean {
  return first.length >= MAGIC.length && MAGIC.equals(first.subarray(0, MAGIC.length));
}

/**
 * The header of an encrypted object, or undefined for a plain object.
 * @throws NII_CORRUPT if it is cut or of another version
 */
export function parseHeader(bytes: Uint8Array, name: string): Header | undefined {
  if (!isEncrypted(bytes)) return undefined;
  if (bytes.length < HEADER_BYTES) throw corrupt(name, 'its header is incomplete');
  const reader = new ByteReader(bytes, name).skip(MAGIC.length);
  const version = reader.u8();
  if (version !== VERSION)
    throw corrupt(name, `it uses encryption format ${version}; this program reads only ${VERSION}`);
  return {
    keyId: Buffer.from(reader.take(KEY_ID_BYTES)).toString('hex'),
    salt: reader.take(SALT_BYTES),
  };
}

/** Bytes that the encrypted object holds, or undefined if no object has this size. */
export function plainBytes(storedBytes: number): number | undefined {
  const body = storedBytes - HEADER_BYTES;
  const segments = Math.ceil(body / STORED_SEGMENT_BYTES);
  const last = body - (segments - 1) * STORED_SEGMENT_BYTES;
  const smallest = segments === 1 ? TAG_BYTES : TAG_BYTES + 1;
  return segments < 1 || last < smallest ? undefined : body - segments * TAG_BYTES;
}

/** Number of segments of an object with this many bytes. */
export function segmentsOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / SEGMENT_BYTES));
}

/** The encrypted object, in pieces of at most about 1 MiB. */
export async function* encrypt(
  key: ObjectKey,
  name: string,
  plain: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const salt = randomBytes(SALT_BYTES);
  yield Buffer.concat([MAGIC, Buffer.of(VERSION), Buffer.from(key.id, 'hex'), salt]);
  const segments = segmentsWith(key, { keyId: key.id, salt }, name);
  let first = 0;
  let batch: Uint8Array = new Uint8Array(0);
  for await (const next of inBlocks(plain, BATCH * SEGMENT_BYTES)) {
    if (batch.length > 0) {
      yield encryptBatch(segments, first, batch, false);
      first += BATCH;
    }
    batch = next;
  }
  yield encryptBatch(segments, first, batch, true);
}

/** Where in an object the stored segments lie that are to be decrypted. */
export interface SegmentRange {
  /** Number of the first one. */
  readonly first: number;
  /** Whether they go on to the end of the object. */
  readonly toEnd: boolean;
}

/**
 * The bytes of stored segments, in pieces of at most 1 MiB; each is checked before it is given out.
 * @throws NII_CORRUPT if a segment was changed, moved, added or cut off
 */
export async function* decrypt(
  key: ObjectKey,
  header: Header,
  name: string,
  stored: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { first, toEnd }: SegmentRange,
): AsyncGenerator<Uint8Array, void, undefined> {
  const segments = segmentsWith(key, header, name);
  let at = first;
  let batch: Uint8Array | undefined;
  for await (const next of inBlocks(stored, BATCH * STORED_SEGMENT_BYTES)) {
    if (batch !== undefined) {
      yield decryptBatch(segments, at, batch, false);
      at += BATCH;
    }
    batch = next;
  }
  if (batch === undefined) throw corrupt(name, 'it ends after its header');
  const last = decryptBatch(segments, at, batch, toEnd);
  if (last.length > 0) yield last;
}

interface Segments {
  readonly key: Uint8Array;
  readonly name: Buffer;
}

function segmentsWith({ bytes }: ObjectKey, { salt }: Header, name: string): Segments {
  return {
    key: Buffer.from(hkdfSync('sha256', bytes, salt, 'nii-hub object', KEY_BYTES)),
    name: Buffer.from(name),
  };
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, 11);
  return nonce;
}

/** @param isEnd - the last of these segments is the last of the object */
function encryptBatch({ key, name }: Segments, first: number, plain: Uint8Array, isEnd: boolean): Buffer {
  const count = segmentsOf(plain.length);
  const parts: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(first + i, isEnd && i === count - 1));
    cipher.setAAD(name);
    parts.push(cipher.update(plain.subarray(i * SEGMENT_BYTES, (i + 1) * SEGMENT_BYTES)), cipher.final());
    parts.push(cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

function decryptBatch({ key, name }: Segments, first: number, stored: Uint8Array, isEnd: boolean): Buffer {
  const count = Math.ceil(stored.length / STORED_SEGMENT_BYTES);
  const parts: Buffer[] = [];
  for (let i = 0; i < count; i += 1) {
    const segment = stored.subarray(i * STORED_SEGMENT_BYTES, (i + 1) * STORED_SEGMENT_BYTES);
    if (segment.length < TAG_BYTES) throw corrupt(String(name), 'it is incomplete');
    const nonce = nonceOf(first + i, isEnd && i === count - 1);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(name).setAuthTag(segment.subarray(-TAG_BYTES));
    parts.push(decipher.update(segment.subarray(0, -TAG_BYTES)));
    try {
      parts.push(decipher.final());
    } catch (cause) {
      throw corrupt(String(name), 'its bytes have changed since they were encrypted', cause);
    }
  }
  return Buffer.concat(parts);
}

export function corrupt(name: string, why: string, cause?: unknown): NiiError {
  return new NiiError('NII_CORRUPT', { detail: `${name} cannot be decrypted: ${why}`, field: name, cause });
}
