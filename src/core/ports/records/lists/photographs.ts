import type { StoredPhotograph } from '../../../case/photograph.ts';

export interface Photographs {
  /** All of a case, removed ones too, in the order in which they were added. */
  photographsOf(caseId: string): Promise<readonly StoredPhotograph[]>;
}

export interface PhotographWrites {
  /** Inserts or replaces. The caller holds the lock on the case. */
  putPhotograph(value: StoredPhotograph): Promise<void>;
}
