import type { NiiScan } from '../../core/scan/scan.ts';
import type { Section } from '../../core/scan/sections.ts';
import type { DicosIds, DxIntent } from './ids.ts';
import type { DxCodec } from './pixel-module.ts';

export interface DxInput {
  readonly scan: NiiScan;
  readonly viewId: string;
  readonly channelId: string;
  /** Samples of the channel, or of the section: little-endian, row-major, frames joined, no padding. */
  readonly plane: Uint8Array;
  /** The part of the channel that this instance holds; all of it unless given. */
  readonly section?: Section;
  readonly ids: DicosIds;
}

export interface DxOptions {
  readonly codec?: DxCodec;
  /** Processing unless said. The samples are the same; for presentation the window of the preview is added. */
  readonly intent?: DxIntent;
}
