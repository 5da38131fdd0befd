import { startsWith } from '../../codec/bytes.ts';
import { LOSSY_JPEG } from '../../codec/raster/image.ts';
import type { RasterPage } from '../../codec/raster/read.ts';
import type { ConvertedChannel, Sdk } from '../../sdk/sdk.ts';
import { namedBytesOf, type Region } from './region.ts';

/** Samples of a page of a picture, and what the record says of them. */
export interface DecodedPicture {
  readonly facts: Pick<
    ConvertedChannel,
    'rows' | 'columns' | 'samplesPerPixel' | 'bitsAllocated' | 'bitsStored' | 'sampleFormat' | 'photometric'
  >;
  readonly plane: Uint8Array;
}

/**
 * Decodes a JPEG, PNG or TIFF; the decoder is loaded when the first picture comes. Loss is kept as a warning.
 * @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
 */
export async function pictureOf(region: Region, wanted: number, sdk: Sdk): Promise<DecodedPicture> {
  const { readRaster } = await import('../../codec/raster/read.ts');
  const { name, bytes } = namedBytesOf(region);
  const page = (await readRaster(bytes, sdk.limits, name)).pages[wanted];
  if (page === undefined) throw sdk.error('NII_MALFORMED', `${name}: no page ${wanted} in it`);
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, sampleFormat, samples } = page;
  if (samplesPerPixel > 4) {
    throw sdk.error(
      'NII_UNSUPPORTED_VARIANT',
      `${name}: ${samplesPerPixel} samples per pixel: at most 4 are supported`,
    );
  }
  if (page.lossy) sdk.warn('NII_W_LOSSY', { field: name, value: LOSSY_JPEG });
  const facts = { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, sampleFormat };
  return { facts: { ...facts, photometric: photometricOf(page) }, plane: samples };
}

/** In DICOM's words (PS3.3 C.7.6.3.1.2). */
function photometricOf({ photometric }: RasterPage): string {
  switch (photometric) {
    case 'inverted-grey':
      return 'MONOCHROME1';
    case 'rgb':
      return 'RGB';
    case 'palette':
      return 'PALETTE COLOR';
    case 'grey':
    case 'other':
      return 'MONOCHROME2';
  }
}

const mediaTypes: readonly (readonly [type: string, magic: readonly number[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/tiff', [0x49, 0x49, 0x2a, 0x00]],
  ['image/tiff', [0x4d, 0x4d, 0x00, 0x2a]],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46]],
  ['application/xml', [0x3c, 0x3f, 0x78, 0x6d, 0x6c]],
];

/** By the first bytes of a file. */
export function mediaTypeOf(head: Uint8Array): string {
  return mediaTypes.find(([, magic]) => startsWith(head, magic))?.[0] ?? 'application/octet-stream';
}
