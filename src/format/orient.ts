import { turnedSamples } from '../codec/pixels/turned.ts';
import type { View } from '../core/scan/scan.ts';
import { turnedSides } from '../core/scan/turn.ts';

/** An 8-bit picture; its samples lie row by row, colour by pixel. */
export interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly channels: 1 | 3;
  readonly bytes: Uint8Array;
}

/** The stored picture turned upright by the view's display: rows flipped, then turned, then columns mirrored. */
export function orient(picture: Picture, display: View['display']): Picture {
  const { channels, bytes } = picture;
  const shape = {
    ...picture,
    frames: 1,
    samplesPerPixel: channels,
    planar: false,
    bitsAllocated: 8,
  } as const;
  return { ...turnedSides(picture, display), channels, bytes: turnedSamples(bytes, shape, display) };
}
