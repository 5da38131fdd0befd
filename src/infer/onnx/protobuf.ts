import { ByteReader } from '../../codec/bytes.ts';

/**
 * One field of a protobuf message (encoding of protobuf.dev, "Wire types"): a whole number for wire type 0, the bytes
 * for all others. Bytes are views: keep the message alive as long as they are used.
 */
export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: number }
  | { readonly number: number; readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** Seven bits a byte: 64 bits need ten. */
const VARINT_BYTES = 10;
/** Numbers of fewer bytes stay below 2^53. */
const SMALL_VARINT_BYTES = 7;

/**
 * The fields of a message in their order. Every length is checked against the bytes present, and each field moves on.
 * @throws NII_TRUNCATED, NII_MALFORMED with the offset in this message
 */
export function* fieldsOf(message: Uint8Array, name: string): Generator<Field> {
  const reader = new ByteReader(message, name);
  while (reader.remaining > 0) {
    const key = readVarint(reader);
    const number = Math.floor(key / 8);
    if (number < 1) throw reader.malformed('a field has the number 0');
    yield readField(reader, number, key % 8);
  }
}

function readField(reader: ByteReader, number: number, wire: number): Field {
  switch (wire) {
    case 0:
      return { number, kind: 'varint', value: readVarint(reader) };
    case 1:
      return { number, kind: 'bytes', bytes: reader.take(8) };
    case 2:
      return { number, kind: 'bytes', bytes: reader.take(readVarint(reader)) };
    case 5:
      return { number, kind: 'bytes', bytes: reader.take(4) };
    default:
      throw reader.malformed(`field ${number} has wire type ${wire}`);
  }
}

/** Signed 64 bits. Exact up to 2^53, and negative numbers keep their sign. */
function readVarint(reader: ByteReader): number {
  let value = 0n;
  let small = 0;
  for (let i = 0; i < VARINT_BYTES; i++) {
    const byte = reader.u8();
    if (i < SMALL_VARINT_BYTES) small += (byte & 127) * 2 ** (7 * i);
    else value = (i === SMALL_VARINT_BYTES ? BigInt(small) : value) | (BigInt(byte & 127) << BigInt(7 * i));
    if (byte < 128) return i < SMALL_VARINT_BYTES ? small : Number(BigInt.asIntN(64, value));
  }
  throw reader.malformed('a number has more than 64 bits');
}
