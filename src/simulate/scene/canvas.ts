import type { Material } from '../physics/materials.ts';
import { type DensityPlane, materialAttenuation } from '../physics/physics.ts';
import { type Part, type Rect, relativeDepth } from './shapes.ts';

export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly pitchMm: number;
}

/** Samples of a pixel's width for bodies with curved or leaning outlines. */
const SUBSAMPLES = 2;

/** Pixel ranges, end exclusive, that a rectangle of the scene touches. Row 0 is the top. */
function pixelRange(grid: Grid, box: Rect) {
  const clamp = (value: number, limit: number) => Math.min(limit, Math.max(0, value));
  return {
    left: clamp(Math.floor(box.x / grid.pitchMm), grid.columns),
    right: clamp(Math.ceil((box.x + box.width) / grid.pitchMm), grid.columns),
    top: clamp(grid.rows - Math.ceil((box.y + box.height) / grid.pitchMm), grid.rows),
    bottom: clamp(grid.rows - Math.floor(box.y / grid.pitchMm), grid.rows),
  };
}

/** Areal densities by material; the bodies of a scene are added to it. */
export class Canvas {
  readonly grid: Grid;
  readonly #planes = new Map<Material, Float32Array>();

  constructor(grid: Grid) {
    this.grid = grid;
  }

  /** What the physics needs: one plane per material that occurs. */
  planes(): readonly DensityPlane[] {
    return [...this.#planes].map(([material, density]) => ({
      attenuation: materialAttenuation(material),
      density,
    }));
  }

  add(parts: readonly Part[]): void {
    for (const part of parts) this.#addPart(part);
  }

  /** Multiplies every material at every pixel by what `factor` says of that pixel. */
  scale(factor: Float32Array): void {
    for (const plane of this.#planes.values()) {
      for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] ?? 0) * (factor[i] ?? 1);
    }
  }

  /** Adds everything on another canvas of the same grid. */
  merge(other: Canvas): void {
    for (const [material, source] of other.#planes) {
      const plane = this.#plane(material);
      for (let i = 0; i < plane.length; i++) plane[i] = (plane[i] ?? 0) + (source[i] ?? 0);
    }
  }

  /** Areal density of everything at one pixel, g/cm2. */
  totalAt(pixel: number): number {
    let total = 0;
    for (const plane of this.#planes.values()) total += plane[pixel] ?? 0;
    return total;
  }

  #addPart(part: Part): void {
    const plane = this.#plane(part.material);
    paint(this.grid, part, (pixel, share) => {
      plane[pixel] = (plane[pixel] ?? 0) + share * part.grams;
    });
  }

  #plane(material: Material): Float32Array {
    const known = this.#planes.get(material);
    if (known) return known;
    const plane = new Float32Array(this.grid.rows * this.grid.columns);
    this.#planes.set(material, plane);
    return plane;
  }
}

/** Calls `put` with each pixel a body touches and the body's mean relative depth there. */
export function paint(grid: Grid, part: Part, put: (pixel: number, share: number) => void): void {
  if (part.form.kind === 'slab' && !part.lean) paintSlab(grid, part.box, put);
  else paintSampled(grid, part, put);
}

/** Exact area coverage, so that thin sheets keep their mass at any pitch. */
function paintSlab(grid: Grid, box: Rect, put: (pixel: number, share: number) => void): void {
  const { left, right, top, bottom } = pixelRange(grid, box);
  const pitch = grid.pitchMm;
  for (let row = top; row < bottom; row++) {
    const y = (grid.rows - 1 - row) * pitch;
    const tall = (Math.min(y + pitch, box.y + box.height) - Math.max(y, box.y)) / pitch;
    for (let column = left; column < right; column++) {
      const x = column * pitch;
      const wide = (Math.min(x + pitch, box.x + box.width) - Math.max(x, box.x)) / pitch;
      if (tall > 0 && wide > 0) put(row * grid.columns + column, tall * wide);
    }
  }
}

function paintSampled(grid: Grid, part: Part, put: (pixel: number, share: number) => void): void {
  const { left, right, top, bottom } = pixelRange(grid, leaningBox(part));
  const middle = part.box.x + part.box.width / 2;
  const dx = Float64Array.from(
    { length: Math.max(0, right - left) * SUBSAMPLES },
    (_, i) =>
      (left + Math.floor(i / SUBSAMPLES) + ((i % SUBSAMPLES) + 0.5) / SUBSAMPLES) * grid.pitchMm - middle,
  );
  const shares = new Float64Array(right - left);
  for (let row = top; row < bottom; row++) {
    shares.fill(0);
    for (let i = 0; i < SUBSAMPLES; i++) {
      const y = (grid.rows - row - (i + 0.5) / SUBSAMPLES) * grid.pitchMm;
      addDepths(part, dx, y - part.box.y, shares);
    }
    for (let column = left; column < right; column++) {
      const share = (shares[column - left] ?? 0) / (SUBSAMPLES * SUBSAMPLES);
      if (share > 0) put(row * grid.columns + column, share);
    }
  }
}

/** Adds the depths of one line of samples. @param dx from the middle of the foot, @param dy above it */
function addDepths({ box, form, lean = 0 }: Part, dx: Float64Array, dy: number, shares: Float64Array): void {
  const length = Math.sqrt(1 + lean * lean);
  const [halfWidth, halfHeight] = [box.width / 2, box.height / 2];
  for (let i = 0; i < dx.length; i++) {
    const x = dx[i] ?? 0;
    const across = (x - lean * dy) / length;
    const up = (dy + lean * x) / length;
    const at = (i / SUBSAMPLES) | 0;
    shares[at] = (shares[at] ?? 0) + relativeDepth(form, across / halfWidth, up / halfHeight - 1);
  }
}

/** A box that surely holds the leaning body. */
function leaningBox({ box, lean = 0 }: Part): Rect {
  if (lean === 0) return box;
  const slope = Math.abs(lean);
  const sideways = slope * box.height;
  const down = (slope * box.width) / 2;
  return {
    x: box.x - sideways,
    y: box.y - down,
    width: box.width + 2 * sideways,
    height: box.height + 2 * down,
  };
}
