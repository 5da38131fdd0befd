import { crc32 } from 'node:zlib';
import { defined } from '../../core/defined.ts';
import { ByteReader } from '../bytes.ts';
import {
  containerOf,
  decodedBytes,
  type Photometric,
  type Raster,
  type RasterLimits,
  unscaled,
} from './image.ts';
import { decodeByLibvips } from './libvips.ts';

/** PNG (W3C, third edition). Only what carries samples is handed to the decoder, so that nothing changes them. */

export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
const CHUNKS_CEILING = 100_000;

interface Header {
  readonly rows: number;
  readonly columns: number;
  readonly bits: number;
  readonly colourType: number;
  /** Bytes 10 to 12 of IHDR: compression, filter and interlace. */
  readonly methods: Uint8Array;
}

/** Section 11.2.1: bits allowed, samples, and what they are. */
const colourTypes: Readonly<Record<number, readonly [readonly number[], number, Photometric]>> = {
  0: [[1, 2, 4, 8, 16], 1, 'grey'],
  2: [[8, 16], 3, 'rgb'],
  3: [[1, 2, 4, 8], 1, 'palette'],
  4: [[8, 16], 2, 'grey'],
  6: [[8, 16], 4, 'rgb'],
};

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** @throws NII_MALFORMED, NII_TRUNCATED, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION */
export async function readPng(bytes: Uint8Array, limits: RasterLimits, name: string): Promise<Raster> {
  const reader = new ByteReader(bytes, name);
  reader.skip(pngSignature.length);
  const chunks = chunksOf(reader);
  const header = headerOf(chunks[0], reader);
  const [, samplesPerPixel, photometric] = colourTypeOf(header, reader);
  const { rows, columns, bits } = header;
  const bitsAllocated = containerOf(bits) === 8 ? 8 : 16;
  decodedBytes({ rows, columns, samplesPerPixel, bitsAllocated }, bytes.length, limits, name);
  const samples = await samplesOf(chunks, header, samplesPerPixel, name);
  const palette = chunks.find(({ type }) => type === 'PLTE')?.data;
  const page = { rows, columns, samplesPerPixel, bitsAllocated, bitsStored: bits, photometric } as const;
  return {
    format: 'png',
    pages: [
      {
        ...page,
        sampleFormat: 'unsigned',
        lossy: false,
        alpha: header.colourType === 4 || header.colourType === 6,
        samples,
        ...defined({ palette: photometric === 'palette' ? palette : undefined }),
      },
    ],
    tags: tagsOf(chunks),
  };
}

function chunksOf(reader: ByteReader): readonly Chunk[] {
  const chunks: Chunk[] = [];
  while (chunks.length < CHUNKS_CEILING) {
    const length = reader.u32be();
    const start = reader.offset;
    const type = reader.ascii(4);
    const data = reader.take(length);
    const body = reader.seek(start).take(length + 4);
    if (reader.u32be() !== crc32(body)) throw reader.malformed(`chunk ${type} has a wrong checksum`, start);
    if (type === 'IEND') return chunks;
    chunks.push({ type, data });
  }
  throw reader.malformed(`the file has more than ${CHUNKS_CEILING} chunks`);
}

function headerOf(first: Chunk | undefined, whole: ByteReader): Header {
  if (first?.type !== 'IHDR' || first.data.length !== 13) throw whole.malformed('no header chunk', 8);
  const reader = new ByteReader(first.data, whole.name);
  const columns = reader.u32be();
  const rows = reader.u32be();
  return { columns, rows, bits: reader.u8(), colourType: reader.u8(), methods: reader.take(3) };
}

function colourTypeOf({ colourType, bits }: Header, reader: ByteReader) {
  const known = colourTypes[colourType];
  if (known?.[0].includes(bits) === true) return known;
  throw reader.malformed(`colour type ${colourType} with ${bits} bits`, 24);
}

async function samplesOf(
  chunks: readonly Chunk[],
  header: Header,
  samplesPerPixel: number,
  name: string,
): Promise<Uint8Array> {
  const { rows, columns, bits, colourType } = header;
  const plain = plainPng(chunks, header);
  const wanted = { rows, columns, bits: bits === 16 ? 16 : 8 } as const;
  // libvips gives 8-bit grey with alpha as colour with alpha
  if (colourType === 4 && bits === 8) {
    const wide = await decodeByLibvips(plain, { ...wanted, bands: 4 }, name);
    return everyFourth(wide);
  }
  const samples = await decodeByLibvips(plain, { ...wanted, bands: samplesPerPixel }, name);
  return bits < 8 ? unscaled(samples, bits) : samples;
}

/** The same picture with nothing but its samples; indices of a palette are greys then. */
function plainPng(chunks: readonly Chunk[], { colourType }: Header): Uint8Array {
  const kept = chunks.filter(({ type }) => type === 'IHDR' || type === 'IDAT');
  const plain = kept.map(({ type, data }) =>
    type === 'IHDR' && colourType === 3 ? { type, data: data.with(9, 0) } : { type, data },
  );
  const parts = [...plain, { type: 'IEND', data: new Uint8Array() }].flatMap(chunkBytes);
  return new Uint8Array(Buffer.concat([new Uint8Array(pngSignature), ...parts]));
}

function chunkBytes({ type, data }: Chunk): readonly Uint8Array[] {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return [length, body, sum];
}

/** Grey and alpha out of red, green, blue and alpha. */
function everyFourth(samples: Uint8Array): Uint8Array {
  const out = new Uint8Array(samples.length / 2);
  for (let pixel = 0; pixel < out.length / 2; pixel += 1) {
    out[2 * pixel] = samples[4 * pixel] ?? 0;
    out[2 * pixel + 1] = samples[4 * pixel + 3] ?? 0;
  }
  return out;
}

const TEXTS_CEILING = 32;
const TEXT_CEILING = 1024;

/** Texts (tEXt), time of last change and resolution, where they can be read; they are no part of the picture. */
function tagsOf(chunks: readonly Chunk[]): Raster['tags'] {
  const texts = chunks.filter(({ type }) => type === 'tEXt').slice(0, TEXTS_CEILING);
  const entries = texts.flatMap(({ data }): readonly [string, string][] => {
    const end = data.indexOf(0);
    if (end < 1 || end > 79) return [];
    const text = Buffer.from(data).toString('latin1');
    return [[text.slice(0, end), text.slice(end + 1, end + 1 + TEXT_CEILING)]];
  });
  const size = chunks.find(({ type, data }) => type === 'pHYs' && data.length === 9)?.data;
  const reader = size === undefined ? undefined : new ByteReader(size, 'pHYs');
  const resolution = reader === undefined ? {} : { pHYs: [reader.u32be(), reader.u32be(), reader.u8()] };
  return { ...Object.fromEntries(entries), ...resolution };
}
