import { arealDensity, type Material } from '../../simulate/physics/materials.ts';
import { Random } from '../../simulate/random.ts';
import type { Shape } from '../projection/shape.ts';
import { type Background, projectShape } from './projected.ts';
import type { WithObject } from './subject.ts';

/** One square plate of the grid: what it is made of, its side and its thickness along the beam. */
export interface GridCell {
  readonly material: Material;
  readonly sizeMm: number;
  readonly thicknessMm: number;
}

/** Polyethylene is the usual stand-in for organic goods in test objects of scanners. */
const THICKNESSES_MM = {
  steel: [5, 10, 20, 40],
  polyethylene: [50, 100, 200, 400],
} as const satisfies Partial<Readonly<Record<Material, readonly number[]>>>;
const SIZES_MM = [50, 100, 200, 400] as const;

/** Every size in every thickness, of steel and of organic material. */
export const gridCells: readonly GridCell[] = (['steel', 'polyethylene'] as const).flatMap((material) =>
  SIZES_MM.flatMap((sizeMm) =>
    THICKNESSES_MM[material].map((thicknessMm) => ({ material, sizeMm, thicknessMm })),
  ),
);

/** As `steel 100 x 20`, the size first, both in mm. */
export function nameOfCell({ material, sizeMm, thicknessMm }: GridCell): string {
  return `${material} ${sizeMm} x ${thicknessMm}`;
}

/**
 * Puts the plate of a cell into a scan, at a place that is drawn at random. The same seed gives the same samples.
 * @returns undefined where the hold is too small for it
 */
export function projectCell(background: Background, cell: GridCell, seed: number): WithObject | undefined {
  return projectShape(background, new Random(seed, `grid ${nameOfCell(cell)}`), plateOf(cell));
}

/** Upright and of exactly this thickness: a cell is about one size, not about a spread of them. */
function plateOf(cell: GridCell): Shape {
  const { material, sizeMm, thicknessMm } = cell;
  const outline: [number, number][] = [
    [0, 0],
    [sizeMm, 0],
    [sizeMm, sizeMm],
    [0, sizeMm],
  ];
  const id = nameOfCell(cell).replaceAll(' ', '-');
  return {
    widthMm: sizeMm,
    heightMm: sizeMm,
    pieces: [outline],
    thickness: 1,
    object: { id, class: 'plate', outline, material, arealDensity: arealDensity(material, thicknessMm) },
  };
}
