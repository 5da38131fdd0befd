import type { Picture } from '../picture.ts';
import type { ViewSettings } from '../settings.ts';
import { ShaderRejected } from './program.ts';
import { type Drawing, Renderer } from './renderer.ts';

/** Why nothing can be drawn: the browser has no WebGL2, it took the context away, or it does not take our shaders. */
export type Unavailable = 'no-webgl2' | 'context-lost' | 'shaders-rejected';

export interface ViewerEvents {
  /** The page shows something else from now on. */
  readonly unavailable: (why: Unavailable, detail?: string) => void;
  /** The viewer can draw again; the page asks it to. */
  readonly restored: () => void;
}

const toldToNobody: ViewerEvents = { unavailable: () => {}, restored: () => {} };
const notDrawn: Drawing = { isComplete: false, tiles: 0, heldBytes: 0 };

/** Draws pictures on one canvas of the page. Its state is what the card holds; what to draw is told each time. */
export class Viewer {
  readonly #canvas: HTMLCanvasElement;
  #events: ViewerEvents;
  readonly #budgetBytes: number | undefined;
  #renderer: Renderer | undefined;
  #picture: Picture | undefined;

  /** @param budgetBytes - of textures; those in view are held even when they take more */
  constructor(canvas: HTMLCanvasElement, events: ViewerEvents, budgetBytes?: number) {
    this.#canvas = canvas;
    this.#events = events;
    this.#budgetBytes = budgetBytes;
    canvas.addEventListener('webglcontextlost', this.#onLost);
    canvas.addEventListener('webglcontextrestored', this.#onRestored);
    this.#build();
  }

  get isAvailable(): boolean {
    return this.#renderer !== undefined;
  }

  /** Whom it tells from now on. */
  setEvents(events: ViewerEvents): void {
    this.#events = events;
  }

  /** Empties the canvas and what the card holds of a picture, and keeps the shaders. */
  rest(): void {
    this.#picture = undefined;
    this.#events = toldToNobody;
    this.#renderer?.keepOnly(undefined);
    this.#renderer?.clear();
  }

  /** The picture that is drawn from now on. The card keeps the planes that it shares with the one before. */
  show(picture: Picture): void {
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.#renderer?.keepOnly(picture);
  }

  /** Draws at once, at the size of the canvas. Incomplete where a plane does not have all of it yet. */
  draw(settings: ViewSettings): Drawing {
    if (this.#renderer === undefined || this.#picture === undefined) return notDrawn;
    try {
      return this.#renderer.draw(this.#picture, settings);
    } catch (error) {
      // of other settings than before, so that a shader was built just now
      if (!(error instanceof ShaderRejected)) throw error;
      this.#renderer = undefined;
      this.#events.unavailable('shaders-rejected', error.message);
      return notDrawn;
    }
  }

  /** What was drawn just before, in the same task: red, green, blue, opacity, the first row first. */
  read(): Uint8Array {
    return this.#renderer?.read() ?? new Uint8Array();
  }

  /** Gives back what the card holds. */
  close(): void {
    this.#canvas.removeEventListener('webglcontextlost', this.#onLost);
    this.#canvas.removeEventListener('webglcontextrestored', this.#onRestored);
    this.#renderer?.keepOnly(undefined);
    this.#renderer = undefined;
  }

  #build(): void {
    // every pixel is opaque or empty, so that nothing is to be multiplied: the browser is spared a pass
    const gl = this.#canvas.getContext('webgl2', { antialias: false, depth: false });
    if (gl === null) {
      this.#events.unavailable('no-webgl2');
      return;
    }
    if (gl.isContextLost()) return;
    try {
      this.#renderer = new Renderer(gl, this.#budgetBytes);
    } catch (error) {
      this.#events.unavailable('shaders-rejected', error instanceof Error ? error.message : String(error));
    }
  }

  readonly #onLost = (event: Event): void => {
    // without this the browser never restores it
    event.preventDefault();
    this.#renderer = undefined;
    this.#events.unavailable('context-lost');
  };

  readonly #onRestored = (): void => {
    this.#build();
    if (this.isAvailable) this.#events.restored();
  };
}
