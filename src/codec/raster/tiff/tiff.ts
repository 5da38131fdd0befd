import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import { ByteReader } from '../../bytes.ts';
import { type Raster, type RasterLimits, type RasterPage, unscaled } from '../image.ts';
import { decodeByLibvips } from '../libvips.ts';
import { readTiffFile, type TiffDirectory, type TiffFile } from './directory.ts';
import { type Geometry, geometryOf, isFullPage, numbersOf, unsupported } from './geometry.ts';
import { inflateChunk, ownCompressions } from './inflate.ts';
import { factsOf } from './page-facts.ts';
import { type ChunkShape, chunkSamples, rowBytes } from './samples.ts';

/**
 * TIFF 6.0 and BigTIFF. Uncompressed, PackBits, LZW and Deflate with every predictor are undone here, exactly, in any
 * width; the other compressions by libvips where it has them.
 * @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
 */
export async function readTiff(bytes: Uint8Array, limits: RasterLimits, name: string): Promise<Raster> {
  const file = readTiffFile(bytes, name);
  const full = file.directories.flatMap((directory, index) =>
    isFullPage(directory) ? [{ directory, index }] : [],
  );
  const all = full.map(({ directory, index }) => ({
    directory,
    index,
    geometry: geometryOf(directory, bytes.length, limits, name),
  }));
  const pages = all.filter(({ geometry }) => !isReduced(geometry, all[0]?.geometry));
  const [first] = pages;
  if (first === undefined)
    throw new NiiError('NII_MALFORMED', { detail: `${name}: no full page`, field: name });
  checkTotal(
    pages.map(({ geometry }) => geometry),
    bytes.length,
    limits,
    name,
  );
  const read: RasterPage[] = [];
  for (const page of pages) read.push(await pageOf(bytes, file, page, name));
  return { format: 'tiff', pages: read, tags: tagsOf(first.directory) };
}

interface Page {
  readonly directory: TiffDirectory;
  /** In the chain of directories. */
  readonly index: number;
  readonly geometry: Geometry;
}

/** A pyramid whose writer did not mark its levels: both sides are those of the first page, halved and halved again. */
function isReduced(page: Geometry, first: Geometry | undefined): boolean {
  if (first === undefined || page.columns * 2 > first.columns + 1 || page.rows * 2 > first.rows + 1)
    return false;
  const level = Math.round(Math.log2(first.columns / page.columns));
  const near = (side: number, whole: number) => Math.abs(side - whole / 2 ** level) < 1;
  return near(page.columns, first.columns) && near(page.rows, first.rows);
}

/** Pages may name the same strips: all of them together must be justified too. */
function checkTotal(
  pages: readonly Geometry[],
  packedBytes: number,
  limits: RasterLimits,
  name: string,
): void {
  const samples = pages.reduce((total, page) => total + page.rows * page.columns * page.samplesPerPixel, 0);
  const made = pages.reduce(
    (total, { rows, columns, samplesPerPixel, bitsAllocated }) =>
      total + rows * columns * samplesPerPixel * (bitsAllocated / 8),
    0,
  );
  if (samples > limits.pixels * 4) {
    const detail = `${name}: ${samples} samples on ${pages.length} pages`;
    throw new NiiError('NII_LIMIT_PIXELS', { detail, field: name });
  }
  if (pages.length > 1 && made > packedBytes * limits.expansionRatio) {
    const detail = `${name}: ${packedBytes} bytes that claim to hold ${made} bytes of samples`;
    throw new NiiError('NII_LIMIT_EXPANSION', { detail, field: name });
  }
}

async function pageOf(bytes: Uint8Array, file: TiffFile, page: Page, name: string): Promise<RasterPage> {
  const { directory, geometry } = page;
  const own = ownCompressions.has(geometry.compression);
  if (own) checkOwn(geometry, name);
  const samples = own ? samplesOf(bytes, file, geometry, name) : await byLibvips(bytes, page, name);
  const { rows, columns, samplesPerPixel, bitsAllocated, bits, sampleFormat, photometric } = geometry;
  const palette = photometric === 'palette' ? paletteOf(directory) : undefined;
  return {
    rows,
    columns,
    samplesPerPixel,
    bitsAllocated,
    bitsStored: sampleFormat === 'unsigned' ? bits : bitsAllocated,
    sampleFormat,
    photometric: photometric === 'ycbcr' ? 'rgb' : photometric,
    ...defined({ palette }),
    lossy: others.get(geometry.compression) === 'lossy',
    // ExtraSamples: 1 with the colours multiplied by it, 2 without
    alpha: [1, 2].includes(numbersOf(directory.get(338)).at(-1) ?? 0),
    samples,
    facts: factsOf(directory),
  };
}

/** Compressions that libvips undoes, and whether they lose something: CCITT and JPEG. */
const others: ReadonlyMap<number, 'lossy' | 'lossless'> = new Map([
  [2, 'lossless'],
  [3, 'lossless'],
  [4, 'lossless'],
  [7, 'lossy'],
]);

function checkOwn({ photometric, predictor, bits, sampleFormat }: Geometry, name: string): void {
  if (photometric === 'ycbcr') throw unsupported('colours as luminance and chrominance without JPEG', name);
  const fits =
    predictor === 1 ||
    (predictor === 2 && [8, 16, 32, 64].includes(bits)) ||
    (predictor === 3 && sampleFormat === 'float');
  if (!fits) throw unsupported(`predictor ${predictor} with ${bits} bits`, name);
}

async function byLibvips(bytes: Uint8Array, { geometry, index }: Page, name: string): Promise<Uint8Array> {
  const { rows, columns, samplesPerPixel: bands, bits, sampleFormat, photometric, compression } = geometry;
  if (!others.has(compression) || sampleFormat !== 'unsigned' || bits > 16) {
    throw unsupported(`compression ${compression} of ${sampleFormat} samples of ${bits} bits`, name);
  }
  const wanted = { rows, columns, bands, bits: bits <= 8 ? 8 : 16, page: index } as const;
  const decoded = await decodeByLibvips(bytes, wanted, name);
  const samples = bits < 8 ? unscaled(decoded, bits) : decoded;
  return photometric === 'inverted-grey' ? invertedAgain(samples, bits) : samples;
}

/** libvips turns min-is-white round; samples are kept as they were stored. */
function invertedAgain(samples: Uint8Array, bits: number): Uint8Array {
  const top = 2 ** Math.min(bits, 8) - 1;
  return samples.map((value) => top - value);
}

function samplesOf(bytes: Uint8Array, { bigEndian }: TiffFile, geometry: Geometry, name: string): Uint8Array {
  const { rows, columns, samplesPerPixel, bitsAllocated } = geometry;
  const out = new Uint8Array(rows * columns * samplesPerPixel * (bitsAllocated / 8));
  const planes = geometry.planar ? samplesPerPixel : 1;
  for (let plane = 0; plane < planes; plane += 1) {
    for (let y = 0; y < geometry.down; y += 1) {
      for (let x = 0; x < geometry.across; x += 1) {
        const index = (plane * geometry.down + y) * geometry.across + x;
        place(out, chunkAt(bytes, geometry, { index, y }, bigEndian, name), geometry, { plane, x, y });
      }
    }
  }
  return out;
}

function chunkAt(
  bytes: Uint8Array,
  geometry: Geometry,
  { index, y }: { readonly index: number; readonly y: number },
  bigEndian: boolean,
  name: string,
): Uint8Array {
  const reader = new ByteReader(bytes, name).seek(geometry.offsets[index] ?? -1);
  const taken = reader.take(geometry.counts[index] ?? -1);
  const packed = geometry.reversedBits ? reversed(taken) : taken;
  const step = geometry.planar ? 1 : geometry.samplesPerPixel;
  const left = geometry.rows - y * geometry.chunkRows;
  const shape: ChunkShape = {
    rows: Math.min(geometry.chunkRows, left),
    rowSamples: geometry.chunkColumns * step,
    step,
    bits: geometry.bits,
    float: geometry.sampleFormat === 'float',
    signed: geometry.sampleFormat === 'signed',
    bigEndian,
    predictor: geometry.predictor,
  };
  const expected = shape.rows * rowBytes(shape);
  return chunkSamples(inflateChunk(packed, geometry.compression, expected, name), shape);
}

/** FillOrder 2: the least significant bit first. */
function reversed(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => {
    const pairs = ((byte & 0x55) << 1) | ((byte >> 1) & 0x55);
    const fours = ((pairs & 0x33) << 2) | ((pairs >> 2) & 0x33);
    return ((fours & 0x0f) << 4) | (fours >> 4);
  });
}

interface Place {
  readonly plane: number;
  readonly x: number;
  readonly y: number;
}

/** Copies what of a chunk lies inside of the picture to where it belongs. */
function place(out: Uint8Array, chunk: Uint8Array, geometry: Geometry, { plane, x, y }: Place): void {
  const { rows, columns, chunkRows, chunkColumns, samplesPerPixel, planar } = geometry;
  const item = geometry.bitsAllocated / 8;
  const step = planar ? 1 : samplesPerPixel;
  const wide = Math.min(chunkColumns, columns - x * chunkColumns);
  const high = Math.min(chunkRows, rows - y * chunkRows);
  for (let row = 0; row < high; row += 1) {
    const from = row * chunkColumns * step * item;
    const line = chunk.subarray(from, from + wide * step * item);
    const pixel = (y * chunkRows + row) * columns + x * chunkColumns;
    if (planar) spread(out, line, pixel * samplesPerPixel + plane, samplesPerPixel, item);
    else out.set(line, pixel * samplesPerPixel * item);
  }
}

/** Samples of one plane to every `step`th sample from `first` on. */
function spread(out: Uint8Array, line: Uint8Array, first: number, step: number, item: number): void {
  for (let from = 0, to = first * item; from < line.length; from += item, to += step * item) {
    for (let byte = 0; byte < item; byte += 1) out[to + byte] = line[from + byte] ?? 0;
  }
}

/** ColorMap: all reds, all greens, all blues, 16 bits each, of which the upper 8 are kept. */
function paletteOf(directory: TiffDirectory): Uint8Array | undefined {
  const map = numbersOf(directory.get(320));
  const colours = map.length / 3;
  if (colours < 1 || !Number.isInteger(colours)) return undefined;
  return Uint8Array.from(
    { length: map.length },
    (_, i) => (map[(i % 3) * colours + Math.floor(i / 3)] ?? 0) >> 8,
  );
}

const TEXT_CEILING = 4096;

/** Tags that say something of the picture, by the names of TIFF 6.0. */
const namedTags: Readonly<Record<number, string>> = {
  269: 'DocumentName',
  270: 'ImageDescription',
  271: 'Make',
  272: 'Model',
  274: 'Orientation',
  282: 'XResolution',
  283: 'YResolution',
  296: 'ResolutionUnit',
  305: 'Software',
  306: 'DateTime',
  315: 'Artist',
};

function tagsOf(directory: TiffDirectory): Raster['tags'] {
  const entries = Object.entries(namedTags).flatMap(([tag, named]): readonly [string, string | number][] => {
    const value = directory.get(Number(tag));
    if (typeof value === 'string') return value === '' ? [] : [[named, value.slice(0, TEXT_CEILING)]];
    const number = value?.[0];
    return number !== undefined && Number.isFinite(number) ? [[named, number]] : [];
  });
  return Object.fromEntries(entries);
}
