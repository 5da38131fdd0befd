import type { Scope } from '../../access.ts';
import type { Page } from '../../page.ts';
import type { Hold } from '../../radiation/hold.ts';
import type { Mark } from '../../rules/vehicle-hold.ts';

export interface HoldFilter {
  readonly states: readonly Hold['state'][];
  /** Within the scope. */
  readonly site?: string;
  /** Only those that were not adjudicated when they were due. */
  readonly escalated?: boolean;
}

export interface Holds {
  // Holds that no officer adjudicated in time.
  /** Due before the time, and nobody was told yet; locked, without those that somebody else has locked. */
  holdsPastDue(at: string, limit: number): Promise<readonly Hold[]>;

  hold(scope: Scope, id: string): Promise<Hold | undefined>;
  /** Oldest first. */
  holds(scope: Scope, filter: HoldFilter, limit: number, cursor?: string): Promise<Page<Hold>>;
  /** Holds that bear on the lane instruction of this scan. */
  holdsOn(scanId: string): Promise<readonly Hold[]>;
  /** Holds at these sites whose vehicle has one of the marks: as officers have named it, or a container of the record. */
  holdsOfMarks(
    place: { readonly administration: string; readonly sites: readonly string[] },
    marks: readonly Mark[],
  ): Promise<readonly Hold[]>;
  /** Holds at exactly this site of occupancies with this key; the one opened first stands first. */
  holdsOfOccupancy(scope: Scope, key: string): Promise<readonly Hold[]>;
  /** Holds at exactly this site of occupancies in which the same was measured; the newest of them. */
  holdsOfContent(scope: Scope, content: string): Promise<readonly Hold[]>;
  /** Holds at exactly this site whose alarm is not ended, and surely of no scan yet; oldest first. */
  unjoinedHolds(scope: Scope): Promise<readonly Hold[]>;

  /** The hold as it is now, and nobody else may save it until this transaction ends. */
  lockHold(scope: Scope, id: string): Promise<Hold | undefined>;
  /** Inserts or replaces. @throws NII_CONFLICT when the stored history is not how the new one begins */
  saveHold(value: Hold): Promise<void>;
  /** Keeps which occupancy a hold is of that was opened before holds said so; changes nothing that is read of it. */
  noteOccupancy(id: string, key: string): Promise<void>;
}
