import type { ScanRecord } from '../api/client.ts';
import { words } from '../words/words.ts';

/** What the portal counted while the vehicle passed, sample after sample. */

type Occupancy = NonNullable<ScanRecord['radiation']>[number];
type Series = NonNullable<Occupancy['profile']>[number];

/** Of the plot, in its own units; it grows with the page. */
const sides = { width: 600, height: 140 } as const;

/** What all detectors of a kind count in one sample of the background; undefined where the file does not say. */
function backgroundOf({ counts, detectors }: Occupancy, kind: Series['kind']): number | undefined {
  const own = new Set(detectors.filter((one) => one.kind === kind).map(({ id }) => id));
  const levels = counts
    .filter((one) => one.class === 'background' && own.has(one.detector))
    .map((one) => one.counts / one.samples);
  return levels.length === 0 ? undefined : levels.reduce((sum, one) => sum + one, 0);
}

export function Profile({ occupancy }: { readonly occupancy: Occupancy | undefined }) {
  const profile = occupancy?.profile ?? [];
  if (occupancy === undefined || profile.length === 0)
    return <p className="quiet">{words('radiation.noProfile')}</p>;
  return (
    <>
      {profile.map((series) => (
        <Plot key={series.kind} series={series} background={backgroundOf(occupancy, series.kind)} />
      ))}
    </>
  );
}

interface PlotProps {
  readonly series: Series;
  readonly background: number | undefined;
}

function Plot({ series: { kind, counts }, background }: PlotProps) {
  const highest = Math.max(...counts);
  const top = Math.max(highest, background ?? 0, 1);
  const step = sides.width / counts.length;
  const down = (value: number) => sides.height - (value * sides.height) / top;
  const steps = counts
    .flatMap((value, i) => [`${i * step},${down(value)}`, `${(i + 1) * step},${down(value)}`])
    .join(' ');
  const said = {
    kind: words(`radiation.kind.${kind}`),
    samples: counts.length,
    highest,
    background: background === undefined ? '–' : Math.round(background),
  };
  return (
    <figure className="profile">
      <figcaption>{words('radiation.profile', said)}</figcaption>
      <svg
        className={kind}
        viewBox={`0 -4 ${sides.width} ${sides.height + 8}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={words('radiation.profile', said)}
      >
        <line className="axis" x1={0} x2={sides.width} y1={sides.height} y2={sides.height} />
        {background !== undefined && (
          <line className="background" x1={0} x2={sides.width} y1={down(background)} y2={down(background)} />
        )}
        <polyline points={steps} />
      </svg>
    </figure>
  );
}
