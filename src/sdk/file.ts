/** Bytes under a name, which failures speak of. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One file of a scan as a reader gets it. */
export interface ConverterFile extends NamedBytes {
  /** By the manifest: from the name's part, the rule that claimed it, or the sidecar. */
  readonly role: string;
  /** False: shorter than its own header says. */
  readonly complete: boolean;
  /** All of it, read into memory when first asked for; views of it may be returned as planes. */
  readonly bytes: Uint8Array;
  /** Bytes there are. */
  readonly size: number;
  /** A part, for files that do not fit into memory: from `from` up to, not including, `to`. @throws NII_TRUNCATED */
  slice(from: number, to: number): Uint8Array;
}
