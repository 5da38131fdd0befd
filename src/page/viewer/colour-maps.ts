import type { ColourMap } from './settings.ts';

type Rgb = readonly [red: number, green: number, blue: number];

/**
 * Control points at equal distances, chosen by us so that lightness always rises: a map is then right in grey and for
 * readers who do not see red or green apart.
 */
const points: Readonly<Record<ColourMap, readonly Rgb[]>> = {
  grey: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  'viridis-like': [
    [64, 4, 80],
    [62, 62, 134],
    [42, 112, 142],
    [32, 158, 134],
    [108, 202, 92],
    [250, 230, 40],
  ],
  'cividis-like': [
    [0, 30, 74],
    [58, 72, 108],
    [106, 108, 114],
    [152, 146, 116],
    [204, 186, 96],
    [254, 232, 62],
  ],
  hot: [
    [0, 0, 0],
    [148, 12, 8],
    [226, 84, 10],
    [250, 176, 32],
    [255, 238, 140],
    [255, 255, 255],
  ],
};

/** Entries of a table. Between two entries the colour is interpolated. */
export const MAP_ENTRIES = 256;

/** Red, green and blue of each entry. */
export function colourTable(map: ColourMap): Uint8Array {
  const control = points[map];
  const table = new Uint8Array(MAP_ENTRIES * 3);
  for (let entry = 0; entry < MAP_ENTRIES; entry++) {
    const at = (entry / (MAP_ENTRIES - 1)) * (control.length - 1);
    const from = Math.min(control.length - 2, Math.floor(at));
    for (let colour = 0; colour < 3; colour++) {
      const a = control[from]?.[colour] ?? 0;
      const b = control[from + 1]?.[colour] ?? 0;
      table[entry * 3 + colour] = Math.round(a + (b - a) * (at - from));
    }
  }
  return table;
}
