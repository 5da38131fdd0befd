import { type RefObject, useEffect, useRef, useState } from 'react';
import { type Scene, sampleToScreen } from '../../viewer/geometry.ts';
import { LINE, placeLabels } from '../../viewer/labels.ts';
import { type Picture, sceneOf } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { type PooledCanvas, returnCanvas, reveal, takeCanvas } from '../../viewer/webgl/canvas-pool.ts';
import type { Unavailable } from '../../viewer/webgl/viewer.ts';
import { words } from '../../words/words.ts';
import { markFirst } from '../loading/timing.ts';
import { type PointerOwner, usePointer } from './pointer.ts';

/** The picture of a case on the graphics card, which the pointer of the reader moves. */

/** Corners in stored samples. */
export interface Marked {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface CanvasProps extends PointerOwner {
  readonly picture: Picture;
  /** What the policy masks: the cab of a truck. */
  readonly masked: readonly Marked[];
  /** Boxes of models and of vendors, with a line for each who marked there; empty while they are hidden. */
  readonly findings: readonly (Marked & {
    readonly lines: readonly string[];
    readonly short?: string | undefined;
    readonly isOfVendor: boolean;
  })[];
  readonly onUnavailable: (why: Unavailable) => void;
  /** Receives the scene each time its size changes. */
  readonly onScene: (scene: Scene) => void;
}

/** The height of letters below their line. */
const DESCENT = 4;

export function PictureCanvas(props: CanvasProps) {
  const { picture, settings, masked, findings } = props;
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const pooled = usePooledCanvas(host, latest);
  const scene = useScene(pooled, picture, latest);
  useDrawing(pooled, picture, settings, scene);
  const pointer = usePointer(props, scene);
  return (
    <>
      {/* the canvas in it, which goes from case to case, has the role and the focus */}
      <div ref={host} className="drawn" {...pointer} />
      {scene !== undefined && (
        <svg viewBox={`0 0 ${scene.width} ${scene.height}`} aria-hidden="true">
          {masked.map((box) => (
            <rect key={`${box.x} ${box.y}`} className="masked" {...boxOnScreen(scene, settings, box)} />
          ))}
          <Findings {...{ scene, settings, findings }} />
        </svg>
      )}
      {masked.length > 0 && <span className="over cab">{words('viewer.cabMasked')}</span>}
    </>
  );
}

type Latest = RefObject<CanvasProps>;
type Pooled = RefObject<PooledCanvas | undefined>;

/** Puts a canvas into the page, and gives it back when the picture closes. */
function usePooledCanvas(host: RefObject<HTMLDivElement | null>, latest: Latest): Pooled {
  const pooled = useRef<PooledCanvas>(undefined);
  useEffect(() => {
    const taken = takeCanvas({
      unavailable: (why) => latest.current.onUnavailable(why),
      restored: () => latest.current.onChange((before) => ({ ...before })),
    });
    pooled.current = taken;
    taken.canvas.setAttribute('role', 'img');
    taken.canvas.setAttribute('aria-label', words('viewer.picture'));
    taken.canvas.tabIndex = 0;
    host.current?.append(taken.canvas);
    // Keys belong to the picture from the start, wherever the focus was in the case before.
    taken.canvas.focus({ preventScroll: true });
    return () => returnCanvas(taken);
  }, [host, latest]);
  return pooled;
}

/** Keeps the canvas at the size of its element in device pixels. */
function useScene(pooled: Pooled, { rows, columns, display, cell }: Picture, latest: Latest) {
  const [scene, setScene] = useState<Scene>();
  // as numbers: a picture that gets more samples has another cell of the same sides
  const { width: across, height: down } = cell;
  useEffect(() => {
    const element = pooled.current?.canvas;
    if (element === undefined) return undefined;
    const measure = () => {
      const scale = window.devicePixelRatio || 1;
      const box = element.getBoundingClientRect();
      const width = Math.max(1, Math.round(box.width * scale));
      const height = Math.max(1, Math.round(box.height * scale));
      // setting a size empties the canvas, even if it is the same
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      const next = sceneOf(
        { rows, columns, cell: { width: across, height: down }, display },
        { width, height },
      );
      setScene(next);
      latest.current.onScene(next);
    };
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    measure();
    return () => watch.disconnect();
  }, [pooled, latest, rows, columns, across, down, display]);
  return scene;
}

function useDrawing(
  pooled: Pooled,
  picture: Picture,
  settings: ViewSettings,
  scene: Scene | undefined,
): void {
  useEffect(() => {
    if (scene === undefined) return undefined;
    let frame = 0;
    const draw = () => {
      const on = pooled.current;
      on?.viewer.show(picture);
      const drawn = on?.viewer.draw(settings);
      if (on === undefined || drawn === undefined || drawn.tiles === 0) return;
      reveal(on);
      markFirst('nii:first-picture');
      // A plane that comes piece by piece is drawn again; each frame uploads some tiles more.
      if (!drawn.isComplete) frame = window.requestAnimationFrame(draw);
    };
    frame = window.requestAnimationFrame(draw);
    return () => window.cancelAnimationFrame(frame);
  }, [pooled, picture, settings, scene]);
}

/** A box of stored samples as it lies on the canvas. */
function boxOnScreen(scene: Scene, settings: ViewSettings, { x, y, width, height }: Marked): Marked {
  const a = sampleToScreen(scene, settings, { x, y });
  const b = sampleToScreen(scene, settings, { x: x + width, y: y + height });
  const [left, top] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x: left, y: top, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** Each box with its label: in short if there is no room for all of it, and without if there is none at all. */
function Findings({
  scene,
  settings,
  findings,
}: Pick<CanvasProps, 'settings' | 'findings'> & { scene: Scene }) {
  const boxes = findings.map((one) => ({ ...one, box: boxOnScreen(scene, settings, one) }));
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
