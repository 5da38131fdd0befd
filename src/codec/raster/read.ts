import { NiiError } from '../../core/errors.ts';
import { startsWith } from '../bytes.ts';
import type { Raster, RasterLimits } from './image.ts';
import { readJpeg } from './jpeg.ts';
import { pngSignature, readPng } from './png.ts';
import { readTiff } from './tiff/tiff.ts';

export type { Photometric, Raster, RasterPage } from './image.ts';

/**
 * Reads a TIFF, PNG or JPEG by its first bytes. The header is held against the limits before anything is decoded.
 * @throws NII_MALFORMED, NII_TRUNCATED, NII_UNSUPPORTED_VARIANT, NII_LIMIT_PIXELS, NII_LIMIT_EXPANSION
 */
export async function readRaster(bytes: Uint8Array, limits: RasterLimits, name: string): Promise<Raster> {
  if (startsWith(bytes, pngSignature)) return readPng(bytes, limits, name);
  if (startsWith(bytes, [0xff, 0xd8])) return readJpeg(bytes, limits, name);
  if (startsWith(bytes, [0x49, 0x49]) || startsWith(bytes, [0x4d, 0x4d]))
    return readTiff(bytes, limits, name);
  throw new NiiError('NII_MALFORMED', { detail: `${name}: not a TIFF, PNG or JPEG file`, field: name });
}
