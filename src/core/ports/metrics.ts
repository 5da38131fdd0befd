import type { ErrorCode } from '../errors.ts';
import type { JobKind } from '../rows/job.ts';

/** How a piece of work ended: with a result, for good without one, or to be tried again. */
export const workOutcomes = ['done', 'failed', 'retried'] as const;
export type WorkOutcome = (typeof workOutcomes)[number];

/** What the steps tell operators of their work. Nothing is waited for, and nothing here ever throws. */
export interface StepMetrics {
  /** One conversion by the converter with this id; seconds of wall time. */
  converted(converter: string, outcome: WorkOutcome, seconds: number): void;
  /** One run of a model over a scan; seconds of wall time. */
  inferred(
    model: { readonly id: string; readonly version: string },
    outcome: WorkOutcome,
    seconds: number,
  ): void;
  /** One job from its claim to its end; seconds of wall time. */
  worked(kind: JobKind, outcome: WorkOutcome, seconds: number): void;
  /** A job, a conversion or an analysis that ended with this code. */
  failed(kind: JobKind, code: ErrorCode): void;
}

/** Seconds since a `performance.now()`. */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

/** For commands and tests that nobody measures. */
export const unmeasured: StepMetrics = {
  converted() {},
  inferred() {},
  worked() {},
  failed() {},
};
