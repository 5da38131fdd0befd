/** Numbers of rows of the audit, both included; infinite ones have no bound. */
export type SeqRange = readonly [first: number, last: number];

/** The highest number that a row can have here. */
export const HIGHEST_SEQ = Number.MAX_SAFE_INTEGER;

/** What one seal says of itself. */
export interface AuditSeal {
  /** From 1, without gaps. */
  readonly number: number;
  /** Rows that were there when it was made; in order, and none of them sealed before. */
  readonly covers: readonly SeqRange[];
  readonly rows: number;
  /** The highest number of a row that this seal or one before it covers. */
  readonly highest: number;
  /** `sha256` of the seal before; of the first one, zeros. */
  readonly previous: string;
  /** Over `previous`, what the seal says and each row that it covers. */
  readonly sha256: string;
  /** By the clock of the database, to the microsecond; never before the seal before. */
  readonly madeAt: string;
}

/** A seal as it is stored, which may be what somebody else wrote. */
export interface StoredSeal extends Omit<AuditSeal, 'covers'> {
  readonly covers: unknown;
}

/** A row of the audit in all its columns, each as it is stored: JSON as its text, the time to the microsecond. */
export interface StoredAuditRow {
  readonly seq: number;
  readonly at: string;
  readonly administration: string;
  readonly site: string | null;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
}

/** What the next seal follows. */
export interface SealWindow {
  readonly newest: StoredSeal | undefined;
  /** Made at most this many seconds before the newest, with it. */
  readonly recent: readonly StoredSeal[];
  /** `highest` of the last seal before those; 0 without one. */
  readonly floor: number;
  /** Of a seal that is made now. */
  readonly now: string;
}

export interface AuditSeals {
  // Of the whole audit, over all administrations; never for a request of a person.
  /** After this number, in order. */
  auditSeals(after: number, limit: number): Promise<readonly StoredSeal[]>;
  /** Rows with a number in one of the ranges, above `after`, in order. The ranges do not overlap. */
  auditRowsIn(ranges: readonly SeqRange[], after: number, limit: number): Promise<readonly StoredAuditRow[]>;
  countAuditRowsIn(ranges: readonly SeqRange[]): Promise<number>;

  sealWindow(seconds: number): Promise<SealWindow>;
  /** Fails with NII_CONFLICT if another process made this number. */
  addSeal(seal: AuditSeal): Promise<void>;
}
