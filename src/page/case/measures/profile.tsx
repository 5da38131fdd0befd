import type { ProfilePoint } from '../../viewer/measure/lines.ts';
import { words } from '../../words/words.ts';
import type { Channel } from '../loading/samples.ts';

/** The counts of every channel along a line. */

interface Series {
  readonly channel: Channel;
  readonly points: readonly ProfilePoint[];
}

/** Of the plot, in its own units; it grows with the page. */
const sides = { width: 600, height: 100 } as const;
/** Wider than any screen; more points are means of their neighbours' extremes. */
const MOST_DRAWN = 2_048;

/** Not more than the screen shows, with the extremes kept. */
function thinned(points: readonly ProfilePoint[]): readonly ProfilePoint[] {
  const step = Math.ceil(points.length / (MOST_DRAWN / 2));
  if (step < 2) return points;
  const drawn: ProfilePoint[] = [];
  for (let at = 0; at < points.length; at += step) {
    const some = points.slice(at, at + step).toSorted((a, b) => a.value - b.value);
    drawn.push(...[some[0], some.at(-1)].filter((one) => one !== undefined).toSorted((a, b) => a.at - b.at));
  }
  return drawn;
}

export function ProfilePlot({ series }: { readonly series: readonly Series[] }) {
  const values = series.flatMap(({ points }) => points.map(({ value }) => value));
  const top = values.reduce((most, value) => Math.max(most, value), 1);
  const length = series.reduce((most, { points }) => Math.max(most, points.at(-1)?.at ?? 0), 1);
  const name = ({ channel }: Series) => channel.label ?? channel.id;
  return (
    <>
      <svg
        className="plot"
        viewBox={`0 -2 ${sides.width} ${sides.height + 4}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words('measure.profile', { channels: series.map(name).join(', '), top })}
      >
        <line className="axis" x1={0} x2={sides.width} y1={sides.height} y2={sides.height} />
        {series.map(({ channel, points }, i) => (
          <polyline
            key={channel.id}
            className={`series${i % 4}`}
            points={thinned(points)
              .map(({ at, value }) => `${(at * sides.width) / length},${sides.height * (1 - value / top)}`)
              .join(' ')}
          />
        ))}
      </svg>
      <span className="legend">
        {series.map((one, i) => (
          <span key={one.channel.id} className={`series${i % 4}`}>
            {words('measure.range', {
              channel: name(one),
              least: Math.min(...one.points.map(({ value }) => value)),
              most: Math.max(...one.points.map(({ value }) => value)),
            })}
          </span>
        ))}
      </span>
    </>
  );
}
