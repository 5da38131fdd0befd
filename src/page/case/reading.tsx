import { useEffect, useMemo, useRef, useState } from 'react';
import type { ScanRecord } from '../api/client.ts';
import { useKeys } from '../shell/keys.ts';
import {
  fitPicture,
  oneToOne,
  type Point,
  regionInView,
  type Scene,
  turnTo,
  zoomAt,
} from '../viewer/geometry.ts';
import { asMeasuredPicture, type Picture } from '../viewer/picture.ts';
import { plainTones, type ViewSettings } from '../viewer/settings.ts';
import type { Unavailable } from '../viewer/webgl/viewer.ts';
import { words } from '../words/words.ts';
import { Beside } from './beside.tsx';
import { PictureCanvas } from './canvas.tsx';
import type { Region } from './claim.ts';
import { type NamedFinding, useFindings } from './loading/findings.ts';
import { usePicture } from './loading/picture.ts';
import { type Channel, canWindow, type View } from './loading/samples.ts';
import { Loupe } from './loupe.tsx';
import { DrawingTools, keyOf } from './marks/bar.tsx';
import type { Desk } from './marks/desk.ts';
import { type DrawingTool, drawingTools } from './marks/drawing.ts';
import { type Figure, MarksLayer } from './marks/layer.tsx';
import { MeasurePanel } from './measures/panel.tsx';
import { type ReadingLog, toolsBetween } from './reading-record.ts';
import { firstSettings, moveWindow, nextCurve } from './tones.ts';
import { Tools } from './tools.tsx';
import { quarterOn, unitBeside } from './units.ts';

interface Props {
  readonly caseId: string;
  readonly scanId: string;
  readonly revision: number;
  readonly record: ScanRecord | undefined;
  readonly regions: readonly Region[];
  readonly desk: Desk;
  readonly isHeld: boolean;
  readonly foot: string | undefined;
  /** There is something to judge: the first channel, or the preview where none can be drawn. */
  readonly onShown: () => void;
  readonly log: ReadingLog;
}

/** A look that lasts is loaded first. */
const LOOK_MS = 150;
/** A step of a key: of the window as a share of the full scale, of its width and of the zoom as a factor. */
const STEP = { level: 0.03, width: 1.15, zoom: 1.25, move: 0.12 };

/** The reading of one scan: tools above, the picture, and what lies under the hand below. */
export function Reading(props: Props) {
  const { caseId, scanId, revision, record, regions, desk, isHeld, foot, onShown, log } = props;
  const [viewId, setViewId] = useState<string>();
  const views = record?.views ?? [];
  const view = views.find(({ id }) => id === viewId) ?? views[0];
  const preview = `/v1/scans/${encodeURIComponent(scanId)}/revisions/${revision}/preview`;
  const canDraw = view?.channels.some(canWindow) === true;
  if (record === undefined) return <section className="reading" />;
  if (view === undefined || !canDraw)
    return (
      <section className="reading">
        <div className="tools" />
        <Fallback preview={preview} why={words('viewer.noChannel')} onShown={onShown} />
        <div className="state">{foot}</div>
      </section>
    );
  return (
    <ReadView
      key={view.id}
      {...{ caseId, scanId, revision, view, views, regions, desk, isHeld, foot, preview, onShown, log }}
      units={record.units}
      onView={setViewId}
    />
  );
}

interface FallbackProps {
  readonly preview: string;
  readonly why: string;
  readonly onShown: () => void;
}

function Fallback({ preview, why, onShown }: FallbackProps) {
  return (
    <div className="picture">
      <img src={preview} alt={words('viewer.preview')} onLoad={onShown} />
      <p className="notice" role="status">
        {why}
      </p>
    </div>
  );
}

interface ReadViewProps extends Omit<Props, 'record'> {
  readonly view: View;
  readonly views: readonly View[];
  readonly preview: string;
  readonly units: ScanRecord['units'];
  readonly onView: (id: string) => void;
}

function ReadView({
  caseId,
  units,
  scanId,
  revision,
  view,
  views,
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
  const { viewed, progress, trouble, isLineLost, lookAt } = usePicture(place, view);
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
  const all = useFindings(scanId, revision);
  const found = (all ?? []).filter(({ finding }) => finding.box.view === view.id);
  const [areFindingsShown, showFindings] = useState(false);
  useEffect(() => {
    if (found.length > 0) log.findings(areFindingsShown ? 'shown' : 'not-shown');
  }, [found.length, areFindingsShown, log]);
  const last = useRef<ViewSettings>(undefined);
  useEffect(() => {
    if (chosen === undefined) return;
    if (last.current !== undefined) log.used(toolsBetween(last.current, chosen));
    last.current = chosen;
  }, [chosen, log]);
  const channels = view.channels.filter(({ id, kind }) => kind !== 'class-map' && picture?.planes.has(id));
  const leading = channels.find(({ kind }) => kind === 'transmission') ?? channels[0];
  const settings = chosen ?? (leading && scene ? fitPicture(scene, firstSettings(leading)) : undefined);
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
  const window = (by: number, wider: number) =>
    shown !== undefined && change((before) => moveWindow(before, shown, { by, wider }));
  const showChannel = (channel: Channel) =>
    change((before) => ({ ...before, ...plainTones(channel), shown: { kind: 'channel', id: channel.id } }));
  const plain = () =>
    leading !== undefined &&
    change((before) => ({
      ...before,
      ...plainTones(leading),
      shown: { kind: 'channel', id: leading.id },
      rotate: 0,
      mirror: false,
    }));
  const zoom = (factor: number) =>
    scene !== undefined &&
    change((before) => zoomAt(scene, before, { x: scene.width / 2, y: scene.height / 2 }, factor));
  const move = (x: number, y: number) =>
    scene !== undefined &&
    change((before) => ({
      ...before,
      pan: {
        x: before.pan.x + (x * STEP.move * scene.width) / before.zoom,
        y: before.pan.y + (y * STEP.move * scene.height) / before.zoom,
      },
    }));
  const showNext = () => {
    const next = channels[(channels.findIndex(({ id }) => id === shown?.id) + 1) % channels.length];
    if (next !== undefined) showChannel(next);
  };
  const flip = () => change((before) => ({ ...before, invert: !before.invert }));
  const bend = () => change((before) => ({ ...before, curve: nextCurve(before.curve) }));
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
  const turn = (to: (before: ViewSettings) => Parameters<typeof turnTo>[2]) =>
    scene !== undefined && change((before) => turnTo(scene, before, to(before)));
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
  const goToUnit = (step: 1 | -1) =>
    scene !== undefined && change((before) => unitBeside(scene, before, units, step) ?? before);
  useKeys([
    ['w', () => window(STEP.level, 1)],
    ['s', () => window(-STEP.level, 1)],
    ['d', () => window(0, STEP.width)],
    ['a', () => window(0, 1 / STEP.width)],
    ['+', () => zoom(STEP.zoom)],
    ['=', () => zoom(STEP.zoom)],
    ['-', () => zoom(1 / STEP.zoom)],
    ['0', () => scene !== undefined && change((before) => fitPicture(scene, before))],
    ['9', () => scene !== undefined && change((before) => oneToOne(scene, before))],
    ['ArrowLeft', () => move(-1, 0)],
    ['ArrowRight', () => move(1, 0)],
    ['ArrowUp', () => move(0, -1)],
    ['ArrowDown', () => move(0, 1)],
    ['i', flip],
    ['l', bend],
    ['c', showNext],
    ['p', () => plain()],
    ...drawingTools.map((one) => [keyOf[one], () => choose(one)] as const),
    [keyOf.histogram, () => showHistogram((before) => !before)],
    ['f', () => showFindings((before) => !before)],
    ['e', () => turn((before) => ({ rotate: quarterOn(before.rotate), mirror: before.mirror }))],
    ['x', () => turn((before) => ({ rotate: before.rotate, mirror: !before.mirror }))],
    ['8', toggleAsMeasured],
    ['v', toggleComparing],
    ['q', toggleLoupe],
    [',', () => goToUnit(-1)],
    ['.', () => goToUnit(1)],
  ]);
  return (
    <section className="reading">
      <Tools
        {...{ views, view, channels, settings, shown, onView, showChannel, change, plain }}
        hasMaterial={picture?.material !== undefined}
        onFit={() => scene !== undefined && change((before) => fitPicture(scene, before))}
        onOneToOne={() => scene !== undefined && change((before) => oneToOne(scene, before))}
        drawing={
          <DrawingTools
            tool={tool}
            onTool={setTool}
            isHeld={isHeld}
            isHistogramShown={isHistogramShown}
            onHistogram={() => showHistogram((before) => !before)}
          />
        }
        {...{ areFindingsShown }}
        findings={all === undefined ? undefined : found.length}
        onFindings={() => showFindings((before) => !before)}
      />
      {unavailable !== undefined || trouble !== undefined ? (
        <Fallback
          preview={preview}
          why={trouble ?? words('viewer.unavailable', { why: unavailable ?? '' })}
          onShown={onShown}
        />
      ) : (
        <div className={isComparing ? 'pictures two' : 'pictures'}>
          <div className="picture">
            {picture !== undefined && leading !== undefined && (
              <PictureCanvas
                picture={picture}
                isMarking={false}
                settings={settings ?? firstSettings(leading)}
                onChange={change}
                onWindow={window}
                marked={regions.filter((region) => region.view === view.id)}
                findings={areFindingsShown ? found.map(boxOf) : []}
                onMarked={() => undefined}
                onPoint={setPoint}
                onUnavailable={setUnavailable}
                onScene={setScene}
              />
            )}
            {scene !== undefined && settings !== undefined && (
              <MarksLayer
                key={tool ?? 'none'}
                {...{ scene, settings, tool, measured }}
                annotations={desk.shown}
                view={view.id}
                onDrawn={take}
                onCancel={() => setTool(undefined)}
                onPoint={setPoint}
                onChange={change}
              />
            )}
            {progress !== undefined && (
              <span className="over" role="status">
                {isLineLost
                  ? words('viewer.lineLost')
                  : words('viewer.loading', { percent: Math.round(progress * 100) })}
              </span>
            )}
            {hasLoupe &&
              point !== undefined &&
              picture !== undefined &&
              settings !== undefined &&
              scene !== undefined && <Loupe {...{ picture, settings, scene }} at={point} />}
          </div>
          {isComparing && scene !== undefined && settings !== undefined && shown !== undefined && (
            <Beside
              caseId={caseId}
              leading={{ scene, settings, channel: shown }}
              onLead={(next) => change(() => next)}
            />
          )}
        </div>
      )}
      {picture !== undefined &&
        shown !== undefined &&
        settings !== undefined &&
        (measured !== undefined || isHistogramShown) && (
          <MeasurePanel
            {...{ picture, channels, shown, settings, measured, isHistogramShown, change }}
            onClose={() => {
              setMeasured(undefined);
              showHistogram(false);
            }}
          />
        )}
      <div className="state">
        {settings !== undefined && (
          <span>{words('viewer.window', { low: settings.window.low, high: settings.window.high })}</span>
        )}
        {point !== undefined && picture !== undefined && shown !== undefined && (
          <span>
            {words('viewer.value', {
              row: point.y,
              column: point.x,
              value: valueAt(picture, shown.id, point),
            })}
          </span>
        )}
        {settings?.shown.kind === 'material' && isOfThisScan(picture) && (
          <span>{words('viewer.materialOfThisScan')}</span>
        )}
        {filled !== undefined && (
          <span>{words(isAsMeasured ? 'viewer.asMeasured' : 'viewer.filled', filled)}</span>
        )}
        <span className="end">{foot}</span>
      </div>
    </section>
  );
}

/** Colours that only compare goods of this scan, because its energies have no curves of their own. */
function isOfThisScan(picture: Picture | undefined): boolean {
  const material = picture?.material;
  return material?.kind === 'two-energies' && material.dual.calibrated === 'by-this-scan';
}

function boxOf({ finding, model }: NamedFinding) {
  const { rowFrom, rowTo, columnFrom, columnTo } = finding.box;
  const { anomalyPercentile } = finding;
  const said =
    anomalyPercentile === undefined
      ? `${finding.label}, ${model}`
      : words('viewer.finding', { label: finding.label, model, percentile: anomalyPercentile.toFixed(1) });
  return { x: columnFrom, y: rowFrom, width: columnTo - columnFrom, height: rowTo - rowFrom, words: said };
}

function shownChannel(
  channels: readonly Channel[],
  settings: ViewSettings | undefined,
  leading: Channel | undefined,
): Channel | undefined {
  const id = settings?.shown.kind === 'channel' ? settings.shown.id : leading?.id;
  return channels.find((channel) => channel.id === id);
}

function valueAt(picture: Picture, id: string, { x, y }: Point) {
  const sample = picture.planes.get(id)?.read(0, { row: y, column: x, rows: 1, columns: 1 });
  return sample?.[0] ?? '–';
}
