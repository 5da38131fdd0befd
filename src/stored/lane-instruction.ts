import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock, ClockWatch } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { nameOf } from '../core/rules/check-in.ts';
import type { StoredServiceHold } from '../core/rules/service-hold.ts';
import { holdsAt, type Mark, markOf, type StoredVehicleHold } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import { type Asked, issueLaneInstruction, shortestMinutes } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { knownOfVisit, type ScanOfVisit } from '../triage/visit.ts';
import { lacksControl, type Places } from './check-ins.ts';
import { type ControlsTx, controlsOf } from './controls.ts';
import { vehicleHoldDocument, vehicleHoldPath } from './document-kinds.ts';
import { type RulesTx, rulesAt } from './rules.ts';
import { openServiceHoldsAt } from './service-holds.ts';
import { placesOf, scansOfVisit, type Vehicle, vehicleOf, vehicleWindow } from './vehicle-scans.ts';

export interface LaneInstructionDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
  readonly clockWatch: Pick<ClockWatch, 'jump'>;
}

type KnownTx = Tx<
  | 'casesOfScan'
  | 'holdsOn'
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

/** What the lane may do with the vehicle now. */
export async function issueInstructionFor(
  deps: LaneInstructionDeps,
  tx: LaneInstructionTx,
  scan: ScanRow,
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
  return issueLaneInstruction({ scanId: scan.id, ...known, isClockUnsure }, issue);
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
  const knownWithGap = withGap(open);
  const visit = await scansOfVisit(tx, scan, rules);
  const [own, ...others] = await readVisit(tx, scan, visit.scans, rules);
  const all = [own, ...others];
  const scans = all.map((one) => one.scan);
  const vehicle = await vehicleOf(tx, scan, scans, rules);
  const alarms = await alarmsOf(tx, scan, vehicle, all, rules);
  const along = await scansGoingAlong(tx, all, vehicle, rules);
  const ofMarks = await knownOfMarks(tx, scan, vehicle, along, rules, knownWithGap);
  const received = [...scans, ...vehicle.scans].map(({ receivedAt }) => receivedAt);
  const byHand = await handHoldsOf(tx, { ...placesOf(scan, rules), ...vehicle, received }, rules, at);
  return {
    ...knownWithGap(own, others),
    cases: own.cases,
    others: others.map((other) => ({ scanId: other.scan.id, ...knownWithGap(other, all) })),
    ...alarms,
    sameMark: withoutRepeated(alarms, ofMarks),
    byHand,
    isHeldByHand: byHand.length > 0,
    isMarkUnclear: visit.isUnclear || vehicle.isUnclear,
    lacksControl: await lacksControl(tx, vehicle, all, along),
    hasUnread,
    isClockUnsure: open.some(({ cause }) => cause === 'clock'),
    ...defined({ visit: scan.visit }),
  };
}

/** What scans say of their vehicle, with whether they were received before a restore of which the gap is open. */
function withGap(open: readonly StoredServiceHold[]): typeof knownOfVisit {
  const isInGap = ({ receivedAt }: ScanRow) =>
    open.some(({ cause, until }) => cause === 'recovery' && Date.parse(receivedAt) <= Date.parse(until));
  return (one, all) => ({ ...knownOfVisit(one, all), isInGap: isInGap(one.scan) });
}

/** Alarms of these scans of one vehicle, and those that may be of it. */
async function alarmsOf(
  tx: Tx<'holdsOn' | 'unjoinedHolds' | 'newestConverted'>,
  scan: ScanRow,
  vehicle: Pick<Vehicle, 'marks'>,
  all: readonly ScanOfVisit[],
  rules: SiteRules,
): Promise<Pick<Asked, 'holds' | 'near'>> {
  const holds = new Map<string, Hold>();
  const near = new Map<string, Hold>();
  for (const { scan: one } of all) {
    const isOf = (hold: Hold) => names(hold, vehicle) || !isSeparated(hold, [one.id, scan.id]);
    for (const hold of (await tx.holdsOn(one.id)).filter(isOf)) holds.set(hold.id, hold);
    for (const hold of (await holdsNear(tx, one, rules)).filter(isOf)) near.set(hold.id, hold);
  }
  return { holds: [...holds.values()], near: [...near.values()].filter((hold) => !holds.has(hold.id)) };
}

/** A vehicle as far as holds by hand go. */
interface Held extends Places {
  readonly marks: readonly Mark[];
  /** When something of it was received. */
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

/** Visit ids repeat: a hold by a visit is for what is received in its days. */
function isOfThatTime(
  { mark, at }: StoredVehicleHold,
  received: readonly string[],
  rules: Pick<SiteRules, 'policy'>,
): boolean {
  if (mark.kind !== 'visit') return true;
  const [from, to] = vehicleWindow(at, rules);
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

/** Its record names a container of the vehicle: what one officer says of its join takes nothing off that vehicle. */
function names({ containers }: Hold, { marks }: Pick<Vehicle, 'marks'>): boolean {
  const own = new Set(marks.map(nameOf));
  return containers.some((container) => own.has(nameOf(markOf('container', container))));
}

function isSeparated({ notOf = [] }: Hold, ids: readonly string[]): boolean {
  return ids.some((id) => notOf.includes(id));
}

/** Scans of other visits that name a mark of this vehicle. */
function scansGoingAlong(
  tx: Tx<'casesOfScan' | 'newestConverted'> & ControlsTx,
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
  knownWithGap: typeof knownOfVisit,
): Promise<NonNullable<Asked['sameMark']>> {
  const known = along.map(async (read) => {
    const isHere = read.scan.site === scan.site;
    const there = isHere ? rules : await rulesAt(tx, read.scan, rules.policy);
    const { holds, near } = await alarmsOf(tx, scan, vehicle, [read], there);
    return { scanId: read.scan.id, ...knownWithGap(read, []), holds, near };
  });
  return settleAll(known);
}

/** Scans and radiation records of the vehicle, this one first. */
async function readVisit(
  tx: Tx<'casesOfScan' | 'newestConverted'> & ControlsTx,
  scan: ScanRow,
  ofVisit: readonly ScanRow[],
  { policy }: SiteRules,
): Promise<readonly [ScanOfVisit, ...ScanOfVisit[]]> {
  const others: ScanOfVisit[] = [];
  for (const one of ofVisit)
    if (one.id !== scan.id && policy.queuedPurposes.includes(one.purpose))
      others.push(await readScan(tx, one, policy));
  return [await readScan(tx, scan, policy), ...others];
}

async function readScan(
  tx: Tx<'casesOfScan' | 'newestConverted'> & ControlsTx,
  scan: ScanRow,
  policy: TriagePolicy,
): Promise<ScanOfVisit> {
  const cases = await tx.casesOfScan(scan.id);
  const read = { scan, cases, record: (await tx.newestConverted(scan.id))?.scan };
  return { ...read, ...defined({ controls: await controlsOf(tx, read, policy) }) };
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
