/** A file of an installation: one of this machine, bytes that are made, or a link to a file beside it. */
export interface Entry {
  readonly name: string;
  readonly file?: string;
  readonly bytes?: Uint8Array;
  readonly link?: string;
  readonly executable?: boolean;
}

/** Every file of the program, in order. */
export function entriesOf(root: string, version: string): readonly Entry[];
