import { type Actor, idsOf, placeOf } from '../core/access.ts';
import type { Case, ReleasedWhileOpen, SearchOutcome } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isBy, type Move } from '../core/person/move.ts';
import type { Tx } from '../core/ports/records.ts';
import { type KnownTx, knownOf } from '../stored/lane-instruction.ts';
import { reportOutcome } from '../stored/reports.ts';
import { rulesAt } from '../stored/rules.ts';
import * as triage from '../triage/case.ts';
import { mustHold } from '../triage/case-moves.ts';
import { raiseDanger } from '../triage/danger.ts';
import { openRowsOf } from '../triage/instruction.ts';
import type { CasePolicy, TriagePolicy } from '../triage/policy.ts';
import { undoWindowSecondsAt } from '../triage/site-rules.ts';
import { rejectEarly } from '../triage/undo-window.ts';
import { requireOffered, withLabel } from '../triage/verdict-reasons.ts';
import { verdicts } from '../triage/verdicts.ts';
import { photographsToName, withAnnotations } from './attachments.ts';
import type { CaseAnswer, Command } from './command.ts';
import {
  asSystem,
  draw,
  finalizeEarlier,
  finalizeNow,
  reportIfFinalized,
  verdictReport,
} from './undo-window.ts';
import { type CaseContext, type MoveCaseDeps, type MoveCaseTx, withCase } from './with-case.ts';

/**
 * What people do with cases. Each call is one transaction: the move, its snapshot and report, the audit entry, the
 * change and the answer kept for a repeated request are all there, or none is.
 * @throws NII_NOT_FOUND, NII_STATE_CONFLICT, NII_PRECONDITION_FAILED, NII_IDEMPOTENCY_MISMATCH
 */

export type DecideCaseDeps = MoveCaseDeps<MoveCaseTx & Tx<'documentsAbout'>>;
export type DecideHeldDeps = MoveCaseDeps<
  MoveCaseTx & Tx<'documentsAbout' | 'casesInUndoWindow' | 'hasOpenedImage'>
>;

/** A verdict, with what its reader drew as regions; once it can be taken back no more, what follows from it: it stands, another analyst reads, or a supervisor settles it. */
export async function decideCase(
  deps: DecideHeldDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  await finalizeEarlier(deps, command.actor, id);
  return withCase(deps, command, id, async (at) => {
    const { current, move, policy, site } = at;
    const given = await completeDecision(at, command.actor, decision);
    triage.rejectHasty(current, given, policy, move);
    await requireOpened(at, command.actor, given);
    const raised = withDanger(current, given, policy, move);
    const decided = triage.decide(raised, given, policy, move, undoWindowSecondsAt(site, policy));
    const next = isFinal(decided) ? follow(decided, policy, asSystem(move)) : decided;
    return { what: 'decide', next, ...verdictReport(next) };
  });
}

/** A time alone is no look. @throws NII_STATE_CONFLICT where the policy requires one, and the reader has not opened the image */
async function requireOpened(
  { tx, current, policy }: Pick<CaseContext<Tx<'hasOpenedImage'>>, 'tx' | 'current' | 'policy'>,
  actor: Actor,
  { kind }: triage.Decision,
): Promise<void> {
  if (policy.minimumLookSeconds === undefined || !verdicts[kind].letsGo) return;
  if (await tx.hasOpenedImage(placeOf(actor), current.scanId, idsOf(actor))) return;
  const detail = `Open the image before you give the verdict "${kind}": you have not viewed it yet`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

function isFinal({ undoWindow }: Case): boolean {
  return undoWindow === undefined;
}

function follow(decided: Case, policy: CasePolicy, system: Move): Case {
  return triage.drawSearch(triage.followVerdict(decided, policy, draw(), system), policy, draw(), system);
}

/** The decision with the label of its reason, and with what its reader drew. @throws NII_BAD_REQUEST */
async function completeDecision(
  { tx, current, policy, site }: Omit<CaseContext<Tx<'documentsAbout' | 'revision'>>, 'move'>,
  actor: Actor,
  decision: triage.Decision,
): Promise<triage.Decision> {
  requireOffered(policy.reasons, decision.reason);
  return withAnnotations(tx, actor, current, withLabel(decision, policy.reasons, site.language));
}

/** A verdict whose reason is a person in danger raises the alarm, unless its reader has raised one in this case. */
function withDanger(
  current: Case,
  { kind, reason, note }: triage.Decision,
  { dangerDueMinutes }: Pick<TriagePolicy, 'dangerDueMinutes'>,
  move: Move,
): Case {
  if (reason !== 'person-in-danger') return current;
  if (kind !== 'suspect') {
    const detail = `Invalid reason "${reason}" for the verdict "${kind}": a person in danger is suspect`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'reason' });
  }
  mustHold(current, move);
  const hasSaidSo = current.history.some(
    (event) => event.kind === 'danger-raised' && isBy(move, event.actor),
  );
  return hasSaidSo ? current : raiseDanger(current, note, dangerDueMinutes, move);
}

export function requestOpinion(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, (at) => ({
    what: 'second opinion',
    next: triage.requestSecondOpinion(finalizeNow(at), why, at.move),
    ...reportIfFinalized(at.current),
  }));
}

export function referCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { note }: { readonly note?: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, (at) => ({
    what: 'refer',
    next: triage.refer(finalizeNow(at), at.move, note),
    ...reportIfFinalized(at.current),
  }));
}

export type RecordOutcomeDeps = MoveCaseDeps<MoveCaseTx & Tx<'documentsAbout'>>;

/** What was found, with the photographs that are there. */
export function recordSearchOutcome(
  deps: RecordOutcomeDeps,
  command: Command,
  id: string,
  outcome: SearchOutcome,
): Promise<CaseAnswer> {
  return withCase(deps, command, id, async ({ tx, current, move, policy }) => {
    const recorded = { ...outcome, ...(await photographsToName(tx, current)) };
    return {
      what: 'outcome',
      next: triage.recordOutcome(current, recorded, policy, move),
      report: reportOutcome,
    };
  });
}

/** A supervisor's verdict where readings disagree, or none could tell. */
export function settleCase(
  deps: DecideCaseDeps,
  command: Command,
  id: string,
  decision: triage.Decision,
): Promise<CaseAnswer> {
  return withCase(deps, command, id, async (at) => {
    const { move, policy, site } = at;
    const given = await completeDecision(at, command.actor, decision);
    const seconds = undoWindowSecondsAt(site, policy);
    const settled = triage.settle(finalizeNow(at), given, policy, move, seconds);
    const next = isFinal(settled) ? triage.drawSearch(settled, policy, draw(), asSystem(move)) : settled;
    return { what: 'settle', next, ...verdictReport(next) };
  });
}

export function acceptSearch(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, (at) => {
    const finalized = finalizeNow(at);
    rejectEarly(at.current);
    return {
      what: 'accept search',
      next: triage.acceptSearch(finalized, why, at.policy, at.move),
      ...reportIfFinalized(at.current),
    };
  });
}

export function closeCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why?: string } = {},
): Promise<CaseAnswer> {
  return withCase(deps, command, id, (at) => {
    const finalized = finalizeNow(at);
    rejectEarly(at.current);
    return {
      what: 'close',
      next: triage.close(finalized, at.move, why),
      ...reportIfFinalized(at.current),
    };
  });
}

export function reopenCase(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'reopen',
    next: triage.reopen(current, why, move),
    ...reportIfFinalized(current),
  }));
}

export type RecordReleaseTx = MoveCaseTx & KnownTx & Tx<'scanById'>;
export type RecordReleaseDeps = MoveCaseDeps<RecordReleaseTx>;

/** Customs' act. Where a case, a search or an alarm is open it raises an alarm of its own. */
export function recordCustomsRelease(
  deps: RecordReleaseDeps,
  command: Command,
  id: string,
  { reference }: { readonly reference?: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, async ({ tx, current, move }) => ({
    what: 'customs release',
    next: triage.customsRelease(current, await openOf(deps, tx, current, move), move, reference),
  }));
}

async function openOf(
  { policy }: { readonly policy: TriagePolicy },
  tx: KnownTx & Tx<'scanById'>,
  { scanId, unitId }: Case,
  { at }: Move,
): Promise<ReleasedWhileOpen['open']> {
  const scan = await tx.scanById(scanId);
  if (scan === undefined) return [];
  const rules = await rulesAt(tx, scan, policy);
  const rows = openRowsOf(await knownOf(tx, scan, rules, new Date(at)), unitId);
  return rows.map(({ code, holdId }) => ({ code, ...defined({ holdId }) }));
}

export function reviewRelease(
  deps: MoveCaseDeps,
  command: Command,
  id: string,
  { why }: { readonly why: string },
): Promise<CaseAnswer> {
  return withCase(deps, command, id, ({ current, move }) => ({
    what: 'review release',
    next: triage.reviewRelease(current, why, move),
  }));
}
