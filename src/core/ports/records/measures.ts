import type { Scope } from '../../access.ts';
import type { FigureName, FiguresOfPart, Measure, StepTimes } from '../../measures/figures.ts';
import type { Measured } from '../../measures/measured-case.ts';
import type { Page } from '../../page.ts';

/** What is counted: of which time, site and scanner. */
export interface Counting {
  /** ISO 8601; from included, to not. */
  readonly from: string;
  readonly to: string;
  readonly by: 'hour' | 'day' | 'week';
  /** IANA name of the zone in which days and weeks begin. */
  readonly zone: string;
  readonly site?: string;
  readonly scanner?: string;
  /** A model marks a scan from this percentile on. */
  readonly threshold: number;
  /** ISO 8601; what is due before it is past due. */
  readonly now: string;
}

/** A scan behind a figure, and its case where the figure is of cases. */
export interface CountedScan {
  readonly scanId: string;
  readonly caseId?: string;
  readonly site: string;
  readonly scanner?: string;
  /** By which it is counted. */
  readonly at: string;
}

/** Decisions of one person. */
export interface PersonCounts {
  readonly person: string;
  readonly decisions: number;
  readonly suspect: number;
  /** First readings of cases of which the last word is known, and those that say the same. */
  readonly firstReadings: number;
  readonly agreed: number;
}

export interface Measures {
  /** The same of a case that was read from its object: when the lane was told of it is not known. */
  saveRebuilt(measured: Measured): Promise<void>;

  /** The lane acknowledged what it was told of the scan; the first time after a decision is kept. */
  keepInstructed(scanId: string, at: string): Promise<void>;

  // Sets of rows counted by PostgreSQL; nothing of one person.
  /** Every figure of a measure that is a count: of the whole, by time, and by site and scanner. */
  countFigures(scope: Scope, measure: Measure, counting: Counting): Promise<readonly FiguresOfPart[]>;
  /** Times from the scan to each step, of the whole and by time. */
  timesToSteps(scope: Scope, counting: Counting): Promise<readonly StepTimes[]>;
  /** The scans that a figure counts, in the order of their times. */
  countedScans(
    scope: Scope,
    figure: FigureName,
    counting: Counting & { readonly atLeastSeconds?: number },
    limit: number,
    cursor?: string,
  ): Promise<Page<CountedScan>>;

  countByPerson(scope: Scope, counting: Counting): Promise<readonly PersonCounts[]>;
  /** A secret of this installation. */
  pseudonymKey(): Promise<string>;
}
