import type { NamedBytes } from '../../src/tools/contract/fixtures.ts';

/** A good scan to start from. */
export interface Seed {
  readonly name: string;
  readonly files: readonly NamedBytes[];
  /** Of a decoder's target: nothing else is changed. */
  readonly frame?: FramePlace;
}

/** Where a compressed frame lies in the first file. */
export interface FramePlace {
  readonly at: number;
  readonly length: number;
}
