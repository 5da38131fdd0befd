import { describe, expect, test } from 'vitest';
import {
  isGraveNuclide,
  isMedical,
  isNatural,
  isNoNuclide,
} from '../../../../src/core/radiation/nuclides.ts';

/** Names as instruments write them: each kind, and no other. */
const kinds = { grave: isGraveNuclide, medical: isMedical, natural: isNatural, nothing: isNoNuclide };
const names: Readonly<Record<keyof typeof kinds | 'other', readonly string[]>> = {
  grave: [
    'Pu-239',
    'Pu239',
    '239Pu',
    'PU 239',
    'Pu–239',
    'Pu_239',
    'Plutonium-239',
    'WGPu',
    'Weapons grade plutonium',
    'U-235',
    '235U',
    'U - 235',
    'U-235 (enriched)',
    'Uranium 233',
    'HEU',
    'Highly Enriched Uranium',
    'Np-237',
    'SNM',
    'Cf-252',
    '252Cf',
    'PuBe',
    'Am-241/Be',
    'AmBe',
    'Neutron source',
    'neutrons on gamma',
  ],
  medical: ['Tc-99m', 'Tc99m', '99mTc', 'TC 99M', 'I-131', '131I', 'F-18'],
  natural: ['K-40', '40K', 'Potassium-40', 'Ra-226', 'Th-232', 'U-238', '238U'],
  nothing: ['', 'None', 'NORM', 'Background', 'No ID', 'not identified'],
  other: ['Cs-137', 'Co-60', 'Am-241', 'Ir-192', 'Unknown', 'Ba-133', 'Pub'],
};

describe.each(Object.entries(names))('%s', (kind, of) => {
  test.each(of.map((name) => [name]))('%j is of this kind alone', (name) => {
    const found = Object.entries(kinds).flatMap(([word, is]) => (is(name) ? [word] : []));
    expect(found).toEqual(kind === 'other' ? [] : [kind]);
  });
});
