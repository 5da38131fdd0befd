import type { Effort } from './claims.ts';
import type { ContractResult } from './contract.ts';

/** What the parent asks of the child process. */
export interface ContractTask {
  /** Folder of the package that is held to the contract. */
  readonly folder: string;
  /** Folders of the packages that are installed beside it. */
  readonly others: readonly string[];
  readonly effort: Effort;
}

/** What the child is about to try. */
export interface ContractProgress {
  readonly claim: string;
  readonly what: string;
  readonly inputs: number;
}

/** The child answers with the result of its own run of the contract. */
export function readContractResult(value: unknown): ContractResult | undefined {
  return typeof value === 'object' && value !== null && 'claims' in value
    ? (value as ContractResult)
    : undefined;
}

export function isContractProgress(value: unknown): value is ContractProgress {
  return typeof value === 'object' && value !== null && 'claim' in value && 'what' in value;
}
