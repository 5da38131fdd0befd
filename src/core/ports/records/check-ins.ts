import type { LanePassage } from '../../case/lane-passage.ts';
import type { StoredCheckIn } from '../../rules/check-in.ts';
import type { Mark } from '../../rules/vehicle-hold.ts';

/** What is looked up of a vehicle, at exactly these sites. Both ends of the time are included; ISO 8601. */
export interface MarksAsked {
  readonly administration: string;
  readonly sites: readonly string[];
  readonly marks: readonly Mark[];
  readonly from: string;
  readonly to: string;
}

export interface CheckIns {
  // By marks.
  /** Those whose latest expected time is `from` or later, in order of it. `to` is for the caller to compare. */
  checkInsNaming(asked: MarksAsked, limit: number): Promise<readonly StoredCheckIn[]>;
  /** Passages then that name one of the marks, whatever their state, the earliest first. */
  passagesNaming(asked: MarksAsked, limit: number): Promise<readonly LanePassage[]>;
}
