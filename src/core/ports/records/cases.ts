import type { Scope } from '../../access.ts';
import type { Case, QueueBand } from '../../case/case.ts';
import type { HandBack } from '../../case/not-readers.ts';
import type { Measured } from '../../measures/measured-case.ts';
import type { Page } from '../../page.ts';

export interface QueueFilter {
  readonly states: readonly Case['state'][];
  readonly container?: string;
  /** Only those that were not settled when they were due. */
  readonly escalated?: boolean;
}

/** How many cases wait, in each band. */
export interface QueueCounts {
  readonly bands: Readonly<Record<QueueBand, number>>;
  /** Of them, those that were due before the time. */
  readonly pastDue: number;
}

/** Cases that are not closed, of one state and band. */
export interface CaseLoad {
  readonly state: Case['state'];
  readonly band: QueueBand;
  readonly cases: number;
  readonly pastDue: number;
  /** Of the one that was or is due first. */
  readonly firstDueAt: string;
}

/** Whom a case is drawn for. */
export interface Drawing {
  /** Every name of the person. */
  readonly reader: readonly string[];
  /** Whether it may be a second reading. */
  readonly isLinked: boolean;
  /** In which the person has an interest. */
  readonly containers: readonly string[];
  readonly declarations: readonly string[];
  /** ISO 8601; what is due before it is urgent. */
  readonly urgentBefore: string;
}

export interface Cases {
  case(scope: Scope, id: string): Promise<Case | undefined>;
  casesOfScan(scanId: string): Promise<readonly Case[]>;
  /** In queue order: priority, then id. */
  queue(scope: Scope, filter: QueueFilter, limit: number, cursor?: string): Promise<Page<Case>>;
  /** Of queued cases. @param at ISO 8601 */
  countQueue(scope: Scope, at: string): Promise<QueueCounts>;
  /** By state and band, those that have any. @param at ISO 8601 */
  loadOfCases(scope: Scope, at: string): Promise<readonly CaseLoad[]>;

  // Work lists, oldest first.
  /** Cases in search. */
  searches(scope: Scope, limit: number, cursor?: string): Promise<Page<Case>>;
  /** Cases of goods that customs released while something was open, until somebody has reviewed it. */
  releasesWhileOpen(scope: Scope, limit: number, cursor?: string): Promise<Page<Case>>;
  /** Closed cases with a find, of scans that came since then (RFC 3339), whose vehicle nobody has released. */
  findsUnreleased(scope: Scope, since: string, limit: number): Promise<readonly Case[]>;
  /** Cases with an alarm of a person in danger that nobody has acknowledged. */
  dangers(scope: Scope, limit: number, cursor?: string): Promise<Page<Case>>;
  /** Cases in hand whose reader asks for advice. */
  adviceAsked(scope: Scope, limit: number, cursor?: string): Promise<Page<Case>>;

  /** The case as it is now, and nobody else may save it until this transaction ends. */
  lockCase(scope: Scope, id: string): Promise<Case | undefined>;
  /** Inserts or replaces. @throws NII_CONFLICT when the stored history is not one shorter or equal up to its end */
  saveCase(value: Case): Promise<void>;
  /** What the measures count of it, with each move. */
  saveMeasured(measured: Measured): Promise<void>;

  // Cases on their way to an analyst and back.
  /**
   * Locks one queued case, drawn by nobody's choice: of those that are urgent, the more likely the longer they are; else
   * of the first band that has any. Skips locked ones and what this reader is not assigned.
   */
  drawCase(scope: Scope, drawing: Drawing): Promise<Case | undefined>;
  /** The case in hand of the person with these names, of any site; after a verdict was taken back there may be two: the last. */
  caseInHand(administration: string, reader: readonly string[]): Promise<Case | undefined>;
  /** Claimed cases whose lease ended before the time; locked. */
  casesPastLease(at: string, limit: number): Promise<readonly Case[]>;

  // Cases that nobody settled in time, and those that readers did not decide.
  /** Due before the time, and nobody was told yet; locked. */
  casesPastDue(at: string, limit: number): Promise<readonly Case[]>;
  /** Does not name it again before it moves: nobody has to be told. */
  passOverDue(id: string): Promise<void>;

  // Persons in danger that nobody sees to.
  /** Due before the time, and not told yet; locked. */
  dangersPastDue(at: string, limit: number): Promise<readonly Case[]>;

  // Verdicts that may be taken back.
  /** Whether the time of any was over before this one. Locks nothing. */
  isAnyPastUndoWindow(at: string): Promise<boolean>;
  /** Cases of which it was; locked. */
  casesPastUndoWindow(at: string, limit: number): Promise<readonly Case[]>;
  /** Cases whose last verdict one of these gave and may still take back; locked. */
  casesInUndoWindow(administration: string, analysts: readonly string[]): Promise<readonly Case[]>;

  /** How many cases the person with these names handed back since; cases of which the lease ended count, too. */
  handBacksSince(administration: string, reader: readonly string[], since: string): Promise<number>;
  /** The newest first. */
  handBacksOf(
    administration: string,
    reader: readonly string[],
    limit: number,
  ): Promise<readonly ListedHandBack[]>;
}

export interface ListedHandBack extends HandBack {
  readonly caseId: string;
}

export interface OwnDecisions {
  /** Cases that one of these names decided or settled, by the last time of it, the newest first. */
  decidedBy(scope: Scope, reader: readonly string[], limit: number, cursor?: string): Promise<Page<Case>>;
}

/** What a picture has to have in common with the one in hand. */
interface ReferenceWish {
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
