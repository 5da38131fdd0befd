import { sharp } from '../codec/raster/libvips.ts';
import { NiiError } from '../core/errors.ts';
import type { Channel } from '../core/scan/scan.ts';

/**
 * A channel as a PNG that holds its samples exactly: grey or RGB, 8 or 16 bits, frames below one another, as stored
 * (not turned, not toned).
 * @throws NII_UNSUPPORTED_VARIANT for what PNG cannot hold: signed, float, wider or planar samples
 */
export async function encodePng(channel: Channel, plane: Uint8Array): Promise<Uint8Array> {
  const { samplesPerPixel, bitsAllocated, sampleFormat, planar } = channel;
  const holds = sampleFormat === 'unsigned' && (bitsAllocated === 8 || bitsAllocated === 16);
  if (!holds || planar || (samplesPerPixel !== 1 && samplesPerPixel !== 3)) {
    const detail = `PNG cannot hold ${samplesPerPixel} ${sampleFormat} samples of ${bitsAllocated} bits per pixel`;
    throw new NiiError('NII_UNSUPPORTED_VARIANT', { detail, field: channel.id });
  }
  const raw = {
    width: channel.columns,
    height: channel.rows * channel.frames,
    channels: samplesPerPixel,
  } as const;
  const samples = bitsAllocated === 16 ? new Uint16Array(Uint8Array.from(plane).buffer) : plane;
  // Without a 16-bit colour space named, sharp writes 8 bits.
  const wide = samplesPerPixel === 1 ? 'grey16' : 'rgb16';
  const narrow = samplesPerPixel === 1 ? 'b-w' : 'srgb';
  const picture = sharp(samples, { raw, limitInputPixels: false });
  return new Uint8Array(
    await picture
      .toColourspace(bitsAllocated === 16 ? wide : narrow)
      .png()
      .toBuffer(),
  );
}
