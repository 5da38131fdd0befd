import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { type Actor, ANY_SITE, actingAs, type Scope, senderOf } from '../../core/access.ts';
import type { LanePassage, PassageReport, Settlement } from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { noInstruction } from '../../queries/read.ts';
import { passageDocument } from '../../stored/document-kinds.ts';
import { storeDocuments } from '../../stored/documents.ts';
import { passageIdOf } from '../../stored/identity.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { isInParallel, placeFor } from '../../stored/rules.ts';
import { faultOfPassage, type KnownOfPassage, scanOfInstruction } from './rules.ts';

/** Passages of vehicles: reported by the lane afterwards, and settled where there was no valid instruction. */

type StorePassageTx = Tx<'putDocuments' | 'putObjects'>;
export type SettlePassageTx = StorePassageTx &
  Tx<'appendChange' | 'audit' | 'answered' | 'putAnswer' | 'lockDocuments'>;
export type ReportPassagesTx = StorePassageTx &
  JudgeTx &
  Tx<'documentInForce' | 'appendChange' | 'audit' | 'lockDocuments'>;
type JudgeTx = Tx<'scan' | 'casesOfScan'>;

export interface SettlePassageDeps {
  readonly records: Transactions<SettlePassageTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

export interface ReportPassagesDeps {
  readonly records: Transactions<ReportPassagesTx> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
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
  return deps.records.exclusively(`passages:${place.administration}:${site}`, write, OBJECTS_LOCK);
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
      },
      fallback,
    }),
  };
}

/** @throws NII_BAD_REQUEST for a leap second, and for a year that has not four digits in UTC */
function inUtc(time: string, field: string): string {
  const date = new Date(time);
  const written = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (/^\d{4}-/.test(written)) return written;
  const detail = `Invalid ${field} ${time}: use a time of the form 2026-01-02T03:04:05.678Z, with seconds up to 59`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field });
}

async function keepReports(
  deps: Pick<ReportPassagesDeps, 'objects' | 'clock'>,
  tx: ReportPassagesTx,
  actor: Actor,
  place: Scope,
  reports: readonly PassageReport[],
): Promise<readonly KeptPassage[]> {
  if (await isInParallel(tx, place)) throw noInstruction(place);
  const idOf = ({ id }: PassageReport) => passageIdOf(place.administration, place.site, senderOf(actor), id);
  const paths = reports.map((report) => [place.administration, idOf(report)] as const);
  const kept = new Map((await tx.lockDocuments(passageDocument, paths)).map((one) => [one.id, one]));
  const answers: KeptPassage[] = [];
  for (const report of reports) {
    const earlier = kept.get(idOf(report));
    if (earlier !== undefined) requireSame(earlier, report);
    const passage = earlier ?? (await newPassage(tx, deps.clock, actor, place, idOf(report), report));
    kept.set(passage.id, passage);
    answers.push({ passage, isNew: earlier === undefined });
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

async function newPassage(
  tx: JudgeTx,
  clock: Clock,
  actor: Actor,
  { administration, site }: Scope,
  id: string,
  report: PassageReport,
): Promise<LanePassage> {
  const reportedAt = clock.now().toISOString();
  const scan = await scanOf(tx, { administration, site }, report);
  const reason = faultOfPassage(report, { reportedAt, ...defined({ scan }) });
  return {
    id,
    administration,
    site,
    sender: senderOf(actor),
    state: reason === undefined ? 'valid' : 'open',
    ...defined({ reason }),
    report,
    reported: { at: reportedAt, by: actingAs(actor) },
  };
}

async function scanOf(tx: JudgeTx, place: Scope, report: PassageReport): Promise<KnownOfPassage['scan']> {
  const id = scanOfInstruction(report);
  const scan = id === undefined ? undefined : await tx.scan(place, id);
  return scan && { receivedAt: scan.receivedAt, cases: await tx.casesOfScan(scan.id) };
}

async function announceNew(
  deps: Pick<ReportPassagesDeps, 'objects'>,
  tx: StorePassageTx & Tx<'appendChange' | 'audit'>,
  actor: Actor,
  { administration, site }: Scope,
  added: readonly LanePassage[],
): Promise<void> {
  if (added.length === 0) return;
  await storeDocuments(deps, tx, passageDocument, added);
  const open = added.filter(({ state }) => state === 'open');
  for (const { id: subject } of open)
    await tx.appendChange({ administration, site, kind: 'passage.without-instruction', subject });
  const detail = { passages: added.length, withoutInstruction: open.length };
  await tx.audit({ actor, action: 'change passages: report', subject: site, detail, site });
}

export const versionOfPassage = passageDocument.versionOf;

/** `replayed`: this was answered before, and nothing was done now. */
export interface PassageAnswer {
  readonly passage: LanePassage;
  readonly replayed: boolean;
}

/**
 * Says what became of a vehicle that passed without a valid instruction; a passage is settled once.
 * @throws NII_NOT_FOUND; NII_STATE_CONFLICT where there is nothing to settle; NII_PRECONDITION_FAILED,
 *   NII_IDEMPOTENCY_MISMATCH
 */
export function settlePassage(
  deps: SettlePassageDeps,
  command: Command,
  id: string,
  settlement: Settlement,
): Promise<PassageAnswer> {
  const write = () => deps.records.transaction((tx) => settleLocked(deps, tx, command, id, settlement));
  return deps.records.exclusively(`passage:${id}`, write, OBJECTS_LOCK);
}

async function settleLocked(
  deps: Pick<SettlePassageDeps, 'objects' | 'clock'>,
  tx: SettlePassageTx,
  command: Command,
  id: string,
  { outcome, why }: Settlement,
): Promise<PassageAnswer> {
  const { actor } = command;
  const [current] = await tx.lockDocuments(passageDocument, [[actor.administration, id]]);
  if (current === undefined || (actor.site !== ANY_SITE && actor.site !== current.site))
    throw new NiiError('NII_NOT_FOUND', `Unknown passage "${id}"`);
  const earlier = await earlierAnswer(tx, command);
  // What was kept is an answer that this service wrote; it is read back as it is.
  if (earlier !== undefined) return { passage: earlier as LanePassage, replayed: true };
  rejectUnlessOpen(command, current);
  const at = deps.clock.now().toISOString();
  const passage: LanePassage = {
    ...current,
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
      throw new NiiError(
        'NII_STATE_CONFLICT',
        'This passage is already settled: it can be settled only once',
      );
    case 'valid':
      throw new NiiError(
        'NII_STATE_CONFLICT',
        'This passage had a valid instruction; there is nothing to settle',
      );
  }
}
