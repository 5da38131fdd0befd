import { NiiError } from '../../../core/errors.ts';
import type { SampleFormat } from '../../../core/scan/scan.ts';
import { containerOf, decodedBytes, type Photometric, type RasterLimits } from '../image.ts';
import type { TiffDirectory, TiffValue } from './directory.ts';

/** Where the strips or tiles of a page lie, and what is in them. */
export interface Geometry {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bits: number;
  readonly sampleFormat: SampleFormat;
  /** Of the samples once decoded: half floats become single ones. */
  readonly bitsAllocated: 8 | 16 | 32 | 64;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: Photometric | 'ycbcr';
  readonly planar: boolean;
  readonly reversedBits: boolean;
  readonly chunkRows: number;
  readonly chunkColumns: number;
  readonly across: number;
  readonly down: number;
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
}

function numberOf(directory: TiffDirectory, tag: number): number | undefined {
  return numbersOf(directory.get(tag))[0];
}

export function numbersOf(value: TiffValue | undefined): readonly number[] {
  return value === undefined || typeof value === 'string' ? [] : value;
}

/** Transparency masks and reduced pictures (NewSubfileType, SubfileType) are no page of their own. */
export function isFullPage(directory: TiffDirectory): boolean {
  const kind = numberOf(directory, 254) ?? 0;
  return (kind & 0b101) === 0 && numberOf(directory, 255) !== 2;
}

/** @throws NII_MALFORMED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION */
export function geometryOf(
  directory: TiffDirectory,
  packedBytes: number,
  limits: RasterLimits,
  name: string,
): Geometry {
  const number = (tag: number) => numberOf(directory, tag);
  const columns = number(256) ?? 0;
  const rows = number(257) ?? 0;
  const samplesPerPixel = number(277) ?? 1;
  const bits = bitsOf(directory, name);
  const sampleFormat = formatOf(directory, bits, name);
  const bitsAllocated = sampleFormat === 'float' && bits === 16 ? 32 : containerOf(bits);
  decodedBytes({ rows, columns, samplesPerPixel, bitsAllocated }, packedBytes, limits, name);
  const planar = number(284) === 2 && samplesPerPixel > 1;
  const chunks = chunksOf(directory, { rows, columns }, name);
  const { chunkRows, chunkColumns } = chunks;
  decodedBytes(
    { rows: chunkRows, columns: chunkColumns, samplesPerPixel, bitsAllocated },
    packedBytes,
    limits,
    name,
  );
  const geometry: Geometry = {
    rows,
    columns,
    samplesPerPixel,
    bits,
    sampleFormat,
    bitsAllocated,
    ...compressionOf(number(259), number(317)),
    photometric: photometricOf(number(262), samplesPerPixel),
    planar,
    reversedBits: number(266) === 2,
    ...chunks,
  };
  const needed = chunks.across * chunks.down * (planar ? samplesPerPixel : 1);
  if (chunks.offsets.length >= needed && chunks.counts.length >= needed) return geometry;
  throw malformed(`${chunks.offsets.length} strips or tiles, but the image needs ${needed}`, name);
}

/** LZW and Deflate have a predictor (section 14); beside other compressions the tag says nothing, as in libtiff. */
function compressionOf(compression = 1, predictor = 1): Pick<Geometry, 'compression' | 'predictor'> {
  return { compression, predictor: [5, 8, 32_946].includes(compression) ? predictor : 1 };
}

function malformed(detail: string, name: string): NiiError {
  return new NiiError('NII_MALFORMED', { detail: `${name}: ${detail}`, field: name });
}

export function unsupported(detail: string, name: string): NiiError {
  return new NiiError('NII_UNSUPPORTED_VARIANT', { detail: `${name}: ${detail}`, field: name });
}

function bitsOf(directory: TiffDirectory, name: string): number {
  const [bits = 1, ...others] = numbersOf(directory.get(258));
  if (others.some((other) => other !== bits)) throw unsupported('samples of several widths', name);
  if ((bits >= 1 && bits <= 16) || [24, 32, 64].includes(bits)) return bits;
  throw unsupported(`samples of ${bits} bits`, name);
}

/** SampleFormat (section 19); undefined data is taken as unsigned. */
function formatOf(directory: TiffDirectory, bits: number, name: string): Geometry['sampleFormat'] {
  const [format = 1, ...others] = numbersOf(directory.get(339));
  if (others.some((other) => other !== format)) throw unsupported('samples of several formats', name);
  if (format === 1 || format === 4) return 'unsigned';
  if (format === 2 && bits > 1) return 'signed';
  if (format === 3 && [16, 32, 64].includes(bits)) return 'float';
  throw unsupported(`sample format ${format} with ${bits} bits`, name);
}

function photometricOf(value: number | undefined, samplesPerPixel: number): Geometry['photometric'] {
  switch (value ?? 1) {
    case 0:
      return 'inverted-grey';
    case 1:
      return 'grey';
    case 2:
      return samplesPerPixel >= 3 ? 'rgb' : 'other';
    case 3:
      return 'palette';
    case 6:
      return 'ycbcr';
    default:
      return 'other';
  }
}

type Chunks = Pick<Geometry, 'chunkRows' | 'chunkColumns' | 'across' | 'down' | 'offsets' | 'counts'>;

function chunksOf(
  directory: TiffDirectory,
  { rows, columns }: Pick<Geometry, 'rows' | 'columns'>,
  name: string,
): Chunks {
  const list = (tag: number) => numbersOf(directory.get(tag));
  const tiled = directory.has(322) || directory.has(324);
  const chunkColumns = tiled ? (numberOf(directory, 322) ?? 0) : columns;
  const chunkRows = tiled
    ? (numberOf(directory, 323) ?? 0)
    : Math.min(numberOf(directory, 278) ?? rows, rows);
  if (chunkColumns < 1 || chunkRows < 1) throw malformed('the strips or tiles have no size', name);
  return {
    chunkRows,
    chunkColumns,
    across: Math.ceil(columns / chunkColumns),
    down: Math.ceil(rows / chunkRows),
    offsets: directory.has(324) ? list(324) : list(273),
    counts: directory.has(325) ? list(325) : list(279),
  };
}
