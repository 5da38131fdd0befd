/**
 * Goods that are naturally radioactive enough to set off a portal, by headings of the Harmonized System (HS 2022). The
 * kinds are those that portals at borders see (IAEA-TECDOC-1312; IAEA Nuclear Security Series No. 1; Kouzes and others,
 * "Naturally occurring radioactive materials in cargo at US borders", PNNL-SA-45796): potassium, or uranium and thorium
 * with what they decay to. Ores of uranium and thorium (2612) and radioactive elements (2844) are left out: they need a
 * licence, so they are declared sources. So are bananas, nuts and tobacco, which are too weak.
 */
const headings: Readonly<Record<string, string>> = {
  '2508': 'bentonite and other clays, also as cat litter',
  '2510': 'phosphate rock',
  '2513': 'pumice and natural abrasives',
  '2514': 'slate',
  '2516': 'granite, basalt and sandstone',
  '2525': 'mica',
  '2529': 'feldspar and fluorspar',
  '2530': 'vermiculite and other minerals',
  '2606': 'bauxite',
  '2614': 'titanium ores, such as ilmenite and rutile',
  '2615': 'zircon sand, and ores of niobium, tantalum and vanadium',
  '2621': 'ash',
  '281520': 'potassium hydroxide',
  '283421': 'potassium nitrate',
  '283640': 'potassium carbonate',
  '2846': 'compounds of rare earths',
  '3103': 'phosphate fertilisers',
  '3104': 'potassium fertilisers',
  '3105': 'mixed fertilisers',
  '3802': 'activated clays, also as cat litter',
  '3816': 'refractory cements',
  '5908': 'incandescent gas mantles',
  '6802': 'worked granite and other stone',
  '6804': 'grinding wheels',
  '6805': 'abrasives on a backing',
  '6810': 'articles of cement and concrete',
  '6815': 'articles of stone',
  '6901': 'bricks of siliceous earths',
  '6902': 'refractory bricks',
  '6903': 'other refractory ceramics',
  '6904': 'ceramic building bricks',
  '6905': 'roofing tiles',
  '6906': 'ceramic pipes',
  '6907': 'ceramic tiles',
  '6909': 'ceramics for laboratories and industry',
  '6910': 'ceramic sinks and baths',
  '6911': 'porcelain tableware',
  '6912': 'other ceramic tableware',
  '6913': 'ceramic ornaments',
  '6914': 'other ceramics',
};

/** What the goods of this HS code are, where they are naturally radioactive; undefined for all others. */
export function naturallyRadioactive(hs: string): string | undefined {
  return headings[hs.slice(0, 4)] ?? headings[hs.slice(0, 6)];
}
