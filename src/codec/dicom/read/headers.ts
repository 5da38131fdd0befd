import type { ByteReader } from '../../bytes.ts';
import { formatTag, hasLongLength, isKnownVr } from '../data-set.ts';
import type { QuirkNote } from './quirks.ts';
import type { Encoding } from './start.ts';

/** The header of an element (PS3.5 7.1). */
export interface Header {
  readonly tag: string;
  /** Empty where the file names none. */
  readonly vr: string;
  readonly length: number;
  /** Offset of the value. */
  readonly at: number;
}

export const UNDEFINED_LENGTH = 0xffff_ffff;

function u16(reader: ByteReader, bigEndian: boolean): number {
  return bigEndian ? reader.u16be() : reader.u16le();
}

export function u32(reader: ByteReader, bigEndian: boolean): number {
  return bigEndian ? reader.u32be() : reader.u32le();
}

export function readTag(reader: ByteReader, bigEndian: boolean): string {
  const [group, element] = [u16(reader, bigEndian), u16(reader, bigEndian)];
  return [group, element].map((part) => part.toString(16).padStart(4, '0')).join('');
}

/** The header of the next element; of an implicit one `vr` is empty. @throws NII_TRUNCATED */
export function readHeader(reader: ByteReader, { explicit, bigEndian }: Encoding, note: QuirkNote): Header {
  const tag = readTag(reader, bigEndian);
  if (!explicit || tag.startsWith('fffe')) return implicitHeader(reader, tag, bigEndian);
  const vr = reader.ascii(2);
  if (!/^[A-Z]{2}$/.test(vr)) {
    note('implicit-element', formatTag(tag));
    return implicitHeader(reader.seek(reader.offset - 2), tag, bigEndian);
  }
  if (!isKnownVr(vr)) note('unknown-vr', formatTag(tag));
  if (isKnownVr(vr) && !hasLongLength(vr)) {
    const length = u16(reader, bigEndian);
    return { tag, vr, length, at: reader.offset };
  }
  return { ...longHeader(reader, tag, vr, bigEndian, note), vr: isKnownVr(vr) ? vr : 'UN' };
}

function implicitHeader(reader: ByteReader, tag: string, bigEndian: boolean): Header {
  const length = u32(reader, bigEndian);
  return { tag, vr: '', length, at: reader.offset };
}

/** Double Float Pixel Data, and the 64-bit integers of DICOS V02A. */
const pixelsOf64Bits = new Set(['7fe00009', '7fe00012']);

/** Two reserved bytes and 32 bits of length, but for the quirk of 64-bit pixels: see `quirks`. */
function longHeader(
  reader: ByteReader,
  tag: string,
  vr: string,
  bigEndian: boolean,
  note: QuirkNote,
): Header {
  if (vr === 'OD' && pixelsOf64Bits.has(tag) && lacksReservedBytes(reader, bigEndian)) {
    note('od-without-reserved-bytes', formatTag(tag));
  } else reader.skip(2);
  const length = u32(reader, bigEndian);
  return { tag, vr, length, at: reader.offset };
}

/** Only then does a length that stands where the reserved bytes should be reach exactly to the end of the file. */
function lacksReservedBytes(reader: ByteReader, bigEndian: boolean): boolean {
  const start = reader.offset;
  if (reader.remaining < 4) return false;
  const length = u32(reader, bigEndian);
  const fits = length > 0 && length === reader.remaining;
  reader.seek(start);
  return fits;
}
