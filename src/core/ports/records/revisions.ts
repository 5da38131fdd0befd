import type { SentScope } from '../../access.ts';
import type { RevisionRow } from '../../scan/stored-scan.ts';

export interface Revisions {
  revision(scanId: string, revision: number): Promise<RevisionRow | undefined>;
  revisions(scanId: string): Promise<readonly RevisionRow[]>;
  /** The newest revision that has a record: one that is under way or failed does not hide it. */
  newestConverted(scanId: string): Promise<RevisionRow | undefined>;
  /** The revision at exactly this site that has exactly this content, of a scan that this sender sent to. */
  revisionByContent(scope: SentScope, contentHash: string): Promise<RevisionRow | undefined>;

  insertRevision(row: RevisionRow): Promise<void>;
  /** Replaces state, converter, scan and problem. */
  updateRevision(row: RevisionRow): Promise<void>;
}
