import type { ObjectWhat } from '../../rows/object-what.ts';

/** A stored object. Originals have no parent. */
export type ObjectRow = StoredBytes & ObjectWhat;

export interface StoredBytes {
  readonly key: string;
  readonly scanId: string;
  readonly revision: number;
  readonly bytes: number;
  readonly sha256: string;
  /** Of more than one MiB: see BlockDigests. Absent of what was stored before blocks were kept, until its first read. */
  readonly blocks?: string;
  readonly contentType: string;
  /** SHA-256 of what it was made from, and what made it. */
  readonly parentSha256?: string;
  readonly producer: string;
}

export interface ObjectRows {
  // What is recorded of each stored object.
  objectsOf(scanId: string, revision?: number): Promise<readonly ObjectRow[]>;
  object(key: string): Promise<ObjectRow | undefined>;
  /** Every object row in rising order of key, a page at a time. */
  allObjects(afterKey: string, limit: number): Promise<readonly ObjectRow[]>;

  /** Rows that exist with the same key are replaced. */
  putObjects(rows: readonly ObjectRow[]): Promise<void>;

  /** Keeps the digests of the blocks of an object that still has this hash. */
  sealObject(key: string, sha256: string, blocks: string): Promise<void>;
}
