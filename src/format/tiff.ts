import { sharp } from '../codec/raster/libvips.ts';
import { NiiError } from '../core/errors.ts';
import { channelKinds } from '../core/scan/channel-kinds.ts';
import type { Channel } from '../core/scan/scan.ts';

const tileSide = 256;
/** Classic TIFF counts bytes in 32 bits; the smaller levels add a third, and deflate may gain nothing. */
const bigTiffFrom = 2_500_000_000;
const sideCeiling = 10_000_000;

/**
 * A channel as a tiled, pyramidal TIFF whose first page holds its samples exactly: grey or RGB, 8 or 16 bits, frames
 * below one another, as stored (not turned, not toned), deflated with a horizontal predictor. The smaller levels are
 * means, so a class map has none. BigTIFF where the file may pass 4 GiB.
 * @throws NII_UNSUPPORTED_VARIANT for signed, float, wider or planar samples
 */
export async function encodeTiff(channel: Channel, plane: Uint8Array): Promise<Uint8Array> {
  requireHoldable(channel);
  const { samplesPerPixel, columns, rows, frames, bitsAllocated, kind } = channel;
  const raw = { width: columns, height: rows * frames, channels: samplesPerPixel === 3 ? 3 : 1 } as const;
  const wide = samplesPerPixel === 1 ? 'grey16' : 'rgb16';
  const narrow = samplesPerPixel === 1 ? 'b-w' : 'srgb';
  const samples = bitsAllocated === 16 ? new Uint16Array(Uint8Array.from(plane).buffer) : plane;
  const picture = sharp(samples, { raw, limitInputPixels: false });
  const file = picture.toColourspace(bitsAllocated === 16 ? wide : narrow).tiff({
    compression: 'deflate',
    predictor: 'horizontal',
    tile: true,
    tileWidth: tileSide,
    tileHeight: tileSide,
    pyramid: channelKinds[kind].canBeAveraged,
    bigtiff: plane.length > bigTiffFrom,
    ...resolutionOf(channel),
  });
  return new Uint8Array(await file.toBuffer());
}

/** Pixels per millimetre, where the pitch is known. */
function resolutionOf({ pitch }: Channel): { readonly xres?: number; readonly yres?: number } {
  if (pitch === undefined || pitch.source === 'assumed') return {};
  return { xres: 1 / pitch.columnMm, yres: 1 / pitch.rowMm };
}

function requireHoldable(channel: Channel): void {
  const { samplesPerPixel, bitsAllocated, sampleFormat, planar, rows, columns, frames } = channel;
  const fits = columns <= sideCeiling && rows * frames <= sideCeiling;
  const holds = sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16);
  if (fits && holds && !planar && (samplesPerPixel === 1 || samplesPerPixel === 3)) return;
  const what = `${samplesPerPixel} ${sampleFormat} samples of ${bitsAllocated} bits per pixel`;
  const detail = `a TIFF export can hold grey or RGB of 8 or 16 bits, not ${what} of ${rows * frames} x ${columns}; request npy or raw`;
  throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
}
