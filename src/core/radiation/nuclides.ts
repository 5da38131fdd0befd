/**
 * Kinds of nuclides. The lists are those of ANSI N42.34 and IAEA practice (IAEA-TECDOC-1312): what patients are given; what
 * is in soil, stone, fertiliser and potassium salts, with what it decays to; and special nuclear material, with the words
 * that instruments write for its grades.
 */

const medical =
  'F-18 P-32 Cr-51 Co-57 Cu-64 Cu-67 Ga-67 Ga-68 Rb-82 Sr-89 Y-90 Zr-89 Tc-99m Mo-99 Pd-103 In-111 I-123 I-124 I-125 I-131 Xe-133 Sm-153 Ho-166 Lu-177 Lu-177m Re-186 Re-188 Tl-201 Ra-223 Ac-225';
const natural =
  'K-40 Rb-87 La-138 Lu-176 Tl-208 Bi-212 Pb-212 Bi-214 Pb-214 Po-210 Pb-210 Rn-220 Rn-222 Ra-224 Ra-226 Ra-228 Ac-228 Th-228 Th-230 Th-232 Pa-234m Th-234 U-238';
const nuclearMaterial =
  /\b(?:(?:u|uranium)[\s-]?(?:232|233|235)|(?:np|neptunium)[\s-]?237|(?:pu|plutonium)(?:[\s-]?2[34][0-9])?|w(?:g|eapons?)[\s-]?(?:grade[\s-]?)?(?:pu|plutonium)|rg[\s-]?pu|heu|leu|snm)\b/i;

const inForm = (name: string) => name.toLowerCase().replaceAll(/[\s-]/g, '');
const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' ').map(inForm));
const medicalNuclides = setOf(medical);
const naturalNuclides = setOf(natural);

/** `Tc-99m`, `Tc99m` and `TC 99M` are one. */
export function isMedical(name: string): boolean {
  return medicalNuclides.has(inForm(name));
}

export function isNatural(name: string): boolean {
  return naturalNuclides.has(inForm(name));
}

/** Whether a name, or the words around it, say special nuclear material: `Pu-239`, `HEU`, `WGPu`. */
export function isNuclearMaterial(words: string): boolean {
  return nuclearMaterial.test(words);
}
