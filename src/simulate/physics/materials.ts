import type { Element } from '../physics-data/attenuation.ts';

export type Composition = Readonly<Partial<Record<Element, number>>>;

/**
 * Elemental composition by mass fraction (each sums to 1 within 1 %). Compounds by their formula; foods, tobacco,
 * rubber and glass by typical trade compositions. Attenuation at these energies hardly notices a few percent.
 */
export const materials = {
  cellulose: { C: 0.444, H: 0.062, O: 0.494 },
  water: { H: 0.112, O: 0.888 },
  polyethylene: { C: 0.856, H: 0.144 },
  food: { C: 0.42, H: 0.066, O: 0.485, N: 0.023, K: 0.006 },
  textile: { C: 0.52, H: 0.055, O: 0.42, N: 0.005 },
  tobacco: { C: 0.42, H: 0.06, O: 0.44, N: 0.025, K: 0.03, Ca: 0.025 },
  rubber: { C: 0.86, H: 0.09, S: 0.015, O: 0.015, Zn: 0.02 },
  aluminium: { Al: 1 },
  ceramic: { Si: 0.31, Al: 0.11, O: 0.49, Ca: 0.04, K: 0.025, Fe: 0.025 },
  glass: { Si: 0.337, Na: 0.1, Ca: 0.075, Mg: 0.02, O: 0.468 },
  steel: { Fe: 1 },
  copper: { Cu: 1 },
  lead: { Pb: 1 },
} as const satisfies Readonly<Record<string, Composition>>;

export type Material = keyof typeof materials;

/** Solid or bulk density in g/cm3: areal density (g/cm2) is this times the path in cm. */
const densities: Readonly<Record<Material, number>> = {
  cellulose: 0.6,
  water: 1,
  polyethylene: 0.94,
  food: 0.8,
  textile: 0.35,
  tobacco: 0.32,
  rubber: 1.15,
  aluminium: 2.7,
  ceramic: 2.1,
  glass: 2.5,
  steel: 7.85,
  copper: 8.96,
  lead: 11.34,
};

/** Areal density in g/cm2 of a path through the solid material. */
export function arealDensity(material: Material, pathMm: number): number {
  return (densities[material] * pathMm) / 10;
}
