import { ByteReader, latin1 } from '../../bytes.ts';

/** TIFF 6.0 section 2, and BigTIFF: a chain of directories whose entries are tags with values. */

const DIRECTORIES_CEILING = 1024;
const ENTRIES_CEILING = 4096;
/** Of one entry; strips of the largest picture are fewer. */
const VALUES_CEILING = 4_000_000;

export interface TiffFile {
  readonly bigEndian: boolean;
  readonly directories: readonly TiffDirectory[];
}

/** Values by tag; texts as they stand. */
export type TiffDirectory = ReadonlyMap<number, TiffValue>;
export type TiffValue = readonly number[] | string;

/** Bytes of one value by field type (section 2, page 15; BigTIFF adds 16 to 18). */
const typeBytes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

/** A reader that knows the byte order of the file and the width of its offsets. */
class TiffReader {
  readonly reader: ByteReader;
  readonly bigEndian: boolean;
  readonly big: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, name: string) {
    this.reader = new ByteReader(bytes, name);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const order = this.reader.ascii(2);
    if (order !== 'II' && order !== 'MM') throw this.reader.malformed('invalid TIFF byte order', 0);
    this.bigEndian = order === 'MM';
    const version = this.u16();
    if (version !== 42 && version !== 43) throw this.reader.malformed(`TIFF version ${version}`, 2);
    this.big = version === 43;
    if (this.big && (this.u16() !== 8 || this.u16() !== 0)) throw this.reader.malformed('BigTIFF header', 4);
  }

  u16(): number {
    return this.bigEndian ? this.reader.u16be() : this.reader.u16le();
  }

  u32(): number {
    return this.bigEndian ? this.reader.u32be() : this.reader.u32le();
  }

  /** A count or offset of 64 bits; larger than 2^53 lies outside of every file. */
  u64(): number {
    const [first, second] = [this.u32(), this.u32()];
    return this.bigEndian ? first * 2 ** 32 + second : second * 2 ** 32 + first;
  }

  /** An offset or a count of this kind of file. */
  word(): number {
    return this.big ? this.u64() : this.u32();
  }

  value(type: number): number {
    const start = this.reader.offset;
    const little = !this.bigEndian;
    const bytes = typeBytes[type] ?? 1;
    this.reader.skip(bytes);
    switch (type) {
      case 3:
        return this.#view.getUint16(start, little);
      case 4:
      case 13:
        return this.#view.getUint32(start, little);
      case 5:
        return this.#view.getUint32(start, little) / this.#view.getUint32(start + 4, little);
      case 6:
        return this.#view.getInt8(start);
      case 8:
        return this.#view.getInt16(start, little);
      case 9:
        return this.#view.getInt32(start, little);
      case 10:
        return this.#view.getInt32(start, little) / this.#view.getInt32(start + 4, little);
      case 11:
        return this.#view.getFloat32(start, little);
      case 12:
        return this.#view.getFloat64(start, little);
      case 16:
      case 18:
        return Number(this.#view.getBigUint64(start, little));
      case 17:
        return Number(this.#view.getBigInt64(start, little));
      default:
        return this.#view.getUint8(start);
    }
  }
}

/** @throws NII_MALFORMED, NII_TRUNCATED */
export function readTiffFile(bytes: Uint8Array, name: string): TiffFile {
  const tiff = new TiffReader(bytes, name);
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  for (let offset = tiff.word(); offset !== 0; offset = tiff.word()) {
    if (seen.has(offset)) throw tiff.reader.malformed('its directories form a loop', offset);
    if (seen.size >= DIRECTORIES_CEILING)
      throw tiff.reader.malformed(`the file has more than ${DIRECTORIES_CEILING} pages`, offset);
    seen.add(offset);
    tiff.reader.seek(offset);
    directories.push(directoryAt(tiff));
  }
  if (directories.length === 0) throw tiff.reader.malformed('it contains no image', 4);
  return { bigEndian: tiff.bigEndian, directories };
}

/** Leaves the reader at the offset of the next directory. */
function directoryAt(tiff: TiffReader): TiffDirectory {
  const start = tiff.reader.offset;
  const count = tiff.big ? tiff.u64() : tiff.u16();
  if (count < 1 || count > ENTRIES_CEILING)
    throw tiff.reader.malformed(`invalid directory of ${count} entries`, start);
  const directory = new Map<number, TiffValue>();
  for (let i = 0; i < count; i += 1) {
    const [tag, value] = entryOf(tiff);
    if (value !== undefined && !directory.has(tag)) directory.set(tag, value);
  }
  return directory;
}

/** Leaves the reader behind the entry. A value of a type that is not known is left out. */
function entryOf(tiff: TiffReader): readonly [number, TiffValue | undefined] {
  const tag = tiff.u16();
  const type = tiff.u16();
  const count = tiff.word();
  const inline = tiff.reader.offset;
  const inlineBytes = tiff.big ? 8 : 4;
  const bytes = (typeBytes[type] ?? 0) * count;
  const value = bytes === 0 ? undefined : tiffValue(tiff, type, count, bytes > inlineBytes);
  tiff.reader.seek(inline).skip(inlineBytes);
  return [tag, value];
}

function tiffValue(tiff: TiffReader, type: number, count: number, elsewhere: boolean): TiffValue {
  if (count > VALUES_CEILING) throw tiff.reader.malformed(`too many values (${count}) in one tag`);
  if (elsewhere) tiff.reader.seek(tiff.word());
  const start = tiff.reader.offset;
  const raw = tiff.reader.take(count * (typeBytes[type] ?? 1));
  if (type === 2) return latin1(raw).replace(/\0+$/, '');
  tiff.reader.seek(start);
  return Array.from({ length: count }, () => tiff.value(type));
}
