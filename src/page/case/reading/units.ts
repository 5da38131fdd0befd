import { turnedSides } from '../../../core/scan/turn.ts';
import type { ScanRecord } from '../../api/client.ts';
import { centreOn, clampZoom, pixelsOfSample, type Scene, screenToSample } from '../../viewer/geometry.ts';
import { type Orientation, turnOnScreen } from '../../viewer/orientation.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { wagonsOf } from '../train/overview.ts';

/** Wagons of a train, or containers of a truck: the objects of inspection by their columns. */

export const quarterOn = (rotate: Orientation['rotate']): Orientation['rotate'] =>
  (({ 0: 90, 90: 180, 180: 270, 270: 0 }) as const)[rotate];

/**
 * The look at the next or the last object of inspection, as high as the canvas. Undefined where there is none, or the
 * record names no columns.
 */
export function unitBeside(
  scene: Scene,
  settings: ViewSettings,
  units: ScanRecord['units'],
  step: 1 | -1,
): ViewSettings | undefined {
  const middles = wagonsOf(units)
    .map(({ from, to }) => (from + to) / 2)
    .toSorted((a, b) => a - b);
  const { x: here } = screenToSample(scene, settings, { x: scene.width / 2, y: scene.height / 2 });
  const next =
    step === 1
      ? middles.find((middle) => middle > here + 1)
      : middles.findLast((middle) => middle < here - 1);
  return next === undefined ? undefined : lookAtColumn(scene, settings, next);
}

/** Zoomed in until the picture is as high as the canvas, or as wide where it was turned. */
export function lookAtColumn(scene: Scene, settings: ViewSettings, column: number): ViewSettings {
  const turned = turnedSides(scene.sides, turnOnScreen(scene.display, settings));
  const one = pixelsOfSample(scene, { ...settings, zoom: 1 });
  const lying = scene.sides.columns === turned.columns;
  const across = lying ? scene.height / (turned.rows * one.y) : scene.width / (turned.columns * one.x);
  const zoom = clampZoom(Math.max(settings.zoom, across));
  return centreOn(scene, { ...settings, zoom }, { x: column, y: scene.sides.rows / 2 });
}
