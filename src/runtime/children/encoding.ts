import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

/** How messages become bytes. */
export interface Encoding {
  /** Parts of the message in their order; an array that is a part must stay as it is until there is an answer. */
  encode(message: unknown): readonly Buffer[];
  /** @throws anything for bytes that are no message */
  decode(bytes: Buffer): unknown;
}

/** For children that run what strangers wrote: nothing but plain values can come of it. */
export const jsonEncoding: Encoding = {
  encode: (message) => [Buffer.from(JSON.stringify(message))],
  decode: (bytes) => JSON.parse(bytes.toString('utf8')),
};

/**
 * Also carries arrays of float32, for children that run our own code only. Their bytes are not copied to be sent, and the
 * arrays that are read lie in the bytes that came.
 *
 * A message is the length of its values as four bytes, little-endian, the values as V8 writes them, padding to a multiple
 * of four, and then the arrays in the order in which the values name them.
 */
export const structuredEncoding: Encoding = {
  encode: (message) => {
    const writer = new ValueWriter();
    writer.writeHeader();
    writer.writeValue(message);
    const values = writer.releaseBuffer();
    const head = Buffer.alloc(arraysFrom(values.length));
    head.writeUInt32LE(values.length);
    values.copy(head, LENGTH_BYTES);
    return [head, ...writer.arrays.map(bytesOf)];
  },
  decode: (bytes) => {
    const length = bytes.readUInt32LE(0);
    const reader = new ValueReader(
      bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
      bytes.subarray(arraysFrom(length)),
    );
    reader.readHeader();
    const value: unknown = reader.readValue();
    reader.requireEnd();
    return value;
  },
};

const LENGTH_BYTES = 4;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Where arrays begin behind this many bytes of values. */
function arraysFrom(length: number): number {
  return Math.ceil((LENGTH_BYTES + length) / FLOAT_BYTES) * FLOAT_BYTES;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Writes of each array only how long it is. */
class ValueWriter extends DefaultSerializer {
  readonly arrays: Float32Array[] = [];

  /** V8 calls it for typed arrays. */
  _writeHostObject(value: unknown): void {
    if (!(value instanceof Float32Array))
      throw new TypeError('The only supported typed array is Float32Array');
    this.writeUint32(value.length);
    this.arrays.push(value);
  }
}

class ValueReader extends DefaultDeserializer {
  #arrays: Buffer;

  constructor(values: Buffer, arrays: Buffer) {
    super(values);
    this.#arrays = arrays;
  }

  /** @throws RangeError where more arrays came than the values name */
  requireEnd(): void {
    if (this.#arrays.length > 0) throw new RangeError(`${this.#arrays.length} bytes that no array has`);
  }

  /** V8 calls it where the writer put the length of an array. */
  _readHostObject(): Float32Array {
    const length = this.readUint32();
    const byteLength = length * FLOAT_BYTES;
    if (byteLength > this.#arrays.length)
      throw new RangeError(`an array of ${byteLength} bytes, where ${this.#arrays.length} are left`);
    const own = this.#arrays.subarray(0, byteLength);
    this.#arrays = this.#arrays.subarray(byteLength);
    // a message that came in one piece with others may lie anywhere
    if (own.byteOffset % FLOAT_BYTES !== 0) return new Float32Array(Uint8Array.from(own).buffer);
    return new Float32Array(own.buffer, own.byteOffset, length);
  }
}
