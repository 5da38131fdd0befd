/**
 * What truly happened at a port, and what its service was told and answered: the language that the adversary writes and
 * the oracle reads. Neither knows how the service is made.
 *
 * A history is in the order in which things happened. Its first part, the ground truth (`TrueVehicle`, and `of` in
 * events), is known to the adversary alone; the service sees only what messages name.
 */

/** Marks by which a message names a vehicle, as it writes them: blanks, dashes and case as the sender likes. */
export interface Named {
  readonly containers: readonly string[];
  readonly plates: readonly string[];
  readonly visit?: string;
}

/** A vehicle on one stay at the port, with its true marks. The same truck a week later is another one. */
export interface TrueVehicle {
  readonly id: string;
  readonly site: string;
  readonly named: Named;
}

export type Role =
  | 'analyst'
  | 'radiation-officer'
  | 'supervisor'
  | 'searcher'
  | 'administrator'
  | 'sender'
  | 'lane';

/** Who acted: the person behind the credential, not the credential. */
export interface By {
  readonly person: string;
  readonly role: Role;
}

/** Persons that share one maker count as one for what takes two (principle 5). */
export interface TruePerson {
  readonly id: string;
  readonly roles: readonly Role[];
  /** Person who created them or gave them their role within the last days. */
  readonly madeBy?: string;
}

/** Seconds since the history began, by a true clock. The oracle ignores the times that messages state. */
export type Seconds = number;

interface Base {
  readonly at: Seconds;
  /** The service answered 2xx. What it refused changed nothing, unless it happened all the same (a scan was made). */
  readonly accepted: boolean;
}

/** An image of a vehicle was sent. `complete: false`: a part of it is missing. */
export interface ScanSent extends Base {
  readonly kind: 'scan-sent';
  readonly scan: string;
  readonly of: string;
  readonly lane?: string;
  readonly named: Named;
  readonly purpose: 'operational' | 'training';
  /** The image is broken, and nobody can look at it. */
  readonly readable: boolean;
  readonly complete: boolean;
  /** Objects of inspection in it; each needs a verdict of its own. */
  readonly units: number;
  /** When it was made, by a true clock; it may be sent later. Undefined: as it was sent. */
  readonly madeAt?: Seconds;
}

export type AlarmKind = 'gamma' | 'neutron' | 'nuclear-material';

/**
 * A portal's record of one passage was sent. `of`: the vehicle that truly passed; undefined for a source that was carried
 * past. Alarms that the record only implies (a nuclide without an alarm flag) are in `alarms`, too.
 */
export interface PortalSent extends Base {
  readonly kind: 'portal-sent';
  readonly record: string;
  readonly of?: string;
  readonly lane?: string;
  readonly named: Named;
  readonly purpose: 'operational' | 'training';
  readonly alarms: readonly AlarmKind[];
  /** The portal says of itself that it did not measure (fault, too fast), or its record cannot be read. */
  readonly measured: boolean;
  /** When it passed, by a true clock; the record may arrive much later. */
  readonly passedAt: Seconds;
}

/** A reader's verdict on one object of inspection. */
export interface Verdict extends Base {
  readonly kind: 'verdict';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
  readonly verdict: 'normal' | 'suspect' | 'inconclusive' | 'scan-again';
  /** A supervisor's word on a case whose readers disagree or could not tell. */
  readonly settles: boolean;
}

/** The own verdict is taken back, a case is reopened, handed back or closed: none is the ending of anything. */
export interface CaseMoved extends Base {
  readonly kind: 'case-moved';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
  readonly move: 'taken-back' | 'reopened' | 'handed-back' | 'closed' | 'second-opinion';
}

export interface SearchOrdered extends Base {
  readonly kind: 'search-ordered';
  /** Undefined: drawn at random by the service. */
  readonly by?: By;
  readonly scan: string;
  readonly unit: number;
}

export interface SearchReported extends Base {
  readonly kind: 'search-reported';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
  readonly found: boolean;
  readonly extent: 'full' | 'partial' | 'none';
}

/** A partial search that found nothing is accepted as enough. */
export interface SearchAccepted extends Base {
  readonly kind: 'search-accepted';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
}

/** What was found is seized, and the vehicle may go without it. */
export interface SeizedAndReleased extends Base {
  readonly kind: 'seized-and-released';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
}

/** An officer's word on the alarm of a record. */
export interface AlarmJudged extends Base {
  readonly kind: 'alarm-judged';
  readonly by: By;
  readonly record: string;
  readonly word: 'real' | 'innocent' | 'false' | 'test' | 'measured-again';
  /** What the word rests on exists and is of this vehicle (declaration, licence, later passage, inspection). */
  readonly evidenceHolds: boolean;
}

/** The end of an alarm that is real. */
export interface AlarmClosed extends Base {
  readonly kind: 'alarm-closed';
  readonly by: By;
  readonly record: string;
  readonly outcome: 'released' | 'detained' | 'returned';
}

export interface AlarmReopened extends Base {
  readonly kind: 'alarm-reopened';
  readonly by: By;
  readonly record: string;
}

/** An officer states that the alarm is of this scan or vehicle, or is not. */
export interface AlarmJoined extends Base {
  readonly kind: 'alarm-joined';
  readonly by: By;
  readonly record: string;
  readonly scan?: string;
  /** The vehicle that truly carries the mark by which the officer names it. */
  readonly vehicle?: string;
  readonly joined: boolean;
}

/** An officer states that two records tell of one passage; `of` goes on for both. */
export interface AlarmDuplicate extends Base {
  readonly kind: 'alarm-duplicate';
  readonly by: By;
  readonly record: string;
  readonly of: string;
}

/** A person in the vehicle may be in danger; and somebody has taken it on. */
export interface Danger extends Base {
  readonly kind: 'danger-raised' | 'danger-acknowledged';
  readonly by: By;
  readonly scan: string;
  readonly unit: number;
}

/** A vehicle is held by hand or recalled by one of its marks; and the hold is ended. */
export interface HeldByHand extends Base {
  readonly kind: 'held-by-hand' | 'hand-hold-ended';
  readonly by: By;
  readonly hold: string;
  readonly site: string;
  readonly mark: string;
  /** It ends by itself. */
  readonly until?: Seconds;
}

/** What a scan is known by now, by the word of one person, or of two. */
export interface MarksStated extends Base {
  readonly kind: 'marks-stated';
  readonly scan: string;
  readonly named: Named;
  readonly by: By;
  /** Another person, who has agreed that it is known by nothing else. */
  readonly confirmedBy?: By;
}

/**
 * A vehicle is expected, and this is what counts of it now: its marks, and the controls without which it may not go. Said
 * again under the same name, the newest counts.
 */
export interface Expected extends Base {
  readonly kind: 'expected';
  readonly checkIn: string;
  readonly site: string;
  /** Without their kinds. */
  readonly marks: readonly string[];
  readonly controls: readonly ('portal' | 'image')[];
  /** When it is expected, by a true clock. */
  readonly from: Seconds;
  readonly to: Seconds;
}

/** Rules of a live site were changed in a way that lets more pass. Both persons agreed where `confirmedBy` is there. */
export interface Loosened extends Base {
  readonly kind: 'loosened';
  readonly by: By;
  readonly confirmedBy?: By;
  readonly site: string;
  readonly what: string;
  /** The change is in force: an instruction was seen that follows it. */
  readonly inForce: boolean;
}

/** The site states which portal sees what which scanner scans, and how many seconds lie between. */
export interface Paired extends Base {
  readonly kind: 'paired';
  readonly by: By;
  readonly confirmedBy?: By;
  readonly site: string;
  readonly portalLane: string;
  readonly scannerLane: string;
  readonly fromSeconds: Seconds;
  readonly toSeconds: Seconds;
}

/** The service was restored to what it knew at `to`; and a supervisor closed the gap with a reason, at one site or at all. */
export interface Restored extends Base {
  readonly kind: 'restored' | 'gap-closed';
  readonly by?: By;
  readonly site?: string;
  readonly to: Seconds;
}

/** The clock of the service jumped, so that none of its times can be believed; and somebody confirmed at a site that it is right. */
export interface ClockJumped extends Base {
  readonly kind: 'clock-jumped' | 'clock-confirmed';
  /** Undefined of the jump itself. */
  readonly by?: By;
  readonly confirmedBy?: By;
  readonly site?: string;
}

export type Event =
  | ScanSent
  | PortalSent
  | Verdict
  | CaseMoved
  | SearchOrdered
  | SearchReported
  | SearchAccepted
  | SeizedAndReleased
  | AlarmJudged
  | AlarmClosed
  | AlarmReopened
  | AlarmJoined
  | AlarmDuplicate
  | Danger
  | HeldByHand
  | MarksStated
  | Expected
  | Loosened
  | Paired
  | Restored
  | ClockJumped;

export interface History {
  readonly vehicles: readonly TrueVehicle[];
  readonly persons: readonly TruePerson[];
  readonly events: readonly Event[];
}

/**
 * The oracle's word on one vehicle. `must-hold`: a `proceed` would be wrong, for these reasons, each naming its hazard
 * (H1 to H8) and principle. `may-proceed`: nothing forbids it; the service may still be stricter.
 */
export interface Word {
  readonly vehicle: string;
  readonly word: 'must-hold' | 'may-proceed';
  readonly because: readonly string[];
}
