import { type MouseEvent, type PointerEvent, useRef, type WheelEvent } from 'react';
import { fitPicture, type Point, panBy, type Scene, screenToSample, zoomAt } from '../../viewer/geometry.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { beginTwoFingers, moveTwoFingers, type Pair, type Pinch, type TwoFingers } from './gestures.ts';

/** Mouse, pen and fingers on a picture: they move it, zoom it, change the window, and point at a sample. */

const WHEEL_STEP = 1.0015;
/** A drag over the whole height of the picture moves the window by this share of the full scale. */
const LEVEL_SPEED = 1;

/** The settings of a picture, and what the pointer changes. */
export interface PointerOwner {
  readonly settings: ViewSettings;
  readonly onChange: (change: (before: ViewSettings) => ViewSettings) => void;
  readonly onWindow: (by: number, wider: number) => void;
  readonly onPoint: (at: Point | undefined) => void;
}

interface Held {
  drag: { readonly kind: 'move' | 'window'; last: Point } | undefined;
  pair: TwoFingers | undefined;
  readonly fingers: Map<number, Point>;
}

/** The event handlers of the element that holds the canvas. */
export function usePointer(owner: PointerOwner, scene: Scene | undefined) {
  const held = useRef<Held>({ drag: undefined, pair: undefined, fingers: new Map() }).current;
  const onPointerUp = ({ pointerId }: PointerEvent) => {
    held.fingers.delete(pointerId);
    if (held.fingers.size < 2) held.pair = undefined;
    held.drag = undefined;
  };
  return {
    onPointerDown: (event: PointerEvent) => press(held, event),
    onPointerMove: (event: PointerEvent) => {
      const at = pointOf(event);
      if (held.fingers.has(event.pointerId)) held.fingers.set(event.pointerId, at);
      if (scene !== undefined) move(owner, scene, held, at);
    },
    onPointerUp,
    onPointerCancel: onPointerUp,
    onPointerLeave: () => owner.onPoint(undefined),
    onWheel: (event: WheelEvent) => {
      if (scene === undefined) return;
      const at = pointOf(event);
      const factor = WHEEL_STEP ** -event.deltaY;
      owner.onChange((before) => zoomAt(scene, before, at, factor));
    },
    onContextMenu: (event: MouseEvent) => event.preventDefault(),
    onDoubleClick: () => scene !== undefined && owner.onChange((before) => fitPicture(scene, before)),
  };
}

/** In canvas pixels. */
function pointOf(event: PointerEvent | WheelEvent): Point {
  const box = event.currentTarget.getBoundingClientRect();
  const scale = window.devicePixelRatio || 1;
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
}

function press(held: Held, event: PointerEvent): void {
  event.currentTarget.setPointerCapture(event.pointerId);
  const at = pointOf(event);
  if (event.pointerType === 'touch') held.fingers.set(event.pointerId, at);
  const two = pairOf(held.fingers);
  if (two === undefined) {
    held.drag = { kind: event.shiftKey || event.button === 2 ? 'window' : 'move', last: at };
    return;
  }
  held.pair = beginTwoFingers(two);
  held.drag = undefined;
}

/** The first two fingers on the picture. */
function pairOf(fingers: ReadonlyMap<number, Point>): Pair | undefined {
  const [a, b] = [...fingers.values()];
  return a === undefined || b === undefined ? undefined : [a, b];
}

function move(owner: PointerOwner, scene: Scene, held: Held, at: Point): void {
  const two = pairOf(held.fingers);
  if (two !== undefined && held.pair !== undefined) {
    const [next, pinch] = moveTwoFingers(held.pair, two);
    held.pair = next;
    if (pinch?.kind === 'zoom') owner.onChange((before) => applyPinch(scene, before, pinch));
    else if (pinch !== undefined) changeWindow(owner, scene, pinch.by);
    return;
  }
  owner.onPoint(sampleAt(scene, owner.settings, at));
  const { drag } = held;
  if (drag === undefined) return;
  const by = { x: at.x - drag.last.x, y: at.y - drag.last.y };
  drag.last = at;
  if (drag.kind === 'move') owner.onChange((before) => panBy(scene, before, { x: -by.x, y: -by.y }));
  else changeWindow(owner, scene, by);
}

function changeWindow({ onWindow }: PointerOwner, scene: Scene, by: Point): void {
  onWindow((-by.y / scene.height) * LEVEL_SPEED, 2 ** ((4 * by.x) / scene.width));
}

function applyPinch(
  scene: Scene,
  before: ViewSettings,
  { at, factor, by }: Extract<Pinch, { readonly kind: 'zoom' }>,
): ViewSettings {
  return zoomAt(scene, panBy(scene, before, { x: -by.x, y: -by.y }), at, factor);
}

/** The stored sample at a point of the canvas; undefined beside the picture. */
function sampleAt(scene: Scene, settings: ViewSettings, at: Point): Point | undefined {
  const { x, y } = screenToSample(scene, settings, at);
  const isOn = x >= 0 && y >= 0 && x < scene.sides.columns && y < scene.sides.rows;
  return isOn ? { x: Math.floor(x), y: Math.floor(y) } : undefined;
}
