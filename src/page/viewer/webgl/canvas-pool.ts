import { Viewer, type ViewerEvents } from './viewer.ts';

/** A canvas and what draws on it. */
export interface PooledCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly viewer: Viewer;
}

/** The one of the picture before: making a context and its shaders takes longer than the first picture may. */
let spare: PooledCanvas | undefined;

/** An empty canvas that can be drawn on at once, if there is one; it can have the focus, and is not seen until `reveal`. */
export function takeCanvas(events: ViewerEvents): PooledCanvas {
  const kept = spare;
  spare = undefined;
  if (kept?.viewer.isAvailable) {
    kept.viewer.setEvents(events);
    return kept;
  }
  const canvas = document.createElement('canvas');
  canvas.style.opacity = '0';
  return { canvas, viewer: new Viewer(canvas, events) };
}

/** Shows the canvas, once what is on it belongs to the picture of now. */
export function reveal({ canvas }: PooledCanvas): void {
  canvas.style.opacity = '1';
}

/** Gives it back: empty and unseen, so that no case is ever seen with the picture of another. */
export function returnCanvas(easel: PooledCanvas): void {
  easel.canvas.remove();
  easel.canvas.style.opacity = '0';
  if (spare === undefined && easel.viewer.isAvailable) {
    easel.viewer.rest();
    spare = easel;
  } else easel.viewer.close();
}
