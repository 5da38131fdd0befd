/** A file of an upload on this machine, hashed while it arrived. */
export interface StagedFile {
  /** As sent; may hold folders with /. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** The first HEAD_BYTES, or all of a shorter file. */
  readonly head: Uint8Array;
}

/** So many bytes of a file are looked at to recognise it. */
export const HEAD_BYTES = 4096;

export interface GroupedFile extends StagedFile {
  readonly role: string;
  /** False: shorter than its own header says. */
  readonly complete: boolean;
}

/** The files of one scan. */
export interface FileGroup {
  readonly converter: { readonly id: string; readonly version: string };
  /** The same for a file of the scan that comes later. */
  readonly groupKey: string;
  readonly files: readonly GroupedFile[];
}

export interface AmbiguousFile {
  readonly file: StagedFile;
  readonly converters: readonly string[];
}

export interface Grouped {
  readonly groups: readonly FileGroup[];
  readonly unknown: readonly StagedFile[];
  readonly ambiguous: readonly AmbiguousFile[];
}
