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
  // By the marks that count of them; the index is that of migration 0010.
  /** Those that expect the vehicle then, in order of their earliest expected time. */
  checkInsNaming(asked: MarksAsked, limit: number): Promise<readonly StoredCheckIn[]>;
  /** Passages then that name one of the marks, whatever their state, the earliest first. */
  passagesNaming(asked: MarksAsked, limit: number): Promise<readonly LanePassage[]>;
}
