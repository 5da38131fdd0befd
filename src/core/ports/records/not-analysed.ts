import type { Scope } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { NotAnalysedReason } from '../../scan/not-analysed.ts';
import type { ScanRow } from '../../scan/stored-scan.ts';

export interface NotAnalysedRow {
  readonly scanId: string;
  readonly reason: NotAnalysedReason;
}

export interface NotAnalysedScans {
  // Scans that are no analysts' case.
  /** Newest first, with those whose newest files cannot be read. */
  notAnalysed(scope: Scope, limit: number, cursor?: string): Promise<Page<NotAnalysedRow>>;

  /** Inserts or replaces. A scan that failed is listed by its state, and is not put here. */
  putNotAnalysed(
    scan: Pick<ScanRow, 'id' | 'administration' | 'site' | 'receivedAt'>,
    reason: Exclude<NotAnalysedReason, 'failed'>,
  ): Promise<void>;
  removeNotAnalysed(scanId: string): Promise<void>;
}
