import type { Actor } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { SiteMode } from '../../core/rules/site.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { placeFor, type RulesTx, rulesAt } from '../../stored/rules.ts';
import type { TriagePolicy } from '../../triage/policy.ts';
import { clockOf } from '../../triage/site-rules.ts';
import { type Comparison, compare, wordOfFile, wordsOfReports } from './rules.ts';

/** RFC 3339; both ends included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

export interface SiteComparison extends Period, Comparison {
  readonly site: string;
  readonly mode: SiteMode;
}

const DAY_MS = 86_400_000;
/** All of it is in memory at once. */
const LONGEST_DAYS = 7;

/**
 * What the station of a site decided in a period, beside what is decided here.
 * @throws NII_NOT_FOUND for the key of another site; NII_BAD_REQUEST for a period that ends before it begins, or is longer
 *   than a week
 */
export function compareStation(
  deps: Viewing<Tx<'stationDecisions' | 'casesReceived' | 'reportsReceived'> & RulesTx> & {
    readonly policy: TriagePolicy;
  },
  actor: Actor,
  site: string,
  period: Period,
): Promise<SiteComparison> {
  const place = placeFor(actor, site);
  requireShort(period);
  return viewed(deps, actor, 'comparison', site, { ...period }, async (tx) => {
    const rules = await rulesAt(tx, place, deps.policy);
    const clock = clockOf(rules, '');
    // files may write their times in any zone, and a scan may be received long after it was made
    const [from, to] = [moved(period.from, -DAY_MS), moved(period.to, DAY_MS)];
    const ofFiles = (await tx.stationDecisions(place, from, to)).flatMap(
      (one) => wordOfFile(one, clock) ?? [],
    );
    const ofReports = (await tx.reportsReceived(place, from, to)).flatMap((one) =>
      wordsOfReports(one, clock),
    );
    const words = [...ofFiles, ...ofReports].filter(({ at }) => isWithin(at, period));
    const cases = await tx.casesReceived(place, moved(from, -DAY_MS), moved(to, DAY_MS));
    return { site, mode: rules.site.mode, ...period, ...compare(words, cases) };
  });
}

function requireShort({ from, to }: Period): void {
  const length = Date.parse(to) - Date.parse(from);
  if (length >= 0 && length <= LONGEST_DAYS * DAY_MS) return;
  const detail = `Invalid period from ${from} to ${to}: use at most ${LONGEST_DAYS} days, and an end after the start`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'to' });
}

function isWithin(at: string, { from, to }: Period): boolean {
  return Date.parse(at) >= Date.parse(from) && Date.parse(at) <= Date.parse(to);
}

function moved(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
