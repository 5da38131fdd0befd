import { readMapped } from './layout-mapped.ts';
import { readNpy } from './layout-npy.ts';
import { readRasterFiles } from './layout-raster.ts';
import { asMapped } from './layout-raw.ts';
import type { Layout } from './layout-schema.ts';
import type { Read } from './sdk.ts';

/** The reader that a declarative layout stands for. */
export function layoutReader(layout: Layout, format: string): Read {
  switch (layout.kind) {
    case 'npy':
      return (files, sdk) => readNpy(layout, format, files, sdk);
    case 'raster':
      return (files, sdk) => readRasterFiles(layout, format, files, sdk);
    case 'raw':
      return (files, sdk) => readMapped(asMapped(layout), format, files, sdk);
    case 'mapped':
      return (files, sdk) => readMapped(layout, format, files, sdk);
  }
}
