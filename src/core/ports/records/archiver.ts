/** How the server of the database archives its write-ahead log, for point-in-time recovery. */
export interface ArchiverState {
  readonly isOn: boolean;
  /** Whether `archive_command` or `archive_library` is set. */
  readonly hasCommand: boolean;
  /** Changes reach the archive after this time even if there are few; 0 if they wait for a full segment. */
  readonly timeoutSeconds: number;
  readonly lastArchivedAt?: string;
  /** When archiving failed; absent if a later attempt succeeded. */
  readonly lastFailedAt?: string;
}

/** For operators, never for a request of a person. */
export interface Archiver {
  archiver(): Promise<ArchiverState>;
}
