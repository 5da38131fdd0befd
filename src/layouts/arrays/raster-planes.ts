import { gather } from '../../codec/gather.ts';
import type { Raster, RasterPage } from '../../codec/raster/read.ts';

/** Samples of a page that belong together: one of them, or red, green and blue. */
export interface RasterPart {
  readonly page: RasterPage;
  readonly pageIndex: number;
  /** Of a pixel. */
  readonly first: number;
  readonly count: 1 | 3;
  /** How opaque the pixels are. */
  readonly alpha: boolean;
}

/** Colours as one part, and every other sample as a part of its own. */
export function partsOf({ pages }: Raster): readonly RasterPart[] {
  return pages.flatMap((page, pageIndex) => {
    const colours = page.photometric === 'rgb' && page.samplesPerPixel >= 3 ? 3 : 0;
    const colour = { page, pageIndex, first: 0, count: 3, alpha: false } as const;
    return [...(colours === 3 ? [colour] : []), ...singles(page, pageIndex, colours)];
  });
}

/** Every sample as a part of its own. */
export function samplesOf({ pages }: Raster): readonly RasterPart[] {
  return pages.flatMap((page, pageIndex) => singles(page, pageIndex, 0));
}

function singles(page: RasterPage, pageIndex: number, from: number): readonly RasterPart[] {
  return Array.from({ length: page.samplesPerPixel - from }, (_, i) => ({
    page,
    pageIndex,
    first: from + i,
    count: 1,
    alpha: page.alpha && from + i === page.samplesPerPixel - 1,
  }));
}

/** Little-endian, row-major, colours by pixel. */
export function planeOf({ page, first, count }: RasterPart): Uint8Array {
  if (page.samplesPerPixel === count) return page.samples;
  const sample = page.bitsAllocated / 8;
  const item = sample * count;
  const column = sample * page.samplesPerPixel;
  const { rows, columns } = page;
  const at = { first: first * sample, column, row: columns * column };
  return gather(page.samples, { rows, columns, item, bigEndian: false, ...at });
}

/** Red, green and blue of each index; an index that the palette lacks is black. */
export function coloured(indices: Uint8Array, palette: Uint8Array): Uint8Array {
  const out = new Uint8Array(indices.length * 3);
  for (let i = 0; i < indices.length; i += 1) {
    const at = (indices[i] ?? 0) * 3;
    out.set(palette.subarray(at, at + 3), i * 3);
  }
  return out;
}
