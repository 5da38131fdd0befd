import type { Actor, Scope } from '../core/access.ts';
import { type LanePassage, passageMarks } from '../core/case/lane-passage.ts';
import { defined } from '../core/defined.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { VEHICLE_DAYS } from '../core/rules/policy.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { securityEvent } from '../core/security-event.ts';
import { withFacts } from '../triage/vehicle-facts.ts';
import { passageDocument } from './document-kinds.ts';
import { storeDocuments } from './documents.ts';
import type { KnownDeps, KnownTx } from './lane-instruction.ts';
import { OBJECTS_LOCK } from './object-row.ts';
import { isInParallel, type RulesTx, rulesAt, sitesOfVehicle } from './rules.ts';
import { factsOfPassage, type ScansOfPassageTx } from './vehicle-facts.ts';
import { scansAlong } from './vehicle-scans.ts';

/** What becomes known of a vehicle after it left: its passage is listed, and the feed says so. */

const DAY_MS = 86_400_000;
/** More passages than a vehicle makes within the days of the policy. */
const PASSAGES_OF_VEHICLE = 50;

export type StorePassageTx = Tx<'putDocuments' | 'putObjects' | 'appendChange'>;
export type NoteFactsTx = StorePassageTx &
  ScansOfPassageTx &
  KnownTx &
  Tx<'documentsMarked' | 'lockDocuments' | 'audit'>;

export interface NoteFactsDeps extends KnownDeps {
  readonly records: Transactions<NoteFactsTx & Tx<'scanById'>> & Locks;
  readonly objects: ObjectWrites;
}

/** One at a time: a passage that is being reported meanwhile sees the fact, or is seen by whoever notes it. */
export function passagesLock({ administration, site }: Scope): string {
  return `passages:${administration}:${site}`;
}

/**
 * Notes what is open now against the vehicle of a scan, with the passages of its last days. Repeating it changes nothing.
 * @returns how many passages have a fact that they did not have
 */
export async function noteFactsOfScan(deps: NoteFactsDeps, scanId: string): Promise<number> {
  const scan = await deps.records.transaction((tx) => tx.scanById(scanId));
  if (scan === undefined) return 0;
  const { administration } = scan;
  const sites = await deps.records.transaction((tx) => sitesOfVehicle(tx, scan));
  let noted = 0;
  for (const site of sites) {
    const place = { administration, site };
    const note = () => deps.records.transaction((tx) => noteFacts(deps, tx, scan, place));
    noted += await deps.records.exclusively(passagesLock(place), note, OBJECTS_LOCK);
  }
  return noted;
}

/** @param place - the site of the scan, or a sister site at which its vehicle may have passed */
async function noteFacts(
  deps: KnownDeps & { readonly objects: ObjectWrites },
  tx: NoteFactsTx,
  scan: ScanRow,
  place: Scope,
): Promise<number> {
  if (await isInParallel(tx, place)) return 0;
  const now = deps.clock.now();
  const passages = await recentPassages(deps, tx, scan, place, now);
  const noted: LanePassage[] = [];
  for (const passage of passages) {
    const next = withFacts(passage, await factsOfPassage(deps, tx, passage), now.toISOString());
    if (next !== undefined) noted.push({ ...next, version: passageDocument.versionOf(passage) + 1 });
  }
  await storeDocuments(deps, tx, passageDocument, noted);
  for (const one of noted) await announceFacts(tx, one);
  const settled = new Set(passages.filter(({ state }) => state === 'settled').map(({ id }) => id));
  for (const one of noted.filter(({ id }) => settled.has(id))) await auditOpening(tx, one);
  return noted.length;
}

/** What a person had settled is open again, and no person did that. */
async function auditOpening(tx: Tx<'audit'>, passage: LanePassage): Promise<void> {
  const { administration, site, id, settled, since, facts = [] } = passage;
  const actor: Actor = { keyId: 'none', role: 'peer', administration, site };
  const codes = [...new Set(facts.map(({ code }) => code))];
  const detail = { codes, ...defined({ since, settledBy: settled?.by, outcome: settled?.outcome }) };
  await tx.audit(securityEvent('passage opened again', id, detail, actor));
}

async function recentPassages(
  { policy }: Pick<KnownDeps, 'policy'>,
  tx: Parameters<typeof scansAlong>[0] & RulesTx & Tx<'documentsMarked' | 'lockDocuments'>,
  scan: ScanRow,
  place: Scope,
  now: Date,
): Promise<readonly LanePassage[]> {
  const rules = await rulesAt(tx, scan, policy);
  const along = await scansAlong(tx, scan, rules);
  const marks = passageMarks({
    scanIds: along.map(({ id }) => id),
    containers: along.flatMap(({ containers }) => containers),
    visits: along.flatMap(({ visit }) => visit ?? []),
  });
  const { vehicleDays = VEHICLE_DAYS } = rules.policy;
  const from = new Date(now.getTime() - vehicleDays * DAY_MS).toISOString();
  const found = await tx.documentsMarked(passageDocument, place, marks, from, PASSAGES_OF_VEHICLE);
  return tx.lockDocuments(passageDocument, found.map(passageDocument.pathOf));
}

/** The loudest change that there is: a vehicle is away, and something is open against it. */
export async function announceFacts(
  tx: Tx<'appendChange'>,
  { administration, site, id: subject }: LanePassage,
): Promise<void> {
  await tx.appendChange({ administration, site, kind: 'vehicle.left-with-open-fact', subject });
}
