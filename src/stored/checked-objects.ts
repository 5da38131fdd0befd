import { createHash } from 'node:crypto';
import { BLOCK_BYTES, BlockHash, DIGEST_BYTES } from '../codec/block-hash.ts';
import { inBlocks } from '../codec/in-blocks.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import { type ByteRange, clipRange, type ObjectStore } from '../core/ports/objects.ts';
import type { StoredBytes } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import { sha256Hex } from './identity.ts';

export interface CheckedDeps
  extends Stores<Tx<'objectsOf' | 'object' | 'allObjects' | 'sealObject'>, ObjectStore> {
  /** Hears of an object whose bytes are not those that were stored (NII_CORRUPT), or are gone (NII_OBJECT_LOST). */
  readonly onFault: (key: string, error: NiiError) => void;
}

/**
 * The store, each byte of it compared with what its record says before somebody gets it: block by block, so that a part
 * can be read without the rest. What no record names is read as it is: chunks of uploads, and what a step has just
 * written.
 *
 * An object that has a record and is not in the store is NII_OBJECT_LOST, never NII_NOT_FOUND.
 *
 * A bad first block is NII_CORRUPT before anything is read; a later one ends the reading with NII_CORRUPT. An object that
 * was stored before blocks were kept is hashed whole at its first read, and its blocks are kept then.
 */
export function checkedObjects(deps: CheckedDeps): ObjectStore {
  const reads = new CheckedReads(deps);
  const { objects } = deps;
  return {
    get: (key) => reads.get(key),
    stream: (key, range) => reads.stream(key, range),
    head: (key) => objects.head(key),
    list: (prefix) => objects.list(prefix),
    async put(key, body, contentType) {
      reads.forget(key);
      await objects.put(key, body, contentType);
    },
    async remove(key) {
      reads.forget(key);
      await objects.remove(key);
    },
    ready: () => objects.ready(),
    close: () => objects.close(),
  };
}

/** What a record says of the bytes of an object. */
type Digest = Pick<StoredBytes, 'bytes' | 'sha256' | 'blocks'>;
/** With the SHA-256 of each block. */
interface Sealed extends Digest {
  readonly digests: Buffer;
}

/** Records change only with the bytes; one that is out of date is noticed and read again. */
const DIGESTS_KNOWN = 4096;

class CheckedReads {
  readonly #deps: CheckedDeps;
  readonly #known = new Map<string, Digest>();
  readonly #sealing = new Map<string, Promise<Digest>>();

  constructor(deps: CheckedDeps) {
    this.#deps = deps;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  async get(key: string): Promise<Uint8Array> {
    return this.#againIfChanged(key, async (digest) => {
      const bytes = await this.#deps.objects.get(key);
      if (digest !== undefined && (bytes.length !== digest.bytes || sha256Hex(bytes) !== digest.sha256))
        throw corrupt(key, 'its bytes have changed since they were stored');
      return bytes;
    });
  }

  async stream(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#againIfChanged(key, async (digest) => {
      if (digest === undefined || digest.bytes === 0) return this.#deps.objects.stream(key, range);
      const part = clipRange(range, digest.bytes);
      const sealed = await this.#sealed(key, digest);
      const block = Math.floor(part.first / BLOCK_BYTES);
      return this.#blocks(key, sealed, part, await this.#firstBlock(key, sealed, block));
    });
  }

  /** Read whole before anything is answered; nothing stays open. */
  async #firstBlock(key: string, digest: Sealed, block: number): Promise<Uint8Array> {
    const first = block * BLOCK_BYTES;
    const last = Math.min(first + BLOCK_BYTES, digest.bytes) - 1;
    for await (const bytes of this.#stored(key, digest, { first, last })) {
      checkBlock(key, digest, block, bytes);
      return bytes;
    }
    throw corrupt(key, 'it is shorter than what was stored');
  }

  async *#blocks(
    key: string,
    digest: Sealed,
    part: { readonly first: number; readonly bytes: number },
    firstBlock: Uint8Array,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const end = part.first + part.bytes;
    let block = Math.floor(part.first / BLOCK_BYTES);
    yield firstBlock.subarray(part.first % BLOCK_BYTES, end - block * BLOCK_BYTES);
    const first = (block + 1) * BLOCK_BYTES;
    if (first >= end) return;
    const last = Math.min(Math.ceil(end / BLOCK_BYTES) * BLOCK_BYTES, digest.bytes) - 1;
    try {
      for await (const bytes of this.#stored(key, digest, { first, last })) {
        block += 1;
        checkBlock(key, digest, block, bytes);
        yield bytes.subarray(0, end - block * BLOCK_BYTES);
      }
    } catch (cause) {
      const error = isNiiError(cause, 'NII_NOT_FOUND') ? lost(key, cause) : cause;
      this.#report(key, error);
      throw error;
    }
  }

  /** Whole blocks as the store has them. A store that has fewer bytes than the record says has lost some. */
  async *#stored(
    key: string,
    { bytes }: Digest,
    range: ByteRange,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* inBlocks(await this.#deps.objects.stream(key, range), BLOCK_BYTES);
    } catch (error) {
      if (!isNiiError(error) || error.code === 'NII_NOT_FOUND' || error.code === 'NII_ENCRYPTED') throw error;
      const found = await this.#deps.objects.head(key);
      if (found === undefined || found.bytes === bytes) throw error;
      throw corrupt(key, `it has ${found.bytes} bytes, but ${bytes} were stored`);
    }
  }

  /** A record may have changed with its bytes since it was read. */
  async #againIfChanged<T>(key: string, read: (digest: Digest | undefined) => Promise<T>): Promise<T> {
    try {
      return await read(this.#known.get(key) ?? (await this.#lookUp(key)));
    } catch (error) {
      if (!isNiiError(error, 'NII_CORRUPT') && !isNiiError(error, 'NII_NOT_FOUND')) throw error;
    }
    const digest = await this.#lookUp(key);
    try {
      return await read(digest);
    } catch (cause) {
      const error = digest !== undefined && isNiiError(cause, 'NII_NOT_FOUND') ? lost(key, cause) : cause;
      this.#report(key, error);
      throw error;
    }
  }

  #report(key: string, error: unknown): void {
    if (isNiiError(error, 'NII_CORRUPT') || isNiiError(error, 'NII_OBJECT_LOST'))
      this.#deps.onFault(key, error);
  }

  async #lookUp(key: string): Promise<Digest | undefined> {
    const row = await this.#deps.records.transaction((tx) => tx.object(key));
    if (row === undefined) {
      this.forget(key);
      return undefined;
    }
    this.#remember(key, row);
    return row;
  }

  #remember(key: string, { bytes, sha256, blocks }: Digest): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= DIGESTS_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, blocks === undefined ? { bytes, sha256 } : { bytes, sha256, blocks });
  }

  async #sealed(key: string, digest: Digest): Promise<Sealed> {
    const { bytes, sha256, blocks } = digest;
    if (bytes <= BLOCK_BYTES) return { ...digest, digests: Buffer.from(sha256, 'hex') };
    if (blocks !== undefined) return { ...digest, digests: Buffer.from(blocks, 'base64') };
    const sealing = this.#sealing.get(key) ?? this.#seal(key, digest);
    this.#sealing.set(key, sealing);
    try {
      const sealed = await sealing;
      return { ...sealed, digests: Buffer.from(sealed.blocks ?? '', 'base64') };
    } finally {
      this.#sealing.delete(key);
    }
  }

  async #seal(key: string, digest: Digest): Promise<Digest> {
    const hash = new BlockHash();
    const all = { first: 0, last: digest.bytes - 1 };
    for await (const bytes of this.#stored(key, digest, all)) hash.update(bytes);
    const { sha256, blocks = '' } = hash.digest();
    if (sha256 !== digest.sha256) throw corrupt(key, 'its bytes have changed since they were stored');
    await this.#deps.records.transaction((tx) => tx.sealObject(key, sha256, blocks));
    const sealed = { ...digest, blocks };
    this.#remember(key, sealed);
    return sealed;
  }
}

function checkBlock(key: string, { digests }: Sealed, block: number, bytes: Uint8Array): void {
  const expected = digests.subarray(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES);
  if (createHash('sha256').update(bytes).digest().equals(expected)) return;
  throw corrupt(key, `MiB ${block + 1} of it has changed since it was stored`);
}

function corrupt(key: string, what: string): NiiError {
  return new NiiError('NII_CORRUPT', { detail: `${key} has a wrong hash: ${what}`, field: key });
}

function lost(key: string, cause: unknown): NiiError {
  return new NiiError('NII_OBJECT_LOST', { detail: `${key} is not in the object store`, field: key, cause });
}
