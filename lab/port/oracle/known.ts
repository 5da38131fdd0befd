/** What the service accepted and can still know. The oracle compares this with the truth. */
import type {
  AlarmKind,
  CaseMoved,
  Danger,
  Event,
  History,
  PortalSent,
  ScanSent,
  SearchAccepted,
  SearchOrdered,
  SearchReported,
  Seconds,
  SeizedAndReleased,
  TrueVehicle,
  Verdict,
} from '../history.ts';
import { intersection, type Marks, toMarks, union } from './marks.ts';
import { type AreIndependent, independenceOf } from './people.ts';

interface Message {
  readonly id: string;
  /** Undefined: a source that was carried past, and the history has several sites. */
  readonly site: string | undefined;
  readonly lane: string | undefined;
  readonly marks: Marks;
  readonly at: Seconds;
}

export interface Scan extends Message {
  readonly of: string;
  readonly madeAt: Seconds;
  readonly readable: boolean;
  readonly complete: boolean;
  readonly units: number;
}

export interface PortalRecord extends Message {
  readonly of: string | undefined;
  readonly alarms: readonly AlarmKind[];
  readonly measured: boolean;
  readonly passedAt: Seconds;
}

/** What a person did to one object of inspection. */
export type UnitAct =
  | Verdict
  | CaseMoved
  | SearchOrdered
  | SearchReported
  | SearchAccepted
  | SeizedAndReleased
  | Danger;

export interface Known {
  readonly now: Seconds;
  readonly vehicles: readonly TrueVehicle[];
  /** Accepted and not lost in a restore, in the order in which they happened. */
  readonly events: readonly Event[];
  /** Accepted, lost or not. */
  readonly ever: readonly Event[];
  /** Operational ones only: training neither holds nor frees. */
  readonly scans: ReadonlyMap<string, Scan>;
  readonly records: ReadonlyMap<string, PortalRecord>;
  readonly acts: ReadonlyMap<string, readonly UnitAct[]>;
  readonly areIndependent: AreIndependent;
}

/**
 * Somebody asks for the instruction of a vehicle by these marks and scans. The service cannot be blamed for a fact that
 * is linked to neither.
 */
export interface Question {
  readonly vehicle: TrueVehicle;
  readonly marks: Marks;
  readonly scans: readonly Scan[];
  /** By which it is asked for; absent where it is asked for by marks. */
  readonly asked?: Scan;
}

/** An open fact on which a proceed would be wrong. */
export interface OpenFact {
  readonly reason: string;
  /** An adverse fact (H2) holds all that carry its marks; the others only hold the vehicle itself. */
  readonly adverse: boolean;
  readonly at: Seconds;
}

/** How long an adverse image fact or a hold by hand reaches: "days, not minutes". */
export const reachSeconds: Seconds = 3 * 24 * 3600;

/** A restore takes back everything after its recovery point, except the restore itself. */
function rememberedOf(events: readonly Event[]): readonly Event[] {
  const isLost = (event: Event, index: number): boolean =>
    event.kind !== 'restored' &&
    events.slice(index + 1).some((restore) => restore.kind === 'restored' && restore.to < event.at);
  return events.filter((event, index) => !isLost(event, index));
}

const isAct = (event: Event): event is UnitAct => 'scan' in event && 'unit' in event;

function actsByScan(events: readonly Event[]): ReadonlyMap<string, readonly UnitAct[]> {
  const acts = new Map<string, UnitAct[]>();
  for (const act of events.filter(isAct)) {
    const same = acts.get(act.scan);
    if (same === undefined) acts.set(act.scan, [act]);
    else same.push(act);
  }
  return acts;
}

type SiteOf = (vehicle: string | undefined) => string | undefined;

function sitesOf(vehicles: readonly TrueVehicle[]): SiteOf {
  const sites = new Map(vehicles.map(({ id, site }) => [id, site]));
  const [first, ...others] = new Set(sites.values());
  return (vehicle) =>
    vehicle === undefined ? (others.length === 0 ? first : undefined) : sites.get(vehicle);
}

const toScan = (siteOf: SiteOf, sent: ScanSent): Scan => ({
  id: sent.scan,
  of: sent.of,
  site: siteOf(sent.of),
  lane: sent.lane,
  marks: toMarks(sent.named),
  at: sent.at,
  madeAt: sent.madeAt ?? sent.at,
  readable: sent.readable,
  complete: sent.complete,
  units: sent.units,
});

const toRecord = (siteOf: SiteOf, sent: PortalSent): PortalRecord => ({
  id: sent.record,
  of: sent.of,
  site: siteOf(sent.of),
  lane: sent.lane,
  marks: toMarks(sent.named),
  at: sent.at,
  alarms: sent.alarms,
  measured: sent.measured,
  passedAt: sent.passedAt,
});

/** A message may come again under its name: with more marks it says more, and never less. */
function byId<M extends Message>(messages: readonly M[], merge: (first: M, again: M) => M): Map<string, M> {
  const found = new Map<string, M>();
  for (const message of messages) {
    const first = found.get(message.id);
    found.set(message.id, first === undefined ? message : merge(first, message));
  }
  return found;
}

const mergeScans = (first: Scan, again: Scan): Scan => ({ ...first, marks: union(first.marks, again.marks) });

/** Two people correct what a scan is known by (principle 5). One alone takes nothing off. */
function corrected(
  scans: Map<string, Scan>,
  events: readonly Event[],
  areIndependent: AreIndependent,
): ReadonlyMap<string, Scan> {
  for (const event of events) {
    const scan = event.kind === 'marks-stated' ? scans.get(event.scan) : undefined;
    if (event.kind !== 'marks-stated' || scan === undefined) continue;
    const { by, confirmedBy, named } = event;
    const isAgreed = confirmedBy !== undefined && areIndependent(by.person, confirmedBy.person);
    const stated = toMarks(named);
    scans.set(scan.id, { ...scan, marks: isAgreed ? stated : union(scan.marks, stated) });
  }
  return scans;
}

const mergeRecords = (first: PortalRecord, again: PortalRecord): PortalRecord => ({
  ...first,
  marks: union(first.marks, again.marks),
  alarms: [...new Set([...first.alarms, ...again.alarms])],
  measured: first.measured && again.measured,
});

const isScan = (event: Event): event is ScanSent =>
  event.kind === 'scan-sent' && event.purpose === 'operational';

const isRecord = (event: Event): event is PortalSent =>
  event.kind === 'portal-sent' && event.purpose === 'operational';

/** Returns what the service can know at a moment. */
export function knownAt(history: History, now: Seconds): Known {
  const ever = history.events.filter(({ at, accepted }) => accepted && at <= now);
  const events = rememberedOf(ever);
  const siteOf = sitesOf(history.vehicles);
  const areIndependent = independenceOf(history.persons);
  const sent = byId(
    events.filter(isScan).map((one) => toScan(siteOf, one)),
    mergeScans,
  );
  return {
    now,
    vehicles: history.vehicles,
    events,
    ever,
    scans: corrected(sent, events, areIndependent),
    records: byId(
      events.filter(isRecord).map((one) => toRecord(siteOf, one)),
      mergeRecords,
    ),
    acts: actsByScan(events),
    areIndependent,
  };
}

const scansNaming = ({ scans }: Known, vehicle: TrueVehicle, marks: Marks): Scan[] =>
  [...scans.values()].filter((scan) => scan.of === vehicle.id && intersection(scan.marks, marks).size > 0);

/** Asked by all true marks. A vehicle that no message names can only be asked by its scans. */
export function askByMarks(known: Known, vehicle: TrueVehicle): Question {
  const marks = toMarks(vehicle.named);
  const named = scansNaming(known, vehicle, marks);
  const nameless = [...known.scans.values()].filter(({ of }) => of === vehicle.id);
  return { vehicle, marks, scans: named.length > 0 ? named : nameless };
}

/** Asked by one scan: only its own marks are linked to it. */
export function askByScan(known: Known, vehicle: TrueVehicle, scan: Scan): Question {
  const marks = intersection(scan.marks, toMarks(vehicle.named));
  const linked = scansNaming(known, vehicle, marks);
  return { vehicle, marks, scans: linked.includes(scan) ? linked : [...linked, scan], asked: scan };
}
