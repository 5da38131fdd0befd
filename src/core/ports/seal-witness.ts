/**
 * A place outside the database that remembers the newest seal of the audit. Its bytes are the witness's only content.
 */
export interface SealWitness {
  readonly name: 'object store' | 'witness file';
  /**
   * Part of the installation: the next seal waits until this one is noted, so its note is never more than one seal late,
   * and an older note, or none, means that it went back.
   */
  readonly isPart: boolean;
  /** Undefined if nothing was noted yet. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves only when the bytes would survive a power cut. */
  write(note: Uint8Array): Promise<void>;
}
