import type { Channel, View } from '../../../src/core/scan/scan.ts';
import { noTurn, type Turn } from '../../../src/core/scan/turn.ts';
import { type Material, materials } from '../../../src/simulate/physics/materials.ts';
import { layerAttenuation } from '../../../src/simulate/physics/physics.ts';
import { seededRandom } from '../random.ts';

/** A view with its samples, as a page gets them. */
export interface ViewWithSamples {
  readonly view: View;
  readonly samples: ReadonlyMap<string, Uint8Array | Uint16Array>;
}

export const OPEN_BEAM = 60_000;
/** What one sample of open beam counts. */
export const COUNTS = 40_000;
export const slabs = ['cellulose', 'aluminium', 'steel'] as const satisfies readonly Material[];

export const channelOf = (
  id: string,
  rows: number,
  columns: number,
  more: Partial<Channel> = {},
): Channel => ({
  id,
  kind: 'transmission',
  rows,
  columns,
  frames: 1,
  samplesPerPixel: 1,
  planar: false,
  bitsAllocated: 16,
  bitsStored: 16,
  sampleFormat: 'unsigned',
  polarity: 'high-is-transparent',
  openBeam: OPEN_BEAM,
  bytes: rows * columns * 2,
  ...more,
});

/**
 * Slabs of cellulose, aluminium and steel side by side with open beam around them, in both energies, with the noise of
 * counting. Rows are thicker from top to bottom.
 */
export function slabPicture({
  rows,
  columns,
  display = noTurn,
  seed = 7,
}: {
  readonly rows: number;
  readonly columns: number;
  readonly display?: Turn;
  readonly seed?: number;
}): ViewWithSamples {
  const random = seededRandom(seed);
  const high = new Uint16Array(rows * columns);
  const low = new Uint16Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const passed = slabs.map((material) => transmissions(material, attenuationAt(row, rows)));
    for (let column = 0; column < columns; column++) {
      const through = passed[slabAt(column, columns)] ?? { high: 1, low: 1 };
      high[row * columns + column] = counted(through.high, random);
      low[row * columns + column] = counted(through.low, random);
    }
  }
  const channels = [
    channelOf('high', rows, columns, { energy: 'high', nominalEnergyMev: 9 }),
    channelOf('low', rows, columns, { energy: 'low', nominalEnergyMev: 6 }),
  ];
  return {
    view: { id: 'view', display, channels },
    samples: new Map([
      ['high', high],
      ['low', low],
    ]),
  };
}

/** The same picture with the scanner's own classes instead of a second energy. */
export function classPicture(rows: number, columns: number): ViewWithSamples {
  const { view, samples } = slabPicture({ rows, columns });
  const classes = Uint8Array.from(
    { length: rows * columns },
    (_, i) => [60, 100, 200, 20, 0][slabAt(i % columns, columns)] ?? 0,
  );
  const legend = [
    { from: 1, to: 40, label: 'noise' },
    { from: 41, to: 80, label: 'organic' },
    { from: 81, to: 120, label: 'light metal' },
    { from: 121, to: 255, label: 'metal' },
  ];
  const map = channelOf('material', rows, columns, {
    kind: 'class-map',
    polarity: 'none',
    bitsAllocated: 8,
    bitsStored: 8,
    legend,
  });
  const [high] = view.channels;
  return {
    view: { ...view, channels: high === undefined ? [map] : [high, map] },
    samples: new Map([...samples, ['material', classes] as const]),
  };
}

/** Attenuation at high energy of a row: from next to nothing to more than passes. */
export function attenuationAt(row: number, rows: number): number {
  return 0.02 + (7 * row) / rows;
}

/** Which slab lies at a column; one more than there are for the open beam at the right. */
export function slabAt(column: number, columns: number): number {
  return Math.floor((column * (slabs.length + 1)) / columns);
}

function transmissions(
  material: Material,
  attenuation: number,
): { readonly high: number; readonly low: number } {
  let grams = 1;
  for (let i = 0; i < 30; i++) grams *= attenuation / layerAttenuation(materials[material], grams).high;
  const { high, low } = layerAttenuation(materials[material], grams);
  return { high: Math.exp(-high), low: Math.exp(-low) };
}

/** A sample with the noise of its counts, as a normal deviate of twelve draws. */
function counted(transmission: number, random: () => number): number {
  let deviate = -6;
  for (let i = 0; i < 12; i++) deviate += random();
  const noisy = transmission + deviate * Math.sqrt(transmission / COUNTS);
  return Math.min(65_535, Math.max(0, Math.round(OPEN_BEAM * noisy)));
}
