import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock, ClockWatch } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import { type Hold, marksHeld } from '../core/radiation/hold.ts';
import { marksOfTerms, nameOf } from '../core/rules/check-in.ts';
import type { StoredServiceHold } from '../core/rules/service-hold.ts';
import { isNoMark, realMarks } from '../core/rules/site.ts';
import { holdsAt, type Mark, type StoredVehicleHold } from '../core/rules/vehicle-hold.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { checkInsOfScan, timesOfScan } from '../triage/check-ins.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import type { KnownOfScan } from '../triage/instruction.ts';
import { type Asked, issueLaneInstruction, shortestMinutes } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { isHolding, isKept } from '../triage/radiation.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { knownOfVisit, replacingAlong, type ScanOfVisit } from '../triage/visit.ts';
import { lacksControl, type Places } from './check-ins.ts';
import { type ControlsTx, controlsOf } from './controls.ts';
import { setAsideDocument, vehicleHoldDocument, vehicleHoldPath } from './document-kinds.ts';
import { type RulesTx, rulesAt } from './rules.ts';
import { openServiceHoldsAt } from './service-holds.ts';
import {
  daysOfHold,
  placesOf,
  scansOfVisit,
  type Vehicle,
  vehicleOf,
  vehicleWindow,
} from './vehicle-scans.ts';

export interface LaneInstructionDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
  readonly clockWatch: Pick<ClockWatch, 'jump'>;
}

/** To know what bears on an instruction, without giving one. */
export type KnownDeps = Pick<LaneInstructionDeps, 'clock' | 'policy'>;

/** All that `knownOf` reads. */
export type KnownTx = Tx<
  | 'casesOfScan'
  | 'holdsOn'
  | 'holdsOfMarks'
  | 'unjoinedHolds'
  | 'newestConverted'
  | 'scansOfVisit'
  | 'scansNamingContainers'
  | 'hasUnreadRadiation'
  | 'documentInForce'
  | 'documentsAbout'
  | 'checkInsNaming'
  | 'radiationFor'
> &
  ControlsTx &
  RulesTx;
export type LaneInstructionTx = KnownTx & Tx<'nextInstructionNumber'>;

/** What the lane may do with the vehicle now. @param over - what the caller knows besides */
export async function issueInstructionFor(
  deps: LaneInstructionDeps,
  tx: LaneInstructionTx,
  scan: ScanRow,
  over: Pick<Asked, 'isMarkUnclear'> = {},
): Promise<IssuedLaneInstruction> {
  // first, so that of two instructions the one with the higher number knows what the other knew
  const number = await tx.nextInstructionNumber();
  const at = deps.clock.now();
  // first, because a jump that is noted meanwhile is in the records by then
  const hasJumped = deps.clockWatch.jump() !== undefined;
  const rules = await rulesAt(tx, scan, deps.policy);
  const known = await knownOf(tx, scan, rules, at);
  const minutes = shortestMinutes(known, rules.policy);
  const isClockUnsure = hasJumped || known.isClockUnsure;
  const issue = { number, at, minutes, policy: rules.policy.version };
  return issueLaneInstruction({ scanId: scan.id, ...known, ...over, isClockUnsure }, issue);
}

/** The first of these scans that shows something to decide on; else the first. Undefined: there is none. */
export async function firstToDecide(
  tx: Tx<'newestConverted'>,
  scans: readonly ScanRow[],
): Promise<ScanRow | undefined> {
  for (const scan of scans) {
    const record = (await tx.newestConverted(scan.id))?.scan;
    if (knownOfVisit({ scan, cases: [], record }, []).isForNobody !== true) return scan;
  }
  return scans[0];
}

interface Known extends Omit<Asked, 'scanId'> {
  readonly isClockUnsure: boolean;
  /** By which somebody holds the vehicle by hand. */
  readonly byHand: readonly StoredVehicleHold[];
}

/** Everything that bears on the instruction now. */
export async function knownOf(tx: KnownTx, scan: ScanRow, rules: SiteRules, at: Date): Promise<Known> {
  // first, because a record that is read meanwhile has become a hold by then
  const hasUnread = await tx.hasUnreadRadiation(scan, rules.policy.queuedPurposes);
  const open = (await openServiceHoldsAt(tx, scan)).map(({ opened }) => opened);
  const visit = await scansOfVisit(tx, scan, rules);
  const ofVisit = await readVisit(tx, scan, visit.scans, rules);
  const scans = ofVisit.map((one) => one.scan);
  const vehicle = await vehicleOf(tx, scan, scans, rules, at);
  const along = await scansGoingAlong(tx, ofVisit, vehicle, rules);
  const [own, ...others] = await controlledByAll(tx, ofVisit, vehicle, along, rules.policy);
  const all = [own, ...others];
  const isAnnounced = isAnnouncedWith(scans, vehicle.checkIns);
  const replacing = replacingAlong(all, along);
  const together = along.filter((one) => isAnnounced(one) || replacing.includes(one));
  const ofVehicle = await alarmsOfMarks(tx, scan, vehicle, [...all, ...along], rules, at);
  const alarms = await alarmsOf(tx, scan, vehicle, all, rules, ofVehicle);
  const knownWithGap = await withGap(tx, open, [scan, ...vehicle.scans]);
  const namesIt = isNaming(scans, rules);
  const ofMarks = await knownOfMarks(tx, scan, vehicle, along, rules, (one) => ({
    ...knownWithGap(one, all, along),
    namesIt: namesIt(one.scan),
  }));
  const received = [...[...scans, ...vehicle.scans].map(({ receivedAt }) => receivedAt), at.toISOString()];
  const byHand = await handHoldsOf(tx, { ...placesOf(scan, rules), ...vehicle, received }, rules, at);
  return {
    ...knownWithGap(own, others, along),
    cases: own.cases,
    others: [
      ...others.map((other) => ({ scanId: other.scan.id, ...knownWithGap(other, all, along) })),
      ...together.map((other) => ({
        scanId: other.scan.id,
        isAnnounced: true,
        ...knownWithGap(other, [...all, ...together]),
      })),
    ],
    ...alarms,
    sameMark: withoutRepeated(alarms, alarmsAlone(ofMarks, together)),
    byHand,
    isHeldByHand: byHand.length > 0,
    isMarkUnclear: visit.isUnclear || vehicle.isUnclear,
    lacksControl: await lacksControl(tx, vehicle, all, along, rules.policy.queuedPurposes),
    hasUnread,
    isClockUnsure: open.some(({ cause }) => cause === 'clock'),
    ...defined({ visit: scan.visit }),
  };
}

/** What scans say of their vehicle, with whether they were received before a restore of which the gap is open at their site. */
async function withGap(
  tx: Tx<'documentsAbout'>,
  here: readonly StoredServiceHold[],
  [scan, ...others]: readonly ScanRow[],
): Promise<typeof knownOfVisit> {
  const openAt = new Map([[scan?.site, here]]);
  for (const other of others)
    if (!openAt.has(other.site))
      openAt.set(
        other.site,
        (await openServiceHoldsAt(tx, other)).map(({ opened }) => opened),
      );
  const isInGap = ({ site, receivedAt }: ScanRow) =>
    (openAt.get(site) ?? []).some(
      ({ cause, until }) => cause === 'recovery' && Date.parse(receivedAt) <= Date.parse(until),
    );
  return (one, all, scansAlong) => ({
    ...knownOfVisit(one, all, scansAlong),
    isInGap: isInGap(one.scan),
  });
}

/** Whether a scan itself names a container or the visit of one of these. */
function isNaming(scans: readonly ScanRow[], { site }: SiteRules): (other: ScanRow) => boolean {
  const marksOf = (scan: ScanRow) => marksOfTerms(realMarks(site, scan)).map(nameOf);
  const own = new Set(scans.flatMap(marksOf));
  return (other) => marksOf(other).some((mark) => own.has(mark));
}

/** Scans of other containers of the truck that a check-in announces: it waits for each, as for those of its visit. */
function isAnnouncedWith(
  own: readonly ScanRow[],
  checkIns: Vehicle['checkIns'],
): (one: Pick<ScanOfVisit, 'scan'>) => boolean {
  const announced = new Set(own.flatMap((scan) => checkInsOfScan(scan, checkIns)).map(({ id }) => id));
  const containers = new Set(own.flatMap((scan) => scan.containers));
  return ({ scan }) =>
    checkInsOfScan(scan, checkIns).some(({ id }) => announced.has(id)) &&
    scan.containers.some((container) => !containers.has(container));
}

/** Of those that count like scans of the visit only the alarms go along besides. */
function alarmsAlone(
  along: NonNullable<Asked['sameMark']>,
  together: readonly Pick<ScanOfVisit, 'scan'>[],
): NonNullable<Asked['sameMark']> {
  const ids = new Set(together.map(({ scan }) => scan.id));
  return along.map((one) =>
    ids.has(one.scanId)
      ? { ...one, scan: { state: 'analysed' }, cases: [], isForNobody: true, isInGap: false }
      : one,
  );
}

type VisitScans = readonly [ScanOfVisit, ...ScanOfVisit[]];

/** What is declared of a container that no image of the vehicle names may be of any that it shows. */
async function controlledByAll(
  tx: ControlsTx,
  ofVisit: VisitScans,
  { marks }: Pick<Vehicle, 'marks'>,
  along: readonly ScanOfVisit[],
  policy: TriagePolicy,
): Promise<VisitScans> {
  const isImage = ({ record }: ScanOfVisit) => record !== undefined && record.views.length > 0;
  const shown = new Set([...ofVisit, ...along].filter(isImage).flatMap(({ scan }) => scan.containers));
  const hidden = marks
    .filter(({ kind, value }) => kind === 'container' && !shown.has(value))
    .map(({ value }) => value);
  if (hidden.length === 0) return ofVisit;
  const again = async (one: ScanOfVisit): Promise<ScanOfVisit> => ({
    ...one,
    ...defined({ controls: await controlsOf(tx, one, policy, hidden) }),
  });
  const [own, ...others] = ofVisit;
  return [await again(own), ...(await settleAll(others.map(again)))];
}

/** Alarms of these scans of one vehicle, and those that may be of it. */
async function alarmsOf(
  tx: Tx<'holdsOn' | 'unjoinedHolds' | 'newestConverted'>,
  scan: ScanRow,
  vehicle: Pick<Vehicle, 'marks'>,
  all: readonly ScanOfVisit[],
  rules: SiteRules,
  ofVehicle: readonly Hold[] = [],
): Promise<Pick<Asked, 'holds' | 'near'>> {
  const holds = new Map(ofVehicle.map((hold) => [hold.id, hold]));
  const near = new Map<string, Hold>();
  const found = all.map(async ({ scan: one }) => ({
    one,
    on: await tx.holdsOn(one.id),
    beside: await holdsNear(tx, one, rules),
  }));
  for (const { one, on, beside } of await settleAll(found)) {
    const isOf = (hold: Hold, not: readonly string[]) =>
      names(hold, vehicle, rules) || !isSeparated(hold, not);
    // one that is of another image of the vehicle is of the vehicle
    for (const hold of on) if (isOf(hold, [one.id])) holds.set(hold.id, hold);
    for (const hold of beside) if (isOf(hold, [one.id, scan.id])) near.set(hold.id, hold);
  }
  return { holds: [...holds.values()], near: [...near.values()].filter((hold) => !holds.has(hold.id)) };
}

/**
 * Alarms that officers have joined to a mark of this vehicle, if the scan, or the moment at which the lane asks, lies in the days of the alarm; and those whose
 * record names it and lies further back than the scans that are looked at, as long as they hold the vehicle.
 */
async function alarmsOfMarks(
  tx: Tx<'holdsOfMarks'>,
  scan: ScanRow,
  { marks }: Pick<Vehicle, 'marks'>,
  seen: readonly Pick<ScanOfVisit, 'scan'>[],
  rules: SiteRules,
  at: Date,
): Promise<readonly Hold[]> {
  const real = marks.filter(({ value }) => !isNoMark(rules.site, value));
  const own = new Set(real.map(nameOf));
  const ids = new Set(seen.map((one) => one.scan.id));
  const counts = (hold: Hold) =>
    marksHeld(hold).some((mark) => own.has(nameOf(mark))) ||
    (!ids.has(hold.scanId) && (isHolding(hold) || isKept(hold)));
  const isOfThatTime = (hold: Hold) => {
    const [from, to] = daysOfHold(hold, rules).map((time) => Date.parse(time));
    return [...timesOfScan(scan), at.getTime()].some((time) => time >= Number(from) && time <= Number(to));
  };
  return (await tx.holdsOfMarks(placesOf(scan, rules), real)).filter(
    (hold) => counts(hold) && isOfThatTime(hold),
  );
}

/** A vehicle as far as holds by hand go. */
interface Held extends Places {
  readonly marks: readonly Mark[];
  /** When something of it was received or asked for. */
  readonly received: readonly string[];
}

/** By which somebody holds the vehicle now: by one of its marks. */
export async function handHoldsOf(
  tx: Tx<'documentInForce'>,
  { administration, sites, marks, received }: Held,
  rules: Pick<SiteRules, 'policy'>,
  at: Date,
): Promise<readonly StoredVehicleHold[]> {
  const all = marks.flatMap((mark) => sites.map((site) => vehicleHoldPath({ administration, site, mark })));
  const paths = new Map(all.map((path) => [path.join('/'), path]));
  const holds = [...paths.values()].map((path) => tx.documentInForce(vehicleHoldDocument, path));
  const found = (await settleAll(holds)).filter((hold) => hold !== undefined);
  return found.filter((hold) => holdsAt(hold.terms, at) && isOfThatTime(hold, received, rules));
}

/** Visit ids repeat: a hold by a visit is for what is received or asked for in its days. */
function isOfThatTime(
  { mark, since, at }: StoredVehicleHold,
  received: readonly string[],
  rules: Pick<SiteRules, 'policy'>,
): boolean {
  if (mark.kind !== 'visit') return true;
  const [from] = vehicleWindow(since ?? at, rules);
  const [, to] = vehicleWindow(at, rules);
  return received.some((time) => time >= from && time <= to);
}

/** Each alarm once, at the first scan that has it. */
function withoutRepeated(
  { holds, near }: Pick<Asked, 'holds' | 'near'>,
  sameMark: NonNullable<Asked['sameMark']>,
): NonNullable<Asked['sameMark']> {
  const seen = new Set([...holds, ...near].map(({ id }) => id));
  const isFirst = ({ id }: { readonly id: string }) => !seen.has(id) && seen.add(id).has(id);
  return sameMark.map((one) => ({
    ...one,
    holds: one.holds.filter(isFirst),
    near: one.near.filter(isFirst),
  }));
}

/** Its record names a container or the visit of the vehicle: what one officer says of its join takes nothing off that vehicle. */
function names(
  { containers, passage }: Hold,
  { marks }: Pick<Vehicle, 'marks'>,
  { site }: Pick<SiteRules, 'site'>,
): boolean {
  const own = new Set(marks.map(nameOf));
  const ofRecord = marksOfTerms(realMarks(site, { containers, visit: passage?.visit }));
  return ofRecord.some((mark) => own.has(nameOf(mark)));
}

function isSeparated({ notOf = [] }: Hold, ids: readonly string[]): boolean {
  return ids.some((id) => notOf.includes(id));
}

/** Scans of other visits that name a mark of this vehicle. */
function scansGoingAlong(
  tx: ReadScanTx,
  all: readonly ScanOfVisit[],
  { scans }: Vehicle,
  { policy }: SiteRules,
): Promise<readonly ScanOfVisit[]> {
  const ofVisit = new Set(all.map((one) => one.scan.id));
  const others = scans.filter(
    ({ id, purpose }) => !ofVisit.has(id) && policy.queuedPurposes.includes(purpose),
  );
  return settleAll(others.map((one) => readScan(tx, one, policy)));
}

/** What is known of them. What is near one at a sister site goes by the clocks there. */
async function knownOfMarks(
  tx: Tx<'holdsOn' | 'unjoinedHolds' | 'newestConverted'> & RulesTx,
  scan: ScanRow,
  vehicle: Vehicle,
  along: readonly ScanOfVisit[],
  rules: SiteRules,
  knownWithGap: (one: ScanOfVisit) => KnownOfScan & { readonly namesIt: boolean },
): Promise<NonNullable<Asked['sameMark']>> {
  const known = along.map(async (read) => {
    const isHere = read.scan.site === scan.site;
    const there = isHere ? rules : await rulesAt(tx, read.scan, rules.policy);
    const { holds, near } = await alarmsOf(tx, scan, vehicle, [read], there);
    return { scanId: read.scan.id, ...knownWithGap(read), holds, near };
  });
  return settleAll(known);
}

/** Scans and radiation records of the vehicle, this one first. */
async function readVisit(
  tx: ReadScanTx,
  scan: ScanRow,
  ofVisit: readonly ScanRow[],
  { policy }: SiteRules,
): Promise<VisitScans> {
  const isOther = ({ id, purpose }: ScanRow) => id !== scan.id && policy.queuedPurposes.includes(purpose);
  const others = ofVisit.filter(isOther).map((one) => readScan(tx, one, policy));
  const [own, read] = await settleAll([readScan(tx, scan, policy), settleAll(others)]);
  return [own, ...read];
}

type ReadScanTx = Tx<'casesOfScan' | 'newestConverted' | 'documentInForce'> & ControlsTx;

async function readScan(tx: ReadScanTx, scan: ScanRow, policy: TriagePolicy): Promise<ScanOfVisit> {
  const cases = await tx.casesOfScan(scan.id);
  const read = { scan, cases, record: (await tx.newestConverted(scan.id))?.scan };
  const isSetAside = scanStates[scan.state].hasFailed && (await isAside(tx, scan));
  return { ...read, isSetAside, ...defined({ controls: await controlsOf(tx, read, policy) }) };
}

/** Two persons have set it aside, and no new files have come since. */
async function isAside(
  tx: Tx<'documentInForce'>,
  { administration, id, revision }: ScanRow,
): Promise<boolean> {
  const decided = await tx.documentInForce(setAsideDocument, [administration, id]);
  return decided?.terms.isSetAside === true && decided.revision === revision;
}

/** Alarms that are surely of no scan yet and may be of this one. */
async function holdsNear(
  tx: Tx<'unjoinedHolds' | 'newestConverted'>,
  scan: ScanRow,
  rules: SiteRules,
): Promise<readonly Hold[]> {
  const unjoined = await tx.unjoinedHolds(scan);
  if (unjoined.length === 0) return [];
  const row = await tx.newestConverted(scan.id);
  const seen = nearScanOf(scan, row, rules);
  return unjoined.filter((hold) => couldBelongTo(hold, seen, rules));
}
