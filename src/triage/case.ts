import type { Case, RecordedOutcome, ReleasedWhileOpen, Verdict } from '../core/case/case.ts';
import { caseStates } from '../core/case/case-states.ts';
import { advisers, readers, searchOrderers } from '../core/case/not-readers.ts';
import { defined } from '../core/defined.ts';
import { NiiError } from '../core/errors.ts';
import { isOther, type Move } from '../core/person/move.ts';
import { appendEvent, claimOf, mustHold, requireMove, withoutClaim } from './case-moves.ts';
import { type CasePolicy, photographsNeeded, type TriagePolicy } from './policy.ts';
import { isReasonToReturn, type Rank, type RankInput, rank, reasonsToReturn } from './priority.ts';
import { afterVerdict, isReadByTooFew, MOST_READINGS, standingVerdict } from './readings.ts';
import { movesVehicle, outcomes, verdicts } from './verdicts.ts';

/**
 * The design's state table as pure transitions: a case and what happened in, the next case out, every move kept.
 * A move that the state does not allow is NII_STATE_CONFLICT.
 */

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
  /** Drawn; the version of the case as it is opened. */
  readonly tag?: string;
}

/** What analysis and declarations say of the unit. */
export interface Evidence {
  readonly revision: number;
  readonly container?: string;
  readonly model?: string;
  readonly percentile?: number;
  readonly load?: RankInput['load'];
  readonly loadPercentile?: number;
  /** How many models gave a percentile, where several did: `model` is the one with the highest. */
  readonly modelsLooked?: number;
  /** The unit shares the image with others, and nothing says which part is its own. */
  readonly isOfWholePicture?: boolean;
  readonly notAnalysed?: string;
  readonly completeness?: RankInput['completeness'];
  readonly declaredRisk?: number;
  readonly declarationReasons: readonly string[];
  /** References of the declarations that joined, and what they declare in words. */
  readonly declarations?: readonly string[];
  readonly declared?: readonly string[];
  /** Conditions of the controls of the policy that apply. */
  readonly controls?: Case['controls'];
}

export function openCase(opening: Opening, evidence: Evidence, policy: TriagePolicy): Case {
  const dueAt = new Date(Date.parse(opening.openedAt) + policy.dueMinutes * 60_000).toISOString();
  const place = rank(rankInputOf({ dueAt, reasons: [], history: [] }, evidence), policy);
  const value: Case = {
    ...opening,
    ...seen(evidence),
    ...placed(place),
    state: 'queued',
    dueAt,
    verdicts: [],
    history: [],
  };
  const move = { actor: 'system', at: opening.openedAt, ...defined({ tag: opening.tag }) };
  return appendEvent(value, move, 'opened', {
    revision: evidence.revision,
    ...evidenceDetail(evidence),
    policy: policy.version,
  });
}

/** New evidence moves a waiting case; a verdict stays with the revision it was given on, and the case says so. */
export function withEvidence(current: Case, evidence: Evidence, policy: TriagePolicy, move: Move): Case {
  const next = evidenced(current, evidence, policy);
  if (isSameEvidence(current, next)) return current;
  const kind = evidence.revision === current.revision ? 'risk-changed' : 'revised';
  const told = appendEvent(next, move, kind, { revision: evidence.revision, ...evidenceDetail(evidence) });
  const why = whyLookAgain(current, evidence);
  return why === undefined ? told : lookAgain(told, why, move);
}

/** The case as this evidence has it. */
function evidenced(current: Case, evidence: Evidence, policy: TriagePolicy): Case {
  const place = rank(rankInputOf(current, evidence), policy);
  return {
    ...withoutEvidence(current),
    ...seen(evidence),
    ...placed(place),
    revision: evidence.revision,
  };
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
    ? `revision ${evidence.revision} arrived after the verdict on revision ${current.revision}`
    : undefined;
}

/** A verdict, not a search, lets the unit go. */
function isCleared(current: Case): boolean {
  const last = standingVerdict(current);
  return current.outcome === undefined && last !== undefined && verdicts[last.kind].letsGo;
}

function lookAgain(current: Case, why: string, move: Move): Case {
  if (caseStates[current.state].whenUnitChanges === 'is-reopened') return backToQueue(current, why, move);
  return appendEvent({ ...withoutClaim(current), state: 'queued' }, move, 'released', { why });
}

export type Decision = Pick<Verdict, 'kind' | 'reason' | 'reasonLabel' | 'note' | 'regions' | 'reading'>;

/**
 * The claimant's verdict, on the revision that was there when the case was claimed. Where a newer one has come since,
 * the verdict is kept in the history and the case goes back to the queue: nobody has seen the newest.
 *
 * @param seconds - for how long it may be taken back
 */
export function decide(
  current: Case,
  decision: Decision,
  policy: Pick<TriagePolicy, 'version'>,
  move: Move,
  seconds = 0,
): Case {
  mustHold(current, move);
  const { revision, chosen } = claimOf(current);
  const verdict: Verdict = {
    ...decision,
    analyst: move.actor,
    at: move.at,
    revision,
    ...defined({ chosen }),
  };
  const isNewest = revision === current.revision;
  const window = isNewest ? windowOf(decision, move, seconds) : {};
  const next: Case = {
    ...withoutClaim(current),
    state: 'decided',
    verdicts: [...current.verdicts, verdict],
    ...window,
  };
  const decided = appendEvent(next, move, 'decided', {
    ...decision,
    revision,
    policy: policy.version,
    ...window.undoWindow,
  });
  if (isNewest) return decided;
  const why = `revision ${current.revision} arrived before the verdict on revision ${revision}`;
  return backToQueue(decided, why, { ...move, actor: 'system' });
}

/**
 * What lets a vehicle go needs a look at its image, as long as the policy requires.
 * @throws NII_STATE_CONFLICT before that time since the claim
 */
export function rejectHasty(
  current: Case,
  { kind }: Pick<Decision, 'kind'>,
  { minimumLookSeconds = 0 }: Pick<CasePolicy, 'minimumLookSeconds'>,
  { at }: Move,
): void {
  const claimed = current.history.findLast((event) => event.kind === 'claimed');
  if (current.claim === undefined || claimed === undefined || !verdicts[kind].letsGo) return;
  const left = minimumLookSeconds - (Date.parse(at) - Date.parse(claimed.at)) / 1000;
  if (left <= 0) return;
  const detail = `Look at the image for ${minimumLookSeconds} seconds before the verdict "${kind}": retry in ${Math.ceil(left)}`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

/**
 * Until when a verdict that is given with this move may be taken back: one that holds the vehicle never, because it is in force
 * at once, and what was said against a vehicle is not erased.
 */
function windowOf({ kind }: Decision, { at }: Move, seconds: number): Pick<Case, 'undoWindow'> {
  if (seconds === 0 || !movesVehicle(kind)) return {};
  return { undoWindow: { until: new Date(Date.parse(at) + seconds * 1000).toISOString() } };
}

/** What the verdict just given leads to: it stands, another analyst reads the image, or a supervisor settles it. */
export function followVerdict(current: Case, policy: CasePolicy, draw: number, move: Move): Case {
  switch (afterVerdict(current, policy, draw)) {
    case 'stands':
      return current;
    case 'another reading':
      return requestSecondOpinion(current, 'by rule or draw', move);
    case 'disputed':
      return appendEvent({ ...current, state: 'disputed' }, move, 'disputed', {});
  }
}

/** A declaration came after a verdict that stands: what the policy now requires of the case is asked for. */
export function followControls(current: Case, policy: CasePolicy, move: Move): Case {
  if (current.state !== 'decided' || current.undoWindow !== undefined) return current;
  const isTooFew = isReadByTooFew(current, policy.readers);
  return drawSearch(isTooFew ? followVerdict(current, policy, 1, move) : current, policy, 1, move);
}

/** Back to the queue for another analyst, who does not see the first verdict. */
export function requestSecondOpinion(current: Case, why: string, move: Move): Case {
  requireMove(current, 'given to a second analyst');
  if (current.verdicts.length >= MOST_READINGS) {
    const detail = `The image has been read ${MOST_READINGS} times, which is the limit: a supervisor must settle the case`;
    throw new NiiError('NII_STATE_CONFLICT', detail);
  }
  const next: Case = { ...current, state: 'queued', ...again(current, { secondOpinion: true }) };
  return appendEvent(next, move, 'second-opinion-due', { why });
}

/** A supervisor's verdict where readings disagree or could not tell. It stands. */
export function settle(
  current: Case,
  decision: Decision,
  policy: Pick<TriagePolicy, 'version'>,
  move: Move,
  seconds = 0,
): Case {
  requireMove(current, 'settled');
  const standing = standingVerdict(current);
  if (standing !== undefined && standing.kind !== 'inconclusive')
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `The readers agree that the image is ${standing.kind}: only a disputed or inconclusive case can be settled`,
    );
  requireOthers(
    [...readers(current), ...advisers(current)],
    move,
    'have read or observed this case: another supervisor must settle it',
  );
  const isUpheld = current.verdicts.some(({ kind, settles }) => kind === 'suspect' && settles === true);
  if (isUpheld && decision.kind !== 'suspect')
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'A supervisor has settled this case as suspect before: settle it as suspect, and refer it to a search',
    );
  const { revision } = current;
  const verdict: Verdict = { ...decision, analyst: move.actor, at: move.at, revision, settles: true };
  const window = windowOf(decision, move, seconds);
  const next: Case = { ...current, state: 'decided', verdicts: [...current.verdicts, verdict], ...window };
  const detail = { ...decision, revision, policy: policy.version, ...window.undoWindow };
  return appendEvent(next, move, 'settled', detail);
}

/** @throws NII_STATE_CONFLICT for one of these persons, and for somebody whom nobody has linked: they may be one of them */
function requireOthers(ids: readonly string[], move: Move, detail: string): void {
  if (ids.every((id) => isOther(move, id))) return;
  const who = move.isLinked === true ? 'You' : 'You are not a linked person, and may';
  throw new NiiError('NII_STATE_CONFLICT', `${who} ${detail}`);
}

/**
 * To a search, also to a further one after one that was not of all of it. Any image can be searched: one that is normal but
 * incomplete, and one that customs has its own reasons for.
 */
export function refer(current: Case, move: Move, note?: string): Case {
  requireMove(current, 'referred to a search');
  const { outcome: _, acceptance: __, ...kept } = current;
  return appendEvent({ ...kept, state: 'search' }, move, 'referred', defined({ note }));
}

/**
 * Of the cases that are to go, those that the policy selects are searched, and a share that nobody can foresee: without these
 * nobody knows what is missed. @param draw - in [0, 1)
 */
export function drawSearch(
  current: Case,
  { search, randomSearchShare: drawnShare = 0 }: Pick<CasePolicy, 'search' | 'randomSearchShare'>,
  draw: number,
  move: Move,
): Case {
  const standing = standingVerdict(current);
  const isToGo = current.state === 'decided' && standing !== undefined && verdicts[standing.kind].letsGo;
  if (!isToGo) return current;
  if (search === true) {
    const note = 'Selected by the policy: search all of it';
    return appendEvent({ ...current, state: 'search' }, move, 'referred', { note });
  }
  if (draw >= drawnShare) return current;
  const note = 'Drawn at random: search all of it';
  return appendEvent({ ...current, state: 'search' }, move, 'referred', { note, drawnShare });
}

/**
 * @throws NII_STATE_CONFLICT for who read the image or ordered the search and says that nothing was found; NII_BAD_REQUEST
 *   without what the outcome needs, and without the photographs that the policy wants of a full search
 */
export function recordOutcome(
  current: Case,
  outcome: RecordedOutcome,
  policy: Pick<TriagePolicy, 'separation' | 'fullSearchNeeds'>,
  move: Move,
): Case {
  requireMove(current, 'given an outcome');
  if (outcome.kind === 'nothing-found' && policy.separation !== 'small-post')
    requireOthers(
      [...readers(current), ...searchOrderers(current)],
      move,
      'have read the image or ordered the search: another person must report that nothing was found',
    );
  const { needs, needsInWords } = outcomes[outcome.kind];
  if (needs.some((name) => outcome[name] === undefined)) {
    throw new NiiError('NII_BAD_REQUEST', `The outcome "${outcome.kind}" needs ${needsInWords}`);
  }
  requirePhotographs(outcome, policy);
  const state = isInPart(outcome) ? 'searched' : 'closed';
  // an acceptance covers what was reported before it, and nothing later
  const { owedSearch, acceptance: _, ...kept } = current;
  const owed = isOwed(outcome) ? defined({ owedSearch }) : {};
  return appendEvent({ ...kept, ...owed, state, outcome }, move, 'outcome', { ...outcome });
}

/** The search is still to be made, or to be completed. */
function isOwed(outcome: RecordedOutcome): boolean {
  return outcome.kind === 'unsearched' || isInPart(outcome);
}

/** A full search lets the vehicle go, so its extent is shown and not only said. */
function requirePhotographs(
  { kind, extent, photographs = [] }: RecordedOutcome,
  policy: Pick<TriagePolicy, 'fullSearchNeeds'>,
): void {
  const needed = photographsNeeded(policy);
  if (kind !== 'nothing-found' || extent !== 'full' || photographs.length >= needed) return;
  const detail = `A full search that found nothing needs ${needed} photographs, and this search has ${photographs.length}: add them to the case first, or report a part`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'extent' });
}

/** Nothing was found where only a part was looked at. */
function isInPart({ kind, extent }: RecordedOutcome): boolean {
  return kind === 'nothing-found' && extent !== 'full';
}

/**
 * A supervisor says why the part that was searched is enough, or that what was found is seized and the vehicle may go; the
 * case is over. A search that was ordered after the find still has to be made.
 * @throws NII_STATE_CONFLICT for who reported it, and, but at a small post, for who read the image or ordered the search
 */
export function acceptSearch(
  current: Case,
  why: string,
  { separation }: Pick<TriagePolicy, 'separation'>,
  move: Move,
): Case {
  requireMove(current, 'accepted');
  const { find, owedSearch, outcome, acceptance, ...kept } = current;
  const isFound = outcome?.kind === 'found' || find !== undefined;
  const isPartial = outcome !== undefined && isInPart(outcome);
  if ((!isFound && !isPartial) || acceptance !== undefined)
    throw new NiiError(
      'NII_STATE_CONFLICT',
      'Only a find or a partial search that found nothing can be accepted, and only once',
    );
  const isSmall = separation === 'small-post';
  const ofCase = isSmall ? [] : [...readers(current), ...searchOrderers(current)];
  const ofSearch = isSmall && !isFound ? [] : searchReporters(current);
  requireOthers(
    [...ofCase, ...ofSearch],
    move,
    'have read, ordered or reported this: another supervisor must accept it',
  );
  const accepted = { by: move.actor, at: move.at, why };
  // seizing what an earlier search found is no substitute for a search that was ordered later
  const owed = isPartial ? {} : defined({ owedSearch });
  return appendEvent(
    { ...kept, ...owed, ...defined({ outcome }), state: 'closed', acceptance: accepted },
    move,
    'accepted',
    { why },
  );
}

function searchReporters({ history, find }: Case): readonly string[] {
  const reported = history.filter(({ kind }) => kind === 'outcome').map(({ actor }) => actor);
  return [...reported, ...(find === undefined ? [] : [find.by])];
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
    throw new NiiError(
      'NII_STATE_CONFLICT',
      `A case ${what} cannot be closed: refer it to a search, or ask for a second opinion`,
    );
  }
  if (canBeClosed === 'with a reason' && (why ?? '').trim() === '') {
    const detail = `Missing why: closing a case that is decided ${kind} needs a reason`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'why' });
  }
  return appendEvent({ ...current, state: 'closed' }, move, 'closed', defined({ why }));
}

/**
 * The customs system released the goods; recorded, whatever the state. Where anything was open it is an alarm, which
 * stays that of the first such release until somebody has reviewed it.
 */
export function customsRelease(
  current: Case,
  open: ReleasedWhileOpen['open'],
  move: Move,
  reference?: string,
): Case {
  const released = appendEvent(
    { ...current, releasedAt: move.at },
    move,
    'customs-release',
    defined({ reference }),
  );
  if (open.length === 0 || current.releasedWhileOpen !== undefined) return released;
  const releasedWhileOpen = { at: move.at, ...defined({ reference }), open: [...open] };
  const system = { ...move, actor: 'system' };
  return appendEvent({ ...released, releasedWhileOpen }, system, 'released-while-open', { open: [...open] });
}

/** A supervisor says what was done about goods that customs released while something was open; the alarm is over. */
export function reviewRelease(current: Case, why: string, move: Move): Case {
  const { releasedWhileOpen, ...reviewed } = current;
  if (releasedWhileOpen === undefined)
    throw new NiiError('NII_STATE_CONFLICT', 'The case has no release to review, or it was already reviewed');
  return appendEvent(reviewed, move, 'release-reviewed', { why, releasedWhileOpen });
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
  const { undoWindow: _, ...linked } = { ...current, linkedScan: scanId };
  return close(appendEvent(linked, move, 'scan-again-linked', { scanId }), move);
}

/** By a person. A dispute is not reopened: it is settled or searched. */
export function reopen(current: Case, why: string, move: Move): Case {
  requireMove(current, 'reopened');
  return backToQueue(current, why, move);
}

/**
 * For another reader. What was said against the vehicle counts on: a reading until a search, a settlement or
 * the scan that it asked for ends it, a search that is owed until it is made, and a find until a supervisor releases the
 * vehicle. What let it go is not kept.
 */
function backToQueue(current: Case, why: string, move: Move): Case {
  // the linked scan answers the earlier verdict, and none that is given after the reopening
  const { outcome, acceptance, undoWindow: _, linkedScan: __, verdicts: before, ...kept } = current;
  const next: Case = {
    ...kept,
    ...findOf(current),
    ...owedSearchOf(current),
    state: 'queued',
    verdicts: keptReadings(current),
    ...again(current, { secondOpinion: false, reopened: why }),
  };
  const detail = { why, verdicts: before, ...defined({ outcome, acceptance }) };
  return appendEvent(next, move, 'reopened', detail);
}

/** Readings that a reopening keeps. */
function keptReadings(current: Case): Case['verdicts'] {
  const { outcome, acceptance, verdicts: given, linkedScan } = current;
  const isSearched =
    outcome?.kind === 'nothing-found' && (outcome.extent === 'full' || acceptance !== undefined);
  if (isSearched) return [];
  const isAgainst = (kind: Verdict['kind']) =>
    kind === 'suspect' || (kind === 'scan-again' && linkedScan === undefined);
  return given.filter(({ kind }) => isAgainst(kind));
}

/** Something was found, and nobody has released the vehicle. */
function findOf({ find, outcome, acceptance, history }: Case): Pick<Case, 'find'> {
  if (find !== undefined) return { find };
  return outcome?.kind === 'found' && acceptance === undefined ? defined({ find: lastReport(history) }) : {};
}

/** A search was ordered, and nobody has made all of it or accepted its extent. */
function owedSearchOf({ owedSearch, outcome, acceptance, history }: Case): Pick<Case, 'owedSearch'> {
  if (owedSearch !== undefined) return { owedSearch };
  const isAccepted = acceptance !== undefined && outcome?.kind !== 'unsearched';
  return outcome !== undefined && isOwed(outcome) && !isAccepted
    ? defined({ owedSearch: lastReport(history) })
    : {};
}

function lastReport(history: Case['history']): Case['find'] {
  const reported = history.findLast(({ kind }) => kind === 'outcome');
  return reported && { by: reported.actor, at: reported.at };
}

/** Why the case was reopened, by its history, while that is a reason for its place in the queue. */
function whyReopened({ reasons, history }: Pick<Case, 'reasons' | 'history'>): string | undefined {
  if (!reasons.some(({ code }) => code === 'reopened')) return undefined;
  const why = history.findLast(({ kind }) => kind === 'reopened')?.detail.why;
  return typeof why === 'string' ? why : undefined;
}

/** The model that the percentile is of, where several looked. */
function highestOf({ model, modelsLooked }: Evidence): RankInput['highestOf'] {
  return model === undefined || modelsLooked === undefined ? undefined : { model, models: modelsLooked };
}

/** A second opinion that is due and a reopening stay reasons when new evidence comes. */
function rankInputOf(current: Pick<Case, 'dueAt' | 'reasons' | 'history'>, evidence: Evidence): RankInput {
  return {
    dueAt: current.dueAt,
    declarationReasons: evidence.declarationReasons,
    secondOpinion: current.reasons.some((reason) => reason.code === 'second-opinion'),
    ...defined({
      reopened: whyReopened(current),
      percentile: evidence.percentile,
      load: evidence.load,
      loadPercentile: evidence.loadPercentile,
      highestOf: highestOf(evidence),
      isOfWholePicture: evidence.isOfWholePicture,
      notAnalysed: evidence.notAnalysed,
      completeness: evidence.completeness,
      declaredRisk: evidence.declaredRisk,
      declared: evidence.declared,
    }),
  };
}

/**
 * A case that comes back keeps its place: its band and its priority would tell the next reader that somebody has read
 * it before. The reason is for those who no longer read it.
 */
function again(current: Case, why: Pick<RankInput, 'secondOpinion' | 'reopened'>): Pick<Case, 'reasons'> {
  const added = reasonsToReturn(why);
  return { reasons: [...withoutThose(current.reasons, added), ...added] };
}

function withoutThose(reasons: Case['reasons'], those: Case['reasons']): Case['reasons'] {
  return reasons.filter((old) => !those.some(({ code }) => code === old.code));
}

function seen(evidence: Evidence): Partial<Case> {
  return {
    ...defined({
      container: evidence.container,
      anomalyPercentile: evidence.percentile,
      model: evidence.model,
      declaredRisk: evidence.declaredRisk,
    }),
    ...defined({ declarations: evidence.declarations?.slice(), controls: evidence.controls }),
  };
}

function placed(place: Rank): Pick<Case, 'priority' | 'band' | 'reasons'> {
  return { priority: place.priority, band: place.band, reasons: [...place.reasons] };
}

function withoutEvidence(current: Case): Case {
  const { anomalyPercentile, model, declaredRisk, declarations, controls, ...rest } = current;
  return rest;
}

function evidenceDetail(evidence: Evidence): Record<string, unknown> {
  const { declarationReasons, declared, percentile, ...detail } = evidence;
  return { ...detail, ...defined({ anomalyPercentile: percentile }) };
}

/**
 * The place follows from the evidence, and that a case has come back does not move it.
 * How many minutes a reason is worth is the policy's: another policy alone is no news of the case, which keeps its place.
 */
function isSameEvidence(a: Case, b: Case): boolean {
  const text = ({ history, tag, priority, band, reasons, ...rest }: Case) => {
    const said = reasons.flatMap(({ code, text }) => {
      if (isReasonToReturn(code)) return [];
      // its fact is a field of the case, and a release may word it anew
      return [code === 'not-analysed' ? [code] : [code, text]];
    });
    return JSON.stringify([Object.entries(rest).sort(), said]);
  };
  return text(a) === text(b);
}
