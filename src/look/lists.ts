import { type Actor, scopeOf } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import type { Page } from '../core/page.ts';
import type { CaseLists } from '../core/ports/records/cases.ts';
import { isBlind } from '../triage/blind.ts';
import { standingVerdict } from '../triage/readings.ts';
import { type Viewing, viewed } from './read.ts';

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
  deps: Viewing<CaseLists>,
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

/** Goods that customs released while something was open. */
export interface ReleaseView {
  readonly value: Case;
  readonly release: NonNullable<Case['releasedWhileOpen']>;
  /** Somebody may still read the image: what was open would say whether it was read before. */
  readonly isBlind: boolean;
}

export function listReleases(
  deps: Viewing<CaseLists>,
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
  return release === undefined ? [] : [{ value, release, isBlind: role !== 'auditor' && isBlind(value) }];
}
