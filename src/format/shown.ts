import type { Channel, View } from '../core/scan/scan.ts';
import { turnedSides } from '../core/scan/turn.ts';

/** What of a scan its preview shows, and how large. */

const previewSide = 2048;
export const thumbnailSide = 320;
/** A train at `previewSide` would be a line: its short side gets this many pixels, its long side at most `longestSide`. */
const trainShortSide = 256;
export const longestSide = 16_384;
/** Of either kind. */
export const mostPreviewPixels = Math.max(previewSide ** 2, trainShortSide * longestSide);

interface Shown {
  readonly view: View;
  readonly channel: Channel;
}

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

/** Pixels of the longest side of a preview. */
export function previewSideOf({ rows, columns }: Sides): number {
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  return Math.max(previewSide, Math.min(longestSide, Math.round((trainShortSide * long) / short)));
}

/** Sides of a picture that is no longer than this, and never larger than what it shows. */
export function smallerSides({ rows, columns }: Sides, maxSide: number): Sides {
  const factor = Math.min(1, maxSide / Math.max(rows, columns));
  return {
    rows: Math.max(1, Math.round(rows * factor)),
    columns: Math.max(1, Math.round(columns * factor)),
  };
}

/** Rows and columns of the upright preview of a channel. */
export function previewSides({ view, channel }: Shown): Sides {
  return turnedSides(smallerSides(channel, previewSideOf(channel)), view.display);
}
