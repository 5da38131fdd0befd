import type { Scope } from '../../../access.ts';
import type { OutcomeKind, VerdictKind } from '../../../case/case.ts';
import type { Analysis } from '../../../case/finding.ts';
import type { Purpose } from '../../../scan/purposes.ts';

/** What a version in shadow said of one revision of a scan. */
interface ShadowRow {
  readonly scanId: string;
  readonly revision: number;
  readonly administration: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly analysis: Analysis;
}

/** One scan as two versions saw it, with what people found. */
export interface ShadowPair {
  readonly scanId: string;
  readonly revision: number;
  readonly shadow: Analysis;
  /** What the active version of the same model said; none where it did not run, or of a scan that is gone. */
  readonly active?: Analysis;
  readonly verdict?: VerdictKind;
  readonly outcome?: OutcomeKind;
  /** Absent of a scan that is gone. */
  readonly origin?: { readonly site: string; readonly scanner: string; readonly purpose: Purpose };
}

/** A site of an administration, or all with `*`. */
type Place = Pick<Scope, 'administration' | 'site'>;

export interface Shadows {
  /** Replaces what the same version said of the same revision. */
  putShadow(row: ShadowRow): Promise<void>;

  /** The newest first. */
  shadowPairs(
    place: Place,
    model: { readonly id: string; readonly version: string },
    limit: number,
  ): Promise<readonly ShadowPair[]>;
}
