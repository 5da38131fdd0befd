import type { Case, CaseEvent } from '../core/case/case.ts';
import { VerdictKind } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import type { Measured, MeasuredCase, MeasuredReading } from '../core/measures/measured-case.ts';
import { standingVerdict } from './readings.ts';
import { isRedacted } from './redact.ts';
import { verdicts } from './verdicts.ts';

/** What the measures count of a case as it is now. */
export function measuredOf(value: Case): Measured {
  return {
    value: isRedacted(value) ? arrivalOf(value) : { ...arrivalOf(value), ...progressOf(value) },
    readings: readingsOf(value),
  };
}

function arrivalOf({
  id,
  scanId,
  administration,
  site,
  openedAt,
  dueAt,
  anomalyPercentile,
}: Case): MeasuredCase {
  return {
    caseId: id,
    scanId,
    administration,
    site,
    arrivedAt: openedAt,
    dueAt,
    ...defined({ percentile: anomalyPercentile }),
  };
}

/** Claims, verdicts and searches tell a reader whether others have read the image, so they wait until nobody may. */
function progressOf(value: Case): Partial<MeasuredCase> {
  const { history, outcome } = value;
  const openedAt = lastOf(history, ['opened', 'reopened'])?.at ?? value.openedAt;
  // what a reopening kept was counted when it was given
  const readings = value.verdicts.filter(({ settles, at }) => settles !== true && at >= openedAt);
  const referral = history.find(({ kind }) => kind === 'referred');
  const search =
    outcome === undefined || outcome.kind === 'unsearched' ? undefined : lastOf(history, ['outcome']);
  return defined({
    claimedAt: history.find(({ kind }) => kind === 'claimed')?.at,
    decidedAt: history.find(({ kind }) => kind === 'decided')?.at,
    settledAt: settledAt(value),
    referredAt: referral?.at,
    searchedAt: search?.at,
    closedAt: closedAt(value),
    firstVerdict: readings[0]?.kind,
    secondVerdict: readings[1]?.kind,
    finalVerdict: standingVerdict(value)?.kind,
    drawnShare: referral && shareOf(referral),
    outcome: outcome?.kind,
  });
}

function closedAt({ state, history }: Case): string | undefined {
  return state === 'closed' ? lastOf(history, ['closed', 'outcome', 'accepted'])?.at : undefined;
}

/** The counterpart of `isUnsettled`: since which time it has been false. */
function settledAt(value: Case): string | undefined {
  const standing = standingVerdict(value);
  const letsGo = standing !== undefined && verdicts[standing.kind].letsGo && value.outcome === undefined;
  const isOver = value.state === 'decided' || value.state === 'closed';
  return letsGo && isOver ? standing.at : closedAt(value);
}

/** With which share a search was drawn, as triage wrote it. */
function shareOf({ detail }: CaseEvent): number | undefined {
  return typeof detail.drawnShare === 'number' ? detail.drawnShare : undefined;
}

function readingsOf({ history }: Case): readonly MeasuredReading[] {
  return history.flatMap(({ seq, at, actor, kind, detail }) => {
    const verdict = VerdictKind.enum.find((one) => one === detail.kind);
    if (verdict === undefined || (kind !== 'decided' && kind !== 'settled')) return [];
    return [{ seq, at, person: actor, verdict, isSettlement: kind === 'settled' }];
  });
}

function lastOf(history: Case['history'], kinds: readonly CaseEvent['kind'][]): CaseEvent | undefined {
  return history.findLast(({ kind }) => kinds.includes(kind));
}
