import type { ScanState } from '../scan/scan-states.ts';

/** What became of the files of an upload that are one scan. */
export interface AcceptedScan {
  readonly scanId: string;
  readonly revision: number;
  readonly state: ScanState;
  readonly result: 'new-scan' | 'new-revision' | 'already-here';
  readonly converter: string;
  readonly files: readonly { readonly name: string; readonly role: string; readonly complete: boolean }[];
}
