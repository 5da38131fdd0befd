import { defined } from '../core/defined.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { Radiation, RadiationWrites } from '../core/ports/records/radiation.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { AllScans, NearbyScans } from '../core/ports/records/scans.ts';
import type { Passage, RadiationLink } from '../core/radiation/hold.ts';
import { holdingAlarms, type RadiationRecord } from '../core/radiation/radiation.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import { type TrueTime, trueTime } from '../core/rules/clock.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import { holdIdOf } from '../stored/identity.ts';
import { type StoreHoldTx, storeHold } from '../stored/radiation-store.ts';
import { type RulesTx, rulesAt } from '../stored/rules.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { openHold, rejoin, withRecord } from '../triage/radiation.ts';
import { clockOf, type SiteRules } from '../triage/site-rules.ts';
import { type Converted, type ConvertedScans, gathered, joinFor, near } from './radiation-candidates.ts';

export interface JoinRadiationDeps {
  readonly jobs: JobEnds<SettleOwnTx & AllScans & Revisions & RulesTx>;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly policy: TriagePolicy;
  readonly lane: LaneTarget | undefined;
}

/**
 * Joins occupancies and X-ray scans of one site, whichever came first, and opens a hold for every alarm. Runs after
 * each conversion, alone in its site: of two that ended at the same moment the second sees the first.
 */
export async function joinRadiation(
  given: JoinRadiationDeps,
  job: ClaimedJob,
  scanId: string,
): Promise<void> {
  await given.jobs.complete(job, async (tx) => {
    const scan = await tx.scanById(scanId);
    if (scan === undefined) return;
    const deps = { ...given, rules: await rulesAt(tx, scan, given.policy) };
    const scans = gathered(tx, deps.rules);
    const converted = await scans.converted(scanId);
    if (converted === undefined) return;
    await settleOwn(deps, tx, scans, scan, converted);
    if (converted.record.views.length > 0) await settleNear(deps, tx, scans, scan, converted);
  });
}

export type SettleOwnTx = StoreHoldTx & NearbyScans & Radiation & RadiationWrites;

export interface SettleOwnDeps {
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly rules: SiteRules;
  readonly lane: LaneTarget | undefined;
}

/** The occupancies of this scan, as its newest converted revision has them: all of them, or those that are named. */
async function settleOwn(
  deps: SettleOwnDeps,
  tx: SettleOwnTx,
  scans: ConvertedScans,
  scan: ScanRow,
  { row, record }: Converted,
  touched?: ReadonlySet<string>,
): Promise<void> {
  const records = record.radiation ?? [];
  const before = new Map((await tx.radiationOf(scan.id)).map((link) => [link.recordId, link]));
  if (records.length === 0 && before.size === 0) return;
  const links: RadiationLink[] = [];
  for (const one of records) {
    const known = before.get(one.id);
    if (known?.revision === row.revision && touched?.has(one.id) === false) {
      links.push(known);
      continue;
    }
    const seen = occupancyOf(scan, { row, record }, one, deps.rules);
    links.push({ ...seen.link, join: await settledJoin(deps, tx, scans, scan, seen, record, one) });
  }
  await tx.putRadiation(scan, scan.id, links);
  for (const link of links) await announceJoin(tx, scan, before.get(link.recordId), link);
}

/** Occupancies that this X-ray scan may change the join of. */
async function settleNear(
  deps: SettleOwnDeps,
  tx: SettleOwnTx & AllScans,
  scans: ConvertedScans,
  scan: ScanRow,
  own: Converted,
): Promise<void> {
  const touched = new Map<string, Set<string>>();
  for (const { scanId, recordId } of await near(tx, deps.rules, scan, own)) {
    touched.set(scanId, (touched.get(scanId) ?? new Set()).add(recordId));
  }
  for (const [owner, records] of touched) {
    if (owner === scan.id) continue;
    const owning = await tx.scanById(owner);
    const converted = await scans.converted(owner);
    if (owning === undefined || converted === undefined) continue;
    await settleOwn(deps, tx, scans, owning, converted, records);
  }
}

/** The join of an occupancy, with its hold opened or brought up to it. */
async function settledJoin(
  deps: SettleOwnDeps,
  tx: StoreHoldTx & NearbyScans,
  scans: ConvertedScans,
  scan: ScanRow,
  { link, passage }: Occupancy,
  record: NiiScan,
  occupancy: RadiationRecord,
): Promise<RadiationLink['join']> {
  const evidence = evidenceOf(link, passage, occupancy);
  const join = await joinFor(tx, deps.rules, scans, scan, link, record, passage);
  const id = holdIdOf(scan.id, link.recordId);
  const current = await tx.lockHold(scan, id);
  const alarms = holdingAlarms(occupancy);
  if (current === undefined) {
    if (alarms.length === 0 || !deps.rules.policy.queuedPurposes.includes(record.purpose)) return join;
    const { administration, site, receivedAt: openedAt } = scan;
    const opening = { id, administration, site, scanId: scan.id, recordId: link.recordId, openedAt };
    await storeHold(deps, tx, undefined, openHold(opening, evidence, join));
    return join;
  }
  const move = { actor: 'system', at: deps.clock.now().toISOString() };
  const next = rejoin(withRecord(current, evidence, move), join, move);
  if (next !== current) await storeHold(deps, tx, current, next);
  return next.join;
}

function evidenceOf({ revision, containers }: RadiationLink, passage: Passage, one: RadiationRecord) {
  const { number } = one.occupancy;
  return { revision, alarms: holdingAlarms(one), containers, passage, ...defined({ occupancy: number }) };
}

/** An occupancy before it is joined, and when and where it was, by the clock of its portal as it is set. */
interface Occupancy {
  readonly link: RadiationLink;
  readonly passage: Passage;
}

function occupancyOf(
  scan: ScanRow,
  { row, record }: Converted,
  one: RadiationRecord,
  rules: SiteRules,
): Occupancy {
  const clock = clockOf(rules, scannerOf(row));
  const [start, end] = [one.occupancy.start, one.occupancy.end].map((time) => trueTime(time, clock));
  const lane = one.lane ?? record.source.lane;
  const portal = one.instrument.serial ?? record.source.serial ?? one.portal;
  const [from, to] = [start?.at ?? end?.at, end?.at ?? start?.at];
  const isZoneStated = [start, end].every((time) => time?.isZoneStated !== false);
  const link: RadiationLink = {
    scanId: scan.id,
    recordId: one.id,
    revision: row.revision,
    ...timesOf(scan, record, start, end),
    ...defined({ lane }),
    containers: [...new Set(record.units.flatMap(({ containers }) => containers.map(({ value }) => value)))],
    alarms: [...new Set(one.alarms.map(({ category }) => category))],
    join: { kind: 'none', why: 'not joined yet' },
  };
  const { receivedAt } = scan;
  return { link, passage: { isZoneStated, receivedAt, ...defined({ from, to, lane, portal }) } };
}

/** Without a time in the file the receipt stands for it, if the file has but one occupancy. */
function timesOf(
  { receivedAt }: ScanRow,
  { radiation }: NiiScan,
  start: TrueTime | undefined,
  end: TrueTime | undefined,
) {
  const from = start?.at ?? end?.at;
  if (from !== undefined) return { from, to: end?.at ?? from, timeFrom: 'file' as const };
  const received = radiation?.length === 1 ? receivedAt : undefined;
  return { ...defined({ from: received, to: received }), timeFrom: 'receipt' as const };
}

async function announceJoin(
  tx: ChangeWrites,
  { administration, site, id }: ScanRow,
  before: RadiationLink | undefined,
  after: RadiationLink,
): Promise<void> {
  const kinds = [before?.join.kind, after.join.kind];
  if (!kinds.includes('joined') || JSON.stringify(before?.join) === JSON.stringify(after.join)) return;
  await tx.appendChange({
    administration,
    site,
    kind: 'radiation.joined',
    subject: id,
    revision: after.revision,
  });
}
