import { NiiError } from '../errors.ts';
import type { Reachable } from './transactions.ts';

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

export interface ListedObject extends StoredObject {
  /** When its bytes were written, by the clock of the store; absent if the store cannot tell. */
  readonly writtenAt?: Date;
}

/** A file on this machine whose bytes are to be stored. */
export interface FileBody {
  readonly path: string;
  readonly bytes: number;
  /** The file is not shared and no longer written to: it may become the object itself. */
  readonly isGiven?: true;
}

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface ObjectReads {
  get(key: string): Promise<Uint8Array>;
  stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  head(key: string): Promise<StoredObject | undefined>;
  /** In rising order of key (code units). */
  list(prefix: string): AsyncIterable<ListedObject>;
}

export interface ObjectWrites {
  /** Resolves only when the bytes would survive a power cut; the key then holds all of them or none. Replaces. */
  put(key: string, body: Uint8Array | FileBody, contentType: string): Promise<void>;
  /** Removing what is absent is not an error. */
  remove(key: string): Promise<void>;
}

/** How single objects lie in the store. */
export interface KeyIds {
  /** Id of the key that encrypts the object, also of a key that is not at hand; undefined for a plain object. @throws NII_NOT_FOUND */
  keyIdOf(key: string): Promise<string | undefined>;
}

/** How the objects of a store are encrypted. */
export interface ObjectEncryption extends KeyIds, CopyCipher {
  /** Id of the key that encrypts new objects; undefined without a key file. */
  readonly keyId: string | undefined;
  /** How the server encrypts the bucket: its name of the algorithm, `none` or `unknown`. Undefined for a folder. */
  readonly bucket: string | undefined;
}

/** Encrypts copies of objects that leave the store, such as those in a backup, as the store itself does. */
export interface CopyCipher {
  /** The bytes of the copy; without a key file they are the same. */
  toCopy(key: string, plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The bytes of the object again, also of a plain copy where plain objects may be read. Failures as of a store that encrypts. */
  fromCopy(key: string, copy: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/**
 * Durable bytes under keys of [a-z0-9/._-]. Every implementation passes test/support/contract/object-store.ts.
 * Failures: NII_NOT_FOUND for an absent key, NII_STORE_UNREACHABLE when it is unreachable, NII_DISK_FULL without room. A store that
 * encrypts: also NII_CORRUPT, and NII_ENCRYPTED for an object whose key it lacks.
 */
export interface ObjectStore extends ObjectReads, ObjectWrites, Reachable {
  close(): Promise<void>;
}

/** The part of an object to read: a last byte beyond the end is cut to it. @throws NII_RANGE */
export function clipRange(range: ByteRange | undefined, bytes: number): { first: number; bytes: number } {
  if (range === undefined) return { first: 0, bytes };
  const { first, last } = range;
  const sound = Number.isSafeInteger(first) && Number.isSafeInteger(last) && first >= 0 && last >= first;
  if (!sound || first >= bytes) {
    throw new NiiError('NII_RANGE', `The range is outside the object: the object has ${bytes} bytes`);
  }
  return { first, bytes: Math.min(last, bytes - 1) - first + 1 };
}
