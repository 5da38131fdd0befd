import { type Actor, idsOf, placeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { type Move, moveOf } from '../core/person/move.ts';
import type { ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';
import { type SiteTerms, unsetSite } from '../core/rules/site.ts';
import { isOpenTo } from '../queries/read.ts';
import { type StoreCaseTx, storeCase } from '../stored/case-store.ts';
import { type CasePolicyTx, casePolicyOf } from '../stored/controls.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import type { WriteReportTx } from '../stored/reports.ts';
import { policyOf, siteInForce } from '../stored/rules.ts';
import type { LaneTarget } from '../triage/lane.ts';
import type { CasePolicy, TriagePolicy } from '../triage/policy.ts';
import { redactExceptOwn, redactForReaders } from '../triage/redact.ts';
import { type CaseAnswer, type Command, earlierAnswer, keepAnswer, versionOfCase } from './command.ts';

/** How a command moves a case, in one transaction. */

export type MoveCaseTx = WriteReportTx &
  StoreCaseTx &
  CasePolicyTx &
  Tx<'lockCase' | 'audit' | 'answered' | 'putAnswer' | 'documentInForce'>;

export interface MoveCaseDeps<Taken = MoveCaseTx> {
  readonly records: Transactions<Taken> & Locks;
  readonly objects: ObjectReads & ObjectWrites;
  readonly clock: Clock;
  readonly lane: LaneTarget | undefined;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

/** What a move of a case starts from. */
export interface CaseContext<Taken> {
  readonly tx: Taken;
  /** The case as it is stored, locked. */
  readonly current: Case;
  readonly move: Move;
  /** As the administration and the site have decided, for this case. */
  readonly policy: CasePolicy;
  readonly site: SiteTerms;
}

/** What a command makes of a case. Where `next` is the case as it was, nothing is written. */
export interface CaseMove {
  /** For the audit. */
  readonly what: string;
  readonly next: Case;
  /** Writes or checks the report of the move. */
  readonly report?: (deps: Pick<MoveCaseDeps, 'objects'>, tx: WriteReportTx, next: Case) => Promise<unknown>;
}

export type MakeMove<Taken> = (context: CaseContext<Taken>) => CaseMove | Promise<CaseMove>;

interface CaseAccess {
  /** Name of the lock; by default that of the case. */
  readonly lock?: string;
  /** Whether the case is visible to the caller of the command. */
  readonly isVisibleTo?: (actor: Actor, current: Case) => boolean;
}

/**
 * Runs a command on a case in one transaction: locks the case, returns the answer to the same request if it was sent
 * before, and else writes the move with its report, audit entry and answer.
 * @throws NII_NOT_FOUND, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH
 */
export function withCase<Taken extends MoveCaseTx>(
  deps: MoveCaseDeps<Taken>,
  command: Command,
  id: string,
  makeMove: MakeMove<Taken>,
  access: CaseAccess = {},
): Promise<CaseAnswer> {
  const work = async (tx: Taken, current: Case) =>
    (await earlierCase(tx, command)) ?? (await commitMove(deps, tx, command, current, makeMove));
  return withLockedCase(deps, command.actor, id, work, access);
}

/** Runs the work in one transaction in which the case is locked. @throws NII_NOT_FOUND */
export function withLockedCase<Taken extends Tx<'lockCase' | 'saveCase' | 'saveMeasured'>, T>(
  deps: { readonly records: Transactions<Taken> & Locks },
  actor: Actor,
  id: string,
  work: (tx: Taken, current: Case) => Promise<T>,
  { lock = `case:${id}`, isVisibleTo = isOpenTo }: CaseAccess = {},
): Promise<T> {
  return inExclusiveTransaction(deps, lock, async (tx) => {
    const current = await tx.lockCase(placeOf(actor), id);
    if (current === undefined || !isVisibleTo(actor, current))
      throw new NiiError('NII_NOT_FOUND', `Unknown case "${id}"`);
    return work(tx, current);
  });
}

/** Runs a transaction that writes objects before it commits, so that the sweep waits for it. */
export function inExclusiveTransaction<Taken, T>(
  { records }: { readonly records: Transactions<Taken> & Locks },
  lock: string,
  work: (tx: Taken) => Promise<T>,
): Promise<T> {
  return records.exclusively(lock, () => records.transaction(work), OBJECTS_LOCK);
}

/**
 * Makes the move and writes it, in the transaction that has locked the case.
 * @throws NII_PRECONDITION_FAILED
 */
export async function commitMove<Taken extends MoveCaseTx>(
  deps: Omit<MoveCaseDeps, 'records'>,
  tx: Taken,
  command: Command,
  current: Case,
  makeMove: MakeMove<Taken>,
): Promise<CaseAnswer> {
  requireVersion(command, current);
  const { actor } = command;
  const move = moveOf(actor, deps.clock.now());
  const rules = await rulesOf(tx, current, deps.policy);
  const { what, next, report } = await makeMove({ tx, current, move, ...rules });
  const shown = redactExceptOwn(next, idsOf(actor));
  if (next === current) return { case: shown, replayed: false };
  await report?.(deps, tx, next);
  await storeCase(deps, tx, current, next);
  const detail = { seq: next.history.length };
  await tx.audit({ actor, action: `change case: ${what}`, subject: next.id, detail });
  await keepAnswer(tx, command, shown);
  return { case: shown, replayed: false };
}

/** @throws NII_PRECONDITION_FAILED */
export function requireVersion({ ifMatch }: Command, current: Case): void {
  // Before cases had tags, the redacted view had a number of its own
  const seen = [current, redactForReaders(current)].map(versionOfCase);
  if (ifMatch !== undefined && !seen.includes(ifMatch))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The case has changed; reload and retry');
}

async function rulesOf(
  tx: Tx<'documentInForce'> & CasePolicyTx,
  current: Case,
  unless: TriagePolicy,
): Promise<Pick<CaseContext<unknown>, 'policy' | 'site'>> {
  const { administration, site: id } = current;
  const decided = await casePolicyOf(tx, current, await policyOf(tx, administration, unless));
  const site = (await siteInForce(tx, { administration, site: id }))?.terms ?? unsetSite;
  return { policy: { ...decided, ...defined({ dangerDueMinutes: site.dangerDueMinutes }) }, site };
}

/** The answer to the same request, if it was sent before. */
export async function earlierCase(tx: Tx<'answered'>, command: Command): Promise<CaseAnswer | undefined> {
  const body = await earlierAnswer(tx, command);
  // What was kept is a case that this service wrote; it is read back as it is.
  return body === undefined ? undefined : { case: body as Case, replayed: true };
}
