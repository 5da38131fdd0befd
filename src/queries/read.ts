import { type Actor, idsOf, isReader, placeOf, scopeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import type { Declaration } from '../core/case/declaration.ts';
import type { Analysis } from '../core/case/finding.ts';
import type { IssuedLaneInstruction } from '../core/case/lane.ts';
import { normaliseContainer } from '../core/check-digits.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { Page } from '../core/page.ts';
import type { ByteRange } from '../core/ports/objects.ts';
import type { AuditRow } from '../core/ports/records/audit.ts';
import type { CaseLoad, QueueCounts, QueueFilter } from '../core/ports/records/cases.ts';
import type { ChangeRow } from '../core/ports/records/changes.ts';
import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { ScanFilter } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { scansHeld } from '../core/radiation/hold.ts';
import type { ObjectKind } from '../core/rows/object-what.ts';
import type { CabBand } from '../core/scan/cab.ts';
import { type Milestone, settles } from '../core/scan/scan-states.ts';
import type { OriginalFile, RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { settleAll } from '../core/settle-all.ts';
import { issueInstructionFor, type LaneInstructionDeps } from '../stored/lane-instruction.ts';
import { isInParallel } from '../stored/rules.ts';
import { oneQuestion, type QuestionTx } from '../stored/side-by-side.ts';
import { laneRows } from '../triage/instruction.ts';
import { isInHandOrLookedAt, isRedacted, redactExceptOwn } from '../triage/redact.ts';
import { type CabTx, maskOf } from './cab-mask.ts';
import { type RadiationView, radiationOfScan } from './radiation-view.ts';

/**
 * What people look at. Every view is written to the audit in the transaction that reads it; what belongs to another
 * administration or site does not exist (NII_NOT_FOUND).
 */

/** Reads these records and writes down that they were read. */
export interface Viewing<Taken> {
  readonly records: Transactions<Taken & Tx<'audit'>>;
}

export function listScans(
  deps: Viewing<Tx<'scans'>>,
  actor: Actor,
  filter: ScanFilter,
  limit: number,
  cursor?: string,
): Promise<Page<ScanRow>> {
  const wanted = { ...filter, ...asStored(filter) };
  return viewed(deps, actor, 'scans', '', wanted, (tx) => tx.scans(scopeOf(actor), wanted, limit, cursor));
}

export interface ScanView {
  readonly scan: ScanRow;
  readonly revisions: readonly RevisionRow[];
  /** Occupancies of radiation portals that it holds, or that are or may be of it. */
  readonly radiation: readonly RadiationView[];
}

export type GetScanTx = Tx<'scan' | 'revisions' | 'radiationOf' | 'radiationFor' | 'holdsOn'>;

export function getScan(deps: Viewing<GetScanTx>, actor: Actor, scanId: string): Promise<ScanView> {
  return viewed(deps, actor, 'scan', scanId, {}, async (tx) => ({
    scan: await scanOf(tx, actor, scanId),
    revisions: await tx.revisions(scanId),
    radiation: await seenRadiation(tx, actor, await radiationOfScan(tx, scanId)),
  }));
}

/** A sender is told of an occupancy where every scan that it names is its own. */
async function seenRadiation(
  tx: Tx<'scan'>,
  actor: Actor,
  views: readonly RadiationView[],
): Promise<readonly RadiationView[]> {
  const scope = scopeOf(actor);
  if (scope.sender === undefined) return views;
  const own = new Set<string>();
  for (const id of new Set(views.flatMap(({ link }) => scansHeld(link))))
    if ((await tx.scan(scope, id)) !== undefined) own.add(id);
  return views.filter(({ link }) => scansHeld(link).every((id) => own.has(id)));
}

export interface RevisionView {
  readonly scan: ScanRow;
  readonly revision: RevisionRow;
  readonly objects: readonly ObjectRow[];
  readonly analyses: readonly Analysis[];
  /** What of its pictures and samples the policy masks now. */
  readonly mask: readonly CabBand[];
}

/** One revision, or the newest. @param what - is looked at, as the audit keeps it */
export function getRevision(
  deps: Viewing<RevisionTx>,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  what: 'revision' | 'samples' = 'revision',
): Promise<RevisionView> {
  return viewed(deps, actor, what, scanId, { revision }, (tx) => revisionOf(tx, actor, scanId, revision));
}

/** Whether the newest revision of each scan has reached the state; no audit, since nothing is shown. */
export async function haveReached(
  deps: {
    readonly records: Transactions<Tx<'revision'>>;
  },
  revisions: readonly { scanId: string; revision: number }[],
  until: Milestone,
): Promise<boolean> {
  return deps.records.transaction(async (tx) => {
    for (const { scanId, revision } of revisions) {
      const row = await tx.revision(scanId, revision);
      if (row === undefined || !settles(row.state, until)) return false;
    }
    return true;
  });
}

export interface OpenedObject {
  readonly row: ObjectRow;
  readonly stream: (range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
}

export interface WantedObject {
  readonly kind: ObjectKind;
  /** For the audit; empty where a revision has one of its kind. */
  readonly name: string;
  readonly is: (row: ObjectRow) => boolean;
}

/** The first object of a revision that is the one wanted. @throws NII_NOT_FOUND */
export async function openObject(
  deps: Stores<RevisionTx & Tx<'audit'>>,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  { kind, name, is }: WantedObject,
): Promise<OpenedObject & { readonly view: RevisionView }> {
  const { row, view } = await viewed(deps, actor, kind, scanId, { revision, name }, async (tx) => {
    const found = await revisionOf(tx, actor, scanId, revision);
    const one = found.objects.find(is);
    if (one === undefined) throw new NiiError('NII_NOT_FOUND', `This revision does not have this ${kind}`);
    return { row: one, view: found };
  });
  return { row, view, stream: (range) => deps.objects.stream(row.key, range) };
}

export interface OpenedOriginal {
  readonly file: OriginalFile;
  readonly stream: (range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
}

export async function openOriginal(
  deps: Stores<RevisionTx & Tx<'audit'>>,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  sha256: string,
): Promise<OpenedOriginal> {
  const file = await viewed(deps, actor, 'original', scanId, { revision, sha256 }, async (tx) => {
    const view = await revisionOf(tx, actor, scanId, revision);
    const found = view.revision.originals.find((original) => original.sha256 === sha256);
    if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'This revision does not have this original');
    return found;
  });
  return { file, stream: (range) => deps.objects.stream(file.key, range) };
}

/** An analyst sees claimed, observed and read cases; every other role sees the cases of its site. */
export function isOpenTo(actor: Actor, value: Pick<Case, 'claim' | 'verdicts'>): boolean {
  if (actor.role !== 'analyst') return true;
  const own = idsOf(actor);
  return isInHandOrLookedAt(value, own) || value.verdicts.some(({ analyst }) => own.includes(analyst));
}

/** The queue, blind to what was said of images that somebody may still read. */
export async function listQueue(
  deps: Viewing<Tx<'queue'>>,
  actor: Actor,
  filter: QueueFilter,
  limit: number,
  cursor?: string,
): Promise<Page<Case>> {
  const wanted = { ...filter, ...asStored(filter) };
  const page = await viewed(deps, actor, 'queue', '', wanted, (tx) =>
    tx.queue(scopeOf(actor), wanted, limit, cursor),
  );
  return { ...page, rows: page.rows.map((value) => redactFor(actor, value)) };
}

/** How many cases wait at the caller's site, dealt or not. Says nothing of any scan, so it is not audited. */
export function countQueue(
  { records }: { readonly records: Transactions<Tx<'countQueue'>> },
  actor: Actor,
  now: Date,
): Promise<QueueCounts> {
  return records.transaction((tx) => tx.countQueue(placeOf(actor), now.toISOString()));
}

/** The same of all that is not closed, by state. Says nothing of any scan, so it is not audited. */
export function loadOfCases(
  { records }: { readonly records: Transactions<Tx<'loadOfCases'>> },
  actor: Actor,
  now: Date,
): Promise<readonly CaseLoad[]> {
  return records.transaction((tx) => tx.loadOfCases(scopeOf(actor), now.toISOString()));
}

export function getCase(deps: Viewing<Tx<'case'>>, actor: Actor, id: string): Promise<Case> {
  return viewed(deps, actor, 'case', id, {}, async (tx) => {
    const found = await tx.case(placeOf(actor), id);
    if (found === undefined || !isOpenTo(actor, found))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
    return redactFor(actor, found);
  });
}

/** Whoever audits sees everything, who is no reader by another key. */
export function redactFor(actor: Actor, value: Case): Case {
  return isReader(actor) ? redactExceptOwn(value, idsOf(actor)) : value;
}

/** An error, so that nothing that reads an instruction can take it for one. */
export function noInstruction({ site }: Pick<ScanRow, 'site'>): NiiError {
  const detail = `The site "${site}" is in parallel mode: its lanes follow their own station`;
  return new NiiError('NII_NO_INSTRUCTION', detail);
}

/** @throws NII_NO_INSTRUCTION of a site in parallel mode */
export function getLaneInstruction(
  deps: Viewing<QuestionTx> & LaneInstructionDeps,
  actor: Actor,
  scanId: string,
): Promise<IssuedLaneInstruction> {
  return viewed(deps, actor, 'lane answer', scanId, {}, async (tx) => {
    const known = await oneQuestion(tx);
    const scan = await scanOf(known, actor, scanId);
    if (await isInParallel(known, scan)) throw noInstruction(scan);
    return limitToRole(known, actor, await issueInstructionFor(deps, known, scan));
  });
}

/**
 * Neither a scanner nor an analyst is told what others say of the vehicle. Whoever may read an image that somebody may still read
 * is told of it no more than that it waits.
 */
export async function limitToRole(
  tx: Tx<'casesOfScan'>,
  actor: Actor,
  issued: IssuedLaneInstruction,
): Promise<IssuedLaneInstruction> {
  if (actor.role === 'scanner' || actor.role === 'analyst') {
    const { reasons: _, otherScans, ...told } = issued;
    return actor.role === 'analyst' ? { ...told, units: [] } : told;
  }
  const { reasons } = issued;
  if (!isReader(actor) || reasons === undefined) return issued;
  const shown = await settleAll(reasons.map((reason) => blindReason(tx, issued.scanId, reason)));
  return { ...issued, reasons: [...new Map(shown.map((one) => [JSON.stringify(one), one])).values()] };
}

type LaneReasonTold = NonNullable<IssuedLaneInstruction['reasons']>[number];
/** What is no reading. */
const isOpenToReaders: ReadonlySet<LaneReasonTold['code']> = new Set([
  'person-in-danger',
  'selected-for-search',
]);

async function blindReason(
  tx: Tx<'casesOfScan'>,
  ownScan: string,
  reason: LaneReasonTold,
): Promise<LaneReasonTold> {
  const { code, unitId, scanId = ownScan } = reason;
  if (unitId === undefined || isOpenToReaders.has(code)) return reason;
  const found = (await tx.casesOfScan(scanId)).find((one) => one.unitId === unitId);
  if (found === undefined || !isRedacted(found)) return reason;
  const waits = { code: 'undecided' as const, text: laneRows.undecided.inWords };
  // an unread image of another scan would have no row: this one does not say which scan it is about
  return reason.scanId === undefined ? { ...reason, ...waits } : waits;
}

/** The declarations that this key may see, or those of them that name a container. */
export function listDeclarations(
  deps: Viewing<Tx<'declarations'>>,
  actor: Actor,
  filter: WithContainer,
  limit: number,
  cursor?: string,
): Promise<Page<Declaration>> {
  const wanted = asStored(filter);
  return viewed(deps, actor, 'declarations', '', { ...wanted }, (tx) =>
    tx.declarations(scopeOf(actor), limit, cursor, wanted.container),
  );
}

/** The feed of changes; a reader that keeps its cursor misses none. Polled often, so only audited when rows are shown. */
export async function listChanges(
  deps: Viewing<Tx<'changes'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<ChangeRow> & { readonly cursor: string }> {
  return deps.records.transaction(async (tx) => {
    const page = await tx.changes(scopeOf(actor), limit, cursor);
    if (page.rows.length > 0)
      await tx.audit({ actor, action: 'view changes', subject: '', detail: { rows: page.rows.length } });
    return page;
  });
}

export function auditTrail(
  deps: Viewing<Tx<'auditTrail'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<AuditRow>> {
  return viewed(deps, actor, 'audit', '', {}, (tx) => tx.auditTrail(scopeOf(actor), limit, cursor));
}

interface WithContainer {
  readonly container?: string;
}

/** People write container numbers with blanks and hyphens; they are compared as they are stored. */
function asStored({ container }: WithContainer): WithContainer {
  return defined({ container: container === undefined ? undefined : normaliseContainer(container) });
}

/** Reads and writes down that it was read, together. */
export function viewed<Taken extends Tx<'audit'>, T>(
  { records }: { readonly records: Transactions<Taken> },
  actor: Actor,
  what: string,
  subject: string,
  detail: Readonly<Record<string, unknown>>,
  read: (tx: Taken) => Promise<T>,
): Promise<T> {
  return records.transaction(async (tx) => {
    const result = await read(tx);
    await tx.audit({ actor, action: `view ${what}`, subject, detail });
    return result;
  });
}

async function scanOf(tx: Tx<'scan'>, actor: Actor, scanId: string): Promise<ScanRow> {
  const scan = await tx.scan(scopeOf(actor), scanId);
  if (scan === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown scan "${scanId}"`);
  return scan;
}

export type RevisionTx = Tx<'scan' | 'revision' | 'objectsOf' | 'analyses' | 'casesOfScan'> & CabTx;

/** @throws NII_NOT_FOUND */
export async function revisionOf(
  tx: RevisionTx,
  actor: Actor,
  scanId: string,
  wanted: number | 'latest',
): Promise<RevisionView> {
  const scan = await scanOf(tx, actor, scanId);
  const revision = await tx.revision(scanId, wanted === 'latest' ? scan.revision : wanted);
  if (revision === undefined) throw new NiiError('NII_NOT_FOUND', 'This scan does not have this revision');
  const objects = await withoutBlinded(tx, actor, scanId, await tx.objectsOf(scanId, revision.revision));
  const analyses = (await tx.analyses(scanId, revision.revision)).map((row) => row.analysis);
  return { scan, revision, objects, analyses, mask: await maskOf(tx, scan, revision) };
}

/** A report carries the verdict of its case, so it is not there for whoever is blind to that verdict. */
async function withoutBlinded(
  tx: Tx<'casesOfScan'>,
  actor: Actor,
  scanId: string,
  objects: readonly ObjectRow[],
): Promise<readonly ObjectRow[]> {
  if (!objects.some(({ kind }) => kind === 'tdr')) return objects;
  const cases = await tx.casesOfScan(scanId);
  const hidden = new Set(cases.filter((value) => redactFor(actor, value) !== value).map(({ id }) => id));
  return objects.filter(
    (row) => row.kind !== 'tdr' || row.origin.kind !== 'case' || !hidden.has(row.origin.caseId),
  );
}
