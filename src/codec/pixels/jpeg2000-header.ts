import { NiiError } from '../../core/errors.ts';
import { ByteReader, startsWith } from '../bytes.ts';
import type { FrameShape } from './frame.ts';
import { requireEnd } from './jpeg-header.ts';

/** What the main header of a JPEG 2000 codestream says (ITU-T T.800 A.5). */
export interface Jpeg2000Header {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** Of the deepest component. */
  readonly precision: number;
  /** Components have samples of their own for every pixel. */
  readonly isFull: boolean;
  /** The 5-3 wavelet; the 9-7 wavelet loses. */
  readonly isReversible: boolean;
}

const componentCeiling = 16;
const markerCeiling = 1000;
const tileCeiling = 65_535;
/** Tiles are counted in 16 bits, their parts in 8; nobody writes all of them. */
const tilePartCeiling = 1 << 20;
const startAndSize = [0xff, 0x4f, 0xff, 0x51];
const CODING_STYLE = 0xff52;
const TILE_PART = 0xff90;

/**
 * The main header and the lengths of the tile-parts behind it.
 * @throws NII_MALFORMED, NII_TRUNCATED
 */
function readJpeg2000Header(stream: Uint8Array, name: string): Jpeg2000Header {
  const reader = new ByteReader(stream, name).seek(codestreamStart(stream, name) + 2);
  const size = readSize(reader);
  let wavelet: number | undefined;
  for (let markers = 0; markers < markerCeiling; markers += 1) {
    const at = reader.offset;
    const marker = reader.u16be();
    if (marker === TILE_PART && wavelet !== undefined) {
      requireTileParts(reader.seek(at));
      return { ...size, isReversible: wavelet === 1 };
    }
    const length = reader.u16be();
    if (marker === TILE_PART || length < 2) break;
    if (marker === CODING_STYLE) wavelet = readWavelet(reader);
    reader.seek(at + 2 + length);
  }
  throw reader.malformed('the JPEG 2000 stream has no coding style');
}

/**
 * Each tile-part is as long as it says (A.4.2; 0 is up to the end). Decoders of high-throughput streams fill what is
 * missing without a word.
 */
function requireTileParts(reader: ByteReader): void {
  for (let parts = 0; parts < tilePartCeiling && reader.remaining >= 2; parts += 1) {
    const at = reader.offset;
    if (reader.u16be() !== TILE_PART) return;
    const length = reader.skip(4).u32be();
    if (length === 0) return;
    if (length < 12) throw reader.malformed(`invalid tile-part length of ${length} bytes`);
    const present = reader.length - at;
    if (length > present) {
      throw reader.truncated(`a tile-part claims ${length} bytes, but only ${present} are left`, at);
    }
    reader.seek(at + length);
  }
}

/** Some writers put the whole JP2 file into the fragment: the codestream lies behind its boxes. */
function codestreamStart(stream: Uint8Array, name: string): number {
  if (startsWith(stream, startAndSize)) return 0;
  const start = Buffer.from(stream.buffer, stream.byteOffset, stream.length).indexOf(
    Buffer.from(startAndSize),
  );
  if (start > 0 && startsWith(stream, [0, 0, 0, 12, 0x6a, 0x50])) return start;
  throw new ByteReader(stream, name).malformed('a frame does not begin with a JPEG 2000 codestream');
}

function readSize(reader: ByteReader): Omit<Jpeg2000Header, 'isReversible'> {
  reader.skip(6);
  const [right, bottom, left, top] = [reader.u32be(), reader.u32be(), reader.u32be(), reader.u32be()];
  requireTiles(reader, { right, bottom, left, top });
  const components = reader.u16be();
  if (components < 1 || components > componentCeiling) throw reader.malformed(`${components} components`);
  const each = Array.from({ length: components }, () => [reader.u8(), reader.u8(), reader.u8()] as const);
  return {
    rows: bottom - top,
    columns: right - left,
    components,
    precision: Math.max(...each.map(([depth]) => (depth & 0x7f) + 1)),
    isFull: each.every(([, x, y]) => x === 1 && y === 1),
  };
}

interface Edges {
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
  readonly top: number;
}

/**
 * Tiles cover the whole image (ITU-T T.800 B.3), and their number fits 16 bits (A.4.2). OpenJPH never returns from a row
 * that no tile has.
 */
function requireTiles(reader: ByteReader, { right, bottom, left, top }: Edges): void {
  const [width, height, tileLeft, tileTop] = [reader.u32be(), reader.u32be(), reader.u32be(), reader.u32be()];
  const isCovered = tileLeft <= left && tileTop <= top && tileLeft + width > left && tileTop + height > top;
  if (!isCovered) throw reader.malformed('the tiles of the JPEG 2000 stream do not cover its image');
  const tiles = Math.ceil((right - tileLeft) / width) * Math.ceil((bottom - tileTop) / height);
  if (tiles > tileCeiling) throw reader.malformed(`${tiles} tiles`);
}

/** The transformation of the default coding style (A.6.1): 0 is the 9-7 wavelet, 1 the 5-3. */
function readWavelet(reader: ByteReader): number {
  return reader.skip(9).u8();
}

/**
 * Checks a stream against the header around it before it is decoded.
 * @throws NII_MALFORMED on a contradiction; NII_TRUNCATED without the end of the codestream;
 *   NII_UNSUPPORTED_VARIANT for subsampled components
 */
export function checkJpeg2000(stream: Uint8Array, shape: FrameShape, name: string): Jpeg2000Header {
  const header = readJpeg2000Header(stream, name);
  const { rows, columns, components, precision } = header;
  const agrees = rows === shape.rows && columns === shape.columns && components === shape.samplesPerPixel;
  if (!agrees || precision > shape.bitsAllocated) {
    const says = `${rows} x ${columns} x ${components} of ${precision} bits`;
    const around = `${shape.rows} x ${shape.columns} x ${shape.samplesPerPixel} of ${shape.bitsAllocated}`;
    const detail = `${name}: the compressed frame is ${says}, but the header says ${around}`;
    throw new NiiError('NII_MALFORMED', { detail, field: name });
  }
  if (!header.isFull) {
    const detail = `${name}: JPEG 2000 with subsampled components is not supported`;
    throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: name });
  }
  requireEnd(stream, name);
  return header;
}
