import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { defined } from '../core/defined.ts';
import type { Clock, ClockWatch } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { EVER } from '../core/rules/clock.ts';
import { VEHICLE_DAYS } from '../core/rules/policy.ts';
import type { StoredServiceHold } from '../core/rules/service-hold.ts';
import { holdsAt, markOf } from '../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { couldBelongTo, nearScanOf } from '../triage/holds/near-scan.ts';
import { type Asked, issueLaneInstruction } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { knownOfVisit, type ScanOfVisit, visitWindow } from '../triage/visit.ts';
import { vehicleHoldDocument, vehicleHoldPath } from './document-kinds.ts';
import { type RulesTx, rulesAt } from './rules.ts';
import { openServiceHoldsAt } from './service-holds.ts';

const DAY_MS = 86_400_000;

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
  | 'scansByContainer'
  | 'hasUnreadRadiation'
  | 'documentInForce'
  | 'documentsAbout'
>;
export type LaneInstructionTx = KnownTx & RulesTx;

/** What the lane may do with the vehicle now. */
export async function issueInstructionFor(
  deps: LaneInstructionDeps,
  tx: LaneInstructionTx,
  scan: ScanRow,
): Promise<IssuedLaneInstruction> {
  const at = deps.clock.now();
  // first, because a jump that is noted meanwhile is in the records by then
  const hasJumped = deps.clockWatch.jump() !== undefined;
  const rules = await rulesAt(tx, scan, deps.policy);
  const known = await knownOf(tx, scan, rules, at);
  const { instructionMinutes: minutes, version } = rules.policy;
  const isClockUnsure = hasJumped || known.isClockUnsure;
  return issueLaneInstruction({ scanId: scan.id, ...known, isClockUnsure }, { at, minutes, policy: version });
}

/** Everything that bears on the instruction now. */
export async function knownOf(
  tx: KnownTx,
  scan: ScanRow,
  rules: SiteRules,
  at: Date,
): Promise<Omit<Asked, 'scanId'> & { readonly isClockUnsure: boolean }> {
  // first, because a record that is read meanwhile has become a hold by then
  const hasUnread = await tx.hasUnreadRadiation(scan, rules.policy.queuedPurposes);
  const open = (await openServiceHoldsAt(tx, scan)).map(({ opened }) => opened);
  const knownWithGap = withGap(open);
  const [own, ...others] = await scansOfVehicle(tx, scan, rules);
  const all = [own, ...others];
  const alarms = await alarmsOf(tx, scan, all, rules);
  const sameMark = withoutRepeated(alarms, await knownOfMarks(tx, scan, all, rules, knownWithGap));
  return {
    ...knownWithGap(own, others),
    cases: own.cases,
    others: others.map((other) => ({ scanId: other.scan.id, ...knownWithGap(other, all) })),
    ...alarms,
    sameMark,
    isHeldByHand: await isHeldByHand(tx, [...all, ...(await sameContainers(tx, scan, all, rules))], at),
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
  all: readonly ScanOfVisit[],
  rules: SiteRules,
): Promise<Pick<Asked, 'holds' | 'near'>> {
  const holds = new Map<string, Hold>();
  const near = new Map<string, Hold>();
  for (const { scan: one } of all) {
    const isOf = (hold: Hold) => names(hold, scan) || !isSeparated(hold, [one.id, scan.id]);
    for (const hold of (await tx.holdsOn(one.id)).filter(isOf)) holds.set(hold.id, hold);
    for (const hold of (await holdsNear(tx, one, rules)).filter(isOf)) near.set(hold.id, hold);
  }
  return { holds: [...holds.values()], near: [...near.values()].filter((hold) => !holds.has(hold.id)) };
}

/** Scans that name a container of any scan of the visit. */
async function sameContainers(
  tx: Tx<'scansByContainer'>,
  scan: ScanRow,
  all: readonly Pick<ScanOfVisit, 'scan'>[],
  rules: SiteRules,
): Promise<readonly Pick<ScanOfVisit, 'scan'>[]> {
  const containers = new Set(all.flatMap((one) => one.scan.containers));
  const found = await scansOfContainers(tx, { ...scan, containers: [...containers] }, rules);
  return found.map((one) => ({ scan: one }));
}

/** Somebody holds the vehicle by a mark of one of its scans. */
async function isHeldByHand(
  tx: Tx<'documentInForce'>,
  all: readonly Pick<ScanOfVisit, 'scan'>[],
  at: Date,
): Promise<boolean> {
  const marks = all.flatMap(({ scan }) => [
    ...scan.containers.map((container) => ({ scan, mark: markOf('container', container) })),
    ...(scan.visit === undefined ? [] : [{ scan, mark: markOf('visit', scan.visit) }]),
  ]);
  const paths = new Map(
    marks.map(({ scan: { administration, site }, mark }) => {
      const path = vehicleHoldPath({ administration, site, mark });
      return [path.join('/'), path];
    }),
  );
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

/** Its record names a container of the scan: what one officer says of its join takes nothing off that vehicle. */
function names({ containers }: Hold, scan: ScanRow): boolean {
  return containers.some((container) => scan.containers.includes(container));
}

function isSeparated({ notOf = [] }: Hold, ids: readonly string[]): boolean {
  return ids.some((id) => notOf.includes(id));
}

/** What is known of the scans of other visits that name a container of this vehicle. */
async function knownOfMarks(
  tx: Omit<KnownTx, 'scansOfVisit' | 'hasUnreadRadiation' | 'documentInForce' | 'documentsAbout'>,
  scan: ScanRow,
  all: readonly ScanOfVisit[],
  rules: SiteRules,
  knownWithGap: typeof knownOfVisit,
): Promise<NonNullable<Asked['sameMark']>> {
  const ofVisit = new Set(all.map((one) => one.scan.id));
  const found = (await sameContainers(tx, scan, all, rules)).map((one) => one.scan);
  const known = found
    .filter(({ id, purpose }) => !ofVisit.has(id) && rules.policy.queuedPurposes.includes(purpose))
    .map(async (one) => {
      const read = await readScan(tx, one);
      const { holds, near } = await alarmsOf(tx, scan, [read], rules);
      return { scanId: one.id, ...knownWithGap(read, []), holds, near };
    });
  return settleAll(known);
}

/** Scans of the site that name one of its containers and were made or received within the days of the policy. */
async function scansOfContainers(
  tx: Tx<'scansByContainer'>,
  scan: ScanRow,
  { policy: { vehicleDays = VEHICLE_DAYS } }: SiteRules,
): Promise<readonly ScanRow[]> {
  if (scan.containers.length === 0) return [];
  const found = await tx.scansByContainer(scan.administration, scan.containers, ...EVER);
  const times = ({ acquiredAt, receivedAt }: ScanRow) =>
    [acquiredAt ?? receivedAt, receivedAt].map(Date.parse);
  const near = (a: number, b: number) => Math.abs(a - b) <= vehicleDays * DAY_MS;
  return found.filter(
    (one) => one.site === scan.site && times(one).some((a) => times(scan).some((b) => near(a, b))),
  );
}

/** All that the lane is told of anew when something of this scan has changed: those of its visit and of its containers. */
export async function scansAlong(
  tx: Tx<'scansOfVisit' | 'scansByContainer'>,
  scan: ScanRow,
  rules: SiteRules,
): Promise<readonly ScanRow[]> {
  const found = [...(await scansOfVisit(tx, scan)), ...(await scansOfContainers(tx, scan, rules))];
  return [...new Map([[scan.id, scan], ...found.map((one) => [one.id, one] as const)]).values()];
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
