import type { ScanWithSources } from '../../core/scan/plane-source.ts';
import type { ToldState } from '../projection/scanner.ts';

/** One scan as it is. */
export interface Ordinary {
  /** The same for all that is made of one scan: intervals draw it as one. */
  readonly name: string;
  /** Kind of goods, where it is known. */
  readonly cargo: string;
  readonly source: ScanWithSources;
  /** Of the picture, where the scan does not say how large a pixel is, mm. */
  readonly assumedHeightMm?: number;
  readonly told?: ToldState;
}

/** A thing in a scan, and how well it could be seen. */
export interface HiddenObject {
  readonly id: string;
  readonly class: string;
  readonly areaMm2: number;
  /** Mean change of -ln T under it, in the first channel the model sees. */
  readonly contrast: number;
  /** d′ of an observer with the exact object, mask and background, who is limited only by counting and electronic noise. */
  readonly dPrime: number;
  /** Of one who knows the mask and not the background; undefined where the load is too small to compare with. */
  readonly standsOut?: number;
}

/** A scan in which something is hidden. */
export interface WithObject extends Ordinary {
  readonly object: HiddenObject;
  /** 1 where it lies, in stored samples of the view that the model sees. */
  readonly mask: StoredMask;
}

export interface StoredMask {
  readonly rows: number;
  readonly columns: number;
  readonly bytes: Uint8Array;
}
