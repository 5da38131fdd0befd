/** A copy of the database from which a recovery begins. */
export interface TakenBase {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** Base backups of the embedded database in its archive. */
export interface BaseBackups {
  /** When the newest one was complete; undefined without any. */
  newest(): Promise<Date | undefined>;
  /**
   * Takes one while the database works, then removes what is older than the days to keep.
   * @throws NII_ARCHIVE_FAILING, NII_DATABASE_UNREACHABLE
   */
  take(now: Date): Promise<TakenBase>;
}

/** What a recovery of the database aims at. */
export interface RecoveryTarget {
  /** Every transaction that was committed until then, or all that the archive has. */
  readonly at: Date | 'latest';
  /** The newest one, unless given: a recovery to an earlier time began a new one. */
  readonly timeline?: number;
}

/** A database that was recovered. */
export interface Recovered {
  /** Name of the base backup. */
  readonly base: string;
  readonly baseEndedAt: Date;
  /** When the last recovered transaction was committed; undefined if there was none after the base backup. */
  readonly lastTransactionAt: Date | undefined;
  /** The one that was followed. */
  readonly timeline: number;
}
