import { NiiError } from '../core/errors.ts';

/**
 * The only way to parse untrusted bytes: every read is checked against the bytes present, and a failure names
 * the file and the offset. Views, not copies: keep the file alive as long as what was read from it.
 */
export class ByteReader {
  readonly name: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array, name = 'file') {
    this.name = name;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get length(): number {
    return this.#bytes.byteLength;
  }

  get remaining(): number {
    return this.length - this.#offset;
  }

  /** Moves to an absolute offset; the end itself is allowed. */
  seek(offset: number): this {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.length) {
      throw this.truncated(`offset ${offset} is outside the file`);
    }
    this.#offset = offset;
    return this;
  }

  skip(count: number): this {
    this.#claim(count);
    return this;
  }

  /** A view of the next bytes. @throws NII_TRUNCATED when fewer are present */
  take(count: number): Uint8Array {
    const start = this.#claim(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** A view of the next bytes without moving; shorter at the end of the file. */
  peek(count: number): Uint8Array {
    return this.#bytes.subarray(this.#offset, this.#offset + count);
  }

  u8(): number {
    return this.#view.getUint8(this.#claim(1));
  }

  u16le(): number {
    return this.#view.getUint16(this.#claim(2), true);
  }

  u16be(): number {
    return this.#view.getUint16(this.#claim(2), false);
  }

  u32le(): number {
    return this.#view.getUint32(this.#claim(4), true);
  }

  u32be(): number {
    return this.#view.getUint32(this.#claim(4), false);
  }

  i32le(): number {
    return this.#view.getInt32(this.#claim(4), true);
  }

  /** Bytes as Latin-1 text: one character a byte, for magic numbers and headers. */
  ascii(count: number): string {
    return latin1(this.take(count));
  }

  /** An error at the current offset: the file contradicts its format. */
  malformed(detail: string, offset = this.#offset): NiiError {
    return new NiiError('NII_MALFORMED', { detail: `${this.name}: ${detail}`, offset, field: this.name });
  }

  /** An error at the current offset: the file ends too early. */
  truncated(detail: string, offset = this.#offset): NiiError {
    return new NiiError('NII_TRUNCATED', { detail: `${this.name}: ${detail}`, offset, field: this.name });
  }

  #claim(count: number): number {
    const start = this.#offset;
    if (!Number.isSafeInteger(count) || count < 0 || count > this.length - start) {
      throw this.truncated(`${count} bytes are needed, but only ${this.length - start} are left`);
    }
    this.#offset = start + count;
    return start;
  }
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** True when the bytes begin with the given ones. */
export function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return bytes.length >= prefix.length && prefix.every((value, i) => bytes[i] === value);
}

/** Swaps the bytes of each 16-bit sample into a new array; big-endian to little-endian and back. */
export function swap16(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(bytes).swap16());
}
