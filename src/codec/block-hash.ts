import { createHash, type Hash } from 'node:crypto';

/** A stored object is checked in blocks of this many bytes, so that a part of it can be checked without the rest. */
export const BLOCK_BYTES = 1 << 20;

/** Bytes of one SHA-256. */
export const DIGEST_BYTES = 32;

export interface BlockDigests {
  /** SHA-256 of everything, in lower-case hexadecimal. */
  readonly sha256: string;
  /** SHA-256 of each block, one after the other, in base64. Absent of a single block: that is `sha256`. */
  readonly blocks?: string;
}

/** Hashes bytes as they come: all of them, and each block of them. */
export class BlockHash {
  readonly #whole = createHash('sha256');
  readonly #ended: Buffer[] = [];
  #block: Hash | undefined;
  /** Bytes in `#block`. */
  #filled = 0;

  update(chunk: Uint8Array): void {
    this.#whole.update(chunk);
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#block ??= createHash('sha256');
      this.#block.update(part);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK_BYTES) this.#endBlock();
    }
  }

  /** May be called once. */
  digest(): BlockDigests {
    this.#endBlock();
    const sha256 = this.#whole.digest('hex');
    return this.#ended.length > 1
      ? { sha256, blocks: Buffer.concat(this.#ended).toString('base64') }
      : { sha256 };
  }

  #endBlock(): void {
    if (this.#block !== undefined) this.#ended.push(this.#block.digest());
    this.#block = undefined;
    this.#filled = 0;
  }
}

/** Of bytes that are in memory. */
export function blockDigests(bytes: Uint8Array): BlockDigests {
  const hash = new BlockHash();
  hash.update(bytes);
  return hash.digest();
}
