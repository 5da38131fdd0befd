import type { InspectionUnit } from '../../../core/scan/scan.ts';
import { turnedSides } from '../../../core/scan/turn.ts';
import { turnedCell } from '../../viewer/cell.ts';
import {
  type Canvas,
  centreOn,
  fitPicture,
  type Point,
  regionInView,
  type Scene,
  sampleToScreen,
  screenToSample,
} from '../../viewer/geometry.ts';
import { type Picture, sceneOf } from '../../viewer/picture.ts';
import type { ViewSettings } from '../../viewer/settings.ts';

/** The whole of a train, small, on a strip that it fills: what lies where, and where the part in view lies. */

/** A picture this many times as long as high is a narrow band when it is fitted. */
const LONG = 5;

export function isLong({
  rows,
  columns,
  cell,
  display,
}: Pick<Picture, 'rows' | 'columns' | 'cell' | 'display'>): boolean {
  const sides = turnedSides({ rows, columns }, display);
  const { width, height } = turnedCell(cell, display);
  return sides.columns * width >= LONG * sides.rows * height;
}

/** The picture as the reader turned it, but always lying. */
function layFlat<S extends Pick<ViewSettings, 'rotate'>>(settings: S): S {
  const rotate = settings.rotate === 90 || settings.rotate === 180 ? 180 : 0;
  return { ...settings, rotate };
}

/** The same picture with samples of such sides that all of it fills the strip. */
export function stretchToStrip<P extends Pick<Picture, 'rows' | 'columns' | 'cell' | 'display'>>(
  picture: P,
  strip: Canvas,
): P {
  const sides = turnedSides(picture, picture.display);
  const [width, height] = [strip.width / sides.columns, strip.height / sides.rows];
  const shorter = Math.min(width, height);
  const cell = turnedCell({ width: width / shorter, height: height / shorter }, picture.display);
  return { ...picture, cell };
}

/** A strip with a look at all of the picture. */
export interface Overview {
  readonly scene: Scene;
  readonly look: ViewSettings;
}

export function overviewOf(
  picture: Pick<Picture, 'rows' | 'columns' | 'cell' | 'display'>,
  settings: ViewSettings,
  strip: Canvas,
): Overview {
  const scene = sceneOf(stretchToStrip(picture, strip), strip);
  return { scene, look: fitPicture(scene, layFlat(settings)) };
}

/** Left and right of a stretch of the strip, in its pixels. */
export interface Stretch {
  readonly left: number;
  readonly right: number;
}

/** Where the part lies that the canvas of the picture shows. */
export function inView({ scene, look }: Overview, main: Scene, settings: ViewSettings): Stretch {
  const { row, column, rows, columns } = regionInView(main, settings);
  return stretchBetween(
    sampleToScreen(scene, look, { x: column, y: row }),
    sampleToScreen(scene, look, { x: column + columns, y: row + rows }),
  );
}

function stretchBetween(a: Point, b: Point): Stretch {
  return { left: Math.min(a.x, b.x), right: Math.max(a.x, b.x) };
}

/** As much of an object of inspection as says where it lies. */
interface Placed {
  readonly id: InspectionUnit['id'];
  readonly extent?: InspectionUnit['extent'];
  readonly containers: readonly { readonly value: string }[];
}

/** An object of inspection whose place in the train is known, with its number from the first column. */
export interface Wagon {
  readonly number: number;
  readonly id: string;
  /** What is written on it, if it was read. */
  readonly mark: string | undefined;
  /** Columns. */
  readonly from: number;
  readonly to: number;
}

export function wagonsOf(units: readonly Placed[]): readonly Wagon[] {
  return units
    .flatMap(({ id, extent, containers }) =>
      extent?.axis !== 'columns'
        ? []
        : [{ id, mark: containers[0]?.value, from: extent.from, to: extent.to }],
    )
    .toSorted((a, b) => a.from - b.from)
    .map((wagon, i) => ({ number: i + 1, ...wagon }));
}

/** Where a wagon lies on the strip. */
export function placeOf({ scene, look }: Overview, { from, to }: Pick<Wagon, 'from' | 'to'>): Stretch {
  const { rows } = scene.sides;
  return stretchBetween(
    sampleToScreen(scene, look, { x: from, y: 0 }),
    sampleToScreen(scene, look, { x: to, y: rows }),
  );
}

/** Where a box of stored samples lies on the strip. */
export function boxOnStrip({ scene, look }: Overview, { x, y, width, height }: Point & Canvas): Stretch {
  return stretchBetween(
    sampleToScreen(scene, look, { x, y }),
    sampleToScreen(scene, look, { x: x + width, y: y + height }),
  );
}

/** The wagon in the middle of the canvas; undefined between two. */
export function wagonAt(wagons: readonly Wagon[], main: Scene, settings: ViewSettings): Wagon | undefined {
  const { x } = screenToSample(main, settings, { x: main.width / 2, y: main.height / 2 });
  return wagons.find(({ from, to }) => x >= from && x < to);
}

/** The part in view as the strip has it, also beyond the ends of the train. */
function unclippedView({ scene, look }: Overview, main: Scene, settings: ViewSettings): Stretch {
  const onStrip = (x: number, y: number) =>
    sampleToScreen(scene, look, screenToSample(main, settings, { x, y }));
  return stretchBetween(onStrip(0, 0), onStrip(main.width, main.height));
}

/** Where the middle of the part in view may lie so that no room is left beyond an end of the train. */
function endsFor({ scene: { width } }: Overview, { left, right }: Stretch): Stretch {
  const half = Math.min(width, right - left) / 2;
  return { left: half, right: width - half };
}

/** How far along the train the part in view lies: 0 at its start, 1 at its end. */
export function shareAlong(overview: Overview, main: Scene, settings: ViewSettings): number {
  const part = unclippedView(overview, main, settings);
  const ends = endsFor(overview, part);
  const room = ends.right - ends.left;
  const share = room > 0 ? ((part.left + part.right) / 2 - ends.left) / room : 0;
  return Math.min(1, Math.max(0, share));
}

/** The look after the part in view was moved along the strip: its middle is at `x`, at the same height. */
export function moveTo(overview: Overview, main: Scene, settings: ViewSettings, x: number): ViewSettings {
  const { scene, look } = overview;
  const middle = screenToSample(main, settings, { x: main.width / 2, y: main.height / 2 });
  const { y } = sampleToScreen(scene, look, middle);
  const ends = endsFor(overview, unclippedView(overview, main, settings));
  const within = Math.min(ends.right, Math.max(ends.left, x));
  return centreOn(main, settings, screenToSample(scene, look, { x: within, y }));
}

/** The same after a step by shares of the part in view. */
export function stepBy(
  overview: Overview,
  main: Scene,
  settings: ViewSettings,
  shares: number,
): ViewSettings {
  const { left, right } = unclippedView(overview, main, settings);
  return moveTo(overview, main, settings, (left + right) / 2 + shares * (right - left));
}
