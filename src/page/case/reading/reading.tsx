import { useEffect, useMemo, useRef, useState } from 'react';
import type { ScanRecord } from '../../api/client.ts';
import { ProblemText } from '../../shell/problem.tsx';
import { fitPicture, type Point, regionInView, type Scene } from '../../viewer/geometry.ts';
import { asMeasuredPicture } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import type { Unavailable } from '../../viewer/webgl/viewer.ts';
import { words } from '../../words/words.ts';
import type { Annotations } from '../annotations/annotations.ts';
import type { DrawingTool } from '../annotations/drawing.ts';
import type { Figure } from '../annotations/layer.tsx';
import { DrawingTools } from '../annotations/tools.tsx';
import type { Region } from '../claim.ts';
import type { FindingsOfScan } from '../findings/load.ts';
import { FindingToggles } from '../findings/toggles.tsx';
import { useVisibleFindings } from '../findings/visible.ts';
import { type MaskedLines, useMaskedLines } from '../loading/masked.ts';
import { usePicture } from '../loading/picture.ts';
import { type Channel, canWindow, type View } from '../loading/samples.ts';
import { MeasurePanel } from '../measures/panel.tsx';
import { isLong } from '../train/overview.ts';
import { TrainStrip } from '../train/strip.tsx';
import { lookChanges } from './changes.ts';
import { useReadingKeys } from './keys.ts';
import { LookTools } from './look-tools.tsx';
import { PictureArea } from './picture-area.tsx';
import { type AddressedLook, addressView, pageScale, placeIn, useAddressedLook, withLook } from './place.ts';
import { type ReadingLog, toolsBetween } from './reading-log.ts';
import { StateLine } from './state-line.tsx';
import { firstSettings } from './tones.ts';
import { Tools } from './tools.tsx';

interface Props {
  readonly caseId: string;
  readonly scanId: string;
  readonly revision: number;
  readonly record: ScanRecord | undefined;
  /** Of models and of the check of holds; undefined until it is known. */
  readonly found: FindingsOfScan | undefined;
  readonly regions: readonly Region[];
  readonly desk: Annotations;
  readonly isHeld: boolean;
  readonly foot: string | undefined;
  /** There is something to judge: the first channel, or the preview where none can be drawn. */
  readonly onShown: () => void;
  readonly log: ReadingLog;
}

/** A look that lasts is loaded first. */
const LOOK_MS = 150;

/** The reading of one scan: tools above, the picture, and what lies under the hand below. */
export function Reading(props: Props) {
  const { caseId, scanId, revision, record, found, regions, desk, isHeld, foot, onShown, log } = props;
  const [viewId, setViewId] = useState(() => placeIn(window.location.search).view);
  const views = record?.views ?? [];
  const view = views.find(({ id }) => id === viewId) ?? views[0];
  const masked = useMaskedLines(scanId, revision);
  const preview = `/v1/scans/${encodeURIComponent(scanId)}/revisions/${revision}/preview?of=scan`;
  const canDraw = view?.channels.some(canWindow) === true;
  if (record === undefined) return <section className="reading" />;
  if (view === undefined || !canDraw)
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
      {...{
        caseId,
        scanId,
        revision,
        found,
        view,
        views,
        masked,
        regions,
        desk,
        isHeld,
        foot,
        preview,
        onShown,
        log,
      }}
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

interface ReadViewProps extends Omit<Props, 'record'> {
  readonly view: View;
  readonly views: readonly View[];
  readonly masked: MaskedLines;
  readonly preview: string;
  readonly units: ScanRecord['units'];
  readonly onView: (id: string) => void;
}

function ReadView({
  caseId,
  units,
  scanId,
  revision,
  found,
  view,
  views,
  masked: allMasked,
  preview,
  regions,
  desk,
  isHeld,
  foot,
  onView,
  onShown,
  log,
}: ReadViewProps) {
  const place = useMemo(() => ({ scanId, revision }), [scanId, revision]);
  const masked = useMemo(() => allMasked.filter((lines) => lines.view === view.id), [allMasked, view.id]);
  const { viewed, progress, problem, isLineLost, lookAt } = usePicture(place, view);
  const [chosen, setSettings] = useState<ViewSettings>();
  const [scene, setScene] = useState<Scene>();
  const [tool, setTool] = useState<DrawingTool>();
  const [measured, setMeasured] = useState<Figure>();
  const [isHistogramShown, showHistogram] = useState(false);
  const [point, setPoint] = useState<Point>();
  const [unavailable, setUnavailable] = useState<Unavailable>();
  const [isAsMeasured, showAsMeasured] = useState(false);
  const [isComparing, compare] = useState(false);
  const [hasLoupe, showLoupe] = useState(false);
  const loaded = viewed?.picture;
  const picture = useMemo(
    () => (loaded && isAsMeasured ? asMeasuredPicture(loaded) : loaded),
    [loaded, isAsMeasured],
  );
  const hasPicture = picture !== undefined;
  useEffect(() => {
    if (hasPicture) onShown();
  }, [hasPicture, onShown]);
  const findings = useVisibleFindings(found, view.id, log);
  const last = useRef<ViewSettings>(undefined);
  useEffect(() => {
    if (chosen === undefined) return;
    if (last.current !== undefined) log.used(toolsBetween(last.current, chosen));
    last.current = chosen;
  }, [chosen, log]);
  const channels = view.channels.filter(({ id, kind }) => kind !== 'class-map' && picture?.planes.has(id));
  const leading = channels.find(({ kind }) => kind === 'transmission') ?? channels[0];
  const addressed = useAddressedLook(view.id, scene, chosen);
  const settings = chosen ?? (leading && scene && firstLook(scene, firstSettings(leading), addressed));
  const shown = shownChannel(channels, settings, leading);
  useEffect(() => {
    if (settings === undefined || scene === undefined) return undefined;
    // once the hand rests: what is on its way for another place ends
    const timer = setTimeout(() => lookAt(shown?.id, regionInView(scene, settings)), LOOK_MS);
    return () => clearTimeout(timer);
  }, [settings, scene, shown?.id, lookAt]);
  const filled = shown === undefined ? undefined : loaded?.planes.get(shown.id)?.filled;
  const change = (next: (before: ViewSettings) => ViewSettings) =>
    setSettings((before) => {
      const now = before ?? settings;
      return now === undefined ? before : next(now);
    });
  const look = lookChanges({ change, scene, channels, shown, leading, units });
  const isKept = (one: DrawingTool) => one !== 'line' && one !== 'area';
  const choose = (one: DrawingTool) => {
    if (isHeld || !isKept(one)) setTool((before) => (before === one ? undefined : one));
  };
  const take = (drawn: DrawingTool, points: readonly Point[]) => {
    setTool(undefined);
    if (drawn !== 'line' && drawn !== 'area') return desk.add(drawn, view.id, points);
    log.used(['measure']);
    setMeasured({ shape: drawn, points });
  };
  const toggleAsMeasured = () => {
    log.used(['as-measured']);
    showAsMeasured((before) => !before);
  };
  const toggleComparing = () => {
    log.used(['compare']);
    compare((before) => !before);
  };
  const toggleLoupe = () => {
    log.used(['loupe']);
    showLoupe((before) => !before);
  };
  const toggleHistogram = () => showHistogram((before) => !before);
  useReadingKeys(look, {
    draw: choose,
    histogram: toggleHistogram,
    findings: findings.toggle,
    asMeasured: toggleAsMeasured,
    compare: toggleComparing,
    loupe: toggleLoupe,
  });
  return (
    <section className="reading">
      <Tools
        {...{ views, view, channels, settings, shown, onView, change }}
        showChannel={look.showChannel}
        plain={look.plain}
        hasMaterial={picture?.material !== undefined}
        onFit={look.fit}
        onOneToOne={look.oneToOne}
        drawing={
          <DrawingTools
            tool={tool}
            onTool={setTool}
            isHeld={isHeld}
            isHistogramShown={isHistogramShown}
            onHistogram={toggleHistogram}
          />
        }
        looking={
          <LookTools
            {...{ look, hasLoupe, isComparing }}
            isMirrored={settings?.mirror === true}
            onLoupe={toggleLoupe}
            onCompare={toggleComparing}
            hasUnits={units.filter(({ extent }) => extent !== undefined).length > 1}
          />
        }
        findings={<FindingToggles findings={findings} />}
      />
      {unavailable !== undefined || problem !== undefined ? (
        <Fallback
          preview={preview}
          isCabMasked={allMasked.length > 0}
          why={problem ?? words('viewer.unavailable', { why: unavailable ?? '' })}
          onShown={onShown}
        />
      ) : (
        <PictureArea
          {...{ caseId, picture, masked, progress, isLineLost, leading, shown, settings, scene, point }}
          {...{ tool, measured, desk, regions, hasLoupe, isComparing, change }}
          view={view.id}
          findings={findings}
          onWindow={look.window}
          onDrawn={take}
          onCancel={() => setTool(undefined)}
          onPoint={setPoint}
          onUnavailable={setUnavailable}
          onScene={setScene}
        />
      )}
      {picture !== undefined && settings !== undefined && scene !== undefined && isLong(picture) && (
        <TrainStrip
          {...{ picture, units, masked, settings, scene, change }}
          onWagon={({ from, to }) => look.goToColumn((from + to) / 2)}
        />
      )}
      {picture !== undefined &&
        shown !== undefined &&
        settings !== undefined &&
        (measured !== undefined || isHistogramShown) && (
          <MeasurePanel
            {...{ picture, channels, shown, masked, settings, measured, isHistogramShown, change }}
            onClose={() => {
              setMeasured(undefined);
              showHistogram(false);
            }}
          />
        )}
      <StateLine {...{ picture, masked, settings, shown, point, filled, isAsMeasured, foot }} />
    </section>
  );
}

function firstLook(scene: Scene, first: ViewSettings, addressed: AddressedLook | undefined): ViewSettings {
  return addressed === undefined ? fitPicture(scene, first) : withLook(scene, first, addressed, pageScale());
}

function shownChannel(
  channels: readonly Channel[],
  settings: ViewSettings | undefined,
  leading: Channel | undefined,
): Channel | undefined {
  const id = settings?.shown.kind === 'channel' ? settings.shown.id : leading?.id;
  return channels.find((channel) => channel.id === id);
}
