import type { InstanceFacts } from '../core/ports/records/instances.ts';

/** What an index file says of its scan. */
export interface IndexFacts {
  /** Text of the element that its package groups by, lower case. */
  readonly key?: string;
  /** Base name in lower case -> role, of the files that it names. */
  readonly names: Readonly<Record<string, string>>;
}

/** A file of an upload on this machine, hashed while it arrived. */
export interface StagedFile {
  /** As sent; may hold folders with /. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** As of StoredBytes. */
  readonly blocks?: string;
  /** The first HEAD_BYTES, or all of a shorter file. */
  readonly head: Uint8Array;
  /** Where the archive lies that it came out of. */
  readonly archive?: string;
  /** What is wrong with it as a member of its archive: such a file is never read. */
  readonly damage?: string;
  /** Of an index file that was read (`sortIntoScans`). */
  readonly index?: IndexFacts;
  /** Set where a reader has read the file. */
  readonly read?: ReadFacts;
}

/** What the content of a file says beyond its format. */
export interface ReadFacts {
  /** Scans that would take it as their sidecar, the one of its own folder first. */
  readonly wanted: readonly Wanting[];
  /** SOP instances that it refers to; empty for what is no report. */
  readonly references: readonly string[];
  /** Of a DICOM file that can be listed. */
  readonly instance?: InstanceFacts;
}

/** Reports: DICOS TDR, structured reports, presentation states. Images refer to other images without being of them. */
const reportClass = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(501\.3|88\.\d+|11\.\d+)$/;
/** Of one report. */
export const REFERENCES_CEILING = 64;

export function isReportClass(sopClass: string): boolean {
  return reportClass.test(sopClass);
}

/** A scan that would take a file as its sidecar, did it exist. */
export interface Wanting {
  readonly converter: string;
  readonly groupKey: string;
  readonly role: string;
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
  /** Claimed by a fallback only: a stored scan that wants its files takes them. */
  readonly fallback: boolean;
}

export interface AmbiguousFile {
  readonly file: StagedFile;
  readonly converters: readonly string[];
}

export interface Grouped {
  readonly groups: readonly FileGroup[];
  /** No converter claims these and no group wants them. */
  readonly unknown: readonly StagedFile[];
  readonly ambiguous: readonly AmbiguousFile[];
}
