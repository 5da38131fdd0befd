import { isMeasured, type MeasuredMask, opaqueEnd } from './measured.ts';
import type { Channel } from './scan.ts';

/**
 * A single sample without counts among bright neighbours: a failed element of the detector. X-rays blur, so a real
 * object darkens the samples around its middle as well. docs/decisions/0025-zero-counts.md.
 */

/** A neighbour with this share of the value range, or more, is bright. */
const BRIGHT_SHARE = 1 / 64;
/** Two failed samples may touch; of three or more that touch, some stay opaque. */
const MOST_DARK_NEIGHBOURS = 1;
/** At the corner of a picture a sample has three neighbours. */
const FEWEST_BRIGHT_NEIGHBOURS = 2;

type Meaning = Parameters<typeof opaqueEnd>[0] & Pick<Channel, 'rows' | 'columns'>;

export interface FailedSamples {
  /** The value that a failed sample has. */
  readonly value: number;
  /**
   * @param samples - of the channel's rows and columns
   * @param index - of a sample that has the value
   */
  readonly isFailed: (samples: ArrayLike<number>, index: number) => boolean;
  /** Mean sample of the bright neighbours of a failed sample. */
  readonly meanAround: (samples: ArrayLike<number>, index: number) => number;
}

/**
 * Undefined for channels where no value says that nothing was let through.
 * @param mask - of the same rows and columns; a neighbour that was not measured tells nothing
 */
export function failedSamples(channel: Meaning, mask: MeasuredMask): FailedSamples | undefined {
  const value = opaqueEnd(channel);
  if (value === undefined) return undefined;
  const range = 2 ** channel.bitsStored - 1;
  const isBright = (sample: number) => Math.abs(sample - value) >= range * BRIGHT_SHARE;
  return {
    value,
    isFailed: (samples, index) => {
      let [bright, dark] = [0, 0];
      visitNeighbours(channel, mask, samples, index, (sample) => {
        if (isBright(sample)) bright++;
        else dark++;
        // in a dense place this is known at once, so that a scan full of zeros costs no more than another
        return dark <= MOST_DARK_NEIGHBOURS;
      });
      return dark <= MOST_DARK_NEIGHBOURS && bright >= FEWEST_BRIGHT_NEIGHBOURS;
    },
    meanAround: (samples, index) => {
      let [count, sum] = [0, 0];
      visitNeighbours(channel, mask, samples, index, (sample) => {
        if (isBright(sample)) {
          count++;
          sum += sample;
        }
        return true;
      });
      return sum / count;
    },
  };
}

/** Calls `visit` with each measured neighbour of a sample, until it returns false. */
function visitNeighbours(
  { rows, columns }: Pick<Channel, 'rows' | 'columns'>,
  mask: MeasuredMask,
  samples: ArrayLike<number>,
  index: number,
  visit: (sample: number) => boolean,
): void {
  const row = Math.floor(index / columns);
  const column = index - row * columns;
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      if (y === row && x === column) continue;
      const sample = samples[y * columns + x] ?? Number.NaN;
      if (isMeasured(mask, sample, y, x) && !visit(sample)) return;
    }
  }
}
