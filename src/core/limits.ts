/** Named ceilings. Every loop, allocation and wait in the service is bounded by one of them. */
export interface Limits {
  /** One upload, all parts together. */
  readonly uploadBytes: number;
  /** Files in one upload, members of archives counted. */
  readonly uploadFiles: number;
  /** All members of one archive after decompression. */
  readonly archiveBytes: number;
  /** Decompressed size over compressed size, of any one stream. */
  readonly expansionRatio: number;
  /** Rows times columns times frames of one channel. */
  readonly pixels: number;
  /** Nesting of sequences, elements or archives. */
  readonly depth: number;
  /** Wall time of one conversion. */
  readonly convertSeconds: number;
  /** Resident memory of one converter process. */
  readonly convertBytes: number;
  /** Wall time of one model run. */
  readonly inferSeconds: number;
  /** Resident memory of the process of a model. */
  readonly inferBytes: number;
  /** Jobs waiting before uploads are answered 429. */
  readonly queuedJobs: number;
  /** How long a late file may join a scan of the same name. */
  readonly lateFileSeconds: number;
  /** Resumable uploads that one key may have open at a time. */
  readonly openUploads: number;
  /** A resumable upload that is not finished after this long is removed. */
  readonly resumableSeconds: number;
}

const MiB = 1024 * 1024;

export const defaultLimits: Limits = Object.freeze({
  uploadBytes: 512 * MiB,
  uploadFiles: 256,
  archiveBytes: 1024 * MiB,
  expansionRatio: 200,
  pixels: 200_000_000,
  depth: 32,
  convertSeconds: 120,
  convertBytes: 2048 * MiB,
  inferSeconds: 120,
  inferBytes: 4096 * MiB,
  queuedJobs: 10_000,
  lateFileSeconds: 24 * 3600,
  openUploads: 256,
  resumableSeconds: 7 * 24 * 3600,
});
