import { useMemo } from 'react';
import { Button } from 'react-aria-components';
import type { Lines } from '../../../core/scan/cab.ts';
import { measuredMask } from '../../../core/scan/measured.ts';
import type { Point } from '../../viewer/geometry.ts';
import { isMasked, withoutMasked } from '../../viewer/masked.ts';
import { autoWindow, gammaFor } from '../../viewer/measure/auto-window.ts';
import { distanceBetween, profileAlong } from '../../viewer/measure/lines.ts';
import {
  type Histogram,
  histogramOf,
  percentileOf,
  type Statistics,
  statisticsOf,
} from '../../viewer/measure/statistics.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { Region } from '../../viewer/plane.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { number, words } from '../../words/words.ts';
import type { Figure } from '../annotations/layer.tsx';
import type { Channel } from '../loading/samples.ts';
import { HistogramPlot } from './histogram.tsx';
import { ProfilePlot } from './profile.tsx';
import { type MaterialShares, materialShares } from './shares.ts';

/** What is measured on the picture: samples along a line, samples of an area, and how often each value occurs. */

interface Props {
  readonly picture: Picture;
  /** Of counts, those that are here. */
  readonly channels: readonly Channel[];
  readonly shown: Channel;
  /** Lines of the view that the policy masks: no figure counts them. */
  readonly masked: readonly Lines[];
  readonly settings: ViewSettings;
  readonly measured: Figure | undefined;
  readonly isHistogramShown: boolean;
  readonly change: (next: (before: ViewSettings) => ViewSettings) => void;
  readonly onClose: () => void;
}

export function MeasurePanel(props: Props) {
  const { picture, masked, settings, measured, isHistogramShown, change } = props;
  const channels = useMemo(
    () => props.channels.map((channel) => withoutMasked(channel, masked)),
    [props.channels, masked],
  );
  const shown = useMemo(() => withoutMasked(props.shown, masked), [props.shown, masked]);
  const [from, to] = measured?.points ?? [];
  return (
    <section className="measures" aria-label={words('measure.title')}>
      {isHistogramShown && <HistogramPlot {...{ picture, shown, settings, change }} />}
      {measured?.shape === 'line' && from !== undefined && to !== undefined && (
        <Line {...{ picture, channels, shown, masked, from, to }} />
      )}
      {measured?.shape === 'area' && from !== undefined && to !== undefined && (
        <Area {...{ picture, channels, shown, masked, change }} region={regionBetween(from, to)} />
      )}
      <Button className="button small" aria-label={words('measure.close')} onPress={props.onClose}>
        ×
      </Button>
    </section>
  );
}

function regionBetween(a: Point, b: Point): Region {
  const [column, row] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { row, column, rows: Math.abs(a.y - b.y), columns: Math.abs(a.x - b.x) };
}

type LineProps = Pick<Props, 'picture' | 'channels' | 'shown' | 'masked'> & {
  readonly from: Point;
  readonly to: Point;
};

function Line({ picture, channels, shown, masked, from, to }: LineProps) {
  const series = useMemo(
    () =>
      channels.flatMap((channel) => {
        const plane = picture.planes.get(channel.id);
        const points = plane && profileAlong(plane, from, to, (row, column) => isMasked(masked, row, column));
        return points === undefined ? [] : [{ channel, points }];
      }),
    [picture, channels, masked, from, to],
  );
  const { pitch } = shown;
  const distance = distanceBetween(from, to, pitch);
  const samples = distance.samples.toFixed(1);
  const said =
    distance.kind === 'millimetres'
      ? words('measure.distance', { mm: distance.mm.toFixed(0), samples })
      : words(pitch?.source === 'assumed' ? 'measure.assumed' : 'measure.notCalibrated', { samples });
  return (
    <figure className="line">
      <figcaption>{said}</figcaption>
      <ProfilePlot series={series} />
    </figure>
  );
}

type AreaProps = Pick<Props, 'picture' | 'channels' | 'shown' | 'masked' | 'change'> & {
  readonly region: Region;
};

function Area({ picture, channels, shown, masked, change, region }: AreaProps) {
  const measured = useMemo(
    () =>
      channels.flatMap((channel) => {
        const plane = picture.planes.get(channel.id);
        const histogram = plane && histogramOf(plane, region, measuredMask(channel));
        const statistics = histogram && statisticsOf(histogram);
        return statistics === undefined || histogram === undefined
          ? []
          : [{ channel, histogram, statistics }];
      }),
    [picture, channels, region],
  );
  const shares = useMemo(
    () =>
      materialShares(picture.planes, picture.material, region, (row, column) =>
        isMasked(masked, row, column),
      ),
    [picture, masked, region],
  );
  const own = measured.find(({ channel }) => channel.id === shown.id)?.histogram;
  return (
    <div className="area">
      <StatisticsTable measured={measured} region={region} />
      <p>{shares === undefined ? words('measure.noShares') : words('measure.shares', percentsOf(shares))}</p>
      <TonesByArea histogram={own} change={change} />
    </div>
  );
}

function percentsOf(shares: MaterialShares) {
  const percent = (share: number) => Math.round(share * 100);
  return {
    organic: percent(shares.organic),
    mixed: percent(shares.mixed),
    metal: percent(shares.metal),
    notCertain: percent(shares.notCertain),
  };
}

interface StatisticsTableProps {
  readonly measured: readonly { readonly channel: Channel; readonly statistics: Statistics }[];
  readonly region: Region;
}

function StatisticsTable({ measured, region: { columns, rows } }: StatisticsTableProps) {
  return (
    <table>
      <thead>
        <tr>
          <th>{words('measure.of', { columns, rows })}</th>
          {(['mean', 'deviation', 'least', 'most', 'count'] as const).map((name) => (
            <th key={name}>{words(`measure.${name}`)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measured.map(({ channel, statistics }) => (
          <tr key={channel.id}>
            <th>{channel.label ?? channel.id}</th>
            <td>{statistics.mean.toFixed(1)}</td>
            <td>{statistics.deviation.toFixed(1)}</td>
            <td>{statistics.least}</td>
            <td>{statistics.most}</td>
            <td>{number(statistics.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface TonesByAreaProps extends Pick<Props, 'change'> {
  /** Of the channel that is shown. */
  readonly histogram: Histogram | undefined;
}

/** Sets the window, or the curve, by which the area is seen best. */
function TonesByArea({ histogram, change }: TonesByAreaProps) {
  const setWindow = () => {
    const window = histogram && autoWindow(histogram);
    if (window !== undefined) change((before) => ({ ...before, window }));
  };
  const setCurve = () => {
    if (histogram === undefined) return;
    const median = percentileOf(histogram, 50);
    change((before) => ({ ...before, curve: { kind: 'gamma', gamma: gammaFor(median, before.window) } }));
  };
  return (
    <div className="row">
      <Button className="button" onPress={setWindow} isDisabled={histogram === undefined}>
        {words('measure.window')}
      </Button>
      <Button className="button" onPress={setCurve} isDisabled={histogram === undefined}>
        {words('measure.curve')}
      </Button>
    </div>
  );
}
