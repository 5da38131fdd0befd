import type { Scope } from '../../../access.ts';
import type { LanePassage } from '../../../case/lane-passage.ts';
import type { Page } from '../../../page.ts';

export interface PassageFilter {
  readonly state: Exclude<LanePassage['state'], 'valid'>;
  readonly site?: string;
}

/** Passages without a valid instruction. */
export interface Passages {
  /** The one that passed first before the others. */
  passages(scope: Scope, filter: PassageFilter, limit: number, cursor?: string): Promise<Page<LanePassage>>;
}

/** Every passage that was reported. */
export interface PassageWrites {
  /** Those of these that are kept, in any order. */
  keptPassages(ids: readonly string[]): Promise<readonly LanePassage[]>;
  /** The passage as it is now, and nobody else may settle it until this transaction ends. */
  lockPassage(scope: Scope, id: string): Promise<LanePassage | undefined>;
  /** Inserts or replaces. */
  putPassages(values: readonly LanePassage[]): Promise<void>;
}
