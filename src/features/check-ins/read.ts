import { type Actor, ANY_SITE, scopeOf } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Page } from '../../core/page.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { CheckInProgress, CheckInState, StoredCheckIn } from '../../core/rules/check-in.ts';
import { VEHICLE_DAYS } from '../../core/rules/policy.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { checkInsOf, scansOfCheckIn, withRadiation } from '../../stored/check-ins.ts';
import { checkInDocument } from '../../stored/document-kinds.ts';
import { type RulesTx, rulesAt } from '../../stored/rules.ts';
import { progressOf } from '../../triage/check-ins.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import type { SiteRules } from '../../triage/site-rules.ts';

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

type ProgressTx = RulesTx &
  Tx<
    | 'checkInsNaming'
    | 'passagesNaming'
    | 'scansByContainer'
    | 'scansOfVisit'
    | 'newestConverted'
    | 'radiationFor'
  >;
export type ListCheckInsTx = ProgressTx & Tx<'listDocuments'>;
export type GetCheckInTx = ProgressTx & Tx<'documentStanding'>;

export interface CheckInViewDeps {
  readonly clock: Clock;
  /** Where the administration has decided nothing. */
  readonly policy: TriagePolicy;
}

const DAY_MS = 86_400_000;
const DAYS_LISTED = 14;
/** So many check-ins are looked at for one page; the next page goes on from there. */
const MOST_READ = 400;

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
  return viewed(deps, actor, 'check-ins', '', { ...filter, state }, async (tx) => {
    const view = viewer(deps, tx, now);
    const wanted = { ...filter, from, state: 'in-force' };
    const rows: CheckInView[] = [];
    let next = cursor;
    for (let read = 0; read < MOST_READ; ) {
      const page = await tx.listDocuments(checkInDocument, scopeOf(actor), wanted, limit - rows.length, next);
      for (const checkIn of page.rows) {
        const one = await view(checkIn);
        if (state === undefined || one.progress.state === state) rows.push(one);
      }
      next = page.next;
      read += page.rows.length;
      if (next === undefined || rows.length === limit) break;
    }
    return { rows, ...(next !== undefined && { next }) };
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
    if (newest === undefined || (actor.site !== ANY_SITE && actor.site !== newest.site))
      throw new NiiError('NII_NOT_FOUND', `Unknown check-in "${id}"`);
    return viewer(deps, tx, deps.clock.now())(newest);
  });
}

/** Reads the rules of each site once. */
function viewer({ policy }: CheckInViewDeps, tx: ProgressTx, now: Date) {
  const known = new Map<string, Promise<SiteRules>>();
  return async (checkIn: StoredCheckIn): Promise<CheckInView> => {
    const rules = known.get(checkIn.site) ?? rulesAt(tx, checkIn, policy);
    known.set(checkIn.site, rules);
    return { checkIn, progress: await progress(tx, checkIn, await rules, now) };
  };
}

/** More scans or passages than an expected vehicle has. */
const MOST_SEEN = 32;

async function progress(
  tx: ProgressTx,
  checkIn: StoredCheckIn,
  rules: SiteRules,
  now: Date,
): Promise<CheckInProgress> {
  const asked = askedOf(checkIn, rules);
  const { marks, times, days } = asked;
  const { checkIns } = await checkInsOf(tx, asked, marks, times, days);
  const scans = scansOfCheckIn(checkIn, checkIns, await scansAsked(tx, asked, rules)).slice(0, MOST_SEEN);
  const passages = await tx.passagesNaming(asked, MOST_SEEN);
  const { lateMinutes } = rules.site;
  return progressOf(checkIn, await withRadiation(tx, scans), passages, { now, lateMinutes });
}

/** What is looked up of it: at its site and the sister sites, within the days of the policy around its expected times. */
function askedOf({ administration, site, counting }: StoredCheckIn, { sites = [site], policy }: SiteRules) {
  const days = policy.vehicleDays ?? VEHICLE_DAYS;
  const times = [Date.parse(counting.from), Date.parse(counting.to)];
  const [from, to] = [Math.min(...times) - days * DAY_MS, Math.max(...times) + days * DAY_MS];
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return { administration, sites, marks: counting.marks, times, days, ...window };
}

async function scansAsked(
  tx: Pick<ProgressTx, 'scansByContainer' | 'scansOfVisit' | 'newestConverted'>,
  { administration, sites, marks, from, to }: ReturnType<typeof askedOf>,
  { policy: { queuedPurposes } }: SiteRules,
) {
  const valuesOf = (wanted: string) => marks.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  const found = [...(await tx.scansByContainer(administration, valuesOf('container'), from, to))];
  for (const visit of valuesOf('visit'))
    for (const site of sites)
      found.push(...(await tx.scansOfVisit({ administration, site }, visit, from, to)));
  const own = found.filter(({ site, purpose }) => sites.includes(site) && queuedPurposes.includes(purpose));
  const scans = [];
  for (const scan of new Map(own.map((one) => [one.id, one])).values())
    scans.push({ scan, record: (await tx.newestConverted(scan.id))?.scan });
  return scans;
}
