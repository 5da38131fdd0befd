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

/** Why the bytes of an object cannot be read: absent, not those that were stored, or encrypted with a key that is not at hand. */
export type ObjectFault = 'missing' | 'corrupt' | 'locked';

/** What comparing one object with its hash found. */
export interface ObjectCheck {
  readonly at: string;
  /** Undefined: none. */
  readonly fault: ObjectFault | undefined;
}

/** What comparing all objects with their hashes has found so far. */
export interface ObjectChecks {
  readonly faulty: Readonly<Record<ObjectFault, number>>;
  /** Seconds since the check that is the longest ago; undefined without objects. */
  readonly oldestSeconds: number | undefined;
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

  /** Objects last compared with their hash before this time, the longest ago first. An object that is put counts as compared. */
  objectsCheckedBefore(time: string, limit: number): Promise<readonly ObjectRow[]>;
  /** Keeps what comparing an object found, if it still has this hash. */
  noteCheck(key: string, sha256: string, check: ObjectCheck): Promise<void>;
  objectChecks(): Promise<ObjectChecks>;
}
