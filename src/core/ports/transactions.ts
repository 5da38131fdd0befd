export interface Transactions<Taken> {
  /**
   * Failures: NII_DATABASE_UNREACHABLE, NII_CONFLICT on a row that exists, NII_CURSOR_EXPIRED, NII_BAD_REQUEST (an invalid
   * cursor).
   */
  transaction<T>(work: (tx: Taken) => Promise<T>): Promise<T>;
}

export interface Locks {
  /**
   * Runs alone among all processes that use the same name; no transaction is held open meanwhile. Not to be nested.
   * With `among` it also waits while somebody runs alone under that other name, but not for others `among` it.
   */
  exclusively<T>(name: string, work: () => Promise<T>, among?: string): Promise<T>;
}

/** The right to do something that one process at a time should do. */
export interface Turn {
  /** Ending it again changes nothing. */
  end(): Promise<void>;
}

export interface TurnOptions {
  /** How long to wait while another has the turn; 0 does not wait. */
  readonly waitMs: number;
  /** Aborted: no longer waits. */
  readonly signal?: AbortSignal;
  /** Called when another waits for this turn, perhaps often, and when the turn was lost with the connection. */
  readonly onWanted?: () => void;
}

/**
 * Turns among all processes on one database. A turn ends with the process that has it, and with its connection to the
 * database: it avoids work done twice, and is no proof of being alone.
 */
export interface Turns {
  /** @throws NII_BUSY if another still has it when the wait is over, NII_DATABASE_UNREACHABLE */
  takeTurn(name: string, options: TurnOptions): Promise<Turn>;
}

export interface Erasable {
  /** Removes every row but keys, the audit and resumable uploads, for a rebuild from objects. */
  clear(): Promise<void>;
}

/** A store that may be unreachable. */
export interface Reachable {
  /** @throws NII_STORE_UNREACHABLE or NII_DATABASE_UNREACHABLE unless it answers and can be written */
  ready(): Promise<void>;
}
