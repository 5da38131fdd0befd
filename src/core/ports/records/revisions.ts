import type { RevisionRow } from '../../scan/stored-scan.ts';

export interface Revisions {
  revision(scanId: string, revision: number): Promise<RevisionRow | undefined>;
  revisions(scanId: string): Promise<readonly RevisionRow[]>;
  /** The revision at this site that has exactly this content. */
  revisionByContent(
    administration: string,
    site: string,
    contentHash: string,
  ): Promise<RevisionRow | undefined>;
}

export interface RevisionWrites {
  insertRevision(row: RevisionRow): Promise<void>;
  /** Replaces state, converter, scan and problem. */
  updateRevision(row: RevisionRow): Promise<void>;
}
