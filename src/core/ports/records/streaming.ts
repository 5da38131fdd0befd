/** All seals before this one were sent with their rows, and of this one the rows up to `seq`. */
export interface StreamPosition {
  readonly seal: number;
  readonly seq: number;
}

/** How far the audit was streamed. */
export interface AuditStreaming {
  /** From where to go on; the first seal where nothing was kept. */
  streamPosition(): Promise<StreamPosition>;
  /** Keeps it, unless one further on is kept. */
  keepStreamPosition(position: StreamPosition): Promise<void>;
  /** The highest row that was sent, for those who ask how far behind the stream is. */
  noteStreamed(seq: number): Promise<void>;
}
