import type { Fault, Tally } from './tally.ts';

/** What the parent asks for. */
export interface FuzzTask {
  readonly target: string;
  readonly seed: number;
  /** First and behind the last input. */
  readonly from: number;
  readonly to: number;
  readonly milliseconds?: number;
  /** An input that takes more processor time is a fault. */
  readonly slowMs: number;
  /** Packages beside those that are built in. */
  readonly extra?: string;
  readonly folder: string;
  /** Holds the number of the input at work, for the case that nobody is left to say it. */
  readonly stateFile: string;
}

export type FuzzProgress =
  | { readonly kind: 'tally'; readonly tally: Tally }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** The child tells its tally at least so often, unless an input takes longer. */
export const PROGRESS_EVERY_MS = 500;

export function isFuzzProgress(value: unknown): value is FuzzProgress {
  return typeof value === 'object' && value !== null && ('tally' in value || 'fault' in value);
}

/** The child answers with its tally. */
export function readTally(value: unknown): Tally | undefined {
  return typeof value === 'object' && value !== null && 'words' in value ? (value as Tally) : undefined;
}
