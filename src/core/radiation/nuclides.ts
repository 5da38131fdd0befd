/**
 * Kinds of nuclides. The lists are those of ANSI N42.34 and IAEA practice (IAEA-TECDOC-1312): what patients are given; what
 * is in soil, stone, fertiliser and potassium salts, with what it decays to; what no vehicle carries without an authority:
 * special nuclear material and sources of neutrons, with the words that instruments write for them.
 */

const medical =
  'F-18 P-32 Cr-51 Co-57 Cu-64 Cu-67 Ga-67 Ga-68 Rb-82 Sr-89 Y-90 Zr-89 Tc-99m Mo-99 Pd-103 In-111 I-123 I-124 I-125 I-131 Xe-133 Sm-153 Ho-166 Lu-177 Lu-177m Re-186 Re-188 Tl-201 Ra-223 Ac-225';
const natural =
  'K-40 Rb-87 La-138 Lu-176 Tl-208 Bi-212 Pb-212 Bi-214 Pb-214 Po-210 Pb-210 Rn-220 Rn-222 Ra-224 Ra-226 Ra-228 Ac-228 Th-228 Th-230 Th-232 Pa-234m Th-234 U-238';
const grave =
  'U-232 U-233 U-235 Np-237 Pu-236 Pu-238 Pu-239 Pu-240 Pu-241 Pu-242 Pu-244 Am-242m Cf-249 Cf-250 Cf-251 Cf-252 Cm-244 Cm-248';
/** Words for nuclear material of several nuclides, and for sources of neutrons. */
const graveWords =
  /^(?:heu|leu|snm|pu|plutonium|(?:w|wg|weapons?|rg|reactor)(?:grade)?(?:pu|plutonium)|.*enriched.*|.*neutron.*|(?:pu|am|ra|po)(?:\d{3})?be)$/;
/** Words that instruments write where they found nothing, or nothing but what is everywhere. */
const nothing = new Set(['', 'none', 'background', 'norm', 'noid', 'nothing', 'notidentified']);

const elements: Readonly<Record<string, string>> = {
  uranium: 'u',
  plutonium: 'pu',
  neptunium: 'np',
  americium: 'am',
  californium: 'cf',
  curium: 'cm',
  potassium: 'k',
  radium: 'ra',
  thorium: 'th',
};

/** `Tc-99m`, `Tc99m`, `TC 99M`, `99mTc` and `Technetium` with its number are one: letters, then the number. */
function inForm(name: string): string {
  const plain = name
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/\(.*?\)/g, '')
    .replaceAll(/[^a-z0-9]/g, '');
  const [, first = '', element = ''] = /^(\d{1,3}m?)([a-z]{1,2})$/.exec(plain) ?? [];
  if (element !== '') return `${element}${first}`;
  const [, word = '', number = ''] = /^([a-z]+?)(\d{1,3}m?\d?)$/.exec(plain) ?? [];
  return number === '' ? plain : `${elements[word] ?? word}${number}`;
}

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' ').map(inForm));
const medicalNuclides = setOf(medical);
const naturalNuclides = setOf(natural);
const graveNuclides = setOf(grave);

export function isMedical(name: string): boolean {
  return medicalNuclides.has(inForm(name));
}

export function isNatural(name: string): boolean {
  return naturalNuclides.has(inForm(name));
}

/** Special nuclear material, or a source of neutrons: `Pu-239`, `235U (enriched)`, `HEU`, `Am-241/Be`, `Cf-252`. */
export function isGraveNuclide(name: string): boolean {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return graveNuclides.has(inForm(name)) || graveWords.test(words);
}

/** What instruments see of these is the radiation of what they decay to (IAEA, Live Chart of Nuclides). */
const decays: Readonly<Record<string, string>> = {
  'Ge-68': 'Ga-68',
  'Sr-82': 'Rb-82',
  'Sr-90': 'Y-90',
  'Mo-99': 'Tc-99m',
  'Cs-137': 'Ba-137m',
  'Ra-226': 'Rn-222 Pb-214 Bi-214 Pb-210',
  'Th-228': 'Ra-224 Pb-212 Bi-212 Tl-208',
  'Th-232': 'Ra-228 Ac-228 Th-228 Ra-224 Pb-212 Bi-212 Tl-208',
  'U-238': 'Th-234 Pa-234m',
};
const daughters = new Map(Object.entries(decays).map(([name, those]) => [inForm(name), setOf(those)]));

/** Whether it is one of the declared nuclides, however it is written, or what one of them decays to. */
export function isOneOf(name: string, declared: readonly string[]): boolean {
  const found = inForm(name);
  return declared.map(inForm).some((one) => one === found || daughters.get(one)?.has(found) === true);
}

/** It is in soil, in food and in people, so it stands beside what else was found. */
export function isPotassium(name: string): boolean {
  return inForm(name) === 'k40';
}

/** Whether an instrument names no nuclide, though it fills in the field. */
export function isNoNuclide(name: string): boolean {
  return nothing.has(inForm(name));
}
