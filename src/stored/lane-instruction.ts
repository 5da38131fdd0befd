import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { nameOf } from '../core/rules/check-in.ts';
import { EVER } from '../core/rules/clock.ts';
import { VEHICLE_DAYS } from '../core/rules/policy.ts';
import { holdsAt, type Mark, markOf } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { marksOfScan, timesOfScan } from '../triage/check-ins.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import { type Asked, issueLaneInstruction } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { knownOfVisit, type ScanOfVisit, visitWindow } from '../triage/visit.ts';
import {
  type CheckInsOfVehicle,
  checkInsOf,
  knownByScans,
  lacksControl,
  marksOfCheckIns,
  type Places,
} from './check-ins.ts';
import { vehicleHoldDocument, vehicleHoldPath } from './document-kinds.ts';
import { type RulesTx, rulesAt } from './rules.ts';

const DAY_MS = 86_400_000;

export interface LaneInstructionDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

type KnownTx = Tx<
  | 'casesOfScan'
  | 'holdsOn'
  | 'unjoinedHolds'
  | 'newestConverted'
  | 'scansOfVisit'
  | 'scansByContainer'
  | 'hasUnreadRadiation'
  | 'checkInsNaming'
  | 'radiationFor'
> &
  RulesTx;
export type LaneInstructionTx = KnownTx;

/** What the lane may do with the vehicle now. */
export async function issueInstructionFor(
  deps: LaneInstructionDeps,
  tx: LaneInstructionTx,
  scan: ScanRow,
): Promise<IssuedLaneInstruction> {
  const rules = await rulesAt(tx, scan, deps.policy);
  const at = deps.clock.now();
  const known = await knownOf(tx, scan, rules, at);
  const { instructionMinutes: minutes, version } = rules.policy;
  return issueLaneInstruction({ scanId: scan.id, ...known }, { at, minutes, policy: version });
}

/** Everything that bears on the instruction now. */
export async function knownOf(
  tx: KnownTx,
  scan: ScanRow,
  rules: SiteRules,
  at: Date,
): Promise<Omit<Asked, 'scanId'>> {
  // first, because a record that is read meanwhile has become a hold by then
  const hasUnread = await tx.hasUnreadRadiation(scan, rules.policy.queuedPurposes);
  const [own, ...others] = await scansOfVehicle(tx, scan, rules);
  const all = [own, ...others];
  const vehicle = await vehicleOf(tx, scan, all, rules);
  const alarms = await alarmsOf(tx, scan, vehicle, all, rules);
  const along = await scansGoingAlong(tx, all, vehicle, rules);
  return {
    ...knownOfVisit(own, others),
    cases: own.cases,
    others: others.map((other) => ({ scanId: other.scan.id, ...knownOfVisit(other, all) })),
    ...alarms,
    sameMark: withoutRepeated(alarms, await knownOfMarks(tx, scan, vehicle, along, rules)),
    isHeldByHand: await isHeldByHand(tx, placesOf(scan, rules), vehicle.marks, at),
    lacksControl: await lacksControl(tx, vehicle, all, along),
    hasUnread,
    ...defined({ visit: scan.visit }),
  };
}

/** What a vehicle is known by, and what it was seen in. */
interface Vehicle extends CheckInsOfVehicle {
  /** Of its scans and of its check-ins. */
  readonly marks: readonly Mark[];
  /** Scans within the days of the policy that name a container or a visit of it. */
  readonly scans: readonly ScanRow[];
}

/** The vehicle of the scans of one visit: with what its check-ins say beside them, at the site and its sister sites. */
async function vehicleOf(
  tx: Tx<'scansByContainer' | 'scansOfVisit' | 'checkInsNaming'>,
  scan: ScanRow,
  all: readonly Pick<ScanOfVisit, 'scan'>[],
  rules: SiteRules,
): Promise<Vehicle> {
  const own = all.map((one) => one.scan);
  const known = knownByScans(own);
  const places = placesOf(scan, rules);
  const found = await checkInsOf(tx, places, known.marks, known.times, daysOf(rules));
  const marks = [...known.marks, ...marksOfCheckIns(found.checkIns)];
  const scans = await scansOfMarks(tx, scan, marks, rules);
  const ofScans = [...own, ...scans].flatMap((one) => [...marksOfScan(one), ...platesOf(one)]);
  return { ...found, marks: [...marks, ...ofScans], scans };
}

function placesOf({ administration, site }: ScanRow, { sites = [site] }: SiteRules): Places {
  return { administration, sites };
}

function daysOf({ policy: { vehicleDays = VEHICLE_DAYS } }: SiteRules): number {
  return vehicleDays;
}

const PLATE = 'plate:';

/** As the scan states them. */
function platesOf({ terms }: ScanRow): readonly Mark[] {
  const plates = terms.filter((term) => term.startsWith(PLATE));
  return plates.map((term) => markOf('plate', term.slice(PLATE.length)));
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

/** Somebody holds the vehicle by one of its marks. */
async function isHeldByHand(
  tx: Tx<'documentInForce'>,
  { administration, sites }: Places,
  marks: readonly Mark[],
  at: Date,
): Promise<boolean> {
  const all = marks.flatMap((mark) => sites.map((site) => vehicleHoldPath({ administration, site, mark })));
  const paths = new Map(all.map((path) => [path.join('/'), path]));
  const holds = [...paths.values()].map((path) => tx.documentInForce(vehicleHoldDocument, path));
  return (await settleAll(holds)).some((hold) => hold !== undefined && holdsAt(hold.terms, at));
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
  tx: Tx<'casesOfScan' | 'newestConverted'>,
  all: readonly ScanOfVisit[],
  { scans }: Vehicle,
  { policy: { queuedPurposes } }: SiteRules,
): Promise<readonly ScanOfVisit[]> {
  const ofVisit = new Set(all.map((one) => one.scan.id));
  const others = scans.filter(({ id, purpose }) => !ofVisit.has(id) && queuedPurposes.includes(purpose));
  return settleAll(others.map((one) => readScan(tx, one)));
}

/** What is known of them. What is near one at a sister site goes by the clocks there. */
async function knownOfMarks(
  tx: Tx<'holdsOn' | 'unjoinedHolds' | 'newestConverted'> & RulesTx,
  scan: ScanRow,
  vehicle: Vehicle,
  along: readonly ScanOfVisit[],
  rules: SiteRules,
): Promise<NonNullable<Asked['sameMark']>> {
  const known = along.map(async (read) => {
    const isHere = read.scan.site === scan.site;
    const there = isHere ? rules : await rulesAt(tx, read.scan, rules.policy);
    const { holds, near } = await alarmsOf(tx, scan, vehicle, [read], there);
    return { scanId: read.scan.id, ...knownOfVisit(read, []), holds, near };
  });
  return settleAll(known);
}

/** Scans at these sites that name one of the marks and were made or received within the days of the policy. */
async function scansOfMarks(
  tx: Tx<'scansByContainer' | 'scansOfVisit'>,
  scan: ScanRow,
  marks: readonly Mark[],
  rules: SiteRules,
): Promise<readonly ScanRow[]> {
  const { administration, sites } = placesOf(scan, rules);
  const containers = marks.filter(({ kind }) => kind === 'container').map(({ value }) => value);
  const found = await tx.scansByContainer(administration, [...new Set(containers)], ...EVER);
  const near = (a: number, b: number) => Math.abs(a - b) <= daysOf(rules) * DAY_MS;
  const times = timesOfScan(scan);
  const ofContainers = found.filter(
    (one) => sites.includes(one.site) && timesOfScan(one).some((a) => times.some((b) => near(a, b))),
  );
  const ofVisits: ScanRow[] = [];
  for (const visit of new Set(marks.filter(({ kind }) => kind === 'visit').map(({ value }) => value)))
    for (const site of sites) ofVisits.push(...(await scansOfVisit(tx, { ...scan, site, visit })));
  return [...new Map([...ofContainers, ...ofVisits].map((one) => [one.id, one])).values()];
}

/** All that the lane is told of anew when something of this scan has changed: the scans of its vehicle. */
export async function scansAlong(
  tx: Tx<'scansOfVisit' | 'scansByContainer' | 'checkInsNaming'>,
  scan: ScanRow,
  rules: SiteRules,
): Promise<readonly ScanRow[]> {
  const ofVisit = [scan, ...(await scansOfVisit(tx, scan))];
  const { scans } = await vehicleOf(
    tx,
    scan,
    ofVisit.map((one) => ({ scan: one })),
    rules,
  );
  return [...new Map([...ofVisit, ...scans].map((one) => [one.id, one] as const)).values()];
}

/** Scans and radiation records of the vehicle, this one first. */
async function scansOfVehicle(
  tx: Tx<'casesOfScan' | 'newestConverted' | 'scansOfVisit'>,
  scan: ScanRow,
  { policy: { queuedPurposes } }: SiteRules,
): Promise<readonly [ScanOfVisit, ...ScanOfVisit[]]> {
  const others: ScanOfVisit[] = [];
  for (const one of await scansOfVisit(tx, scan))
    if (one.id !== scan.id && queuedPurposes.includes(one.purpose)) others.push(await readScan(tx, one));
  return [await readScan(tx, scan), ...others];
}

async function readScan(tx: Tx<'casesOfScan' | 'newestConverted'>, scan: ScanRow): Promise<ScanOfVisit> {
  const cases = await tx.casesOfScan(scan.id);
  return { scan, cases, record: (await tx.newestConverted(scan.id))?.scan };
}

/** Scans and radiation records of the visit of a scan, with itself; none where it has no visit id. */
async function scansOfVisit(tx: Tx<'scansOfVisit'>, scan: ScanRow): Promise<readonly ScanRow[]> {
  if (scan.visit === undefined) return [];
  const found = new Map<string, ScanRow>();
  for (const time of new Set([scan.acquiredAt ?? scan.receivedAt, scan.receivedAt]))
    for (const one of await tx.scansOfVisit(scan, scan.visit, ...visitWindow(time))) found.set(one.id, one);
  return [...found.values()];
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
