import type { Read } from '../sdk/sdk.ts';
import { readNpy } from './arrays/npy.ts';
import { readRasterFiles } from './arrays/raster.ts';
import { asMapped } from './arrays/raw.ts';
import { readMapped } from './mapped/mapped.ts';
import type { Layout } from './schema/layout.ts';

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
