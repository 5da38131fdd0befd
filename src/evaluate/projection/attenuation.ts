import { metallicShare } from '../../simulate/physics/material-map.ts';
import type { Material } from '../../simulate/physics/materials.ts';
import { materialAttenuation, signalBehind } from '../../simulate/physics/physics.ts';

type Beam = 'high' | 'low';

/** What lies in the beam at one pixel before anything is put in, as shares of the open beam without scatter. */
export interface BehindWhat {
  /** Of the channel that the goods are judged by. */
  readonly primary: number;
  readonly beam: Beam;
  /** The other energy at the same place, where there is one: it tells metal from other goods. */
  readonly other?: number;
}

/** Between cellulose, 0, and steel, 1: where one energy alone tells nothing. */
const UNKNOWN_METAL = 0.3;
/** Below this attenuation the ratio of two energies says nothing. */
const LEAST_FOR_RATIO = 0.09;
/** Solved to 1e-4 of the attenuation: each step comes about ten times nearer. */
const STEPS = 8;

/**
 * Optical depth in each bin of the goods at one pixel: the mixture of cellulose and steel that lets as much through in
 * the given beam, with the share of steel that the ratio of both energies shows.
 */
export function depthOf({ primary, beam, other }: BehindWhat): Float64Array {
  const wanted = -Math.log(Math.max(1e-5, Math.min(1, primary)));
  const mixture = mixtureOf(metalOf(wanted, beam, other));
  let grams = wanted / 0.045;
  for (let i = 0; i < STEPS && wanted > 1e-6; i++) {
    grams *= wanted / -Math.log(signalBehind(scaled(mixture, grams), beam));
  }
  return scaled(mixture, grams);
}

/** @returns 0 for cellulose to 1 for steel */
function metalOf(attenuation: number, beam: Beam, other: number | undefined): number {
  if (other === undefined || attenuation < LEAST_FOR_RATIO) return UNKNOWN_METAL;
  const second = -Math.log(Math.max(1e-5, Math.min(1, other)));
  const [high, low] = beam === 'high' ? [attenuation, second] : [second, attenuation];
  return high <= 0 ? UNKNOWN_METAL : Math.max(0, Math.min(1, metallicShare(high, low)));
}

function mixtureOf(metal: number): Float64Array {
  const steel = materialAttenuation('steel');
  return materialAttenuation('cellulose').map(
    (value, bin) => value * (1 - metal) + (steel[bin] ?? 0) * metal,
  );
}

function scaled(depth: Float64Array, factor: number): Float64Array {
  return depth.map((value) => value * factor);
}

/** What is put in at one pixel. */
export interface Change {
  /** g/cm² of each material. */
  readonly added: readonly (readonly [Material, number])[];
  /** Share of the goods that is taken away. */
  readonly removed: number;
}

/**
 * The factor by which the primary beam changes behind goods of this depth: Beer-Lambert over the spectrum, so that
 * beam hardening by the goods is in it.
 */
export function factorOf(goods: Float64Array, { added, removed }: Change, beam: Beam): number {
  const changed = scaled(goods, 1 - removed);
  for (const [material, grams] of added) {
    const attenuation = materialAttenuation(material);
    for (let bin = 0; bin < changed.length; bin++)
      changed[bin] = (changed[bin] ?? 0) + (attenuation[bin] ?? 0) * grams;
  }
  return signalBehind(changed, beam) / signalBehind(goods, beam);
}
