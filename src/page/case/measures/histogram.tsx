import { memo, useMemo } from 'react';
import { measuredMask } from '../../../core/scan/measured.ts';
import { histogramOf } from '../../viewer/measure/statistics.ts';
import type { Picture } from '../../viewer/picture.ts';
import { fullScaleOf, type ViewSettings } from '../../viewer/settings.ts';
import { words } from '../../words/words.ts';
import type { Channel } from '../loading/samples.ts';

/** How often each value occurs in the channel that is shown, with the limits of the window to drag or to move by keys. */

interface Props {
  readonly picture: Picture;
  readonly shown: Channel;
  readonly settings: ViewSettings;
  readonly change: (next: (before: ViewSettings) => ViewSettings) => void;
}

const BINS = 200;
const sides = { width: 600, height: 100 } as const;

/** Samples in each of this many equal parts of the scale; the last holds what is above it. */
function binsOf(counts: Uint32Array, full: number): readonly number[] {
  const bins = new Array<number>(BINS).fill(0);
  counts.forEach((count, value) => {
    if (count === 0) return;
    const at = Math.min(BINS - 1, Math.floor((value * BINS) / (full + 1)));
    bins[at] = (bins[at] ?? 0) + count;
  });
  return bins;
}

/** They are drawn once: a window that is dragged changes none of them. */
const Bars = memo(function Bars({ bins }: { readonly bins: readonly number[] }) {
  const top = Math.log1p(bins.reduce((most, one) => Math.max(most, one), 1));
  const path = bins
    .map((count, i) => {
      const height = (Math.log1p(count) * sides.height) / top;
      return `M${(i * sides.width) / BINS} ${sides.height}v${-height}h${sides.width / BINS}v${height}z`;
    })
    .join('');
  return <path className="bars" d={path} />;
});

export function HistogramPlot({ picture, shown, settings, change }: Props) {
  const full = fullScaleOf(shown);
  const plane = picture.planes.get(shown.id);
  const bins = useMemo(() => {
    const histogram = plane && histogramOf(plane, undefined, measuredMask(shown));
    return histogram === undefined ? [] : binsOf(histogram.counts, full);
  }, [plane, shown, full]);
  const { low, high } = settings.window;
  const across = (value: number) => (Math.min(Math.max(value, 0), full) * sides.width) / full;
  return (
    <figure className="histogram" dir="ltr">
      <figcaption>{words('measure.histogram', { low, high })}</figcaption>
      <div>
        <svg
          className="plot"
          viewBox={`0 0 ${sides.width} ${sides.height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <Bars bins={bins} />
          <rect
            className="window"
            x={across(low)}
            width={Math.max(0, across(high) - across(low))}
            y={0}
            height={sides.height}
          />
        </svg>
        <Limit name="low" {...{ full, change }} value={low} />
        <Limit name="high" {...{ full, change }} value={high} />
      </div>
    </figure>
  );
}

interface LimitProps extends Pick<Props, 'change'> {
  readonly name: 'low' | 'high';
  readonly value: number;
  readonly full: number;
}

/** One end of the window, which never passes the other. */
function Limit({ name, value, full, change }: LimitProps) {
  const move = ({ low, high }: ViewSettings['window'], to: number) =>
    name === 'low' ? { high, low: Math.min(to, high - 1) } : { low, high: Math.max(to, low + 1) };
  return (
    <input
      type="range"
      min={0}
      max={full}
      step={Math.max(1, Math.round(full / 500))}
      value={Math.min(Math.max(value, 0), full)}
      aria-label={words(`measure.limit.${name}`)}
      onChange={(event) => {
        const next = Number(event.target.value);
        change((before) => ({ ...before, window: move(before.window, next) }));
      }}
    />
  );
}
