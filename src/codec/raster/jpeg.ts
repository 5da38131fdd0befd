import { NiiError } from '../../core/errors.ts';
import { type JpegHeader, readJpegHeader, requireEnd } from '../pixels/jpeg-header.ts';
import { decodeJpegLs } from '../pixels/jpeg-ls.ts';
import { decodeJpegLossless, decodeJpegLossy } from '../pixels/native-codecs.ts';
import { decodedBytes, type Raster, type RasterLimits, type RasterPage } from './image.ts';
import { decodeByLibvips } from './libvips.ts';

/**
 * JPEG (ITU-T T.81) and JPEG-LS (T.87). Colours come as red, green and blue; grey as it was coded.
 * @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
 */
export async function readJpeg(bytes: Uint8Array, limits: RasterLimits, name: string): Promise<Raster> {
  const header = readJpegHeader(bytes, name);
  const { rows, columns, components } = header;
  checkVariant(header, name);
  const bitsAllocated = header.precision <= 8 ? 8 : 16;
  const size = { rows, columns, samplesPerPixel: components, bitsAllocated } as const;
  decodedBytes(size, bytes.length, limits, name);
  const stream = untilEnd(bytes);
  requireEnd(stream, name);
  requireBlocks(stream, header, name);
  const { samples, lossy } = await decoded(stream, header, size, name);
  const page: RasterPage = {
    ...size,
    bitsStored: header.precision,
    sampleFormat: 'unsigned',
    photometric: components === 3 ? 'rgb' : 'grey',
    lossy,
    alpha: false,
    samples,
  };
  return { format: 'jpeg', pages: [page], tags: {} };
}

function checkVariant({ process, components, precision, rows }: JpegHeader, name: string): void {
  const colour = components === 3 && precision === 8 && process !== 0xf7;
  const known = [0xc0, 0xc1, 0xc2, 0xc3, 0xf7].includes(process);
  if (known && rows > 0 && precision >= 2 && precision <= 16 && (components === 1 || colour)) return;
  const detail = `${name}: JPEG process ${process.toString(16)} with ${components} components of ${precision} bits is not supported; use grey, or colour of 8 bits`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: name });
}

/** Cameras append things behind the picture. */
function untilEnd(bytes: Uint8Array): Uint8Array {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf('ffd9', 'hex');
  return end < 0 ? bytes : bytes.subarray(0, end + 2);
}

/**
 * libjpeg paints what is missing and libvips does not hear of it in the last rows, so what cannot be there is rejected
 * before: every block of a sequential picture has two Huffman codes at least, of one bit or more each (T.81 F.1.2).
 */
function requireBlocks(stream: Uint8Array, { process, rows, columns }: JpegHeader, name: string): void {
  if (process !== 0xc0 && process !== 0xc1) return;
  const bits = 2 * Math.ceil(rows / 8) * Math.ceil(columns / 8);
  if (stream.length * 8 >= bits) return;
  const detail = `${name}: ${stream.length} bytes cannot hold a picture of ${rows} rows and ${columns} columns`;
  throw new NiiError('NII_TRUNCATED', { detail, offset: stream.length, field: name });
}

async function decoded(
  stream: Uint8Array,
  { process, precision }: JpegHeader,
  size: Pick<RasterPage, 'rows' | 'columns' | 'samplesPerPixel' | 'bitsAllocated'>,
  name: string,
): Promise<Pick<RasterPage, 'samples' | 'lossy'>> {
  const { rows, columns, samplesPerPixel: bands } = size;
  if (precision === 8 && process <= 0xc2) {
    return { samples: await decodeByLibvips(stream, { rows, columns, bands, bits: 8 }, name), lossy: true };
  }
  const shape = { ...size, bitsStored: precision, signed: false };
  const decode = { 195: decodeJpegLossless, 247: decodeJpegLs }[process] ?? decodeJpegLossy;
  const { bytes, lossy } = await decode(stream, shape, name);
  return { samples: bytes, lossy };
}
