import type { Encapsulated } from './data-set.ts';

/** An element as it lies in the file: its value is bytes, nothing is interpreted. */
export type RawElement = RawValue | RawSequence | RawFragments;

export interface RawValue {
  readonly kind: 'value';
  readonly tag: string;
  /** The file's; of an implicit element the dictionary's. */
  readonly vr: string;
  readonly bytes: Uint8Array;
  readonly bigEndian: boolean;
  /** Offset of the value. */
  readonly at: number;
}

export interface RawSequence {
  readonly kind: 'sequence';
  readonly tag: string;
  /** False: it ends with a delimiter. */
  readonly hasLength: boolean;
  readonly items: readonly RawItem[];
}

export interface RawItem {
  readonly hasLength: boolean;
  readonly elements: readonly RawElement[];
}

export interface RawFragments {
  readonly kind: 'fragments';
  readonly tag: string;
  readonly vr: string;
  readonly value: Encapsulated;
}
