import { failedSamples } from '../../../core/scan/failed-sample.ts';
import { isMeasured, type MeasuredMask, measuredMask, type opaqueEnd } from '../../../core/scan/measured.ts';
import type { Channel } from '../../../core/scan/scan.ts';
import type { Samples } from '../plane.ts';

/** A copy of a channel's samples to look at, without the lines and samples that were not measured. */
export interface Filled {
  readonly samples: Samples;
  readonly lines: number;
  readonly single: number;
}

/** A line is filled from measured ones up to this many samples away. */
const REACH = 64;

type Of = Parameters<typeof opaqueEnd>[0] &
  Pick<Channel, 'rows' | 'columns' | 'notMeasured' | 'invalidValue'>;

/** Undefined where everything was measured: then there is nothing to fill. */
export function fillSamples(channel: Of, samples: Samples): Filled | undefined {
  const mask = measuredMask(channel);
  const filled = samples.slice();
  const lines =
    fillLines(mask.rows, filled, { step: channel.columns, count: channel.columns, across: 1 }) +
    fillLines(mask.columns, filled, { step: 1, count: channel.rows, across: channel.columns });
  const single = fillSingle(channel, mask, samples, filled);
  return lines + single === 0 ? undefined : { samples: filled, lines, single };
}

/** Samples from one line to the next, in a line, and between neighbours of a line. */
interface Steps {
  readonly step: number;
  readonly count: number;
  readonly across: number;
}

/** Each sample lies on the straight line between the nearest measured lines; at the edge it is that of the nearest. */
function fillLines(dead: Uint8Array, samples: Samples, { step, count, across }: Steps): number {
  let lines = 0;
  for (let line = 0; line < dead.length; line++) {
    if (dead[line] !== 1) continue;
    const before = nearest(dead, line, -1);
    const after = nearest(dead, line, 1);
    if (before === undefined && after === undefined) continue;
    const [a, b] = [before ?? after ?? line, after ?? before ?? line];
    const share = a === b ? 0 : (line - a) / (b - a);
    for (let i = 0; i < count; i++) {
      const low = samples[a * step + i * across] ?? 0;
      const high = samples[b * step + i * across] ?? 0;
      samples[line * step + i * across] = Math.round(low + (high - low) * share);
    }
    lines += 1;
  }
  return lines;
}

function nearest(dead: Uint8Array, line: number, step: 1 | -1): number | undefined {
  for (let away = 1; away <= REACH; away++) {
    const at = line + away * step;
    if (at < 0 || at >= dead.length) return undefined;
    if (dead[at] !== 1) return at;
  }
  return undefined;
}

function fillSingle(channel: Of, mask: MeasuredMask, samples: Samples, filled: Samples): number {
  const failed = failedSamples(channel, mask);
  if (failed === undefined) return 0;
  let single = 0;
  for (let i = samples.indexOf(failed.value); i !== -1; i = samples.indexOf(failed.value, i + 1)) {
    const row = Math.floor(i / channel.columns);
    if (!isMeasured(mask, failed.value, row, i - row * channel.columns)) continue;
    if (!failed.isFailed(samples, i)) continue;
    filled[i] = Math.round(failed.meanAround(samples, i));
    single += 1;
  }
  return single;
}
