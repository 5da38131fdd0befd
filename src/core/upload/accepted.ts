import type { ScanState } from '../scan/scan-states.ts';

export const acceptResults = ['new-scan', 'new-revision', 'already-here'] as const;

/** What became of the files of an upload that are one scan. */
export interface AcceptedScan {
  readonly scanId: string;
  readonly revision: number;
  readonly state: ScanState;
  readonly result: (typeof acceptResults)[number];
  readonly converter: string;
  readonly files: readonly { readonly name: string; readonly role: string; readonly complete: boolean }[];
}
