import { type CabBand, uprightBox } from '../core/scan/cab.ts';
import type { View } from '../core/scan/scan.ts';

/** What of a picture is painted over. */
export interface PictureMask {
  /** Of one view. */
  readonly bands: readonly CabBand[];
  /** How the picture was turned. */
  readonly display: View['display'];
}

interface Pixels {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}

/** Neither dark as goods nor light as air. */
const NEUTRAL = 128;

/** Paints the masked part flat, in place: all of every pixel that shows any of it. */
export function paintMask<P extends Pixels>(picture: P, { bands, display }: PictureMask, value = NEUTRAL): P {
  const { rows, columns, bytes } = picture;
  const size = bytes.length / (rows * columns);
  for (const band of bands) {
    const { rowFrom, rowTo, columnFrom, columnTo } = uprightBox(band, band.of, display, picture);
    for (let row = rowFrom; row < rowTo; row += 1)
      bytes.fill(value, (row * columns + columnFrom) * size, (row * columns + columnTo) * size);
  }
  return picture;
}
