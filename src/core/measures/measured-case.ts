import type { OutcomeKind, VerdictKind } from '../case/case.ts';

/** What the measures count of one case. Nothing that was said while somebody may still read the image. */
export interface MeasuredCase {
  readonly caseId: string;
  readonly scanId: string;
  readonly administration: string;
  readonly site: string;
  /** When the scan was received. */
  readonly arrivedAt: string;
  readonly dueAt: string;
  readonly percentile?: number;
  /** First claim. */
  readonly claimedAt?: string;
  /** First reading. */
  readonly decidedAt?: string;
  /** Time since which no one has to handle it. */
  readonly settledAt?: string;
  /** First referral to a search. */
  readonly referredAt?: string;
  /** The search that the outcome is of. */
  readonly searchedAt?: string;
  readonly closedAt?: string;
  /** Of readings, not of whoever settled them. */
  readonly firstVerdict?: VerdictKind;
  readonly secondVerdict?: VerdictKind;
  /** That stands. */
  readonly finalVerdict?: VerdictKind;
  /** Its search was drawn at random, with this share. */
  readonly drawnShare?: number;
  readonly outcome?: OutcomeKind;
}

/** One verdict, with its number in the history of the case. */
export interface MeasuredReading {
  readonly seq: number;
  readonly at: string;
  readonly person: string;
  readonly verdict: VerdictKind;
  /** Of a supervisor, who settled it. */
  readonly isSettlement: boolean;
}

export interface Measured {
  readonly value: MeasuredCase;
  /** All of them, including those from before the case was reopened. */
  readonly readings: readonly MeasuredReading[];
}
