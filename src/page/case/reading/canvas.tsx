import { type PointerEvent, useEffect, useRef, useState, type WheelEvent } from 'react';
import {
  fitPicture,
  type Point,
  panBy,
  type Scene,
  sampleToScreen,
  screenToSample,
  zoomAt,
} from '../../viewer/geometry.ts';
import { LINE, placeLabels } from '../../viewer/labels.ts';
import { type Picture, sceneOf } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { type PooledCanvas, returnCanvas, reveal, takeCanvas } from '../../viewer/webgl/canvas-pool.ts';
import type { Unavailable } from '../../viewer/webgl/viewer.ts';
import { words } from '../../words/words.ts';
import { markFirst } from '../loading/timing.ts';
import { beginTwoFingers, moveTwoFingers, type Pair, type Pinch, type TwoFingers } from './gestures.ts';

/** The picture of a case on the graphics card, with the hand of the reader on it. */

/** Corners in stored samples. */
export interface Marked {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Props {
  readonly picture: Picture;
  readonly settings: ViewSettings;
  readonly onChange: (change: (before: ViewSettings) => ViewSettings) => void;
  readonly onWindow: (by: number, wider: number) => void;
  readonly marked: readonly Marked[];
  /** What the policy masks: the cab of a truck. */
  readonly masked: readonly Marked[];
  /** Boxes of models and of vendors, with a line for each who marked there; empty where they are not to be seen. */
  readonly findings: readonly (Marked & {
    readonly lines: readonly string[];
    readonly short?: string | undefined;
    readonly isOfVendor: boolean;
  })[];
  readonly onPoint: (at: Point | undefined) => void;
  readonly onUnavailable: (why: Unavailable) => void;
  /** Told of the scene each time that its size changes. */
  readonly onScene: (scene: Scene) => void;
}

const WHEEL_STEP = 1.0015;
/** What letters reach below their line. */
const DESCENT = 4;
/** A drag over the whole height of the picture moves the window by this share of the full scale. */
const LEVEL_SPEED = 1;

interface Drag {
  readonly kind: 'move' | 'window';
  last: Point;
}

/** A box of stored samples as it lies on the canvas. */
function onScreen(scene: Scene, settings: ViewSettings, { x, y, width, height }: Marked): Marked {
  const a = sampleToScreen(scene, settings, { x, y });
  const b = sampleToScreen(scene, settings, { x: x + width, y: y + height });
  const [left, top] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x: left, y: top, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** Each box with its words, short where there is no room for all; what finds no place is said once the picture is nearer. */
function Findings({ scene, settings, findings }: Pick<Props, 'settings' | 'findings'> & { scene: Scene }) {
  const boxes = findings.map((one) => ({ ...one, box: onScreen(scene, settings, one) }));
  const labels = placeLabels(boxes, scene);
  return boxes.map(({ x, y, lines, isOfVendor, box }, i) => {
    const label = labels[i];
    return (
      <g key={`${lines} ${x} ${y}`} className={isOfVendor ? 'vendor-finding' : 'finding'}>
        <rect {...box} />
        {label?.lines.map((said, line) => (
          <text key={said} x={label.x} y={label.y + (line + 1) * LINE - DESCENT}>
            {said}
          </text>
        ))}
      </g>
    );
  });
}

/** The first two fingers on the picture. */
function pairOf(fingers: ReadonlyMap<number, Point>): Pair | undefined {
  const [a, b] = [...fingers.values()];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function pinched(
  scene: Scene,
  before: ViewSettings,
  { at, factor, by }: Extract<Pinch, { readonly kind: 'zoom' }>,
): ViewSettings {
  return zoomAt(scene, panBy(scene, before, { x: -by.x, y: -by.y }), at, factor);
}

export function PictureCanvas(props: Props) {
  const { picture, settings } = props;
  const { rows, columns, display } = picture;
  // as numbers: a picture that gets more samples has another cell of the same sides
  const { width: across, height: down } = picture.cell;
  const host = useRef<HTMLDivElement>(null);
  const easel = useRef<PooledCanvas>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const drag = useRef<Drag>(undefined);
  const fingers = useRef(new Map<number, Point>());
  const pair = useRef<TwoFingers>(undefined);
  const [scene, setScene] = useState<Scene>();

  useEffect(() => {
    const taken = takeCanvas({
      unavailable: (why) => latest.current.onUnavailable(why),
      restored: () => latest.current.onChange((before) => ({ ...before })),
    });
    easel.current = taken;
    taken.canvas.setAttribute('role', 'img');
    taken.canvas.setAttribute('aria-label', words('viewer.picture'));
    taken.canvas.tabIndex = 0;
    host.current?.append(taken.canvas);
    // Keys belong to the picture from the start, wherever the focus was in the case before.
    taken.canvas.focus({ preventScroll: true });
    return () => returnCanvas(taken);
  }, []);

  useEffect(() => {
    const element = easel.current?.canvas;
    if (element === undefined) return undefined;
    const measure = () => {
      const scale = window.devicePixelRatio || 1;
      const box = element.getBoundingClientRect();
      const width = Math.max(1, Math.round(box.width * scale));
      const height = Math.max(1, Math.round(box.height * scale));
      // a canvas that is given its size anew is emptied
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const cell = { width: across, height: down };
      const next = sceneOf({ rows, columns, cell, display }, { width, height });
      setScene(next);
      latest.current.onScene(next);
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    measure();
    return () => watch.disconnect();
  }, [rows, columns, across, down, display]);

  useEffect(() => {
    if (scene === undefined) return undefined;
    let frame = 0;
    const draw = () => {
      const on = easel.current;
      on?.viewer.show(picture);
      const drawn = on?.viewer.draw(settings);
      if (on !== undefined && drawn !== undefined && drawn.tiles > 0) {
        reveal(on);
        markFirst('nii:first-picture');
      }
      // A plane that comes piece by piece is drawn again; each frame uploads some tiles more.
      if (drawn !== undefined && drawn.tiles > 0 && !drawn.isComplete)
        frame = window.requestAnimationFrame(draw);
    };
    frame = window.requestAnimationFrame(draw);
    return () => window.cancelAnimationFrame(frame);
  }, [picture, settings, scene]);

  const pointOf = (event: PointerEvent | WheelEvent): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = pointOf(event);
    if (event.pointerType === 'touch') fingers.current.set(event.pointerId, at);
    const two = pairOf(fingers.current);
    if (two !== undefined) {
      pair.current = beginTwoFingers(two);
      drag.current = undefined;
      return;
    }
    drag.current = { kind: event.shiftKey || event.button === 2 ? 'window' : 'move', last: at };
  };

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const at = pointOf(event);
    if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, at);
    const two = pairOf(fingers.current);
    if (two !== undefined && pair.current !== undefined && scene !== undefined) {
      const [next, pinch] = moveTwoFingers(pair.current, two);
      pair.current = next;
      if (pinch?.kind === 'zoom') props.onChange((before) => pinched(scene, before, pinch));
      else if (pinch !== undefined)
        props.onWindow((-pinch.by.y / scene.height) * LEVEL_SPEED, 2 ** ((4 * pinch.by.x) / scene.width));
      return;
    }
    if (scene !== undefined) {
      const { x, y } = screenToSample(scene, settings, at);
      const isOn = x >= 0 && y >= 0 && x < scene.sides.columns && y < scene.sides.rows;
      props.onPoint(isOn ? { x: Math.floor(x), y: Math.floor(y) } : undefined);
    }
    const held = drag.current;
    if (held === undefined || scene === undefined) return;
    const by = { x: at.x - held.last.x, y: at.y - held.last.y };
    held.last = at;
    if (held.kind === 'move') props.onChange((before) => panBy(scene, before, { x: -by.x, y: -by.y }));
    else props.onWindow((-by.y / scene.height) * LEVEL_SPEED, 2 ** ((4 * by.x) / scene.width));
  };

  const onPointerUp = (event: PointerEvent<HTMLDivElement>) => {
    fingers.current.delete(event.pointerId);
    if (fingers.current.size < 2) pair.current = undefined;
    drag.current = undefined;
  };

  const onWheel = (event: WheelEvent<HTMLDivElement>) => {
    if (scene === undefined) return;
    const at = pointOf(event);
    const factor = WHEEL_STEP ** -event.deltaY;
    props.onChange((before) => zoomAt(scene, before, at, factor));
  };

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the canvas in it, which goes from case to case, has the role and the focus */}
      <div
        ref={host}
        className="drawn"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onPointerLeave={() => props.onPoint(undefined)}
        onWheel={onWheel}
        onContextMenu={(event) => event.preventDefault()}
        onDoubleClick={() => scene !== undefined && props.onChange((before) => fitPicture(scene, before))}
      />
      {scene !== undefined && (
        <svg viewBox={`0 0 ${scene.width} ${scene.height}`} aria-hidden="true">
          {props.masked.map((box) => (
            <rect key={`${box.x} ${box.y}`} className="masked" {...onScreen(scene, settings, box)} />
          ))}
          <Findings {...{ scene, settings }} findings={props.findings} />
          {props.marked.map((region, i) => (
            <rect
              // regions have no ids, and the list only grows or loses its end
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={i}
              {...onScreen(scene, settings, region)}
            />
          ))}
        </svg>
      )}
      {props.masked.length > 0 && <span className="over cab">{words('viewer.cabMasked')}</span>}
    </>
  );
}
