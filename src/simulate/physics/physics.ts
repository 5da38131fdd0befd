import { binEnergyMev, type Element, massAttenuation, openBeamShare } from '../physics-data/attenuation.ts';
import { type Composition, type Material, materials } from './materials.ts';

/** Accelerating voltages of the two beams, in MV; pixels of channel `high` are measured with the first. */
export const beamEnergyMv = { high: 9, low: 6 } as const;

const binCount = binEnergyMev.length;

/** Mass attenuation per energy bin, cm2/g, of a mixture given by mass fractions. */
function mixtureAttenuation(composition: Composition): Float64Array {
  const total = new Float64Array(binCount);
  for (const [element, fraction] of Object.entries(composition)) {
    const values: readonly number[] = massAttenuation[element as Element]; // the keys of Composition are Element
    values.forEach((value, bin) => {
      total[bin] = (total[bin] ?? 0) + value * fraction;
    });
  }
  return total;
}

const attenuationOf = new Map<Material, Float64Array>();

/** Mass attenuation per energy bin, cm2/g. */
export function materialAttenuation(material: Material): Float64Array {
  const known = attenuationOf.get(material);
  if (known) return known;
  const computed = mixtureAttenuation(materials[material]);
  attenuationOf.set(material, computed);
  return computed;
}

/** One material's areal density (g/cm2) at every pixel. */
export interface DensityPlane {
  readonly attenuation: Float64Array;
  readonly density: Float32Array;
}

export interface Transmission {
  /** Share of the open beam's signal that arrives, 0 to 1. */
  readonly high: Float32Array;
  readonly low: Float32Array;
}

/** Of each energy bin, read for every pixel. */
const shares = {
  high: Float64Array.from(openBeamShare.high),
  low: Float64Array.from(openBeamShare.low),
} as const;

/**
 * Beer-Lambert over the spectrum: signal = sum over bins of share x exp(-sum over materials of mu x density).
 * Beam hardening follows by itself. Narrow-beam: scatter is added by the detector.
 */
export function transmit(planes: readonly DensityPlane[], pixels: number): Transmission {
  const high = new Float32Array(pixels);
  const low = new Float32Array(pixels);
  const depth = new Float64Array(binCount);
  const { high: highShare, low: lowShare } = shares;
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (pixel > 0 && isLikePixelBefore(planes, pixel)) {
      high[pixel] = high[pixel - 1] ?? 1;
      low[pixel] = low[pixel - 1] ?? 1;
      continue;
    }
    if (!opticalDepth(planes, pixel, depth)) {
      high[pixel] = 1;
      low[pixel] = 1;
      continue;
    }
    let sumHigh = 0;
    let sumLow = 0;
    for (let bin = 0; bin < binCount; bin++) {
      const passed = Math.exp(-(depth[bin] ?? 0));
      sumHigh += passed * (highShare[bin] ?? 0);
      sumLow += passed * (lowShare[bin] ?? 0);
    }
    high[pixel] = sumHigh;
    low[pixel] = sumLow;
  }
  return { high, low };
}

/** Air, floors and walls are equal over many columns, and exponentials take most of the time. */
function isLikePixelBefore(planes: readonly DensityPlane[], pixel: number): boolean {
  for (const { density } of planes) if (density[pixel] !== density[pixel - 1]) return false;
  return true;
}

/** Share of the open beam's signal that passes one energy. @param depth mass attenuation times g/cm2, in each bin */
export function signalBehind(depth: Float64Array, energy: 'high' | 'low'): number {
  const share = shares[energy];
  let sum = 0;
  for (let bin = 0; bin < binCount; bin++) sum += Math.exp(-(depth[bin] ?? 0)) * (share[bin] ?? 0);
  return sum;
}

/** Fills `depth` for one pixel; false where nothing lies in the beam. */
function opticalDepth(planes: readonly DensityPlane[], pixel: number, depth: Float64Array): boolean {
  let any = false;
  for (const { attenuation, density } of planes) {
    const grams = density[pixel] ?? 0;
    if (grams <= 0) continue;
    if (!any) depth.fill(0);
    any = true;
    for (let bin = 0; bin < binCount; bin++) depth[bin] = (depth[bin] ?? 0) + (attenuation[bin] ?? 0) * grams;
  }
  return any;
}

/** -ln(transmission) at both energies of one uniform layer of `grams` g/cm2. */
export function layerAttenuation(
  composition: Composition,
  grams: number,
): { readonly high: number; readonly low: number } {
  const plane = { attenuation: mixtureAttenuation(composition), density: Float32Array.of(grams) };
  const { high, low } = transmit([plane], 1);
  return { high: -Math.log(high[0] ?? 1), low: -Math.log(low[0] ?? 1) };
}
