import type { Material } from '../physics/materials.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Scene coordinates: millimetres, x along the vehicle from its left end, y upwards from the ground. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * How deep a body is, seen from the side, relative to its greatest depth:
 * `slab` equally deep, `drum` an upright cylinder, `log` a cylinder along the vehicle, `disc` a cylinder along the
 * beam, `pillow` an ellipsoid, `ring` a disc with a hole of `hole` of its radius, `ramp` rising to the right.
 */
export type Form =
  | { readonly kind: 'slab' | 'drum' | 'log' | 'disc' | 'pillow' | 'ramp' }
  | { readonly kind: 'ring'; readonly hole: number }
  | { readonly kind: 'polygon'; readonly points: readonly Point[] };

/** One body: its outline, its material and its areal density (g/cm2) where it is deepest. */
export interface Part {
  readonly material: Material;
  readonly form: Form;
  readonly box: Rect;
  readonly grams: number;
  /** Leans to the right by the angle whose tangent this is, about the middle of its foot. */
  readonly lean?: number;
  /** Where across the vehicle: -1 at the far side, 0 in the middle (default), 1 at the side of the source. */
  readonly across?: number;
  /** Which unit load it belongs to; parts of one unit are taken away together. */
  readonly unit?: number;
}

export const slab = { kind: 'slab' } as const;
export const drum = { kind: 'drum' } as const;
export const log = { kind: 'log' } as const;
export const disc = { kind: 'disc' } as const;
export const pillow = { kind: 'pillow' } as const;

export function rect(x: number, y: number, width: number, height: number): Rect {
  return { x, y, width, height };
}

/** Relative depth (0 outside, up to 1) at u, v in -1..1 across the box. */
export function relativeDepth(form: Form, u: number, v: number): number {
  if (u < -1 || u > 1 || v < -1 || v > 1) return 0;
  switch (form.kind) {
    case 'slab':
      return 1;
    case 'drum':
      return Math.sqrt(1 - u * u);
    case 'log':
      return Math.sqrt(1 - v * v);
    case 'disc':
      return u * u + v * v <= 1 ? 1 : 0;
    case 'pillow':
      return pillowDepth(u, v);
    case 'ramp':
      return v <= u ? 1 : 0;
    case 'ring':
      return ringDepth(form.hole, u * u + v * v);
    case 'polygon':
      return insidePolygon(form.points, u, v) ? 1 : 0;
  }
}

/** Flatter than an ellipsoid, with rounded corners, as a filled sack is. */
function pillowDepth(u: number, v: number): number {
  const rest = 1 - u * u * u * u - v * v * v * v;
  return rest > 0 ? Math.sqrt(Math.sqrt(rest)) : 0;
}

function ringDepth(hole: number, radiusSquared: number): number {
  return radiusSquared <= 1 && radiusSquared >= hole * hole ? 1 : 0;
}

/** Even-odd rule; points in -1..1 across the box. */
function insidePolygon(points: readonly Point[], u: number, v: number): boolean {
  let inside = false;
  let before = points[points.length - 1];
  for (const point of points) {
    if (before && point.y > v !== before.y > v) {
      const crossing = before.x + ((v - before.y) / (point.y - before.y)) * (point.x - before.x);
      if (u < crossing) inside = !inside;
    }
    before = point;
  }
  return inside;
}
