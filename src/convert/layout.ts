import { readNpy } from './layout-npy.ts';
import { readRaw } from './layout-raw.ts';
import type { Layout } from './layout-schema.ts';
import type { Read } from './sdk.ts';

/** The reader that a declarative layout stands for. */
export function layoutReader(layout: Layout, format: string): Read {
  return (files, sdk) =>
    layout.kind === 'npy' ? readNpy(layout, format, files, sdk) : readRaw(layout, format, files, sdk);
}
