import type { Entry } from './contents.mjs';

export interface PartSize {
  readonly part: string;
  readonly files: number;
  readonly bytes: number;
}

/** Files and bytes of each part of an installation, the largest first. */
export function partsOf(entries: readonly Entry[]): readonly PartSize[];

/** Files and bytes of all parts. */
export function totalOf(parts: readonly PartSize[]): { readonly files: number; readonly bytes: number };
