import type { Scope } from '../../../access.ts';
import type { Case } from '../../../case/case.ts';
import type { Page } from '../../../page.ts';

export interface OwnDecisions {
  /** Cases that one of these names decided or settled, by the last time of it, the newest first. */
  decidedBy(scope: Scope, reader: readonly string[], limit: number, cursor?: string): Promise<Page<Case>>;
}
