import type { DecidedFile, LateCopy, ResumableUpload, UploadOutcome } from '../../upload.ts';

/** A run of bytes of a resumable upload. Its object is durable before its row is written. */
export interface UploadChunk {
  /** Offset of its first byte in the file. */
  readonly first: number;
  readonly bytes: number;
  /** Object that holds it. */
  readonly key: string;
}

export interface ResumableRecords {
  // Resumable uploads that have not ended.
  /** Until the transaction ends, nobody else who calls this for the key gets past it. */
  lockUploads(keyId: string): Promise<void>;
  /** The open uploads of a key, in the order in which they were begun. */
  uploadsOf(keyId: string): Promise<readonly ResumableUpload[]>;
  upload(id: string): Promise<ResumableUpload | undefined>;
  /** The open uploads of all keys in rising order of id, a page at a time. */
  openUploads(afterId: string, limit: number): Promise<readonly ResumableUpload[]>;
  /** @throws NII_CONFLICT if there is one of this id */
  insertUpload(upload: ResumableUpload): Promise<void>;
  setUploadHash(id: string, sha256: string): Promise<void>;
  /** One more process begins to take these in. @returns how many have begun and not ended, this one included */
  beginAcceptance(ids: readonly string[]): Promise<number>;
  /** It has ended, well or not: whoever begins next is the first. */
  endAcceptance(ids: readonly string[]): Promise<void>;
  setUploadCopy(id: string, copy: LateCopy): Promise<void>;
  /** Removes the rows of the upload and its chunks; the objects are the caller's to remove afterwards. */
  removeUpload(id: string): Promise<void>;

  // What arrived of them.
  /**
   * Moves the upload's offset to the end of the chunk. False, and nothing changes, if the upload is gone or does not
   * stand at the chunk's first byte.
   */
  appendChunk(uploadId: string, chunk: UploadChunk): Promise<boolean>;
  /** The same, where the chunk begins with the bytes of the last one, which it replaces. */
  replaceLastChunk(uploadId: string, last: UploadChunk, chunk: UploadChunk): Promise<boolean>;
  /** In rising order of first byte. */
  chunksOf(uploadId: string): Promise<readonly UploadChunk[]>;

  // How uploads, and sets that two senders sent, have ended.
  /** An outcome that is there stays. */
  putOutcome(outcome: UploadOutcome): Promise<void>;
  uploadOutcome(id: string): Promise<UploadOutcome | undefined>;
  forgetOutcome(id: string): Promise<void>;

  /** Replaces the file of the same set, name, size and hash. */
  putDecidedFile(setKey: string, file: DecidedFile): Promise<void>;
  /** The files of this name and size that the set was decided with. */
  decidedFiles(setKey: string, name: string, bytes: number): Promise<readonly DecidedFile[]>;
  /** Those of a set that was rejected. */
  forgetRejectedFiles(setKey: string): Promise<void>;

  /** Outcomes and decided files from before this time. */
  forgetEndedUploads(before: string): Promise<void>;
}
