import { NiiError } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { SampleFormat } from '../../core/scan/scan.ts';

export type RasterLimits = Pick<Limits, 'pixels' | 'expansionRatio'>;

/** What the samples of a page are to its writer. */
export type Photometric = 'grey' | 'inverted-grey' | 'rgb' | 'palette' | 'other';

/** One picture of a file, its samples as they were stored: no colour management, no gamma, no alpha applied. */
export interface RasterPage {
  readonly rows: number;
  readonly columns: number;
  /** Interleaved by pixel; grey or palette index, or red, green and blue, first, and then what is extra. */
  readonly samplesPerPixel: number;
  /** The last of them says how opaque the pixel is. */
  readonly alpha: boolean;
  readonly bitsAllocated: 8 | 16 | 32 | 64;
  readonly bitsStored: number;
  readonly sampleFormat: SampleFormat;
  readonly photometric: Photometric;
  /** Red, green and blue of each index, 8 bits each. */
  readonly palette?: Uint8Array;
  /** Compressed with loss. */
  readonly lossy: boolean;
  /** Little-endian, row-major, no padding. */
  readonly samples: Uint8Array;
  /** Of a TIFF. */
  readonly facts?: PageFacts;
}

/** What a page of a TIFF says of itself, as it says it. */
export interface PageFacts {
  readonly name?: string;
  readonly description?: string;
  readonly gdalMetadata?: string;
  /** Of each sample of a pixel. */
  readonly leastValues?: readonly number[];
  readonly mostValues?: readonly number[];
}

export interface Raster {
  readonly format: 'tiff' | 'png' | 'jpeg';
  /** Pages of full resolution, in order of the file; a pyramid's reduced ones are not among them. */
  readonly pages: readonly RasterPage[];
  /** What the file says of itself (device, software, time, resolution), by the names of its standard. */
  readonly tags: Readonly<Record<string, string | number | readonly number[]>>;
}

/** Samples of one pixel and no more. */
const SAMPLES_CEILING = 64;
/** So many decoded bytes need no justification by the ratio: a plain picture compresses well. */
const FLOOR_BYTES = 16 * 1024 * 1024;

interface Size {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsAllocated: number;
}

/**
 * Bytes of the decoded samples, held against the limits and the bytes that they come from before anything is made.
 * @throws NII_MALFORMED, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
 */
export function decodedBytes(size: Size, packedBytes: number, limits: RasterLimits, name: string): number {
  const { rows, columns, samplesPerPixel, bitsAllocated } = size;
  const pixels = rows * columns;
  if (rows < 1 || columns < 1 || samplesPerPixel < 1 || samplesPerPixel > SAMPLES_CEILING) {
    const detail = `${name}: a picture of ${rows} rows, ${columns} columns and ${samplesPerPixel} samples`;
    throw new NiiError('NII_MALFORMED', { detail, field: name });
  }
  if (!Number.isSafeInteger(pixels) || pixels > limits.pixels) {
    const detail = `${name}: ${rows} rows × ${columns} columns; the limit is ${limits.pixels} pixels`;
    throw new NiiError('NII_LIMIT_PIXELS', { detail, field: name });
  }
  const bytes = pixels * samplesPerPixel * (bitsAllocated / 8);
  if (bytes > Math.max(FLOOR_BYTES, packedBytes * limits.expansionRatio)) {
    const detail = `${name}: ${packedBytes} bytes that claim to hold ${bytes} bytes of samples`;
    throw new NiiError('NII_LIMIT_EXPANSION', { detail, field: name });
  }
  return bytes;
}

/** Smallest container of this many bits. */
export function containerOf(bits: number): 8 | 16 | 32 | 64 {
  if (bits <= 8) return 8;
  if (bits <= 16) return 16;
  return bits <= 32 ? 32 : 64;
}

/** Samples of fewer than eight bits, which libvips spreads over 0 to 255. */
export function unscaled(samples: Uint8Array, bits: number): Uint8Array {
  const step = 255 / (2 ** bits - 1);
  return samples.map((value) => value / step);
}

/** What DICOM calls the compression of a picture that lost something: only JPEG loses here (PS3.3 C.7.6.1.1.5.1). */
export const LOSSY_JPEG = 'ISO_10918_1';
