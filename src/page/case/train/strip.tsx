import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Lines } from '../../../core/scan/cab.ts';
import type { ScanRecord } from '../../api/client.ts';
import type { Canvas, Scene } from '../../viewer/geometry.ts';
import { boxOfLines } from '../../viewer/masked.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { Viewer } from '../../viewer/webgl/viewer.ts';
import { words } from '../../words/words.ts';
import type { Change } from '../reading/changes.ts';
import {
  boxOnStrip,
  inView,
  moveTo,
  type Overview,
  overviewOf,
  placeOf,
  type Stretch,
  shareAlong,
  stepBy,
  stretchToStrip,
  type Wagon,
  wagonAt,
  wagonsOf,
} from './overview.ts';

interface Props {
  readonly picture: Picture;
  readonly units: ScanRecord['units'];
  /** Lines that the policy masks. */
  readonly masked: readonly Lines[];
  readonly settings: ViewSettings;
  /** Of the canvas of the picture. */
  readonly scene: Scene;
  readonly change: Change;
  /** Shows a wagon, as high as the canvas. */
  readonly onWagon: (wagon: Wagon) => void;
}

/** The strip is drawn from a small copy, which takes no more than that of the card. */
const BUDGET_BYTES = 8 * 2 ** 20;
/** Tones and samples that changed are drawn when they rest: the picture itself comes first. */
const REST_MS = 150;
/** Room for a number, in pixels of the strip. */
const LEAST_FOR_NUMBER = 22;

/** The whole train with the part in view marked: a click, a drag and keys move that part; the list goes to a wagon. */
export function TrainStrip({ picture, units, masked, settings, scene, change, onWagon }: Props) {
  const [strip, setStrip] = useState<Canvas>();
  const wagons = useMemo(() => wagonsOf(units), [units]);
  const overview = strip && overviewOf(picture, settings, strip);
  const here = wagonAt(wagons, scene, settings);
  return (
    <div className="train">
      {wagons.length > 0 && <WagonChoice {...{ wagons, here, onWagon }} />}
      <div className="strip">
        <Drawing {...{ picture, settings }} onSize={setStrip} />
        {overview !== undefined && (
          <Handle
            {...{ overview, scene, settings, wagons, masked, change }}
            said={sayPlace(here, wagons.length)}
          />
        )}
      </div>
    </div>
  );
}

interface WagonChoiceProps extends Pick<Props, 'onWagon'> {
  readonly wagons: readonly Wagon[];
  readonly here: Wagon | undefined;
}

function WagonChoice({ wagons, here, onWagon }: WagonChoiceProps) {
  return (
    <select
      className="button"
      aria-label={words('train.wagon')}
      value={here?.id ?? ''}
      onChange={(event) => {
        const wanted = wagons.find(({ id }) => id === event.target.value);
        if (wanted !== undefined) onWagon(wanted);
      }}
    >
      {here === undefined && <option value="">{words('train.between')}</option>}
      {wagons.map((wagon) => (
        <option key={wagon.id} value={wagon.id}>
          {nameOf(wagon)}
        </option>
      ))}
    </select>
  );
}

function nameOf({ number, id, mark }: Wagon): string {
  return [number, id, mark].filter((part) => part !== undefined).join(' · ');
}

function sayPlace(here: Wagon | undefined, count: number): string {
  return here === undefined
    ? words('train.between')
    : words('train.here', { number: here.number, count, name: nameOf(here) });
}

interface DrawingProps extends Pick<Props, 'picture' | 'settings'> {
  readonly onSize: (size: Canvas) => void;
}

function Drawing({ picture, settings, onSize }: DrawingProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const viewer = useRef<Viewer>(undefined);
  const [size, setSize] = useState<Canvas>();
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return undefined;
    const made = new Viewer(element, { unavailable: () => {}, restored: () => {} }, BUDGET_BYTES);
    viewer.current = made;
    const measure = () => {
      const scale = window.devicePixelRatio || 1;
      const { width, height } = element.getBoundingClientRect();
      element.width = Math.max(1, Math.round(width * scale));
      element.height = Math.max(1, Math.round(height * scale));
      const next = { width: element.width, height: element.height };
      setSize(next);
      onSize(next);
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    measure();
    return () => {
      watch.disconnect();
      made.close();
    };
  }, [onSize]);
  const { window: levels, curve, invert, colourMap, enhancement, shown, rotate, mirror } = settings;
  // where the reader looks changes nothing of it
  const tones = useMemo(
    () => ({ window: levels, curve, invert, colourMap, enhancement, shown, rotate, mirror }),
    [levels, curve, invert, colourMap, enhancement, shown, rotate, mirror],
  );
  useEffect(() => {
    if (size === undefined) return undefined;
    let frame = 0;
    const draw = () => {
      const all = { ...tones, zoom: 1, pan: { x: 0, y: 0 } };
      viewer.current?.show(stretchToStrip(picture, size));
      const drawn = viewer.current?.draw(overviewOf(picture, all, size).look);
      if (drawn !== undefined && drawn.tiles > 0 && !drawn.isComplete)
        frame = window.requestAnimationFrame(draw);
    };
    const timer = setTimeout(draw, REST_MS);
    return () => {
      clearTimeout(timer);
      window.cancelAnimationFrame(frame);
    };
  }, [picture, tones, size]);
  return (
    <div aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  );
}

interface HandleProps extends Pick<Props, 'scene' | 'settings' | 'masked' | 'change'> {
  readonly overview: Overview;
  readonly wagons: readonly Wagon[];
  readonly said: string;
}

/** A key moves by this share of the part in view. */
const KEY_STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -0.25,
  ArrowRight: 0.25,
  PageUp: -1,
  PageDown: 1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function Handle({ overview, scene, settings, wagons, masked, change, said }: HandleProps) {
  const { width } = overview.scene;
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) * width) / box.width;
    change((before) => moveTo(overview, scene, before, x));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = KEY_STEPS[event.key];
    if (by === undefined) return;
    // the same keys move the picture itself
    event.preventDefault();
    event.stopPropagation();
    change((before) => stepBy(overview, scene, before, by));
  };
  return (
    <div
      className="handle"
      role="slider"
      tabIndex={0}
      aria-label={words('train.strip')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * shareAlong(overview, scene, settings))}
      aria-valuetext={said}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      <Stretches {...{ overview, wagons, masked }} inView={inView(overview, scene, settings)} />
    </div>
  );
}

interface StretchesProps extends Pick<HandleProps, 'overview' | 'wagons' | 'masked'> {
  readonly inView: Stretch;
}

/** The wagons, what is masked, and the part in view. */
function Stretches({ overview, wagons, masked, inView: { left, right } }: StretchesProps) {
  const { width, height } = overview.scene;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      {masked.map((lines) => {
        const place = boxOnStrip(overview, boxOfLines(lines, overview.scene.sides));
        return (
          <rect
            key={`${lines.axis} ${lines.from}`}
            className="masked"
            x={place.left}
            y={0}
            width={place.right - place.left}
            height={height}
          />
        );
      })}
      {wagons.map((wagon) => {
        const place = placeOf(overview, wagon);
        return (
          <g key={wagon.id}>
            <path d={`M${place.left} 0V${height}`} />
            {place.right - place.left >= LEAST_FOR_NUMBER && (
              <text x={place.left + 4} y={12}>
                {wagon.number}
              </text>
            )}
          </g>
        );
      })}
      <rect x={left} y={1} width={Math.max(3, right - left)} height={height - 2} />
    </svg>
  );
}
