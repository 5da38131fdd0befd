import type { Scope } from '../../access.ts';
import type { Case } from '../../case/case.ts';
import type { Page } from '../../page.ts';

export interface QueueFilter {
  readonly states: readonly Case['state'][];
  readonly container?: string;
}

export interface Cases {
  case(scope: Scope, id: string): Promise<Case | undefined>;
  casesOfScan(scanId: string): Promise<readonly Case[]>;
  /** In queue order: priority, then id. */
  queue(scope: Scope, filter: QueueFilter, limit: number, cursor?: string): Promise<Page<Case>>;
}

export interface CaseWrites {
  /** The case as it is now, and nobody else may save it until this transaction ends. */
  lockCase(scope: Scope, id: string): Promise<Case | undefined>;
  /** Inserts or replaces. @throws NII_CONFLICT when the stored history is not one shorter or equal up to its end */
  saveCase(value: Case): Promise<void>;
}

/** Cases on their way to an analyst and back. */
export interface CaseClaims {
  /**
   * Locks, from the first band that has any, one queued case drawn at random that this analyst has not decided; skips
   * locked ones and excluded containers.
   */
  drawCase(scope: Scope, analyst: string, excludedContainers: readonly string[]): Promise<Case | undefined>;
  /** Claimed cases whose lease ended before the time; locked. */
  casesPastLease(at: string, limit: number): Promise<readonly Case[]>;
}
