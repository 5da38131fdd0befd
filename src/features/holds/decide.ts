import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import type { Actor } from '../../core/access.ts';
import { scopeOf } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import { type Move, moveOf } from '../../core/person/move.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { HoldFilter } from '../../core/ports/records/holds.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import type { Adjudication } from '../../core/radiation/adjudication.ts';
import type { Hold, HoldOutcome } from '../../core/radiation/hold.ts';
import { marksOfScan } from '../../core/rules/scan-marks.ts';
import { isNoMark, realMarks } from '../../core/rules/site.ts';
import { askedMark, type Mark } from '../../core/rules/vehicle-hold.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { jobs } from '../../stored/job-ids.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';
import { type StoreHoldDeps, type StoreHoldTx, storeHold } from '../../stored/radiation-store.ts';
import { type RulesTx, rulesAt } from '../../stored/rules.ts';
import { settleDuplicate } from '../../triage/holds/duplicate-hold.ts';
import { joinByHand, requireNear, unjoinByHand, type VehicleOfAlarm } from '../../triage/holds/hand-join.ts';
import { dueAfter } from '../../triage/holds/overdue-hold.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import * as triage from '../../triage/radiation.ts';
import type { SiteRules } from '../../triage/site-rules.ts';
import { type EvidenceTx, evidenceFor } from './evidence.ts';

/**
 * What radiation officers do with holds. Each call is one transaction: the move, its snapshot, the audit entry, the
 * change, the word to the lane and the answer kept for a repeated request are all there, or none is.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH, NII_BAD_REQUEST
 */

/** `replayed`: this was answered before, and nothing was done now. */
export interface HoldAnswer {
  readonly hold: Hold;
  readonly replayed: boolean;
}

export interface MoveHoldDeps<Looks extends MoveHoldTx = MoveHoldTx> extends MoveLockedDeps {
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
  readonly records: Transactions<Looks> & Locks;
}

export type MoveHoldTx = StoreHoldTx & Tx<'lockHold' | 'audit' | 'answered' | 'putAnswer'> & RulesTx;

export type JoinHoldDeps = MoveHoldDeps<MoveHoldTx & Tx<'scan' | 'newestConverted'>>;

export type AdjudicateHoldDeps = MoveHoldDeps<MoveHoldTx & EvidenceTx>;

/** What the decision names as evidence is held against what is known of the vehicle. */
export function adjudicateHold(
  deps: AdjudicateHoldDeps,
  command: Command,
  id: string,
  given: Adjudication,
): Promise<HoldAnswer> {
  return moveHold(deps, command, id, 'adjudicate', async (hold, move, { tx }) => {
    const evidence = await evidenceFor(tx, scopeOf(command.actor), hold, given);
    return triage.adjudicate(hold, given, move, evidence);
  });
}

/** @param of - the hold of the same occupancy that goes on for both */
export function duplicateHold(
  deps: MoveHoldDeps,
  command: Command,
  id: string,
  { of, why }: { readonly of: string; readonly why: string },
): Promise<HoldAnswer> {
  return moveHold(deps, command, id, 'duplicate', async (hold, move, { tx, rulesOf }) => {
    const original = await tx.lockHold(scopeOf(command.actor), of);
    if (original === undefined || original.id === hold.id || original.site !== hold.site)
      throw new NiiError('NII_BAD_REQUEST', {
        detail: `Invalid hold "${of}": use a different hold of this site`,
        field: 'of',
      });
    const settled = settleDuplicate(hold, original, why, move);
    if (settled.original !== original)
      await storeHold({ ...deps, rules: await rulesOf(original) }, tx, original, settled.original);
    return settled.duplicate;
  });
}

/** What an officer says that the alarm is of, or is not of: an X-ray scan of the site of the hold, a mark of the vehicle, or both. */
export interface JoinTo {
  readonly scanId?: string;
  readonly vehicle?: Mark;
  readonly why: string;
}

/** @throws NII_BAD_REQUEST where neither is said, or what is said cannot be of the alarm */
export function joinHold(
  deps: JoinHoldDeps,
  command: Command,
  id: string,
  { scanId, vehicle, why }: JoinTo,
): Promise<HoldAnswer> {
  return moveHold(deps, command, id, 'join', async (hold, move, { tx, rulesOf }) => {
    const rules = await rulesOf(hold);
    if (scanId === undefined && vehicle === undefined) throw nothingToJoin();
    const to = {
      ...(scanId !== undefined && { scan: await asScan(tx, command.actor, hold, scanId, rules) }),
      ...(vehicle !== undefined && { mark: asMark(vehicle, rules) }),
    };
    await joinAgain(tx, hold, move);
    return joinByHand(hold, to, why, move);
  });
}

async function asScan(
  tx: Tx<'scan' | 'newestConverted'>,
  actor: Actor,
  hold: Hold,
  scanId: string,
  rules: SiteRules,
): Promise<NonNullable<VehicleOfAlarm['scan']>> {
  const { scan, row } = await scanToJoin(tx, actor, scanId);
  if (scan.site !== hold.site) throw noScanToJoin(scanId);
  requireNear(hold, scan, row, rules);
  const { from = hold.passage?.receivedAt ?? hold.openedAt } = hold.passage ?? {};
  const secondsApart = Math.abs(Date.parse(scan.acquiredAt ?? scan.receivedAt) - Date.parse(from)) / 1000;
  const shown = realMarks(rules.site, scan);
  const marks = marksOfScan({ ...shown, terms: scan.terms });
  const isUnmarked = marks.every(({ value }) => isNoMark(rules.site, value));
  return { scanId, secondsApart, containers: shown.containers, ...(isUnmarked && { isUnmarked }) };
}

function asMark({ kind, value }: Mark, { site }: SiteRules): Mark {
  const mark = askedMark(kind, value);
  if (!isNoMark(site, mark.value)) return mark;
  const detail = `Invalid vehicle "${value}": no vehicle of this site is known by it`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'vehicle' });
}

function nothingToJoin(): NiiError {
  const detail = 'Missing scanId and vehicle: give one or both';
  return new NiiError('NII_BAD_REQUEST', { detail, field: 'scanId' });
}

export function unjoinHold(
  deps: MoveHoldDeps,
  command: Command,
  id: string,
  { scanId, vehicle, why }: JoinTo,
): Promise<HoldAnswer> {
  return moveHold(deps, command, id, 'unjoin', async (hold, move, { tx }) => {
    await joinAgain(tx, hold, move);
    const mark = vehicle && askedMark(vehicle.kind, vehicle.value);
    return unjoinByHand(hold, defined({ scanId, mark }), why, move);
  });
}

/** The step that writes what the hold says into the occupancies of its record. */
async function joinAgain(
  tx: Tx<'enqueue'>,
  { scanId: id, administration, site, history }: Hold,
  { at }: Move,
) {
  await tx.enqueue(jobs.joinRadiation({ id, administration, site }, `by hand:${history.length}:${at}`));
}

async function scanToJoin(
  tx: Tx<'scan' | 'newestConverted'>,
  actor: Actor,
  id: string,
): Promise<{ readonly scan: ScanRow; readonly row: RevisionRow }> {
  const scan = await tx.scan(scopeOf(actor), id);
  const row = scan === undefined ? undefined : await tx.newestConverted(id);
  if (scan === undefined || row?.scan === undefined || row.scan.views.length === 0) throw noScanToJoin(id);
  return { scan, row };
}

function noScanToJoin(id: string): NiiError {
  const detail = `Invalid scan "${id}": use a scan of this site that has an image`;
  return new NiiError('NII_BAD_REQUEST', { detail, field: 'scanId' });
}

export function closeHold(
  deps: MoveHoldDeps,
  command: Command,
  id: string,
  outcome: HoldOutcome,
): Promise<HoldAnswer> {
  return moveHold(deps, command, id, 'close', (hold, move) => triage.closeHold(hold, outcome, move));
}

export function reopenHold(
  deps: MoveHoldDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
) {
  return moveHold(deps, command, id, 'reopen', async (hold, move, { rulesOf }) => {
    const { policy } = await rulesOf(hold);
    return triage.reopenHold(hold, why, move, dueAfter(move.at, policy));
  });
}

export function listHolds(
  deps: Viewing<Tx<'holds'>>,
  actor: Actor,
  filter: HoldFilter,
  limit: number,
  cursor?: string,
): Promise<Page<Hold>> {
  return viewed(deps, actor, 'holds', '', { ...filter }, (tx) =>
    tx.holds(scopeOf(actor), filter, limit, cursor),
  );
}

export function getHold(deps: Viewing<Tx<'hold'>>, actor: Actor, id: string): Promise<Hold> {
  return viewed(deps, actor, 'hold', id, {}, async (tx) => found(id, await tx.hold(scopeOf(actor), id)));
}

/** What a move may look at and change besides its hold. */
interface Around<Looks> {
  readonly tx: Looks;
  /** What is decided where a hold is. */
  readonly rulesOf: (place: Hold) => Promise<SiteRules>;
}

type Transition<Looks> = (current: Hold, move: Move, around: Around<Looks>) => Hold | Promise<Hold>;

function moveHold<Looks extends MoveHoldTx>(
  deps: MoveHoldDeps<Looks>,
  command: Command,
  id: string,
  what: string,
  transition: Transition<Looks>,
): Promise<HoldAnswer> {
  const work = () =>
    deps.records.transaction((tx) => {
      const around = { tx, rulesOf: (place: Hold) => rulesAt(tx, place, deps.policy) };
      return moveLocked(deps, tx, around, command, id, what, transition);
    });
  return deps.records.exclusively(`hold:${id}`, work, OBJECTS_LOCK);
}

export interface MoveLockedDeps extends Omit<StoreHoldDeps, 'rules'> {
  readonly clock: Clock;
}

async function moveLocked<Looks>(
  deps: MoveLockedDeps,
  tx: StoreHoldTx & Tx<'lockHold' | 'audit' | 'answered' | 'putAnswer'>,
  around: Around<Looks>,
  command: Command,
  id: string,
  what: string,
  transition: Transition<Looks>,
): Promise<HoldAnswer> {
  const current = found(id, await tx.lockHold(scopeOf(command.actor), id));
  const earlier = await earlierAnswer(tx, command);
  // What was kept is a hold that this service wrote.
  if (earlier !== undefined) return { hold: earlier as Hold, replayed: true };
  if (command.ifMatch !== undefined && command.ifMatch !== String(current.history.length)) {
    throw new NiiError('NII_PRECONDITION_FAILED', 'The hold has changed; reload and retry');
  }
  const moved = await transition(current, moveOf(command.actor, deps.clock.now()), around);
  const next = await storeHold({ ...deps, rules: await around.rulesOf(moved) }, tx, current, moved);
  await tx.audit({
    actor: command.actor,
    action: `change hold: ${what}`,
    subject: id,
    detail: { seq: next.history.length },
  });
  await keepAnswer(tx, command, next);
  return { hold: next, replayed: false };
}

function found(id: string, hold: Hold | undefined): Hold {
  if (hold === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown hold "${id}"`);
  return hold;
}
