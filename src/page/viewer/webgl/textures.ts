import type { Region, Samples } from '../plane.ts';

/** A texture on the card, with the samples that it holds. */
export interface Held {
  readonly texture: WebGLTexture;
  readonly region: Region;
  readonly bytes: number;
}

interface Owned extends Held {
  /** A plane, or what materials are found by. */
  readonly owner: object;
}

/** Textures by owner and name. Those seen longest ago are dropped when together they take more than the budget. */
export class Textures {
  readonly #gl: WebGL2RenderingContext;
  readonly #budget: number;
  /** In the order in which they were last used. */
  readonly #held = new Map<string, Owned>();
  /** Numbers of owners, as a part of names. */
  readonly #numbers = new WeakMap<object, number>();
  #owners = 0;
  #inUse = new Set<string>();
  #bytes = 0;

  constructor(gl: WebGL2RenderingContext, budgetBytes: number) {
    this.#gl = gl;
    this.#budget = budgetBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The texture of this name, made where there is none; undefined where it cannot be made yet. */
  get(owner: object, name: string, make: () => Held | undefined): Held | undefined {
    const full = `${this.#numberOf(owner)} ${name}`;
    const known = this.#held.get(full);
    const held = known ?? make();
    if (held === undefined) return undefined;
    if (known === undefined) this.#bytes += held.bytes;
    this.#held.delete(full);
    this.#held.set(full, { ...held, owner });
    this.#inUse.add(full);
    return held;
  }

  #numberOf(owner: object): number {
    const number = this.#numbers.get(owner) ?? ++this.#owners;
    this.#numbers.set(owner, number);
    return number;
  }

  /** Ends a picture: what it did not use may go. */
  trim(): void {
    for (const [name, { texture, bytes }] of this.#held) {
      if (this.#bytes <= this.#budget) break;
      if (this.#inUse.has(name)) continue;
      this.#gl.deleteTexture(texture);
      this.#held.delete(name);
      this.#bytes -= bytes;
    }
    this.#inUse = new Set();
  }

  /** Drops what others own. */
  keepOnly(owners: ReadonlySet<object>): void {
    for (const [name, { texture, bytes, owner }] of this.#held) {
      if (owners.has(owner)) continue;
      this.#gl.deleteTexture(texture);
      this.#held.delete(name);
      this.#bytes -= bytes;
    }
  }
}

/** Samples as they are, without filter: integers have none. */
export function uploadSamples(gl: WebGL2RenderingContext, samples: Samples, region: Region): Held {
  const { rows, columns } = region;
  const texture = unfiltered(gl);
  const [format, type] =
    samples.BYTES_PER_ELEMENT === 1 ? [gl.R8UI, gl.UNSIGNED_BYTE] : [gl.R16UI, gl.UNSIGNED_SHORT];
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, format, columns, rows, 0, gl.RED_INTEGER, type, samples);
  return { texture, region, bytes: samples.byteLength };
}

/** Two numbers of 16 bits for each sample, to be drawn into. */
export function emptyPairs(gl: WebGL2RenderingContext, region: Region): Held {
  const { rows, columns } = region;
  const texture = unfiltered(gl);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG16UI, columns, rows, 0, gl.RG_INTEGER, gl.UNSIGNED_SHORT, null);
  return { texture, region, bytes: rows * columns * 4 };
}

/** One row of pairs of 16 bits. */
export function uploadPairs(gl: WebGL2RenderingContext, pairs: Uint16Array): WebGLTexture {
  const texture = unfiltered(gl);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG16UI, pairs.length / 2, 1, 0, gl.RG_INTEGER, gl.UNSIGNED_SHORT, pairs);
  return texture;
}

/** One row of colours. */
export function uploadColours(gl: WebGL2RenderingContext, colours: Uint8Array): WebGLTexture {
  const texture = unfiltered(gl);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, colours.length / 3, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, colours);
  return texture;
}

/** A texture without samples yet, bound. */
export function unfiltered(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  for (const which of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
    gl.texParameteri(gl.TEXTURE_2D, which, gl.NEAREST);
  }
  for (const which of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
    gl.texParameteri(gl.TEXTURE_2D, which, gl.CLAMP_TO_EDGE);
  }
  return texture;
}
