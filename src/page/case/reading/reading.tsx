import { useState } from 'react';
import type { ScanRecord } from '../../api/client.ts';
import { ProblemText } from '../../shell/problem.tsx';
import { words } from '../../words/words.ts';
import { useMaskedLines } from '../loading/masked.ts';
import { canWindow, type View } from '../loading/samples.ts';
import { MeasurePanel } from '../measures/panel.tsx';
import { isLong } from '../train/overview.ts';
import { TrainStrip } from '../train/strip.tsx';
import { PictureArea } from './picture-area.tsx';
import { addressView, placeIn } from './place.ts';
import { StateLine } from './state-line.tsx';
import { Tools } from './tools.tsx';
import { type ReadingOptions, useReading, type ViewReading } from './use-reading.ts';

interface Props extends Omit<ReadingOptions, 'view' | 'units' | 'masked'> {
  readonly caseId: string;
  readonly record: ScanRecord | undefined;
  /** Below the picture. */
  readonly foot: string | undefined;
}

/** The reading of one scan: tools above, the picture, and the state of both below. */
export function Reading({ record, ...props }: Props) {
  const { scanId, revision, foot, onShown } = props;
  const [viewId, setViewId] = useState(() => placeIn(window.location.search).view);
  const views = record?.views ?? [];
  const view = views.find(({ id }) => id === viewId) ?? views[0];
  const masked = useMaskedLines(scanId, revision);
  const preview = `/v1/scans/${encodeURIComponent(scanId)}/revisions/${revision}/preview?of=scan`;
  if (record === undefined) return <section className="reading" />;
  if (view === undefined || !view.channels.some(canWindow))
    return (
      <section className="reading">
        <div className="tools" />
        <Fallback {...{ preview, onShown }} isCabMasked={masked.length > 0} why={words('viewer.noChannel')} />
        <div className="state">{foot}</div>
      </section>
    );
  return (
    <ReadView
      key={view.id}
      {...props}
      {...{ view, views, masked, preview }}
      units={record.units}
      onView={(id) => {
        addressView(id);
        setViewId(id);
      }}
    />
  );
}

interface FallbackProps {
  readonly preview: string;
  readonly isCabMasked: boolean;
  readonly why: string;
  readonly onShown: () => void;
}

/** The preview that the service draws, where the page cannot draw the picture. */
function Fallback({ preview, isCabMasked, why, onShown }: FallbackProps) {
  return (
    <div className="picture">
      <img src={preview} alt={words('viewer.preview')} onLoad={onShown} />
      <p className="notice" role="status">
        <ProblemText message={why} />
      </p>
      {isCabMasked && <span className="over cab">{words('viewer.cabMasked')}</span>}
    </div>
  );
}

interface ReadViewProps extends ReadingOptions {
  readonly caseId: string;
  readonly views: readonly View[];
  readonly preview: string;
  readonly foot: string | undefined;
  readonly onView: (id: string) => void;
}

function ReadView({ caseId, views, preview, foot, onView, ...options }: ReadViewProps) {
  const { annotations, isHeld, masked, onShown } = options;
  const reading = useReading(options);
  const { loading, unavailable } = reading;
  const unseen = loading.problem ?? (unavailable && words('viewer.unavailable', { why: unavailable }));
  return (
    <section className="reading">
      <Tools {...{ reading, views, onView, isHeld }} />
      {unseen !== undefined ? (
        <Fallback {...{ preview, onShown }} isCabMasked={masked.length > 0} why={unseen} />
      ) : (
        <PictureArea {...{ caseId, reading, annotations }} />
      )}
      <TrainOfView reading={reading} />
      <MeasuresOfView reading={reading} />
      <StateLine reading={reading} foot={foot} />
    </section>
  );
}

interface OfView {
  readonly reading: ViewReading;
}

function TrainOfView({ reading }: OfView) {
  const { picture, units, masked, settings, scene, change, look } = reading;
  if (picture === undefined || settings === undefined || scene === undefined || !isLong(picture)) return null;
  return (
    <TrainStrip
      {...{ picture, units, masked, settings, scene, change }}
      onWagon={({ from, to }) => look.goToColumn((from + to) / 2)}
    />
  );
}

function MeasuresOfView({ reading }: OfView) {
  const { picture, channels, shown, masked, settings, change, switches, pen } = reading;
  const isHistogramShown = switches.isOn('histogram');
  if (picture === undefined || shown === undefined || settings === undefined) return null;
  if (pen.measured === undefined && !isHistogramShown) return null;
  return (
    <MeasurePanel
      {...{ picture, channels, shown, masked, settings, isHistogramShown, change }}
      measured={pen.measured}
      onClose={() => {
        pen.clearMeasured();
        switches.turnOff('histogram');
      }}
    />
  );
}
