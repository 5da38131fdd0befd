import type { Scope } from '../../../access.ts';
import type { OutcomeKind, VerdictKind } from '../../../case/case.ts';
import type { ImportedReport } from '../../../scan/scan.ts';

/** One scan with what algorithms of vendors said of it, what our models did, and what people found. */
export interface VendorScan {
  readonly scanId: string;
  /** Of machines; without their objects, which may be very many. */
  readonly reports: readonly Pick<ImportedReport, 'type' | 'decision' | 'by'>[];
  /** Models that looked, by id@version. */
  readonly models: readonly { readonly model: string; readonly alarm: boolean }[];
  readonly verdict?: VerdictKind;
  readonly outcome?: OutcomeKind;
}

export interface VendorScans {
  /**
   * The scans with reports among the newest ones of a site, or of all with `*`; the newest first.
   * @param from - first instant that counts, ISO 8601
   * @param most - scans that are looked at
   */
  vendorScans(
    place: Pick<Scope, 'administration' | 'site'>,
    from: string,
    most: number,
  ): Promise<readonly VendorScan[]>;
}
