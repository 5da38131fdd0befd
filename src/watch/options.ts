/** What a watcher is told; times in milliseconds. */
export interface WatchOptions {
  /** Absolute. */
  readonly folder: string;
  readonly stateDir: string;
  readonly quarantineDir: string;
  /** Sent files are moved here; without it they stay. */
  readonly moveTo: string | undefined;
  /** Nothing in the folder is moved, what cannot be read neither. */
  readonly keep: boolean;
  /** A file whose size and time do not change for this long is no longer being written. */
  readonly settleMs: number;
  /** A scan whose other parts may still come waits this long for them. */
  readonly groupWaitMs: number;
  /** A file shorter than its own header says, or of no known format, waits this long. */
  readonly maxWaitMs: number;
  readonly pollMs: number;
  readonly heartbeatMs: number;
  /** End when nothing is waiting, or when the service does not answer. */
  readonly once: boolean;
  /** Send small files before the large ones: always, or where the line was measured to be thin. */
  readonly thin: 'always' | 'auto' | 'never';
  /** A scan with more bytes goes by resumable upload. */
  readonly resumableOverBytes: number;
  /** Let the service judge files of formats that are not installed here. */
  readonly sendUnknown: boolean;
}

/** The time, and waiting, in milliseconds; tests bring a faster one. */
export interface WatchClock {
  /** Goes on evenly, whatever sets the clock of the machine: how long something is so is measured with it. */
  now(): number;
  /** What the clock of the machine shows, for what people read. */
  wall(): number;
  /** Resolves early, without a failure, when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
