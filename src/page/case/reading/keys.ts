import { useKeys } from '../../shell/keys.ts';
import { type DrawingTool, drawingTools } from '../annotations/drawing.ts';
import { keyOf } from '../annotations/tools.tsx';
import type { LookChanges } from './changes.ts';
import type { Tool } from './reading-log.ts';

/** What is switched on or off beside the picture, or over it. */
export type Switch = Extract<Tool, 'as-measured' | 'compare' | 'loupe'> | 'histogram';

/** What a key switches on or off, besides the look. */
interface Switches {
  readonly draw: (tool: DrawingTool) => void;
  readonly findings: () => void;
  readonly toggle: (one: Switch) => void;
}

/** A step of a key: of the window as a share of the full scale, of its width and of the zoom as a factor. */
const STEP = { level: 0.03, width: 1.15, zoom: 1.25 };

/** The keys of one picture. */
export function useReadingKeys(look: LookChanges, switches: Switches): void {
  useKeys([
    ['w', () => look.window(STEP.level, 1)],
    ['s', () => look.window(-STEP.level, 1)],
    ['d', () => look.window(0, STEP.width)],
    ['a', () => look.window(0, 1 / STEP.width)],
    ['+', () => look.zoom(STEP.zoom)],
    ['=', () => look.zoom(STEP.zoom)],
    ['-', () => look.zoom(1 / STEP.zoom)],
    ['0', look.fit],
    ['9', look.oneToOne],
    ['ArrowLeft', () => look.move(-1, 0)],
    ['ArrowRight', () => look.move(1, 0)],
    ['ArrowUp', () => look.move(0, -1)],
    ['ArrowDown', () => look.move(0, 1)],
    ['i', look.invert],
    ['l', look.bend],
    ['c', look.showNext],
    ['p', look.plain],
    ['e', look.rotate],
    ['x', look.mirror],
    [',', () => look.goToUnit(-1)],
    ['.', () => look.goToUnit(1)],
    ...drawingTools.map((one) => [keyOf[one], () => switches.draw(one)] as const),
    [keyOf.histogram, () => switches.toggle('histogram')],
    ['f', switches.findings],
    ['8', () => switches.toggle('as-measured')],
    ['v', () => switches.toggle('compare')],
    ['q', () => switches.toggle('loupe')],
  ]);
}
