import { type PointerEvent, useLayoutEffect, useRef, useState } from 'react';
import { type Point, panBy, type Scene, sampleToScreen, screenToSample } from '../../viewer/geometry.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { addPoint, type DrawingTool, moveCrosshair, snapPoint } from './drawing.ts';

/** Drawing with a tool, by pointer or by keys that move a crosshair. */

export interface DrawingOptions {
  readonly scene: Scene;
  readonly settings: ViewSettings;
  readonly tool: DrawingTool | undefined;
  readonly onDrawn: (tool: DrawingTool, points: readonly Point[]) => void;
  readonly onCancel: () => void;
  readonly onPoint: (at: Point | undefined) => void;
  readonly onChange: (change: (before: ViewSettings) => ViewSettings) => void;
}

/** Pixels of the canvas within which two points are the same. */
const NEAR = 8;
const isOfOnePoint = (tool: DrawingTool) => tool === 'point' || tool === 'text';
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function useDrawing(options: DrawingOptions) {
  const { scene, settings, tool } = options;
  const svg = useRef<SVGSVGElement>(null);
  const [points, setPoints] = useState<readonly Point[]>([]);
  /** Where the pointer or the crosshair is; undefined before it was anywhere. */
  const [placed, setCursor] = useState<Point>();
  /** Drawn by keys: the crosshair is there. */
  const [hasCrosshair, showCrosshair] = useState(tool !== undefined);
  useLayoutEffect(() => {
    if (tool !== undefined) svg.current?.focus({ preventScroll: true });
  }, [tool]);
  const cursor = tool === undefined ? undefined : (placed ?? middleOf(options, tool));
  const isNear = (a: Point, b: Point) => {
    const [one, other] = [sampleToScreen(scene, settings, a), sampleToScreen(scene, settings, b)];
    return Math.hypot(one.x - other.x, one.y - other.y) <= NEAR;
  };
  const put = (at: Point) => {
    if (tool === undefined) return;
    const [first] = points;
    const step = addPoint(tool, points, at, first !== undefined && isNear(first, at));
    setPoints(step.isWhole ? [] : step.points);
    if (step.isWhole) options.onDrawn(tool, step.points);
  };
  const pen: Pen = { points, setPoints, setCursor, showCrosshair, isNear, put };
  useDrawingKeys(
    tool,
    (event) => tool !== undefined && cursor !== undefined && act(options, tool, pen, cursor, event),
  );
  return { svg, points, cursor, hasCrosshair, handlers: usePointerHandlers(options, pen) };
}

interface Pen {
  readonly points: readonly Point[];
  readonly setPoints: (points: readonly Point[]) => void;
  readonly setCursor: (at: Point) => void;
  readonly showCrosshair: (isShown: boolean) => void;
  readonly isNear: (a: Point, b: Point) => boolean;
  readonly put: (at: Point) => void;
}

function middleOf({ scene, settings }: DrawingOptions, tool: DrawingTool): Point {
  const middle = { x: scene.width / 2, y: scene.height / 2 };
  return snapPoint(tool, scene, screenToSample(scene, settings, middle));
}

/** Handles a key. @returns whether it belongs to the drawing */
function act(
  options: DrawingOptions,
  tool: DrawingTool,
  { points, setPoints, setCursor, showCrosshair, put }: Pen,
  cursor: Point,
  { key, shiftKey }: KeyboardEvent,
): boolean {
  const arrow = arrows[key];
  if (arrow !== undefined) {
    const next = moveCrosshair(tool, options.scene, options.settings, cursor, arrow, shiftKey);
    showCrosshair(true);
    setCursor(next);
    options.onPoint(next);
    keepInView(options, next, arrow);
  } else if (key === 'Enter') put(cursor);
  else if (key === 'Backspace' && points.length > 0) setPoints(points.slice(0, -1));
  else if (key === 'Escape' && points.length > 0) setPoints([]);
  else if (key === 'Escape') options.onCancel();
  else return false;
  return true;
}

/** Moves the picture after a crosshair that left the canvas. */
function keepInView(
  { scene, settings, onChange }: DrawingOptions,
  at: Point,
  [across, down]: readonly [number, number],
): void {
  const { x, y } = sampleToScreen(scene, settings, at);
  if (x >= 0 && y >= 0 && x <= scene.width && y <= scene.height) return;
  onChange((before) => panBy(scene, before, { x: (across * scene.width) / 3, y: (down * scene.height) / 3 }));
}

/** @param handle - says whether a key belongs to the drawing */
function useDrawingKeys(tool: DrawingTool | undefined, handle: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(handle);
  latest.current = handle;
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
}

function usePointerHandlers({ scene, settings, tool, onPoint }: DrawingOptions, pen: Pen) {
  const pressed = useRef<Point>(undefined);
  const sampleAt = (event: PointerEvent<SVGSVGElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = {
      x: ((event.clientX - box.left) * scene.width) / box.width,
      y: ((event.clientY - box.top) * scene.height) / box.height,
    };
    return snapPoint(tool ?? 'point', scene, screenToSample(scene, settings, at));
  };
  return {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      if (tool === undefined || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const at = sampleAt(event);
      pressed.current = at;
      pen.showCrosshair(false);
      pen.setCursor(at);
      // a field for text must not open before the button is released: it would lose the focus to the picture
      if (!isOfOnePoint(tool)) pen.put(at);
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      const at = sampleAt(event);
      pen.setCursor(at);
      onPoint(at);
    },
    onPointerUp: (event: PointerEvent<SVGSVGElement>) => {
      const from = pressed.current;
      pressed.current = undefined;
      if (tool === undefined || tool === 'polygon' || from === undefined) return;
      const at = sampleAt(event);
      // a drag; a click is the first of two
      const isEndOfDrag = pen.points.length > 0 && !pen.isNear(from, at);
      if (isOfOnePoint(tool) || isEndOfDrag) pen.put(at);
    },
  };
}
