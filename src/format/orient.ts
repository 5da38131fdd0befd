import { turnedSamples } from '../codec/pixels/turned.ts';
import { defined } from '../core/defined.ts';
import type { Channel, View } from '../core/scan/scan.ts';
import { type Turn, turnedSides } from '../core/scan/turn.ts';

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

/** A channel, or a section of one, with its samples. */
interface Held {
  readonly channel: Channel;
  readonly plane: Uint8Array;
}

/** The same samples upright, and the channel with the sides of that picture. docs/decisions/0028-upright-export.md. */
export function uprightOf({ channel, plane }: Held, turn: Turn | undefined): Held {
  if (turn === undefined || plane.length !== channel.bytes) return { channel, plane };
  const { pitch } = channel;
  const sides = turnedSides(channel, turn);
  const isQuarter = turn.rotate === 90 || turn.rotate === 270;
  const turnedPitch = pitch && isQuarter ? { ...pitch, rowMm: pitch.columnMm, columnMm: pitch.rowMm } : pitch;
  return {
    channel: { ...channel, ...sides, ...defined({ pitch: turnedPitch }) },
    plane: turnedSamples(plane, channel, turn),
  };
}
