import { type Actor, placeOf, scopeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import type { Problem } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Page } from '../core/page.ts';
import type { Clock } from '../core/ports/process.ts';
import type { NotAnalysedRow } from '../core/ports/records/scans.ts';
import type { Tx } from '../core/ports/records.ts';
import { notAnalysedReasons } from '../core/scan/not-analysed.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import { standingVerdict } from '../triage/readings.ts';
import { isRedacted } from '../triage/redact.ts';
import { redactFor, type Viewing, viewed } from './read.ts';

/** Lists for searchers and supervisors. Each view is in the audit. */

/** A case in search, and what to look for. */
export interface SearchView {
  readonly value: Case;
  readonly since: string;
  /** Of whoever sent it to a search. */
  readonly note?: string;
  readonly verdict?: Case['verdicts'][number];
}

export function listSearches(
  deps: Viewing<Tx<'searches'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<SearchView>> {
  return viewed(deps, actor, 'searches', '', {}, async (tx) => {
    const page = await tx.searches(scopeOf(actor), limit, cursor);
    return { ...page, rows: page.rows.map(searchView) };
  });
}

function searchView(value: Case): SearchView {
  const referred = value.history.findLast(({ kind }) => kind === 'referred');
  // What triage.refer wrote
  const { note } = (referred?.detail ?? {}) as { readonly note?: string };
  return {
    value,
    since: referred?.at ?? value.openedAt,
    ...defined({ note, verdict: standingVerdict(value) }),
  };
}

/** Who searched a vehicle releases it within hours; an older find is on the page of its vehicle. */
const FIND_DAYS = 90;
const DAY_MS = 86_400_000;

/** Cases in which a search found something, and whose vehicle nobody has released; oldest first. */
export function listFinds(
  deps: Viewing<Tx<'findsUnreleased'>> & { readonly clock: Clock },
  actor: Actor,
  limit: number,
): Promise<readonly Case[]> {
  const since = new Date(deps.clock.now().getTime() - FIND_DAYS * DAY_MS).toISOString();
  return viewed(deps, actor, 'finds', '', { since }, async (tx) => {
    const cases = await tx.findsUnreleased(scopeOf(actor), since, limit);
    return cases.map((value) => redactFor(actor, value));
  });
}

/** Goods that customs released while something was open. */
export interface ReleaseView {
  readonly value: Case;
  readonly release: NonNullable<Case['releasedWhileOpen']>;
  /** Somebody may still read the image: what was open would say whether it was read before. */
  readonly isRedacted: boolean;
}

export function listReleases(
  deps: Viewing<Tx<'releasesWhileOpen'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<ReleaseView>> {
  return viewed(deps, actor, 'releases while open', '', {}, async (tx) => {
    const page = await tx.releasesWhileOpen(scopeOf(actor), limit, cursor);
    return { ...page, rows: page.rows.flatMap((value) => releaseView(actor, value)) };
  });
}

function releaseView({ role }: Actor, value: Case): readonly ReleaseView[] {
  const { releasedWhileOpen: release } = value;
  return release === undefined
    ? []
    : [{ value, release, isRedacted: role !== 'auditor' && isRedacted(value) }];
}

/** Persons in danger that nobody sees to yet. */
export function listDangers(
  deps: Viewing<Tx<'dangers'>>,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<Case>> {
  return viewed(deps, actor, 'dangers', '', {}, (tx) => tx.dangers(placeOf(actor), limit, cursor));
}

/** A scan that is no analysts' case. */
export interface NotAnalysedView {
  readonly scan: ScanRow;
  readonly reason: NotAnalysedRow['reason'];
  /** Of one that failed. */
  readonly problem?: Problem;
  /** Until then files that come join it, and may bring the image. */
  readonly awaitsImageUntil?: string;
}

export interface NotAnalysedDeps extends Viewing<Tx<'notAnalysed' | 'scan' | 'revision'>> {
  readonly clock: Clock;
  readonly limits: Pick<Limits, 'lateFileSeconds'>;
}

export function listNotAnalysed(
  deps: NotAnalysedDeps,
  actor: Actor,
  limit: number,
  cursor?: string,
): Promise<Page<NotAnalysedView>> {
  return viewed(deps, actor, 'scans not analysed', '', {}, async (tx) => {
    const page = await tx.notAnalysed(scopeOf(actor), limit, cursor);
    const rows: NotAnalysedView[] = [];
    for (const row of page.rows) {
      const scan = await tx.scan(scopeOf(actor), row.scanId);
      if (scan !== undefined) rows.push(await notAnalysedView(deps, tx, scan, row));
    }
    return { ...page, rows };
  });
}

async function notAnalysedView(
  { clock, limits }: Pick<NotAnalysedDeps, 'clock' | 'limits'>,
  tx: Tx<'revision'>,
  scan: ScanRow,
  { reason }: NotAnalysedRow,
): Promise<NotAnalysedView> {
  const until = new Date(Date.parse(scan.receivedAt) + limits.lateFileSeconds * 1000);
  const awaits = notAnalysedReasons[reason].awaitsImage && until > clock.now();
  const problem = reason === 'failed' ? (await tx.revision(scan.id, scan.revision))?.problem : undefined;
  return {
    scan,
    reason,
    ...defined({ problem, awaitsImageUntil: awaits ? until.toISOString() : undefined }),
  };
}
