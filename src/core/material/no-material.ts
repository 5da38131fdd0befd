import type { NoMaterial } from './calibration.ts';

/** Why a scan has no material colours, for whoever asked for them. */
export const noMaterialWords: Readonly<Record<NoMaterial, string>> = {
  'no-high-and-low': 'It has no class map with a legend, and not both a high and a low energy',
  'not-transmission': 'High and low energy are not both transmission where a high value is transparent',
  'sides-differ': 'High and low energy do not have the same rows and columns',
  'below-1-MeV': 'Materials are told apart from 1 MeV on; below, their order turns round',
  'no-calibration':
    'No curves are known for its energies, and too few goods in it differ as two materials would',
};
