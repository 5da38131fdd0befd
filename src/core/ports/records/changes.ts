import type { Scope } from '../../access.ts';
import type { Page } from '../../page.ts';

export interface ChangeRow {
  readonly cursor: string;
  readonly at: string;
  readonly administration: string;
  /** `*` where the whole administration is concerned; readers of every site see it. */
  readonly site: string;
  /**
   * scan.received, scan.converted, scan.analysed, scan.failed, case.opened, case.changed, scanner.changed, declaration.changed,
   * policy.changed, site.changed, model.changed, hold.opened, hold.changed, hold.escalated, radiation.joined (subject: the radiation record),
   * release.while-open (subject: the case), passage.without-instruction, passage.settled,
   * vehicle.left-with-open-fact (subject: the passage, or the case that customs released),
   * danger.raised, danger.acknowledged, danger.escalated (subject: the case), advice.asked, advice.joined, advice.given,
   * advice.drawn, advice.ended (subject: the case), vehicle-hold.changed (subject: a hash of the mark), service-hold.opened,
   * service-hold.changed (subject: the hold), check-in.changed, set-aside.changed, scan-marks.changed (subject: the scan).
   */
  readonly kind: string;
  readonly subject: string;
  readonly revision?: number;
}

export interface Changes {
  // The feed of what changed.
  /** Cursor after everything that `changes` shows by now. */
  endOfChanges(): Promise<string>;
  /** Only rows that no transaction still under way can precede: a reader that keeps its cursor misses none. */
  changes(
    scope: Scope,
    limit: number,
    cursor?: string,
  ): Promise<Page<ChangeRow> & { readonly cursor: string }>;

  /** The number of the newest row, over all administrations; 0 without one. It never goes down. */
  newestChange(): Promise<number>;

  appendChange(change: Omit<ChangeRow, 'cursor' | 'at'>): Promise<void>;
}
