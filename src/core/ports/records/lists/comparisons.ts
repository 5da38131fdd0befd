import type { Scope } from '../../../access.ts';
import type { Case } from '../../../case/case.ts';

/** What a picture has to have in common with the one in hand. */
export interface ReferenceWish {
  /** Not a picture of this scan. */
  readonly scanId: string;
  /** Of the layout of this converter. */
  readonly converter: string;
  /** The first two digits of its HS codes; empty asks for none of them. */
  readonly chapters: readonly string[];
  readonly isEmpty: boolean;
}

/** Pictures to look at beside the one in hand. */
export interface Comparisons {
  /** Cases that were decided normal, released and closed, the newest first, among the newest of the place. */
  references(scope: Scope, wish: ReferenceWish, limit: number): Promise<readonly Case[]>;
  /** The person with the claimed case may open these scans, and no longer the previous ones. */
  offerScans(caseId: string, scanIds: readonly string[]): Promise<void>;
}
