import { type Scene, sampleToScreen, screenToSampleAffine } from '../geometry.ts';
import { aroundLevel, type Drawn, footprintOf, levelFor, type Picture } from '../picture.ts';
import { LEVELS_CEILING, type Plane, type Region, shownSamples } from '../plane.ts';
import type { ViewSettings } from '../settings.ts';
import { bind, Materials } from './materials.ts';
import type { GatherKind, Program, Programs } from './program.ts';
import { type Held, Textures, unfiltered, uploadSamples } from './textures.ts';
import {
  clipRectangle,
  coarseRegion,
  coreOf,
  parentOf,
  type Tile,
  textureRegion,
  tilesInView,
} from './tiles.ts';

/** What to draw of which picture, and where. */
export interface Task {
  readonly picture: Picture;
  readonly drawn: Drawn;
  readonly settings: ViewSettings;
  readonly scene: Scene;
}

/** What one tile is drawn from. */
interface TileTextures {
  readonly tile: Tile;
  readonly samples: Held;
  readonly coarse: Held | undefined;
  readonly evidence: Held | undefined;
}

/** For each canvas pixel four numbers of 32 bits, as gather.frag.glsl writes them. */
export interface Gathered {
  readonly texture: WebGLTexture;
  readonly isComplete: boolean;
  readonly tiles: number;
}

const BYTES_A_PIXEL = 16;

/**
 * Collects what lies below each pixel from the tiles in view. It keeps the last one, so that a change of tone or colour
 * costs one look-up a pixel.
 */
export class Gatherer {
  readonly #gl: WebGL2RenderingContext;
  readonly #programs: Programs;
  readonly #materials: Materials;
  readonly #textures: Textures;
  readonly #target: WebGLFramebuffer;
  #texture: WebGLTexture | undefined;
  #size = { width: 0, height: 0 };
  #last: (Gathered & { readonly picture: Picture; readonly key: string }) | undefined;

  constructor(gl: WebGL2RenderingContext, programs: Programs, budgetBytes: number) {
    this.#gl = gl;
    this.#programs = programs;
    this.#materials = new Materials(gl, programs);
    this.#textures = new Textures(gl, budgetBytes);
    this.#target = gl.createFramebuffer();
  }

  get bytes(): number {
    return this.#textures.bytes + this.#size.width * this.#size.height * BYTES_A_PIXEL;
  }

  /** Drops what a picture does not use; all of it without one. */
  keepOnly(picture: Picture | undefined): void {
    this.#textures.keepOnly(
      new Set([...(picture?.planes.values() ?? []), ...(picture?.material ? [picture.material] : [])]),
    );
    this.#last = undefined;
  }

  gather(task: Task): Gathered {
    const key = keyOf(task);
    const last = this.#last;
    if (last?.isComplete && last.picture === task.picture && last.key === key) return last;
    const texture = this.#begin(task.scene);
    const wanted = tilesInView(task.scene, task.settings, levelFor(task.picture.cell, task.settings.zoom));
    let isComplete = true;
    for (const tile of wanted) {
      const found = this.#nearest(task, tile);
      isComplete &&= found !== undefined && found.tile === tile && isWhole(task, found);
      if (found !== undefined) this.#drawTile(task, tile, found);
    }
    this.#textures.trim();
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, null);
    this.#last = { texture, isComplete, tiles: wanted.length, picture: task.picture, key };
    return this.#last;
  }

  /** An empty target of the size of the canvas. */
  #begin({ width, height }: Scene): WebGLTexture {
    const gl = this.#gl;
    const isSame = this.#size.width === width && this.#size.height === height;
    if (!isSame && this.#texture !== undefined) gl.deleteTexture(this.#texture);
    const texture = isSame && this.#texture !== undefined ? this.#texture : unfiltered(gl);
    if (texture !== this.#texture) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32UI, width, height, 0, gl.RGBA_INTEGER, gl.UNSIGNED_INT, null);
      this.#texture = texture;
      this.#size = { width, height };
    }
    this.#bindTarget(texture);
    gl.clearBufferuiv(gl.COLOR, 0, [0, 0, 0, 0]);
    return texture;
  }

  #bindTarget(texture: WebGLTexture): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  }

  /** The tile, or a coarser one that holds its place while its samples are not there. */
  #nearest(task: Task, tile: Tile): TileTextures | undefined {
    for (let next = tile; next.level <= LEVELS_CEILING; next = parentOf(next)) {
      const samples = this.#samples(task.picture, task.drawn.id, next);
      if (samples === undefined) continue;
      return { tile: next, samples, coarse: this.#coarse(task, next), evidence: this.#evidence(task, next) };
    }
    return undefined;
  }

  #samples(picture: Picture, id: string, tile: Tile): Held | undefined {
    const plane = picture.planes.get(id);
    if (plane === undefined) return undefined;
    return this.#textures.get(plane, `samples ${nameOf(tile)}`, () =>
      this.#upload(plane, tile.level, textureRegion(tile, picture)),
    );
  }

  #upload(plane: Plane, level: number, region: Region): Held | undefined {
    const samples = shownSamples(plane, level, region);
    return samples === undefined ? undefined : uploadSamples(this.#gl, samples, region);
  }

  #coarse({ picture, drawn, settings }: Task, tile: Tile): Held | undefined {
    if (settings.enhancement.kind !== 'local-contrast') return undefined;
    const coarse = aroundLevel(tile.level);
    return this.#textures.get(drawn.plane, `coarse ${nameOf(tile)}`, () =>
      this.#upload(drawn.plane, coarse, coarseRegion(tile, picture, coarse)),
    );
  }

  #evidence({ picture, drawn: { material } }: Task, tile: Tile): Held | undefined {
    if (material === undefined) return undefined;
    return this.#textures.get(material, `evidence ${nameOf(tile)}`, () => {
      if (material.kind === 'class-map') {
        const classes = this.#samples(picture, material.classes, tile);
        return classes && this.#materials.ofClasses(classes, material.legend);
      }
      const high = this.#samples(picture, material.dual.high.id, tile);
      const low = this.#samples(picture, material.dual.low.id, tile);
      return high && low && this.#materials.ofTwoEnergies(high, low, material.dual, tile.level);
    });
  }

  /** @param wanted - the place to draw, which `found` holds */
  #drawTile(task: Task, wanted: Tile, found: TileTextures): void {
    const gl = this.#gl;
    const { scene, settings } = task;
    const { samples, coarse, evidence } = found;
    const core = inLevel(coreOf(wanted, scene.sides), wanted.level, found.tile.level);
    const size = 2 ** found.tile.level;
    const corner = (x: number, y: number) => sampleToScreen(scene, settings, { x: x * size, y: y * size });
    const rectangle = clipRectangle(scene, corner(core.left, core.top), corner(core.right, core.bottom));
    // the evidence was drawn into a target of its own
    if (this.#texture !== undefined) this.#bindTarget(this.#texture);
    const program = this.#programs.gather(gatherKindOf(task, found));
    gl.useProgram(program.handle);
    gl.viewport(0, 0, scene.width, scene.height);
    gl.uniform4f(program.at('u_rectangle'), ...rectangle);
    bind(gl, program, 'u_samples', 0, samples.texture);
    if (coarse !== undefined) bind(gl, program, 'u_coarse', 1, coarse.texture);
    if (evidence !== undefined) bind(gl, program, 'u_evidence', 2, evidence.texture);
    setPlace(gl, program, task, found, core);
    setCoarse(gl, program, found);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }
}

/** Of all on which the result depends, besides the picture and what of it is there. */
function keyOf({ drawn, settings, scene }: Task): string {
  const { rotate, mirror, zoom, pan, enhancement } = settings;
  const { width, height } = scene;
  return JSON.stringify([
    drawn.id,
    drawn.material?.kind,
    rotate,
    mirror,
    zoom,
    pan,
    enhancement.kind,
    width,
    height,
  ]);
}

function nameOf({ level, row, column }: Tile): string {
  return `${level} ${row} ${column}`;
}

/** Whether the tile has all that the settings ask for. */
function isWhole({ drawn, settings }: Task, { coarse, evidence }: TileTextures): boolean {
  const lacksCoarse = settings.enhancement.kind === 'local-contrast' && coarse === undefined;
  return !lacksCoarse && (drawn.material === undefined || evidence !== undefined);
}

interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A region of one level in samples of another one. */
function inLevel({ row, column, rows, columns }: Region, level: number, other: number): Edges {
  const factor = 2 ** (level - other);
  return {
    left: column * factor,
    top: row * factor,
    right: (column + columns) * factor,
    bottom: (row + rows) * factor,
  };
}

function setPlace(
  gl: WebGL2RenderingContext,
  { at }: Program,
  { picture, settings, scene }: Task,
  { tile, samples: { region } }: TileTextures,
  { left, top, right, bottom }: Edges,
): void {
  const size = 2 ** tile.level;
  const { column, row } = screenToSampleAffine(scene, settings);
  gl.uniform1f(at('u_canvasHeight'), scene.height);
  gl.uniform3f(at('u_toColumn'), column.at0 / size - region.column, column.across / size, column.down / size);
  gl.uniform3f(at('u_toRow'), row.at0 / size - region.row, row.across / size, row.down / size);
  gl.uniform4f(
    at('u_core'),
    left - region.column,
    top - region.row,
    right - region.column,
    bottom - region.row,
  );
  const end = { column: picture.columns / size, row: picture.rows / size };
  gl.uniform4f(at('u_extent'), -region.column, -region.row, end.column - region.column, end.row - region.row);
  const below = footprintOf(picture.cell, settings.zoom, tile.level);
  gl.uniform2f(at('u_footprint'), below.columns, below.rows);
}

function gatherKindOf(
  { picture, settings: { enhancement, zoom } }: Task,
  { tile, coarse, evidence }: TileTextures,
): GatherKind {
  const isSmooth = enhancement.kind === 'local-contrast' && coarse !== undefined;
  const below = footprintOf(picture.cell, zoom, tile.level);
  return {
    IS_MEAN: below.columns > 0 || below.rows > 0 ? 1 : 0,
    AROUND: enhancement.kind === 'edge' ? 1 : isSmooth ? 2 : 0,
    HAS_EVIDENCE: evidence === undefined ? 0 : 1,
  };
}

function setCoarse(
  gl: WebGL2RenderingContext,
  { at }: Program,
  { tile, samples, coarse }: TileTextures,
): void {
  if (coarse === undefined) return;
  const factor = 2 ** (tile.level - aroundLevel(tile.level));
  const column = samples.region.column * factor - coarse.region.column;
  const row = samples.region.row * factor - coarse.region.row;
  gl.uniform3f(at('u_toCoarse'), column, row, factor);
}
