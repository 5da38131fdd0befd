import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import { ByteReader, startsWith } from './bytes.ts';

/** `\x93NUMPY` (NEP 1). */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HEADER_CEILING = 65_536;
const DIMENSIONS_CEILING = 8;

export interface NpyType {
  readonly order: 'little' | 'big' | 'none';
  readonly kind: 'unsigned' | 'signed' | 'float' | 'boolean';
  readonly bytes: 1 | 2 | 4 | 8;
}

/** What the header of a NumPy array file states. */
export interface NpyHeader {
  /** As written, for example `<u2`. */
  readonly descr: string;
  readonly type: NpyType;
  /** First index fastest. */
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
  /** Bytes of all items together. */
  readonly dataBytes: number;
}

export interface Npy extends NpyHeader {
  /** The items as they stand, a view. */
  readonly data: Uint8Array;
  readonly trailingBytes: number;
}

export function isNpy(head: Uint8Array): boolean {
  return startsWith(head, magic);
}

/** Reads the header alone, of a file or its head. @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT */
export function parseNpyHeader(bytes: Uint8Array, name = 'array'): NpyHeader {
  const reader = new ByteReader(bytes, name);
  if (!isNpy(bytes)) throw reader.malformed('not a NumPy array');
  const major = reader.skip(magic.length).u8();
  reader.skip(1);
  if (major < 1 || major > 3) throw reader.malformed(`NumPy format version ${major} is unknown`, 6);
  const length = major === 1 ? reader.u16le() : reader.u32le();
  if (length > HEADER_CEILING) throw reader.malformed(`invalid header length of ${length} bytes`, 8);
  return fieldsOf(Buffer.from(reader.take(length)).toString('utf8'), reader);
}

/** Reads a whole file. @throws NII_LIMIT_PIXELS, NII_TRUNCATED when items are missing, and as parseNpyHeader */
export function parseNpy(bytes: Uint8Array, limits: Pick<Limits, 'pixels'>, name = 'array'): Npy {
  const header = parseNpyHeader(bytes, name);
  const trailingBytes = checkNpySize(header, bytes.length, limits, name);
  const data = new ByteReader(bytes, name).seek(header.dataOffset).take(header.dataBytes);
  return { ...header, data, trailingBytes };
}

/** Compares what a header states with the size of the file; returns the bytes behind the last item. @throws as parseNpy */
export function checkNpySize(
  { dataOffset, dataBytes, type }: NpyHeader,
  size: number,
  limits: Pick<Limits, 'pixels'>,
  name = 'array',
): number {
  const items = dataBytes / type.bytes;
  if (items > limits.pixels * 64) throw new NiiError('NII_LIMIT_PIXELS', `${name}: ${items} items`);
  if (dataBytes <= size - dataOffset) return size - dataOffset - dataBytes;
  throw new NiiError('NII_TRUNCATED', {
    detail: `${name}: ${dataBytes} bytes are needed, but only ${size - dataOffset} are left`,
    offset: dataOffset,
    field: name,
  });
}

/** A NumPy 1.0 file of little-endian items in C order. */
export function writeNpy(descr: string, shape: readonly number[], data: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([npyHead(descr, shape), data]));
}

/** What stands before the items. */
export function npyHead(descr: string, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padding = 64 - ((10 + text.length + 1) % 64);
  const header = Buffer.from(`${text}${' '.repeat(padding % 64)}\n`, 'latin1');
  const prefix = Buffer.from([...magic, 1, 0, header.length & 0xff, header.length >> 8]);
  return new Uint8Array(Buffer.concat([prefix, header]));
}

/** The header is a Python dictionary of exactly three keys; it is matched, never evaluated. */
function fieldsOf(text: string, reader: ByteReader): NpyHeader {
  const descr = /'descr'\s*:\s*(?:'([^']{1,32})'|(\[))/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)\b/.exec(text);
  const shape = /'shape'\s*:\s*\(([0-9,\sL]{0,200})\)/.exec(text);
  if (!/^\s*\{.*\}\s*$/s.test(text) || descr === null || fortran === null || shape === null) {
    throw reader.malformed('the header is not a NumPy dictionary', 10);
  }
  if (descr[1] === undefined) throw unsupported(reader, 'a record array');
  const type = typeOf(descr[1], reader);
  const dimensions = dimensionsOf(shape[1] ?? '', reader);
  const dataBytes = dimensions.reduce((product, size) => product * size, type.bytes);
  if (!Number.isSafeInteger(dataBytes)) throw reader.malformed('the shape is too large', 10);
  return {
    descr: descr[1],
    type,
    fortranOrder: fortran[1] === 'True',
    shape: dimensions,
    dataOffset: reader.offset,
    dataBytes,
  };
}

function typeOf(descr: string, reader: ByteReader): NpyType {
  const match = /^([<>|=])([buif])([1248])$/.exec(descr);
  const bytes = Number(match?.[3]);
  const kind = kinds[match?.[2] ?? ''];
  if (kind === undefined || !isItemSize(bytes) || (kind === 'float' && bytes < 2)) {
    throw unsupported(reader, `items of type ${descr}`);
  }
  const order = bytes === 1 ? 'none' : match?.[1] === '>' ? 'big' : 'little';
  return { order, kind, bytes };
}

const kinds: Readonly<Record<string, NpyType['kind']>> = {
  u: 'unsigned',
  i: 'signed',
  f: 'float',
  b: 'boolean',
};

function isItemSize(value: number): value is NpyType['bytes'] {
  return value === 1 || value === 2 || value === 4 || value === 8;
}

function dimensionsOf(tuple: string, reader: ByteReader): readonly number[] {
  const parts = tuple.split(',').map((part) => part.trim().replace(/L$/, ''));
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > DIMENSIONS_CEILING || !parts.every((part) => /^[0-9]{1,15}$/.test(part))) {
    throw reader.malformed('the shape is not a tuple of sizes', 10);
  }
  return parts.map(Number);
}

function unsupported(reader: ByteReader, what: string): NiiError {
  return new NiiError('NII_UNSUPPORTED_VARIANT', {
    detail: `${reader.name}: ${what} cannot be read`,
    offset: 10,
    field: reader.name,
  });
}
