import { defined } from '../core/defined.ts';
import type { JobEnds } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { RadiationJoin, RadiationLink } from '../core/radiation/hold.ts';
import type { ClaimedJob } from '../core/rows/job.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { tellLaneOfRecord } from '../stored/radiation-store.ts';
import { type RulesTx, rulesAt } from '../stored/rules.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { type Occupancy, occupanciesOf, unreadableOf } from './occupancies.ts';
import { type Converted, type ConvertedScans, gathered, joinFor, near } from './radiation-candidates.ts';
import { type SettleHoldTx, settleHold } from './settle-hold.ts';

export interface JoinRadiationDeps {
  readonly jobs: JobEnds<SettleNearTx & Tx<'revision' | 'newestConverted'> & RulesTx>;
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
    await settleOwn(deps, tx, scans, scan, converted);
    if (converted !== undefined && converted.record.views.length > 0)
      await settleNear(deps, tx, scans, scan, converted);
  });
}

export type SettleOwnTx = SettledTx & Tx<'putRadiation' | 'radiationOf' | 'radiationContents' | 'revisions'>;
type SettleNearTx = SettleOwnTx &
  Tx<'scanById' | 'updateRadiation' | 'radiationFor' | 'radiationOfVisit' | 'radiationNear'>;
type SettledTx = SettleHoldTx & Tx<'scansByContainer' | 'scansOfVisit'>;

export interface SettleOwnDeps {
  readonly objects: ObjectWrites;
  readonly clock: Clock;
  readonly rules: SiteRules;
  readonly lane: LaneTarget | undefined;
}

/**
 * The occupancies of this scan, as its newest converted revision has them: those of which it says something new, and
 * those that a scan near them touched. The others stay as they were settled, however often a log is sent again.
 */
async function settleOwn(
  deps: SettleOwnDeps,
  tx: SettleOwnTx,
  scans: ConvertedScans,
  scan: ScanRow,
  converted: Converted | undefined,
  touched: ReadonlySet<string> = new Set(),
): Promise<void> {
  const occupancies = await allOccupancies(deps, tx, scan, converted);
  const before = await linksBefore(tx, scan.id);
  if (occupancies.length === 0 && before.size === 0) return;
  const prints = await tx.radiationContents(scan.id);
  const links: RadiationLink[] = [];
  for (const one of occupancies) {
    const { recordId, revision } = one.link;
    const known = before.get(recordId);
    // The same revision once more: what it is joined with may have changed
    const isNew = known?.revision === revision || prints.get(recordId) !== one.print || touched.has(recordId);
    links.push(
      known !== undefined && !isNew
        ? { ...known, revision }
        : await settled(deps, tx, scans, converted, one, known),
    );
  }
  await tx.putRadiation(scan, scan.id, links, printsOf(occupancies));
  for (const link of links) await announceJoin(tx, scan, before.get(link.recordId), link);
}

/** Those that can be read, and one for each revision that cannot. */
async function allOccupancies(
  { rules }: Pick<SettleOwnDeps, 'rules'>,
  tx: Tx<'revisions'>,
  scan: ScanRow,
  converted: Converted | undefined,
): Promise<readonly Occupancy[]> {
  const read = converted === undefined ? [] : occupanciesOf(scan, converted, rules);
  return [...read, ...unreadableOf(scan, await tx.revisions(scan.id))];
}

/** Occupancies that this X-ray scan may change the join of. */
async function settleNear(
  deps: SettleOwnDeps,
  tx: SettleNearTx,
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
    if (owning === undefined) continue;
    await settleTouched(deps, tx, scans, owning, converted, records);
  }
}

/** These occupancies of the scan alone, unless the step of a newer revision is still to come for all of them. */
async function settleTouched(
  deps: SettleOwnDeps,
  tx: SettleOwnTx & Tx<'updateRadiation'>,
  scans: ConvertedScans,
  scan: ScanRow,
  converted: Converted | undefined,
  records: ReadonlySet<string>,
): Promise<void> {
  const before = await linksBefore(tx, scan.id);
  const isOfIt = (id: string) => before.get(id)?.revision === converted?.row.revision;
  if (converted === undefined || ![...records].every(isOfIt))
    return settleOwn(deps, tx, scans, scan, converted, records);
  const occupancies = occupanciesOf(scan, converted, deps.rules, (id) => records.has(id));
  const links: RadiationLink[] = [];
  for (const one of occupancies)
    links.push(await settled(deps, tx, scans, converted, one, before.get(one.link.recordId)));
  await tx.updateRadiation(scan, scan.id, links, printsOf(occupancies));
  for (const link of links) await announceJoin(tx, scan, before.get(link.recordId), link);
}

async function linksBefore(
  tx: Tx<'radiationOf'>,
  scanId: string,
): Promise<ReadonlyMap<string, RadiationLink>> {
  return new Map((await tx.radiationOf(scanId)).map((link) => [link.recordId, link]));
}

function printsOf(occupancies: readonly Occupancy[]): ReadonlyMap<string, string> {
  return new Map(occupancies.map(({ link, print }) => [link.recordId, print]));
}

/** An occupancy with its join, and its hold opened or brought up to it. */
async function settled(
  deps: SettleOwnDeps,
  tx: SettledTx,
  scans: ConvertedScans,
  converted: Converted | undefined,
  one: Occupancy,
  known: RadiationLink | undefined,
): Promise<RadiationLink> {
  const { scan, link, evidence } = one;
  const join = await joinFor(tx, deps.rules, scans, scan, link, converted?.record, evidence.passage);
  const hold = await settleHold(deps, tx, one, join);
  if (hold === undefined) return { ...link, join };
  const holdId = hold.scanId === scan.id && hold.recordId === link.recordId ? undefined : hold.id;
  if (holdId !== undefined && holdId !== known?.holdId) await tellLaneOfRecord(deps, tx, hold, scan.id);
  return { ...link, join: shownJoin(hold.join), ...defined({ holdId }) };
}

/** More people can read the record than the hold, so a mark that officers read off the vehicle is shown only with the hold. */
function shownJoin(join: RadiationJoin): RadiationJoin {
  if (join.kind === 'vehicle') return { kind: 'none', why: 'officers have stated which vehicle it is' };
  if (join.kind !== 'joined') return join;
  const { mark: _, ...shown } = join;
  return shown;
}

async function announceJoin(
  tx: Tx<'appendChange'>,
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
