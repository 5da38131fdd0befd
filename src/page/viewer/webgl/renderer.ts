import { colourTable } from '../colour-maps.ts';
import { drawnOf, type Picture, sceneOf } from '../picture.ts';
import type { ColourMap, ViewSettings } from '../settings.ts';
import { Gatherer, type Task } from './gatherer.ts';
import { bind } from './materials.ts';
import { buildPrograms, type Program, type Programs, type ToneKind } from './program.ts';
import { uploadColours } from './textures.ts';

/** What became of a picture. */
export interface Drawing {
  /** False where a plane has not all samples yet, or has not those that the settings ask for. */
  readonly isComplete: boolean;
  readonly tiles: number;
  /** Of textures on the card. */
  readonly heldBytes: number;
}

const MIB = 2 ** 20;
const USUAL_BUDGET = 96 * MIB;

/** Draws with one context of WebGL2, for as long as it is not lost. */
export class Renderer {
  readonly #gl: WebGL2RenderingContext;
  readonly #programs: Programs;
  readonly #gatherer: Gatherer;
  readonly #colours = new Map<ColourMap, WebGLTexture>();

  /** @throws Error where a shader is not taken */
  constructor(gl: WebGL2RenderingContext, budgetBytes = USUAL_BUDGET) {
    this.#gl = gl;
    this.#programs = buildPrograms(gl);
    this.#gatherer = new Gatherer(gl, this.#programs, budgetBytes);
    gl.bindVertexArray(gl.createVertexArray());
    gl.disable(gl.DITHER);
  }

  /** Drops what a picture does not use; all of it without one. */
  keepOnly(picture: Picture | undefined): void {
    this.#gatherer.keepOnly(picture);
  }

  /** Nothing is on the canvas. */
  clear(): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  draw(picture: Picture, settings: ViewSettings): Drawing {
    const gl = this.#gl;
    const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
    const drawn = drawnOf(picture, settings);
    if (drawn === undefined) {
      this.clear();
      return { isComplete: false, tiles: 0, heldBytes: this.#gatherer.bytes };
    }
    const task = {
      picture,
      drawn,
      settings,
      scene: sceneOf(picture, { width, height }),
    };
    const { texture, isComplete, tiles } = this.#gatherer.gather(task);
    this.#tone(task, texture);
    return { isComplete, tiles, heldBytes: this.#gatherer.bytes };
  }

  /** The rows of the canvas from the first to the last; WebGL gives them from the last. */
  read(): Uint8Array {
    const gl = this.#gl;
    const { drawingBufferWidth: width, drawingBufferHeight: height } = gl;
    const upsideDown = new Uint8Array(width * height * 4);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, upsideDown);
    const out = new Uint8Array(upsideDown.length);
    for (let y = 0; y < height; y++) {
      out.set(upsideDown.subarray(y * width * 4, (y + 1) * width * 4), (height - 1 - y) * width * 4);
    }
    return out;
  }

  #tone({ drawn, settings, scene }: Task, gathered: WebGLTexture): void {
    const gl = this.#gl;
    const kind = toneKindOf(settings);
    const program = this.#programs.tone(kind);
    // made first: making one binds it wherever the last sampler was set
    const colours = kind.COLOUR === FROM_MAP ? this.#colourTexture(settings.colourMap) : undefined;
    gl.useProgram(program.handle);
    gl.viewport(0, 0, scene.width, scene.height);
    gl.uniform4f(program.at('u_rectangle'), -1, -1, 1, 1);
    bind(gl, program, 'u_gathered', 0, gathered);
    if (colours !== undefined) bind(gl, program, 'u_colours', 1, colours);
    setTone(gl, program, settings, drawn.plane.fullScale);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #colourTexture(map: ColourMap): WebGLTexture {
    const known = this.#colours.get(map);
    if (known !== undefined) return known;
    const made = uploadColours(this.#gl, colourTable(map));
    this.#colours.set(map, made);
    return made;
  }
}

const curves = { linear: 0, 'square-root': 1, logarithmic: 2, gamma: 3 } as const;
const SWEEP = 4;
const GREY = 0;
const FROM_MAP = 1;
const materials = { all: 2, organic: 3, metal: 4 } as const;

function toneKindOf({ curve, enhancement, shown, colourMap }: ViewSettings): ToneKind {
  const ofChannel = colourMap === 'grey' ? GREY : FROM_MAP;
  return {
    CURVE: enhancement.kind === 'sweep' ? SWEEP : curves[curve.kind],
    HAS_AROUND: 'amount' in enhancement ? 1 : 0,
    COLOUR: shown.kind === 'material' ? materials[shown.only] : ofChannel,
  };
}

function setTone(
  gl: WebGL2RenderingContext,
  { at }: Program,
  { window, curve, enhancement, invert }: ViewSettings,
  fullScale: number,
): void {
  gl.uniform2f(at('u_window'), window.low, window.high);
  gl.uniform1f(at('u_gamma'), curve.kind === 'gamma' ? curve.gamma : 1);
  if (enhancement.kind === 'sweep') gl.uniform2f(at('u_sweep'), enhancement.position, enhancement.width);
  gl.uniform1f(at('u_amount'), 'amount' in enhancement ? enhancement.amount : 0);
  gl.uniform1f(at('u_fullScale'), fullScale);
  gl.uniform1i(at('u_invert'), invert ? 1 : 0);
}
