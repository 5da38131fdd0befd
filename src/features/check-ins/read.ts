import { type Actor, ANY_SITE, scopeOf } from '../../core/access.ts';
import type { LanePassage } from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { MarksAsked } from '../../core/ports/records/check-ins.ts';
import type { Tx } from '../../core/ports/records.ts';
import {
  type CheckInProgress,
  type CheckInState,
  marksOfTerms,
  nameOf,
  type StoredCheckIn,
} from '../../core/rules/check-in.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import { isNoMark } from '../../core/rules/site.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { withRadiation } from '../../stored/check-ins.ts';
import { checkInDocument } from '../../stored/document-kinds.ts';
import { type RulesTx, rulesAt } from '../../stored/rules.ts';
import { checkInsOfScan, daysAround, isWithinDays, progressOf } from '../../triage/check-ins.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import type { SiteRules } from '../../triage/site-rules.ts';
import { marksInTime, type ScansTx, scansOfMarks, withRecords } from './scans.ts';

export interface CheckInView {
  readonly checkIn: StoredCheckIn;
  readonly progress: CheckInProgress;
}

export interface CheckInFilter {
  readonly state?: CheckInState;
  readonly site?: string;
  /** Of the expected time; ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

type ProgressTx = RulesTx & ScansTx & Tx<'checkInsNaming' | 'passagesNaming' | 'radiationFor'>;
export type ListCheckInsTx = ProgressTx & Tx<'listDocuments'>;
export type GetCheckInTx = ProgressTx & Tx<'documentStanding'>;

export interface CheckInViewDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

const DAY_MS = 86_400_000;
const DAYS_LISTED = 14;
/** So many pages are looked through for one; the next request goes on from there. */
const MOST_PAGES = 20;

/**
 * Expected vehicles with what has come of them, the one that is expected first before the others. A page may be shorter than
 * its limit, because the state is known only when it is read.
 */
export function listCheckIns(
  deps: Viewing<ListCheckInsTx> & CheckInViewDeps,
  actor: Actor,
  { state, ...filter }: CheckInFilter,
  limit: number,
  cursor?: string,
): Promise<Page<CheckInView>> {
  const now = deps.clock.now();
  const from = filter.from ?? new Date(now.getTime() - DAYS_LISTED * DAY_MS).toISOString();
  const wanted = { ...filter, from, state: 'in-force' };
  return viewed(deps, actor, 'check-ins', '', { ...filter, state }, async (tx) => {
    const rows: CheckInView[] = [];
    let next = cursor;
    for (let pages = 0; pages < MOST_PAGES && rows.length < limit; pages += 1) {
      const page = await tx.listDocuments(checkInDocument, scopeOf(actor), wanted, limit - rows.length, next);
      const views = await viewsOf(deps, tx, page.rows, now);
      rows.push(...views.filter(({ progress }) => state === undefined || progress.state === state));
      next = page.next;
      if (next === undefined) break;
    }
    return { rows, ...defined({ next }) };
  });
}

/** @throws NII_NOT_FOUND for an unknown id, or one of another site */
export function getCheckIn(
  deps: Viewing<GetCheckInTx> & CheckInViewDeps,
  actor: Actor,
  id: string,
): Promise<CheckInView> {
  return viewed(deps, actor, 'check-in', id, {}, async (tx) => {
    const { newest } = await tx.documentStanding(checkInDocument, [actor.administration, id]);
    const isOwn = newest !== undefined && (actor.site === ANY_SITE || actor.site === newest.site);
    const [view] = isOwn ? await viewsOf(deps, tx, [newest], deps.clock.now()) : [];
    if (view === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown check-in "${id}"`);
    return view;
  });
}

/** In the same order. */
async function viewsOf(
  { policy }: Pick<CheckInViewDeps, 'policy'>,
  tx: ProgressTx,
  checkIns: readonly StoredCheckIn[],
  now: Date,
): Promise<readonly CheckInView[]> {
  const found = new Map<string, CheckInProgress>();
  for (const site of new Set(checkIns.map((one) => one.site))) {
    const own = checkIns.filter((one) => one.site === site);
    const [first] = own;
    if (first === undefined) continue;
    const rules = await rulesAt(tx, first, policy);
    for (const [id, progress] of await progressOfEach(tx, own, rules, now)) found.set(id, progress);
  }
  return checkIns.flatMap((checkIn) => {
    const progress = found.get(checkIn.id);
    return progress === undefined ? [] : [{ checkIn, progress }];
  });
}

/** More check-ins, or passages, than vehicles of one page have. */
const MOST_NAMING = 5000;

/** Of check-ins of one site, looked up together. */
async function progressOfEach(
  tx: Omit<ProgressTx, keyof RulesTx>,
  checkIns: readonly StoredCheckIn[],
  rules: SiteRules,
  now: Date,
): Promise<ReadonlyMap<string, CheckInProgress>> {
  const days = rules.policy.vehicleDays ?? VEHICLE_DAYS;
  const marks = marksInTime(checkIns, rules.site, days);
  const asked = askedOf(checkIns, rules, days, marks);
  const rivals = await tx.checkInsNaming(asked, MOST_NAMING);
  const found = await scansOfMarks(tx, asked, marks);
  const scans = await withRecords(tx, [...found.values()].flat(), rules.policy.queuedPurposes);
  const own = new Map(checkIns.map(({ id }) => [id, scans.slice(0, 0)]));
  for (const one of scans) {
    const near = rivals.filter(({ counting }) => isWithinDays(one.scan, counting, days));
    for (const { id } of checkInsOfScan(one.scan, near)) own.get(id)?.push(one);
  }
  const passages = await tx.passagesNaming(asked, MOST_NAMING);
  const progress = new Map<string, CheckInProgress>();
  for (const checkIn of checkIns) {
    const measured = await withRadiation(tx, own.get(checkIn.id) ?? [], rules.policy.queuedPurposes);
    const passed = passagesOf(checkIn, passages, rules, days);
    const { lateMinutes } = rules.site;
    progress.set(checkIn.id, progressOf(checkIn, measured, passed, { now, lateMinutes }));
  }
  return progress;
}

/** All that is looked up of them: at their site and its sister sites, within the days around their expected times. */
function askedOf(
  checkIns: readonly StoredCheckIn[],
  { sites = checkIns.map(({ site }) => site) }: SiteRules,
  days: number,
  marks: readonly Mark[],
): MarksAsked {
  const times = checkIns.flatMap(({ counting }) => daysAround(counting, days));
  return {
    administration: checkIns[0]?.administration ?? '',
    sites,
    marks,
    from: new Date(Math.min(...times)).toISOString(),
    to: new Date(Math.max(...times)).toISOString(),
  };
}

/** Those that passed then and have a mark of it. */
function passagesOf(
  { counting }: StoredCheckIn,
  passages: readonly LanePassage[],
  { site }: SiteRules,
  days: number,
): readonly LanePassage[] {
  const own = new Set(counting.marks.filter(({ value }) => !isNoMark(site, value)).map(nameOf));
  return passages.filter(
    ({ report }) =>
      isWithinDays({ receivedAt: report.at }, counting, days) &&
      marksOfTerms(report).some((mark) => own.has(nameOf(mark))),
  );
}
