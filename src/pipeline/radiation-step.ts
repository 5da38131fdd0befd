import type { RadiationLink } from '../core/hold.ts';
import type { ClaimedJob, RecordsTx, RevisionRow, ScanRow } from '../core/ports.ts';
import { holdingAlarms } from '../core/radiation.ts';
import type { NiiScan } from '../core/scan.ts';
import { openHold, rejoin, withRecord } from '../triage/radiation.ts';
import type { Occupancy } from '../triage/radiation-same.ts';
import type { Deps } from './deps.ts';
import { holdIdOf } from './identity.ts';
import { gathered, joinFor, near, type Scans } from './radiation-candidates.ts';
import { linkOf } from './radiation-link.ts';
import { heldBefore } from './radiation-same.ts';
import { storeHold } from './radiation-store.ts';

/**
 * Joins occupancies and X-ray scans of one site, whichever came first, and opens a hold for every alarm. Runs after
 * each conversion, alone in its site: of two that ended at the same moment the second sees the first.
 */
export async function joinRadiation(deps: Deps, job: ClaimedJob, scanId: string): Promise<void> {
  await deps.jobs.complete(job, async (tx) => {
    const scan = await tx.scanById(scanId);
    if (scan === undefined) return;
    const scans = gathered(tx, deps.policy);
    const converted = await scans.converted(scanId);
    if (converted === undefined) return;
    await settleOwn(deps, tx, scans, scan, converted);
    if (converted.record.views.length > 0) await settleNear(deps, tx, scans, scan);
  });
}

/** The occupancies of this scan, as its newest converted revision has them: all of them, or those that are named. */
async function settleOwn(
  deps: Deps,
  tx: RecordsTx,
  scans: Scans,
  scan: ScanRow,
  { row, record }: { readonly row: RevisionRow; readonly record: NiiScan },
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
    const unjoined = linkOf(scan, row, record, one);
    const seen = { link: unjoined, record, occupancy: one, receivedAt: row.receivedAt };
    links.push({ ...unjoined, ...(await settled(deps, tx, scans, scan, seen, links)) });
  }
  await tx.putRadiation(scan, scan.id, links);
  for (const link of links) await announceJoin(tx, scan, before.get(link.recordId), link);
}

/** Occupancies that this X-ray scan may change the join of; those that came again follow the ones that they are. */
async function settleNear(deps: Deps, tx: RecordsTx, scans: Scans, scan: ScanRow): Promise<void> {
  const links = await near(tx, deps.policy, scan);
  const isAgain = ({ sameAs }: RadiationLink) => sameAs !== undefined;
  await settleEach(
    deps,
    tx,
    scans,
    scan,
    links.filter((link) => !isAgain(link)),
  );
  await settleEach(deps, tx, scans, scan, links.filter(isAgain));
}

async function settleEach(
  deps: Deps,
  tx: RecordsTx,
  scans: Scans,
  scan: ScanRow,
  links: readonly RadiationLink[],
): Promise<void> {
  const touched = new Map<string, Set<string>>();
  for (const { scanId, recordId } of links) {
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

interface Seen extends Occupancy {
  readonly link: RadiationLink;
  readonly record: NiiScan;
  /** When the revision that says it was received. */
  readonly receivedAt: string;
}

/**
 * The join of an occupancy, with its hold opened or brought up to it; one that came again has the hold and the join of
 * the one that it is. `before` are those that stand earlier in its file.
 */
async function settled(
  deps: Deps,
  tx: RecordsTx,
  scans: Scans,
  scan: ScanRow,
  seen: Seen,
  before: readonly RadiationLink[],
): Promise<Pick<RadiationLink, 'join' | 'sameAs'>> {
  const { link, record, occupancy } = seen;
  const join = await joinFor(tx, deps.policy, scans, scan, link, record);
  const id = holdIdOf(scan.id, link.recordId);
  const current = await tx.lockHold(scan, id);
  if (current !== undefined) {
    const move = { actor: 'system', at: deps.clock.now().toISOString() };
    const next = rejoin(withRecord(current, evidenceOf(seen), move), join, move);
    if (next !== current) await storeHold(deps, tx, current, next);
    return { join: next.join };
  }
  const opens = holdingAlarms(occupancy).length > 0 && deps.policy.queuedPurposes.includes(record.purpose);
  if (!opens) return { join };
  const earlier = await heldBefore(tx, scans, scan, seen, before);
  if (earlier !== undefined) {
    const { scanId, recordId, join: known } = earlier;
    return { join: known, sameAs: { scanId, recordId } };
  }
  const { administration, site } = scan;
  const opening = { id, administration, site, scanId: scan.id, recordId: link.recordId };
  const opened = openHold({ ...opening, openedAt: seen.receivedAt }, evidenceOf(seen), join);
  await storeHold(deps, tx, undefined, opened);
  return { join };
}

function evidenceOf({ link, occupancy }: Seen) {
  const { number } = occupancy.occupancy;
  return {
    revision: link.revision,
    alarms: holdingAlarms(occupancy),
    containers: link.containers,
    ...(number === undefined ? {} : { occupancy: number }),
  };
}

async function announceJoin(
  tx: RecordsTx,
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
