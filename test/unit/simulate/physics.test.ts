import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNpy } from '../../../src/codec/npy.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { type Material, materials } from '../../../src/simulate/physics/materials.ts';
import { layerAttenuation } from '../../../src/simulate/physics/physics.ts';
import { openBeamShare } from '../../../src/simulate/physics-data/attenuation.ts';
import { hasSharedData, readShared } from '../../support/shared-data.ts';

interface Calibration {
  readonly points: readonly { element: 'C' | 'Fe' | 'Pb'; arealDensity: number; high: number; low: number }[];
}

const calibration = JSON.parse(
  readFileSync(new URL('./geant4-calibration.json', import.meta.url), 'utf8'),
) as Calibration;

const names = Object.keys(materials) as Material[];
const anyMaterial = fc.constantFrom(...names);
const grams = fc.double({ min: 0.05, max: 300, noNaN: true });

describe('the beam', () => {
  it.each(calibration.points)(
    'is attenuated by $element at $arealDensity g/cm2 as Geant4 says, within 0.6 %',
    ({ element, arealDensity, high, low }) => {
      const ours = layerAttenuation({ [element]: 1 }, arealDensity);
      expect(Math.abs(ours.high / high - 1)).toBeLessThan(0.006);
      expect(Math.abs(ours.low / low - 1)).toBeLessThan(0.006);
    },
  );

  it.runIf(hasSharedData('physics'))(
    'follows from cross sections and spectra by the full sum over 900 energies, within 1.2 %',
    () => {
      const full = fullSum();
      for (const [element, number] of [
        ['C', 6],
        ['Al', 13],
        ['Fe', 26],
        ['Pb', 82],
      ] as const) {
        for (const density of [1, 5, 20, 60, 150, 300]) {
          const ours = layerAttenuation({ [element]: 1 }, density);
          const theirs = full(number, density);
          expect(Math.abs(ours.high / theirs.high - 1), `${element} ${density}`).toBeLessThan(0.012);
          expect(Math.abs(ours.low / theirs.low - 1), `${element} ${density}`).toBeLessThan(0.012);
        }
      }
    },
  );

  it('is divided among the energy bins without loss', () => {
    for (const shares of [openBeamShare.high, openBeamShare.low]) {
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
    }
  });

  it('is weakened by more of any material, at both energies', () => {
    fc.assert(
      fc.property(anyMaterial, grams, grams, (name, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        fc.pre(more > less * 1.001);
        const thin = layerAttenuation(materials[name], less);
        const thick = layerAttenuation(materials[name], more);
        expect(thick.high).toBeGreaterThan(thin.high);
        expect(thick.low).toBeGreaterThan(thin.low);
      }),
    );
  });

  it('is hardened by any material: each further gram takes away less', () => {
    fc.assert(
      fc.property(anyMaterial, grams, (name, density) => {
        const once = layerAttenuation(materials[name], density);
        const twice = layerAttenuation(materials[name], 2 * density);
        expect(twice.high).toBeLessThan(2 * once.high);
        expect(twice.low).toBeLessThan(2 * once.low);
      }),
    );
  });

  it('of low energy is weakened more than that of high, and the ratio falls from wood to steel to lead', () => {
    for (const density of [20, 60, 120]) {
      const ratio = (name: Material) => {
        const { high, low } = layerAttenuation(materials[name], density);
        return low / high;
      };
      expect(ratio('cellulose')).toBeGreaterThan(ratio('steel') + 0.04);
      expect(ratio('steel')).toBeGreaterThan(ratio('lead') + 0.03);
      expect(ratio('lead')).toBeGreaterThan(1);
    }
  });
});

describe('a material', () => {
  it.each(names)('%s is made of mass fractions that sum to one within 1 %', (name) => {
    const total = Object.values(materials[name]).reduce((sum, fraction) => sum + fraction, 0);
    expect(Math.abs(total - 1)).toBeLessThanOrEqual(0.01);
  });
});

/** The second implementation: no bins, straight from the tables. */
function fullSum() {
  const energies = doubles('E');
  const response = doubles('D');
  const spectra = {
    high: meanSpectrum('phi_9MeV', energies.length),
    low: meanSpectrum('phi_6MeV', energies.length),
  };
  return (element: number, density: number) => {
    const attenuation = crossSections(element, energies);
    const of = (spectrum: Float64Array) => {
      let [open, passed] = [0, 0];
      energies.forEach((_, i) => {
        const signal = spectrum[i]! * response[i]!;
        open += signal;
        passed += signal * Math.exp(-attenuation[i]! * density);
      });
      return -Math.log(passed / open);
    };
    return { high: of(spectra.high), low: of(spectra.low) };
  };
}

function doubles(name: string): Float64Array {
  const { data } = parseNpy(readShared(`physics/geant4_sim/${name}.npy`), defaultLimits);
  return new Float64Array(data.slice().buffer);
}

function meanSpectrum(name: string, count: number): Float64Array {
  const all = doubles(name);
  return Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let angle = 0; angle < all.length / count; angle++) sum += all[angle * count + i]!;
    return sum;
  });
}

function crossSections(element: number, energies: Float64Array): Float64Array {
  const text = Buffer.from(readShared(`physics/xcom/${String(element).padStart(2, '0')}.txt`)).toString(
    'latin1',
  );
  const table = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((fields) => fields.length === 8 && fields.every((value) => !Number.isNaN(value)))
    .map((fields) => [Math.log(fields[0]!), Math.log(fields[7]!)] as const);
  return energies.map((energy) => {
    const at = Math.log(energy);
    const next = table.findIndex(([x]) => x >= at);
    const [x0, y0] = table[next - 1]!;
    const [x1, y1] = table[next]!;
    return Math.exp(y0 + ((at - x0) / (x1 - x0)) * (y1 - y0));
  });
}
