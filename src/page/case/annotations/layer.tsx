import { type PointerEvent, useLayoutEffect, useRef, useState } from 'react';
import { type Point, panBy, type Scene, sampleToScreen, screenToSample } from '../../viewer/geometry.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { words } from '../../words/words.ts';
import { addPoint, type DrawingTool, moveCrosshair, snapPoint } from './drawing.ts';
import type { VisibleAnnotation } from './pending.ts';

/** What is drawn over the picture, in lines of one width at any zoom, and the hand or the crosshair that draws. */

export interface Figure {
  readonly shape: DrawingTool;
  readonly points: readonly Point[];
  readonly text?: string;
}

interface Props {
  readonly scene: Scene;
  readonly settings: ViewSettings;
  readonly tool: DrawingTool | undefined;
  readonly annotations: readonly VisibleAnnotation[];
  /** The view that is shown: what was drawn on another is not here, and keeps its number. */
  readonly view: string;
  readonly measured: Figure | undefined;
  readonly onDrawn: (tool: DrawingTool, points: readonly Point[]) => void;
  readonly onCancel: () => void;
  readonly onPoint: (at: Point | undefined) => void;
  readonly onChange: (change: (before: ViewSettings) => ViewSettings) => void;
}

/** Pixels of the canvas within which a point is at another. */
const NEAR = 8;
const isOfOnePoint = (tool: DrawingTool) => tool === 'point' || tool === 'text';
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Give it a new key with each tool: another tool begins anew. */
export function MarksLayer(props: Props) {
  const { scene, settings, tool } = props;
  const svg = useRef<SVGSVGElement>(null);
  const [points, setPoints] = useState<readonly Point[]>([]);
  /** Where the hand or the crosshair is; in the middle of what is seen before it is anywhere. */
  const [placed, setCursor] = useState<Point>();
  /** Drawn by keys: the crosshair is there. */
  const [hasCrosshair, showCrosshair] = useState(tool !== undefined);
  const pressed = useRef<Point>(undefined);

  useLayoutEffect(() => {
    if (tool !== undefined) svg.current?.focus({ preventScroll: true });
  }, [tool]);
  const middle = { x: scene.width / 2, y: scene.height / 2 };
  const cursor =
    tool === undefined
      ? undefined
      : (placed ?? snapPoint(tool, scene, screenToSample(scene, settings, middle)));

  const onScreen = (at: Point) => sampleToScreen(scene, settings, at);
  const isNear = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y) <= NEAR;
  const put = (at: Point, before = points) => {
    if (tool === undefined) return;
    const [first] = before;
    const isClosing = first !== undefined && isNear(onScreen(first), onScreen(at));
    const step = addPoint(tool, before, at, isClosing);
    setPoints(step.isWhole ? [] : step.points);
    if (step.isWhole) props.onDrawn(tool, step.points);
  };

  const latest = useRef((_event: KeyboardEvent): boolean => false);
  latest.current = (event) => {
    if (tool === undefined || cursor === undefined) return false;
    const arrow = arrows[event.key];
    if (arrow !== undefined) {
      const next = moveCrosshair(tool, scene, settings, cursor, arrow, event.shiftKey);
      showCrosshair(true);
      setCursor(next);
      props.onPoint(next);
      const { x, y } = onScreen(next);
      if (x < 0 || y < 0 || x > scene.width || y > scene.height)
        props.onChange((before) =>
          panBy(scene, before, { x: (arrow[0] * scene.width) / 3, y: (arrow[1] * scene.height) / 3 }),
        );
    } else if (event.key === 'Enter') put(cursor);
    else if (event.key === 'Backspace' && points.length > 0) setPoints(points.slice(0, -1));
    else if (event.key === 'Escape') {
      if (points.length > 0) setPoints([]);
      else props.onCancel();
    } else return false;
    return true;
  };
  // at once: the next key may come before an effect that waits
  useLayoutEffect(() => {
    if (tool === undefined) return undefined;
    // before the keys of the page: while something is drawn, arrows and Enter belong to it
    const onKey = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (target instanceof Element && target.closest('input, textarea, select, button, a, [role=dialog]'))
        return;
      if (!latest.current(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [tool]);

  const sampleAt = (event: PointerEvent<SVGSVGElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = {
      x: ((event.clientX - box.left) * scene.width) / box.width,
      y: ((event.clientY - box.top) * scene.height) / box.height,
    };
    return snapPoint(tool ?? 'point', scene, screenToSample(scene, settings, at));
  };
  const onPointerDown = (event: PointerEvent<SVGSVGElement>) => {
    if (tool === undefined || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = sampleAt(event);
    pressed.current = at;
    showCrosshair(false);
    setCursor(at);
    // a field for text must not open before the hand lets go: it would lose the focus to the picture
    if (!isOfOnePoint(tool)) put(at);
  };
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const at = sampleAt(event);
    setCursor(at);
    props.onPoint(at);
  };
  const onPointerUp = (event: PointerEvent<SVGSVGElement>) => {
    const from = pressed.current;
    pressed.current = undefined;
    if (tool === undefined || tool === 'polygon' || from === undefined) return;
    const at = sampleAt(event);
    if (isOfOnePoint(tool)) return put(at);
    if (points.length === 0) return;
    // a drag; a click is the first of two
    if (!isNear(onScreen(from), onScreen(at))) put(at);
  };

  const drawing: Figure | undefined =
    tool === undefined || points.length === 0
      ? undefined
      : { shape: tool, points: cursor === undefined ? points : [...points, cursor] };
  const cross = cursor === undefined || !hasCrosshair ? undefined : onScreen(cursor);
  return (
    <svg
      ref={svg}
      className={tool === undefined ? 'marks' : 'marks drawing'}
      viewBox={`0 0 ${scene.width} ${scene.height}`}
      preserveAspectRatio="none"
      role={tool === undefined ? 'presentation' : 'application'}
      aria-label={tool === undefined ? undefined : words('marks.crosshair')}
      tabIndex={tool === undefined ? undefined : -1}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
    >
      {props.annotations.map(
        (one, i) =>
          one.view === props.view && (
            <Drawing
              key={one.id}
              figure={one}
              number={i + 1}
              className={`mark ${one.state}`}
              onScreen={onScreen}
            />
          ),
      )}
      {props.measured !== undefined && (
        <Drawing figure={props.measured} className="measured" onScreen={onScreen} />
      )}
      {drawing !== undefined && <Drawing figure={drawing} className="mark now" onScreen={onScreen} />}
      {cross !== undefined && (
        <path className="crosshair" d={`M${cross.x} 0V${scene.height}M0 ${cross.y}H${scene.width}`} />
      )}
    </svg>
  );
}

interface DrawingProps {
  readonly figure: Figure;
  readonly number?: number;
  readonly className: string;
  readonly onScreen: (at: Point) => Point;
}

function Drawing({ figure: { shape, points, text }, number, className, onScreen }: DrawingProps) {
  const isOfSamples = shape === 'point' || shape === 'text' || shape === 'arrow' || shape === 'line';
  const at = points.map(({ x, y }) => onScreen(isOfSamples ? { x: x + 0.5, y: y + 0.5 } : { x, y }));
  const path = pathOf(shape, at);
  const label = [number, text].filter((part) => part !== undefined).join(' ');
  const anchor =
    shape === 'arrow'
      ? at[0]
      : at.reduce((best, one) => (one.y < best.y ? one : best), at[0] ?? { x: 0, y: 0 });
  return (
    <g className={className}>
      <path className="under" d={path} />
      <path className="over-line" d={path} />
      {label !== '' && anchor !== undefined && (
        <text x={anchor.x + 7} y={anchor.y - 6}>
          {label}
        </text>
      )}
    </g>
  );
}

const POINT_REACH = 8;
const HEAD = 11;

function pathOf(shape: DrawingTool, at: readonly Point[]): string {
  const [a, b] = at;
  if (a === undefined) return '';
  switch (shape) {
    case 'point':
      return `M${a.x - POINT_REACH} ${a.y}h${2 * POINT_REACH}M${a.x} ${a.y - POINT_REACH}v${2 * POINT_REACH}`;
    case 'text':
      return `M${a.x} ${a.y}m-2 0a2 2 0 1 0 4 0a2 2 0 1 0 -4 0`;
    case 'box':
    case 'area':
      return b === undefined ? '' : `M${a.x} ${a.y}H${b.x}V${b.y}H${a.x}Z`;
    case 'line':
      return b === undefined ? '' : `M${a.x} ${a.y}L${b.x} ${b.y}`;
    case 'arrow':
      return b === undefined ? '' : `M${a.x} ${a.y}L${b.x} ${b.y}${headOf(a, b)}`;
    case 'polygon':
      return `M${at.map(({ x, y }) => `${x} ${y}`).join('L')}Z`;
  }
}

function headOf(a: Point, b: Point): string {
  const angle = Math.atan2(a.y - b.y, a.x - b.x);
  const end = (turn: number) =>
    `M${b.x} ${b.y}L${b.x + HEAD * Math.cos(angle + turn)} ${b.y + HEAD * Math.sin(angle + turn)}`;
  return end(0.45) + end(-0.45);
}
