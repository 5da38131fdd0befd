/** An object that the service derived. Originals have no parent. */
export interface ObjectRow {
  readonly key: string;
  readonly scanId: string;
  readonly revision: number;
  /** original, manifest, scan-json, dicos, plane, preview, thumbnail, analysis, map, tdr, case, hold, acknowledgement, register. */
  readonly kind: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly contentType: string;
  /** SHA-256 of what it was made from, and what made it. */
  readonly parentSha256?: string;
  readonly producer: string;
}

/** What is recorded of each stored object. */
export interface ObjectRows {
  objectsOf(scanId: string, revision?: number): Promise<readonly ObjectRow[]>;
  object(key: string): Promise<ObjectRow | undefined>;
  /** Every object row in rising order of key, a page at a time. */
  allObjects(afterKey: string, limit: number): Promise<readonly ObjectRow[]>;
}

export interface ObjectRowWrites {
  /** Rows that exist with the same key are replaced. */
  putObjects(rows: readonly ObjectRow[]): Promise<void>;
}
