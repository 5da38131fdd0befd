import { NiiError } from '../../core/errors.ts';

/** What the connections of one process may take. */
export interface ConnectionBounds {
  /** Open at a time. */
  readonly total: number;
  /** Open at a time from one network. A proxy is one address. */
  readonly perAddress: number;
  /** The head of a request arrives within this. */
  readonly headMs: number;
  /** A body brings `bodyBytesPerSecond` on average in each of these. */
  readonly bodyWindowMs: number;
  readonly bodyBytesPerSecond: number;
  /** How often heads and bodies are looked at. */
  readonly checkMs: number;
}

/** The bounds that an administrator sets; the others follow from the files that the process may open. */
export interface WantedBounds {
  readonly total: number | undefined;
  readonly perAddress: number | undefined;
  readonly bodyBytesPerSecond: number | undefined;
}

export const defaultBounds: ConnectionBounds = Object.freeze({
  total: 1024,
  perAddress: 256,
  headMs: 20_000,
  bodyWindowMs: 30_000,
  bodyBytesPerSecond: 1024,
  checkMs: 1_000,
});

/** Files that the process needs beside those of connections: its code, the database, the log, child processes. */
const RESERVED_FILES = 128;
/** A connection itself, and the file that its upload goes to or its answer comes from. */
const FILES_PER_CONNECTION = 2;
const TOTAL_CEILING = 4096;

/**
 * The bounds of a process that may open this many files.
 * @throws NII_CONFIG where the files do not suffice
 */
export function connectionBounds(wanted: WantedBounds, openFiles: number): ConnectionBounds {
  const room = Math.floor((openFiles - RESERVED_FILES) / FILES_PER_CONNECTION);
  const total = wanted.total ?? Math.min(TOTAL_CEILING, room);
  if (total > room || total < 1) throw tooFewFiles(Math.max(total, 1), openFiles);
  const usual = Math.max(1, Math.min(defaultBounds.perAddress, Math.floor(total / 2)));
  return {
    ...defaultBounds,
    total,
    perAddress: wanted.perAddress ?? usual,
    bodyBytesPerSecond: wanted.bodyBytesPerSecond ?? defaultBounds.bodyBytesPerSecond,
  };
}

function tooFewFiles(total: number, openFiles: number): NiiError {
  const needed = total * FILES_PER_CONNECTION + RESERVED_FILES;
  return new NiiError(
    'NII_CONFIG',
    `${total} connections need ${needed} open files, but this process may open only ${openFiles}: ` +
      'raise that limit (ulimit -n) or lower NII_LIMIT_CONNECTIONS',
  );
}
