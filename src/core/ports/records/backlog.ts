import type { Case } from '../../case/case.ts';
import type { Hold } from '../../radiation/hold.ts';
import type { JobKind } from '../../rows/job.ts';

export interface CaseCount {
  readonly state: Case['state'];
  readonly band: Case['band'];
  readonly count: number;
}

/** What waits for people and for the steps, over all administrations. */
export interface BacklogCounts {
  readonly cases: readonly CaseCount[];
  readonly holds: Readonly<Record<Hold['state'], number>>;
  /** Seconds that the oldest case which is not closed has been open; 0 without any. */
  readonly oldestOpenCaseSeconds: number;
  /** Cases that were not settled when they were due, and are not over. */
  readonly escalatedCases: number;
  /** Cases of goods that customs released while something was open, and that nobody has reviewed. */
  readonly releasesWhileOpen: number;
  /** Persons in danger that nobody has acknowledged, and those of them that escalated. */
  readonly openDangers: number;
  readonly overdueDangers: number;
  /** Vehicles that are listed with their passage, and that nobody has settled. */
  readonly passagesWithoutInstruction: number;
  /** Those that have something open against them, with or without an instruction. */
  readonly vehiclesLeftWithFact: number;
  /** Alarms that hold every scan near them: not ended, and surely of no scan. */
  readonly unjoinedAlarms: number;
  /** Alarms that no officer had adjudicated when they were due, nor has since. */
  readonly overdueAlarms: number;
  /** How many scans an alarm held beside its own when it stopped holding those near it, and how often this many. */
  readonly vehiclesHeld: readonly { readonly value: number; readonly count: number }[];
  /** Resumable uploads that ended because processes died of them, as far back as endings are kept. */
  readonly uploadsSetAside: number;
  /** Seconds since the oldest waiting or running job of each kind was queued; 0 without any. */
  readonly oldestJobSeconds: Readonly<Record<JobKind, number>>;
  /** Seconds since the oldest row of the audit that was not streamed to a SIEM; absent where none ever was. */
  readonly streamBehindSeconds?: number;
}

/** For metrics, never for a request of a person. */
export interface Backlog {
  backlog(): Promise<BacklogCounts>;
}
