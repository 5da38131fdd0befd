import type { Case, CaseEvent, QueueBand, SearchOutcome, Verdict } from '../core/case/case.ts';
import { type CaseMove, caseStates, caseStatesThat } from '../core/case/case-states.ts';
import { notReaders } from '../core/case/not-readers.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import type { TriagePolicy } from './policy.ts';
import { type Rank, rank, type Standing } from './priority.ts';
import { afterVerdict, standingVerdict } from './readings.ts';
import { outcomes, verdicts } from './verdicts.ts';

/**
 * The design's state table as pure transitions: a case and what happened in, the next case out, every move kept.
 * A move that the state does not allow is NII_STATE_CONFLICT.
 */

/** Who moves the case, and when (ISO 8601, UTC). */
export interface Move {
  readonly actor: string;
  readonly at: string;
}

export interface Opening {
  readonly id: string;
  readonly administration: string;
  readonly site: string;
  readonly scanId: string;
  readonly unitId: string;
  readonly revision: number;
  readonly container?: string;
  /** When the scan was received: the case is as old as its scan. */
  readonly openedAt: string;
}

/** What analysis and declarations say of the unit. */
export interface Evidence {
  readonly revision: number;
  readonly container?: string;
  readonly model?: string;
  readonly percentile?: number;
  readonly notAnalysed?: string;
  readonly completeness?: Standing['completeness'];
  readonly declaredRisk?: number;
  readonly declarationReasons: readonly string[];
  /** References of the declarations that joined, and what they declare in words. */
  readonly declarations?: readonly string[];
  readonly declared?: readonly string[];
}

export function openCase(opening: Opening, evidence: Evidence, policy: TriagePolicy): Case {
  const dueAt = new Date(Date.parse(opening.openedAt) + policy.dueMinutes * 60_000).toISOString();
  const place = rank(standingOf({ dueAt, reasons: [], history: [] }, evidence), policy);
  const value: Case = {
    ...opening,
    ...seen(evidence),
    ...placed(place),
    state: 'queued',
    dueAt,
    verdicts: [],
    history: [],
  };
  return moved(value, { actor: 'system', at: opening.openedAt }, 'opened', {
    revision: evidence.revision,
    ...evidenceDetail(evidence),
    policy: policy.version,
  });
}

/** New evidence moves a waiting case; a verdict stays with the revision it was given on, and the case says so. */
export function withEvidence(current: Case, evidence: Evidence, policy: TriagePolicy, move: Move): Case {
  const place = rank(standingOf(current, evidence), policy);
  const next: Case = {
    ...withoutEvidence(current),
    ...seen(evidence),
    ...placed(place),
    revision: evidence.revision,
  };
  if (sameButHistory(current, next)) return current;
  const kind = evidence.revision === current.revision ? 'risk-changed' : 'revised';
  const told = moved(next, move, kind, { revision: evidence.revision, ...evidenceDetail(evidence) });
  const why = whyLookAgain(current, evidence);
  return why === undefined ? told : lookAgain(told, why, policy, move);
}

/**
 * Why somebody has to look once more: the unit is another container than the one that was judged or claimed, or a
 * newer revision came after a verdict that lets the goods go.
 */
function whyLookAgain(current: Case, evidence: Evidence): string | undefined {
  const { whenUnitChanges } = caseStates[current.state];
  if (whenUnitChanges === 'stays') return undefined;
  const { container } = current;
  if (container !== undefined && evidence.container !== undefined && container !== evidence.container) {
    return `the container was ${container} and is now ${evidence.container}`;
  }
  const letsGo = whenUnitChanges === 'is-reopened' && isCleared(current);
  return letsGo && evidence.revision > current.revision
    ? `revision ${evidence.revision} came after the verdict on revision ${current.revision}`
    : undefined;
}

/** A verdict, not a search, lets the unit go. */
function isCleared(current: Case): boolean {
  const last = standingVerdict(current);
  return current.outcome === undefined && last !== undefined && verdicts[last.kind].letsGo;
}

function lookAgain(current: Case, why: string, policy: TriagePolicy, move: Move): Case {
  if (caseStates[current.state].whenUnitChanges === 'is-reopened') return reopen(current, why, policy, move);
  return moved({ ...withoutClaim(current), state: 'queued' }, move, 'released', { why });
}

export function claim(current: Case, move: Move, policy: TriagePolicy): Case {
  requireMove(current, 'claimed');
  if (notReaders(current).includes(move.actor)) {
    const detail =
      'A case is read by somebody who has not read it, and has not asked for another reading of it';
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const until = new Date(Date.parse(move.at) + policy.claimMinutes * 60_000).toISOString();
  return moved(
    { ...current, state: 'claimed', claim: { analyst: move.actor, until, revision: current.revision } },
    move,
    'claimed',
    {
      until,
    },
  );
}

export function release(current: Case, move: Move): Case {
  mustHold(current, move.actor);
  return moved({ ...withoutClaim(current), state: 'queued' }, move, 'released', {});
}

/** The lease ended without a verdict; anyone else may have the case. */
export function leaseOver(current: Case, move: Move): Case {
  requireMove(current, 'taken back');
  const { analyst } = claimOf(current);
  return moved({ ...withoutClaim(current), state: 'queued' }, move, 'lease-over', { analyst });
}

export type Decision = Pick<Verdict, 'kind' | 'reason' | 'note'>;

/**
 * The claimant's verdict, on the revision that was there when the case was claimed. Where a newer one has come since,
 * the verdict is kept in the history and the case goes back to the queue: nobody has seen the newest.
 */
export function decide(current: Case, decision: Decision, policy: TriagePolicy, move: Move): Case {
  mustHold(current, move.actor);
  const { revision } = claimOf(current);
  const verdict: Verdict = { ...decision, analyst: move.actor, at: move.at, revision };
  const next: Case = { ...withoutClaim(current), state: 'decided', verdicts: [...current.verdicts, verdict] };
  const decided = moved(next, move, 'decided', { ...decision, revision, policy: policy.version });
  if (revision === current.revision) return decided;
  const why = `revision ${current.revision} came before the verdict on revision ${revision}`;
  return reopen(decided, why, policy, { ...move, actor: 'system' });
}

/** What the verdict just given leads to: it stands, another analyst reads the image, or a supervisor settles it. */
export function followVerdict(current: Case, policy: TriagePolicy, draw: number, move: Move): Case {
  switch (afterVerdict(current, policy, draw)) {
    case 'stands':
      return current;
    case 'another reading':
      return requestSecondOpinion(current, 'by rule or draw', policy, move);
    case 'disputed':
      return moved({ ...current, state: 'disputed' }, move, 'disputed', {});
  }
}

/** Of three readers two agree, or none can; a shift that asks on and on would run out of readers. */
const MOST_READINGS = 3;

/** Back to the queue for another analyst, who does not see the first verdict. */
export function requestSecondOpinion(current: Case, why: string, policy: TriagePolicy, move: Move): Case {
  requireMove(current, 'given to a second analyst');
  if (current.verdicts.length >= MOST_READINGS) {
    const detail = `The image has been read ${MOST_READINGS} times; a supervisor settles the case`;
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const next: Case = { ...current, state: 'queued', ...again(current, policy, { secondOpinion: true }) };
  return moved(next, move, 'second-opinion-due', { why });
}

/** A supervisor's verdict where readings disagree or could not tell. It stands. */
export function settle(
  current: Case,
  decision: Decision,
  policy: Pick<TriagePolicy, 'version'>,
  move: Move,
): Case {
  requireMove(current, 'settled');
  const standing = standingVerdict(current);
  if (standing !== undefined && standing.kind !== 'inconclusive')
    throw new NiiError('NII_STATE_CONFLICT', `The readings agree that the image is ${standing.kind}`);
  if (current.verdicts.some(({ analyst }) => analyst === move.actor))
    throw new NiiError('NII_STATE_CONFLICT', 'A case is settled by somebody who has not read it before');
  const { revision } = current;
  const verdict: Verdict = { ...decision, analyst: move.actor, at: move.at, revision, settles: true };
  const next: Case = { ...current, state: 'decided', verdicts: [...current.verdicts, verdict] };
  return moved(next, move, 'settled', { ...decision, revision, policy: policy.version });
}

/** To a search, also to a further one after one that was not of all of it. */
export function refer(current: Case, move: Move, note?: string): Case {
  requireMove(current, 'referred to a search');
  const last = standingVerdict(current);
  if (last === undefined || !verdicts[last.kind].canBeSearched) {
    throw new NiiError('NII_STATE_CONFLICT', 'A case is searched that is decided suspect or inconclusive');
  }
  const { outcome: _, ...kept } = current;
  return moved({ ...kept, state: 'search' }, move, 'referred', defined({ note }));
}

export function recordOutcome(current: Case, outcome: SearchOutcome, move: Move): Case {
  requireMove(current, 'given an outcome');
  const { needs, needsInWords } = outcomes[outcome.kind];
  if (needs.some((name) => outcome[name] === undefined)) {
    throw new NiiError('NII_BAD_REQUEST', `An outcome "${outcome.kind}" says ${needsInWords}`);
  }
  const state = isInPart(outcome) ? 'searched' : 'closed';
  return moved({ ...current, state, outcome }, move, 'outcome', { ...outcome });
}

/** Nothing was found where only a part was looked at. */
function isInPart({ kind, extent }: SearchOutcome): boolean {
  return kind === 'nothing-found' && extent !== 'full';
}

/** A supervisor says why the part that was searched is enough; the case is over. */
export function acceptSearch(current: Case, why: string, move: Move): Case {
  requireMove(current, 'accepted');
  if (current.outcome === undefined || !isInPart(current.outcome) || current.acceptance !== undefined)
    throw new NiiError('NII_STATE_CONFLICT', 'Only a search of a part that found nothing is accepted, once');
  const acceptance = { by: move.actor, at: move.at, why };
  return moved({ ...current, state: 'closed', acceptance }, move, 'accepted', { why });
}

/**
 * A final normal, or a scan again that has its new scan, needs no analyst any more; an inconclusive one is closed with
 * the reason, and its vehicle stays held.
 */
export function close(current: Case, move: Move, why?: string): Case {
  requireMove(current, 'closed');
  const kind = standingVerdict(current)?.kind;
  const canBeClosed = kind === undefined ? 'never' : verdicts[kind].canBeClosed;
  if (canBeClosed === 'never') {
    const what = kind === undefined ? 'on which readings disagree' : `decided ${kind}`;
    throw new NiiError('NII_STATE_CONFLICT', `A case ${what} is closed by a search or another opinion`);
  }
  if (canBeClosed === 'with a reason' && (why ?? '').trim() === '') {
    const detail = `A case decided ${kind} is closed with a reason`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'why' });
  }
  return moved({ ...current, state: 'closed' }, move, 'closed', defined({ why }));
}

/** The customs system released the goods; recorded, whatever the state. */
export function customsRelease(current: Case, move: Move, reference?: string): Case {
  return moved({ ...current, releasedAt: move.at }, move, 'customs-release', defined({ reference }));
}

/** True while a unit that was to be scanned again waits for its new scan. */
export function awaitsScanAgain(current: Case): boolean {
  const last = standingVerdict(current);
  const canBeLinked = caseStates[current.state].canBe.includes('linked to a new scan');
  if (!canBeLinked || last === undefined || current.linkedScan !== undefined) return false;
  return verdicts[last.kind].awaitsScan;
}

/** The new scan of a unit that was to be scanned again has come: it is linked, and the old case is closed. */
export function linkScanAgain(current: Case, scanId: string, move: Move): Case {
  requireMove(current, 'linked to a new scan');
  return close(moved({ ...current, linkedScan: scanId }, move, 'scan-again-linked', { scanId }), move);
}

export function reopen(current: Case, why: string, policy: TriagePolicy, move: Move): Case {
  requireMove(current, 'reopened');
  const { outcome, acceptance, verdicts, ...kept } = current;
  const next: Case = { ...kept, state: 'queued', verdicts: [], ...again(current, policy, { reopened: why }) };
  return moved(next, move, 'reopened', { why, verdicts, ...defined({ outcome, acceptance }) });
}

/** Why the case was reopened, by its history, while that is a reason for its place in the queue. */
function whyReopened({ reasons, history }: Pick<Case, 'reasons' | 'history'>): string | undefined {
  if (!reasons.some(({ code }) => code === 'reopened')) return undefined;
  const why = history.findLast(({ kind }) => kind === 'reopened')?.detail.why;
  return typeof why === 'string' ? why : undefined;
}

/** A second opinion that is due and a reopening stay reasons when new evidence comes. */
function standingOf(current: Pick<Case, 'dueAt' | 'reasons' | 'history'>, evidence: Evidence): Standing {
  return {
    dueAt: current.dueAt,
    declarationReasons: evidence.declarationReasons,
    secondOpinion: current.reasons.some((reason) => reason.code === 'second-opinion'),
    ...defined({
      reopened: whyReopened(current),
      percentile: evidence.percentile,
      notAnalysed: evidence.notAnalysed,
      completeness: evidence.completeness,
      declaredRisk: evidence.declaredRisk,
      declared: evidence.declared,
    }),
  };
}

/** A case that comes back is at least in the raised band. */
const bandOfReturned: Readonly<Record<QueueBand, QueueBand>> = {
  high: 'high',
  raised: 'raised',
  routine: 'raised',
};

/** The place of a case that comes back, with the new reason behind those it had. */
function again(
  current: Case,
  policy: TriagePolicy,
  more: Partial<Standing>,
): Pick<Case, 'priority' | 'reasons' | 'band'> {
  const added = rank(
    { dueAt: current.dueAt, declarationReasons: [], secondOpinion: false, ...more },
    policy,
  ).reasons;
  const kept = current.reasons.filter((old) => !added.some((reason) => reason.code === old.code));
  const reasons = [...kept, ...added];
  const headStart = reasons.reduce((total, reason) => total + reason.headStartMinutes, 0);
  return {
    reasons,
    priority: Date.parse(current.dueAt) / 1000 - headStart * 60,
    band: bandOfReturned[current.band],
  };
}

function seen(evidence: Evidence): Partial<Case> {
  return {
    ...defined({
      container: evidence.container,
      percentile: evidence.percentile,
      model: evidence.model,
      declaredRisk: evidence.declaredRisk,
    }),
    ...defined({ declarations: evidence.declarations?.slice() }),
  };
}

function placed(place: Rank): Pick<Case, 'priority' | 'band' | 'reasons'> {
  return { priority: place.priority, band: place.band, reasons: [...place.reasons] };
}

function withoutEvidence(current: Case): Case {
  const { percentile, model, declaredRisk, declarations, ...rest } = current;
  return rest;
}

function evidenceDetail(evidence: Evidence): Record<string, unknown> {
  const { declarationReasons, declared, ...detail } = evidence;
  return detail;
}

function withoutClaim(current: Case): Case {
  const { claim: _, ...rest } = current;
  return rest;
}

function claimOf(current: Case): NonNullable<Case['claim']> {
  if (current.claim === undefined) throw new NiiError('NII_STATE_CONFLICT', 'The case is not claimed');
  return current.claim;
}

function mustHold(current: Case, actor: string): void {
  requireMove(current, 'decided or released');
  if (claimOf(current).analyst !== actor) {
    throw new NiiError('NII_STATE_CONFLICT', 'The case is claimed by another analyst');
  }
}

function requireMove({ state }: Case, move: CaseMove): void {
  const states = caseStatesThat(({ canBe }) => canBe.includes(move));
  if (states.includes(state)) return;
  const allowed = states.toSorted().join(' or ');
  throw new NiiError(
    'NII_STATE_CONFLICT',
    `The case is ${state} and cannot be ${move}; that takes ${allowed}`,
  );
}

function moved(value: Case, move: Move, kind: CaseEvent['kind'], detail: Record<string, unknown>): Case {
  const event: CaseEvent = { seq: value.history.length + 1, at: move.at, actor: move.actor, kind, detail };
  return { ...value, history: [...value.history, event] };
}

function sameButHistory(a: Case, b: Case): boolean {
  const text = ({ history, ...rest }: Case) => JSON.stringify(Object.entries(rest).sort());
  return text(a) === text(b);
}
