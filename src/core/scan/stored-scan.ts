import type { Problem } from '../errors.ts';
import type { NiiScan, Purpose } from './scan.ts';
import type { ScanState } from './scan-states.ts';

/** A scan as the service keeps it; what was measured is in its revisions. */
export interface ScanRow {
  readonly id: string;
  readonly administration: string;
  readonly site: string;
  /** Converter that recognised it, and the name under which late files join. */
  readonly converter: string;
  readonly groupKey: string;
  readonly state: ScanState;
  readonly revision: number;
  readonly purpose: Purpose;
  readonly receivedAt: string;
  readonly acquiredAt?: string;
  readonly completeness?: NiiScan['completeness'];
  readonly containers: readonly string[];
  /** What else it is found by; see `termOf`. */
  readonly terms: readonly string[];
  /** As the newest converted record has it, else as sent with the first files. */
  readonly visit?: string;
  /** Whoever sent originals of it, in the order in which they came; the first may say who else may. */
  readonly senders: readonly string[];
}

/** One stored file of a revision as it came. */
/**
 * The role of a recording of a portal. It grows while it is sent again and again: one that begins with all of an earlier one is
 * that, grown.
 */
export const RECORD_ROLE = 'record';

/** Whether a portal recorded any of these files. */
export function hasRecord(files: readonly { readonly role: string }[]): boolean {
  return files.some(({ role }) => role === RECORD_ROLE);
}

export interface OriginalFile {
  readonly name: string;
  readonly role: string;
  readonly bytes: number;
  readonly sha256: string;
  /** As of StoredBytes. */
  readonly blocks?: string;
  readonly complete: boolean;
  /** Object that holds it; a later revision names the object of the revision it came with. */
  readonly key: string;
  /** Its sender; absent of what was stored before senders were kept apart: then the first sender of the scan. */
  readonly sentBy?: string;
  /** Files that it, an index file, names as those of its scan: base name in lower case -> role. */
  readonly names?: Readonly<Record<string, string>>;
}

/** The originals of a scan at one time, and what was made of them. */
export interface RevisionRow {
  readonly scanId: string;
  readonly revision: number;
  readonly state: ScanState;
  /** SHA-256 over the sorted content hashes of the originals. */
  readonly contentHash: string;
  readonly originals: readonly OriginalFile[];
  readonly receivedAt: string;
  /** Key id of the uploader. */
  readonly uploader: string;
  /** Sent with the upload: scanner, lane, purpose, webhook … */
  readonly meta: Readonly<Record<string, string>>;
  readonly converter: { readonly id: string; readonly version: string };
  readonly scan?: NiiScan;
  readonly problem?: Problem;
}
