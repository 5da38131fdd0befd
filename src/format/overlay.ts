import { sharp } from '../codec/raster/libvips.ts';
import { NiiError } from '../core/errors.ts';
import type { CabBand } from '../core/scan/cab.ts';
import type { View } from '../core/scan/scan.ts';
import { paintMask } from './cab-mask.ts';
import { orient } from './orient.ts';
import { type OverlayBox, overlayBands, overlayBoxColour } from './overlay-legend.ts';

interface Sides {
  readonly rows: number;
  readonly columns: number;
}

interface OverlayInput {
  /** The stored map: PNG of 8 bits, in stored orientation. */
  readonly map: Uint8Array;
  readonly display: View['display'];
  /** Of the upright preview. */
  readonly sides: Sides;
  /** In pixels of the preview. */
  readonly boxes: readonly OverlayBox[];
  /** Of the view: nothing is drawn there. */
  readonly mask?: readonly CabBand[];
}

/** Sides of a stored map. */
const longestSide = 16_384;
/** Pixels of the outline of a box. */
const outline = 2;

/**
 * The anomaly map in colours over the preview: upright, as large, transparent where the map says nothing; with the boxes
 * of the findings. A pixel shows the highest value of the part of the map below it. PNG with opacity.
 */
export async function drawOverlay({
  map,
  display,
  sides,
  boxes,
  mask = [],
}: OverlayInput): Promise<Uint8Array> {
  const { rows, columns } = sides;
  const values = stretched(orient({ ...(await mapOf(map)), channels: 1 }, display), sides);
  const table = bandTable();
  const bytes = new Uint8Array(rows * columns * 4);
  for (const [pixel, value] of values.entries()) bytes.set(table[value] ?? transparent, pixel * 4);
  for (const box of boxes) drawBox(bytes, sides, box);
  paintMask({ rows, columns, bytes }, { bands: mask, display }, 0);
  const raw = { width: columns, height: rows, channels: 4 as const };
  return new Uint8Array(await sharp(bytes, { raw, limitInputPixels: false }).png().toBuffer());
}

async function mapOf(png: Uint8Array): Promise<Sides & { readonly bytes: Uint8Array }> {
  const picture = sharp(png, { limitInputPixels: longestSide ** 2 });
  const { data, info } = await picture.extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  if (info.width > longestSide || info.height > longestSide) {
    throw new NiiError('NII_CORRUPT', `A stored map has ${info.width} x ${info.height} pixels`);
  }
  return { rows: info.height, columns: info.width, bytes: new Uint8Array(data) };
}

/** As large as the preview, each pixel the highest value of what it covers: what was found does not vanish. */
function stretched(map: Sides & { readonly bytes: Uint8Array }, { rows, columns }: Sides): Uint8Array {
  const across = partsOf(map.columns, columns);
  const down = partsOf(map.rows, rows);
  const out = new Uint8Array(rows * columns);
  for (const [row, [firstRow, endRow]] of down.entries()) {
    for (const [column, [first, end]] of across.entries()) {
      let most = 0;
      for (let r = firstRow; r < endRow; r += 1) {
        for (let c = first; c < end; c += 1) most = Math.max(most, map.bytes[r * map.columns + c] ?? 0);
      }
      out[row * columns + column] = most;
    }
  }
  return out;
}

/** Which of `cells` lie below each of `pixels` along one side: at least one. */
function partsOf(cells: number, pixels: number): readonly (readonly [from: number, end: number])[] {
  return Array.from({ length: pixels }, (_, i) => {
    if (cells <= pixels) {
      const only = Math.floor(((i + 0.5) * cells) / pixels);
      return [only, only + 1] as const;
    }
    return [Math.floor((i * cells) / pixels), Math.ceil(((i + 1) * cells) / pixels)] as const;
  });
}

const transparent = [0, 0, 0, 0] as const;

/** Red, green, blue and opacity by value of the map. */
function bandTable(): readonly (readonly number[])[] {
  return Array.from({ length: 256 }, (_, value) => {
    const band = overlayBands.find(({ from, to }) => from <= value && value <= to);
    return band === undefined ? transparent : [...band.colour, Math.round(255 * band.opacity)];
  });
}

function drawBox(bytes: Uint8Array, { rows, columns }: Sides, box: OverlayBox): void {
  const { rowFrom, rowTo, columnFrom, columnTo } = box;
  for (let row = Math.max(0, rowFrom); row < Math.min(rows, rowTo); row += 1) {
    const isEdgeRow = row < rowFrom + outline || row >= rowTo - outline;
    for (let column = Math.max(0, columnFrom); column < Math.min(columns, columnTo); column += 1) {
      if (isEdgeRow || column < columnFrom + outline || column >= columnTo - outline)
        bytes.set([...overlayBoxColour, 255], (row * columns + column) * 4);
    }
  }
}
