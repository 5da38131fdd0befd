import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { type Actor, ANY_SITE, actingAs, type Scope, senderOf } from '../../core/access.ts';
import {
  FACTS_OF_PASSAGE,
  type LanePassage,
  type OpenFact,
  type PassageReport,
  passageMarks,
  type Settlement,
  scanOfInstruction,
} from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { toUtc } from '../../core/rules/clock.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import { settleAll } from '../../core/settle-all.ts';
import { noInstruction } from '../../queries/read.ts';
import { passageDocument } from '../../stored/document-kinds.ts';
import { storeDocuments } from '../../stored/documents.ts';
import { passageIdOf } from '../../stored/identity.ts';
import { type KnownDeps, type KnownTx, knownOf } from '../../stored/lane-instruction.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { announceFacts, passagesLock, type StorePassageTx } from '../../stored/passages.ts';
import { isInParallel, placeFor, rulesAt } from '../../stored/rules.ts';
import { type SideBySideTx, sideBySide } from '../../stored/side-by-side.ts';
import { factsOfPassage } from '../../stored/vehicle-facts.ts';
import { scansAlong } from '../../stored/vehicle-scans.ts';
import { rowsOf } from '../../triage/instruction.ts';
import { clockOf, factsThatCount } from '../../triage/vehicle-facts.ts';
import { faultOfPassage, type KnownOfPassage, type UsedInstruction, usedInstruction } from './rules.ts';

/** Passages of vehicles: reported by the lane afterwards, compared with what is known, and settled where they are listed. */

export type SettlePassageTx = StorePassageTx &
  Tx<'audit' | 'answered' | 'putAnswer' | 'lockDocuments' | 'documentHistory'>;
export type ReportPassagesTx = StorePassageTx &
  SideBySideTx &
  Tx<'audit' | 'lockDocuments' | 'documentsMarked' | 'documentInForce'>;

export interface SettlePassageDeps {
  readonly records: Transactions<SettlePassageTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

export interface ReportPassagesDeps extends KnownDeps {
  readonly records: Transactions<ReportPassagesTx> & Locks;
  readonly objects: ObjectWrites;
}

export interface KeptPassage {
  readonly passage: LanePassage;
  /** False: it was here, word for word. */
  readonly isNew: boolean;
}

/**
 * Keeps what passed at a site, all of a report or nothing. What is here already stays as it is.
 * @throws NII_NOT_FOUND for the key of another site; NII_NO_INSTRUCTION of a site in parallel mode; NII_CONFLICT where an id
 *   was reported with other words; NII_BAD_REQUEST for a time that no clock here has
 */
export async function reportPassages(
  deps: ReportPassagesDeps,
  actor: Actor,
  site: string,
  reports: readonly PassageReport[],
): Promise<readonly KeptPassage[]> {
  const place = placeFor(actor, site);
  const wanted = reports.map(normalised);
  const write = () => deps.records.transaction((tx) => keepReports(deps, tx, actor, place, wanted));
  return deps.records.exclusively(passagesLock(place), write, OBJECTS_LOCK);
}

/** Times and the order of fields in one form, so that the same words are the same text. */
function normalised(report: PassageReport, i: number): PassageReport {
  const { id, at, lane, scanId, containers, plates, visit, instruction, fallback } = report;
  return {
    id,
    at: inUtc(at, `passages.${i}.at`),
    ...defined({
      lane,
      scanId,
      containers,
      plates,
      visit,
      instruction: instruction && {
        ...defined({ scanId: instruction.scanId }),
        instruction: instruction.instruction,
        issuedAt: inUtc(instruction.issuedAt, `passages.${i}.instruction.issuedAt`),
        expiresAt: inUtc(instruction.expiresAt, `passages.${i}.instruction.expiresAt`),
        ...defined({ number: instruction.number }),
      },
      fallback,
    }),
  };
}

/** @throws NII_BAD_REQUEST for a leap second, and for a year that has not four digits in UTC */
function inUtc(time: string, field: string): string {
  const written = toUtc(time);
  if (written !== undefined) return written;
  const detail = `Invalid ${field} ${time}: use a time of the form 2026-01-02T03:04:05.678Z, with seconds up to 59`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field });
}

async function keepReports(
  deps: Omit<ReportPassagesDeps, 'records'>,
  tx: ReportPassagesTx,
  actor: Actor,
  place: Scope,
  reports: readonly PassageReport[],
): Promise<readonly KeptPassage[]> {
  if (await isInParallel(tx, place)) throw noInstruction(place);
  const idOf = ({ id }: PassageReport) => passageIdOf(place.administration, place.site, senderOf(actor), id);
  const paths = reports.map((report) => [place.administration, idOf(report)] as const);
  const kept = new Map((await tx.lockDocuments(passageDocument, paths)).map((one) => [one.id, one]));
  const fresh = reports.filter((report) => !kept.has(idOf(report)));
  const known = await knownOfEach(deps, tx, place, fresh);
  const used = [...(await usedBefore(tx, place, fresh))];
  const { administration, site } = place;
  const reported = { at: deps.clock.now().toISOString(), by: actingAs(actor) };
  const stated = { administration, site, sender: senderOf(actor), reported };
  const answers: KeptPassage[] = [];
  for (const report of reports) {
    const earlier = kept.get(idOf(report));
    if (earlier !== undefined) requireSame(earlier, report);
    const passage =
      earlier ??
      newPassage({ ...stated, id: idOf(report), report }, { ...known.get(report), used: [...used] });
    kept.set(passage.id, passage);
    answers.push({ passage, isNew: earlier === undefined });
    used.push(...instructionsUsed(earlier === undefined ? [report] : []));
  }
  const added = answers.filter(({ isNew }) => isNew).map(({ passage }) => passage);
  await announceNew(deps, tx, actor, place, added);
  return answers;
}

function requireSame({ report: earlier }: LanePassage, report: PassageReport): void {
  if (JSON.stringify(earlier) === JSON.stringify(report)) return;
  const detail = `The passage "${report.id}" was reported with other content: use a new id for another passage`;
  throw new NiiError('NII_CONFLICT', { detail, field: 'id' });
}

interface Known extends Pick<KnownOfPassage, 'scan'> {
  readonly facts: readonly OpenFact[];
}

/** What the service knows of each vehicle now. */
async function knownOfEach(
  deps: KnownDeps,
  tx: SideBySideTx,
  place: Scope,
  reports: readonly PassageReport[],
): Promise<ReadonlyMap<PassageReport, Known>> {
  const reads = sideBySide(tx);
  const known = reports.map(async (report): Promise<readonly [PassageReport, Known]> => {
    const [scan, facts] = await settleAll([
      scanOf(deps, reads, place, report),
      factsOfPassage(deps, reads, { ...place, report }),
    ]);
    return [report, { facts, ...defined({ scan }) }];
  });
  return new Map(await settleAll(known));
}

async function scanOf(
  { policy, clock }: KnownDeps,
  tx: Tx<'scan'> & KnownTx,
  place: Scope,
  report: PassageReport,
): Promise<KnownOfPassage['scan']> {
  const id = scanOfInstruction(report);
  const scan = id === undefined ? undefined : await tx.scan(place, id);
  if (scan === undefined) return undefined;
  const rules = await rulesAt(tx, place, policy);
  const along = await scansAlong(tx, scan, rules);
  const cases = await tx.casesOfScan(scan.id);
  const rows = cases.length > 0 ? [] : rowsOf(await knownOf(tx, scan, rules, clock.now()));
  return {
    receivedAt: scan.receivedAt,
    cases,
    isByPortal: rows.some(({ code }) => code === 'portal-only'),
    containers: along.flatMap(({ containers }) => containers),
    ...defined({ visit: scan.visit }),
  };
}

const DAY_MS = 86_400_000;
/** More than the passages of the scans of one report. */
const USED_AT_ONCE = 5000;

/** Instructions of the same scans by which vehicles passed that were reported before. */
async function usedBefore(
  tx: Tx<'documentsMarked'>,
  place: Scope,
  reports: readonly PassageReport[],
): Promise<readonly UsedInstruction[]> {
  const used = instructionsUsed(reports);
  if (used.length === 0) return [];
  const issued = Math.min(...used.map(({ issuedAt }) => Date.parse(issuedAt)));
  const from = new Date(issued - VEHICLE_DAYS * DAY_MS).toISOString();
  const marks = passageMarks({ scanIds: used.map(({ scanId }) => scanId), containers: [], visits: [] });
  const found = await tx.documentsMarked(passageDocument, place, marks, from, USED_AT_ONCE);
  return instructionsUsed(found.map(({ report }) => report));
}

function instructionsUsed(reports: readonly PassageReport[]): readonly UsedInstruction[] {
  return reports.map(usedInstruction).filter((one) => one !== undefined);
}

type Stated = Pick<LanePassage, 'id' | 'administration' | 'site' | 'sender' | 'report' | 'reported'>;

function newPassage(
  stated: Stated,
  known: Omit<Known, 'facts'> & Partial<Known> & Pick<KnownOfPassage, 'used'>,
) {
  const { report, reported } = stated;
  const reason = faultOfPassage(report, { ...known, reportedAt: reported.at });
  const facts = factsThatCount(reason, known.facts ?? []).slice(0, FACTS_OF_PASSAGE);
  const hasFacts = facts.length > 0;
  const passage: LanePassage = {
    ...stated,
    state: reason === undefined ? 'valid' : 'open',
    ...defined({
      reason,
      since: hasFacts ? clockOf(facts, report.at, reported.at) : undefined,
      facts: hasFacts ? [...facts] : undefined,
    }),
  };
  return passage;
}

async function announceNew(
  deps: Pick<ReportPassagesDeps, 'objects'>,
  tx: StorePassageTx & Tx<'audit'>,
  actor: Actor,
  { administration, site }: Scope,
  added: readonly LanePassage[],
): Promise<void> {
  if (added.length === 0) return;
  await storeDocuments(deps, tx, passageDocument, added);
  const open = added.filter(({ state }) => state === 'open');
  const without = open.filter(({ reason }) => reason !== 'left-with-fact');
  const withFact = open.filter(({ facts }) => facts !== undefined);
  for (const { id: subject } of without)
    await tx.appendChange({ administration, site, kind: 'passage.without-instruction', subject });
  for (const one of withFact) await announceFacts(tx, one);
  const detail = {
    passages: added.length,
    withoutInstruction: without.length,
    withOpenFact: withFact.length,
  };
  await tx.audit({ actor, action: 'change passages: report', subject: site, detail, site });
}

export const versionOfPassage = passageDocument.versionOf;

/** `replayed`: this was answered before, and nothing was done now. */
export interface PassageAnswer {
  readonly passage: LanePassage;
  readonly replayed: boolean;
}

/**
 * Says what became of a vehicle that passed without a valid instruction or with something open.
 * @throws NII_NOT_FOUND; NII_STATE_CONFLICT where there is nothing to settle; NII_PRECONDITION_FAILED,
 *   NII_IDEMPOTENCY_MISMATCH
 */
export async function settlePassage(
  deps: SettlePassageDeps,
  command: Command,
  id: string,
  settlement: Settlement,
): Promise<PassageAnswer> {
  const { administration, site } = await deps.records.transaction((tx) =>
    siteOfPassage(tx, command.actor, id),
  );
  const write = () => deps.records.transaction((tx) => settleLocked(deps, tx, command, id, settlement));
  return deps.records.exclusively(passagesLock({ administration, site }), write, OBJECTS_LOCK);
}

/** Without a lock of its row: whoever waits for that finds the version gone that another one replaces. */
async function siteOfPassage(tx: Tx<'documentHistory'>, actor: Actor, id: string): Promise<Scope> {
  const found = await tx.documentHistory(passageDocument, [actor.administration, id]);
  return requireVisible(found.at(-1), actor, id);
}

function requireVisible(found: LanePassage | undefined, actor: Actor, id: string): LanePassage {
  if (found === undefined || (actor.site !== ANY_SITE && actor.site !== found.site))
    throw new NiiError('NII_NOT_FOUND', `Unknown passage "${id}"`);
  return found;
}

async function settleLocked(
  deps: Pick<SettlePassageDeps, 'objects' | 'clock'>,
  tx: Omit<SettlePassageTx, 'documentHistory'>,
  command: Command,
  id: string,
  { outcome, why }: Settlement,
): Promise<PassageAnswer> {
  const { actor } = command;
  const [found] = await tx.lockDocuments(passageDocument, [[actor.administration, id]]);
  const current = requireVisible(found, actor, id);
  const earlier = await earlierAnswer(tx, command);
  // What was kept is an answer that this service wrote; it is read back as it is.
  if (earlier !== undefined) return { passage: earlier as LanePassage, replayed: true };
  rejectUnlessOpen(command, current);
  const at = deps.clock.now().toISOString();
  const passage: LanePassage = {
    ...current,
    version: versionOfPassage(current) + 1,
    state: 'settled',
    settled: { at, by: actingAs(actor), outcome, why },
  };
  await storeDocuments(deps, tx, passageDocument, [passage]);
  const { administration, site } = passage;
  await tx.appendChange({ administration, site, kind: 'passage.settled', subject: id });
  const detail = { outcome, why };
  await tx.audit({ actor, action: 'change passage: settle', subject: id, detail, site });
  await keepAnswer(tx, command, passage);
  return { passage, replayed: false };
}

function rejectUnlessOpen({ ifMatch }: Command, current: LanePassage): void {
  if (ifMatch !== undefined && ifMatch !== String(versionOfPassage(current)))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The passage has changed; reload and retry');
  switch (current.state) {
    case 'open':
      return;
    case 'settled':
      throw new NiiError('NII_STATE_CONFLICT', 'This passage is already settled');
    case 'valid':
      throw new NiiError(
        'NII_STATE_CONFLICT',
        'This passage had a valid instruction; there is nothing to settle',
      );
  }
}
