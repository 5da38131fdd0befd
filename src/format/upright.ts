import { turnedSamples } from '../codec/pixels/turned.ts';
import { defined } from '../core/defined.ts';
import type { Channel } from '../core/scan/scan.ts';
import { type Turn, turnedSides } from '../core/scan/turn.ts';

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
