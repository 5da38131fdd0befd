import type { AnnotationShape } from '../../../core/case/annotation.ts';
import {
  type Point,
  pixelsOfSample,
  type Scene,
  sampleToScreen,
  screenToSample,
} from '../../viewer/geometry.ts';
import type { Look } from '../../viewer/settings.ts';
import { keysOf } from '../kinds.ts';

/** What is drawn with, and the points of what is being drawn. */

export type Shape = AnnotationShape;
const shapes = keysOf<Shape>({ point: true, box: true, polygon: true, arrow: true, text: true });
/** A line and an area are measured, and not kept. */
const measures = ['line', 'area'] as const;
export const drawingTools = [...shapes, ...measures] as const;
export type DrawingTool = (typeof drawingTools)[number];

export function isMeasure(tool: DrawingTool): tool is (typeof measures)[number] {
  return measures.some((one) => one === tool);
}

/** As the service has it. */
const MOST_CORNERS = 64;

/** How many points end the drawing; a polygon ends when it is closed. */
const pointsOf: Readonly<Record<DrawingTool, number>> = {
  point: 1,
  text: 1,
  box: 2,
  arrow: 2,
  line: 2,
  area: 2,
  polygon: MOST_CORNERS,
};

/** These name samples; corners of the others lie between samples. */
const ofSamples: ReadonlySet<DrawingTool> = new Set(['point', 'text', 'arrow', 'line']);

/** The nearest place of the picture that the tool can name. */
export function snapPoint(tool: DrawingTool, { sides }: Pick<Scene, 'sides'>, { x, y }: Point): Point {
  const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);
  if (ofSamples.has(tool))
    return { x: within(Math.floor(x), sides.columns - 1), y: within(Math.floor(y), sides.rows - 1) };
  return { x: within(Math.round(x), sides.columns), y: within(Math.round(y), sides.rows) };
}

const isSame = (a: Point | undefined, b: Point | undefined) =>
  a !== undefined && b !== undefined && a.x === b.x && a.y === b.y;

/** Twice the area by the corners, which is 0 for a line. */
function areaOf(points: readonly Point[]): number {
  return points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length] ?? { x, y };
    return sum + x * next.y - next.x * y;
  }, 0);
}

function canEnd(tool: DrawingTool, points: readonly Point[]): boolean {
  const [one, other] = points;
  switch (tool) {
    case 'point':
    case 'text':
      return points.length === 1;
    case 'arrow':
    case 'line':
      return points.length === 2 && !isSame(one, other);
    case 'box':
    case 'area':
      return points.length === 2 && one?.x !== other?.x && one?.y !== other?.y;
    case 'polygon':
      return points.length >= 3 && areaOf(points) !== 0;
  }
}

export type Step = { readonly points: readonly Point[]; readonly isWhole: boolean };

/**
 * The drawing with one more point. A polygon is closed by its first corner, or by its last one again.
 * @param isClosing - the point lies at the first corner, as near as the eye tells
 */
export function addPoint(
  tool: DrawingTool,
  before: readonly Point[],
  point: Point,
  isClosing = isSame(before[0], point),
): Step {
  if (tool === 'polygon' && before.length >= 3 && (isClosing || isSame(before.at(-1), point)))
    return { points: before, isWhole: canEnd(tool, before) };
  if (isSame(before.at(-1), point)) return { points: before, isWhole: false };
  const points = [...before, point];
  const isWhole = points.length >= pointsOf[tool] && canEnd(tool, points);
  // of two corners on one line the second is no corner yet
  return { points: isWhole || points.length < pointsOf[tool] ? points : before, isWhole };
}

/** The crosshair after an arrow key: by screen pixels, so that it goes where the arrow points, whatever way the picture lies. */
export function moveCrosshair(
  tool: DrawingTool,
  scene: Scene,
  look: Look,
  from: Point,
  [across, down]: readonly [number, number],
  isFine: boolean,
): Point {
  const one = pixelsOfSample(scene, look);
  const stepOf = (pixels: number) => (isFine ? pixels : Math.max(pixels, CROSSHAIR_STEP));
  const middle = ofSamples.has(tool) ? 0.5 : 0;
  const at = sampleToScreen(scene, look, { x: from.x + middle, y: from.y + middle });
  return snapPoint(
    tool,
    scene,
    screenToSample(scene, look, { x: at.x + across * stepOf(one.x), y: at.y + down * stepOf(one.y) }),
  );
}

/** Pixels of the canvas. */
const CROSSHAIR_STEP = 16;
