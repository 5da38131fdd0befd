import { type Point, sampleToScreen } from '../../viewer/geometry.ts';
import { words } from '../../words/words.ts';
import type { DrawingTool } from './drawing.ts';
import type { VisibleAnnotation } from './pending.ts';
import { type DrawingOptions, useDrawing } from './use-drawing.ts';

/** What is drawn over the picture, in lines of one width at any zoom. */

export interface Figure {
  readonly shape: DrawingTool;
  readonly points: readonly Point[];
  readonly text?: string;
}

interface Props extends DrawingOptions {
  readonly annotations: readonly VisibleAnnotation[];
  /** The view that is shown: what was drawn on another is not here, and keeps its number. */
  readonly view: string;
  readonly measured: Figure | undefined;
}

/** Give it a new key with each tool, so that another tool begins anew. */
export function AnnotationLayer({ annotations, view, measured, ...options }: Props) {
  const { scene, settings, tool } = options;
  const { svg, points, cursor, hasCrosshair, handlers } = useDrawing(options);
  const onScreen = (at: Point) => sampleToScreen(scene, settings, at);
  const current = cursor === undefined ? points : [...points, cursor];
  const crosshair = cursor === undefined || !hasCrosshair ? undefined : onScreen(cursor);
  return (
    <svg
      ref={svg}
      className={tool === undefined ? 'marks' : 'marks drawing'}
      viewBox={`0 0 ${scene.width} ${scene.height}`}
      preserveAspectRatio="none"
      role={tool === undefined ? 'presentation' : 'application'}
      aria-label={tool === undefined ? undefined : words('marks.crosshair')}
      tabIndex={tool === undefined ? undefined : -1}
      {...handlers}
    >
      {annotations.map(
        (one, i) =>
          one.view === view && (
            <Drawing
              key={one.id}
              figure={one}
              number={i + 1}
              className={`mark ${one.state}`}
              onScreen={onScreen}
            />
          ),
      )}
      {measured !== undefined && <Drawing figure={measured} className="measured" onScreen={onScreen} />}
      {tool !== undefined && points.length > 0 && (
        <Drawing figure={{ shape: tool, points: current }} className="mark now" onScreen={onScreen} />
      )}
      {crosshair !== undefined && (
        <path className="crosshair" d={`M${crosshair.x} 0V${scene.height}M0 ${crosshair.y}H${scene.width}`} />
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
