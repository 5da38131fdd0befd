import { defined } from '../core/defined.ts';
import { revisionOfKey } from '../core/keys.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Passage, RadiationJoin, RadiationLink } from '../core/radiation/hold.ts';
import { strays, type TrueTime, trueTime, writtenRanges } from '../core/rules/clock.ts';
import { realMarks, type TimeWindow } from '../core/rules/site.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import { scannerOf } from '../core/scanner/scanner.ts';
import { type JoinCandidate, joinOf, NUMBER_WINDOW_SECONDS } from '../triage/radiation-join.ts';
import {
  arePairedApart,
  around,
  clockOf,
  clocksAt,
  pairWindow,
  type SiteRules,
  widest,
} from '../triage/site-rules.ts';
import { visitWindow } from '../triage/visit.ts';

/** More scans than any site makes within the window. */
const CANDIDATES = 256;

export interface Converted {
  readonly row: RevisionRow;
  readonly record: NiiScan;
  /** The revision that brought the newest of its files, and when it came: converting again brings none. */
  readonly brought: Pick<RevisionRow, 'revision' | 'receivedAt'>;
}

/** ConvertedScans as one run of the step sees them, each read once. */
export interface ConvertedScans {
  /** The newest revision that was converted: one that is under way or failed does not hide it. */
  converted(scanId: string): Promise<Converted | undefined>;
  /** As something to join with this portal; undefined for what is no operational image. */
  candidate(scan: ScanRow, portal: Passage): Promise<JoinCandidate | undefined>;
}

export function gathered(tx: Tx<'revision' | 'newestConverted'>, rules: SiteRules): ConvertedScans {
  const known = new Map<string, Promise<Converted | undefined>>();
  const converted = (scanId: string) => {
    const found = known.get(scanId) ?? newestConverted(tx, scanId);
    known.set(scanId, found);
    return found;
  };
  return {
    converted,
    candidate: async (scan, portal) => {
      if (!rules.policy.queuedPurposes.includes(scan.purpose)) return undefined;
      const found = await converted(scan.id);
      return found === undefined || found.record.views.length === 0
        ? undefined
        : candidateOf(scan, found, portal, rules);
    },
  };
}

async function newestConverted(
  tx: Tx<'revision' | 'newestConverted'>,
  scanId: string,
): Promise<Converted | undefined> {
  const row = await tx.newestConverted(scanId);
  return row?.scan === undefined ? undefined : { row, record: row.scan, brought: await broughtWith(tx, row) };
}

async function broughtWith(tx: Tx<'revision'>, row: RevisionRow): Promise<Converted['brought']> {
  const numbers = row.originals.map(({ key }) => revisionOfKey(key) ?? row.revision);
  const newest = Math.max(0, ...numbers);
  return (newest === row.revision ? undefined : await tx.revision(row.scanId, newest)) ?? row;
}

/** When the scan was made, by the clock of its scanner as it is set; undefined where its files do not say. */
function timeOf({ row, record }: Converted, rules: SiteRules): TrueTime | undefined {
  return trueTime(record.acquired, clockOf(rules, scannerOf(row)));
}

function candidateOf(scan: ScanRow, found: Converted, portal: Passage, rules: SiteRules): JoinCandidate {
  const { lane } = found.record.source;
  const time = timeOf(found, rules);
  const { containers, visit } = realMarks(rules.site, scan);
  return {
    scanId: scan.id,
    at: time?.at ?? scan.receivedAt,
    timeFrom: time === undefined ? 'receipt' : 'file',
    isZoneStated: time?.isZoneStated === true,
    isStraying: time !== undefined && strays(time.at, scan.receivedAt),
    isPairedApart: arePairedApart(rules, portal, scannerOf(found.row)),
    ...defined({ lane, visit, window: pairWindow(rules, portal, scannerOf(found.row)) }),
    containers,
  };
}

/** The X-ray scan of an occupancy; a scan that holds its own image is its own. */
export async function joinFor(
  tx: Tx<'scansByContainer' | 'scansOfVisit' | 'scansTaken'>,
  rules: SiteRules,
  scans: ConvertedScans,
  scan: ScanRow,
  link: RadiationLink,
  record: NiiScan | undefined,
  passage: Passage,
): Promise<RadiationJoin> {
  if (record !== undefined && record.views.length > 0) {
    return { kind: 'joined', scanId: scan.id, by: 'same-scan', secondsApart: 0, timeFrom: link.timeFrom };
  }
  const found = await candidateRows(tx, rules, scan, link);
  const others = found.filter(({ id, site }) => id !== scan.id && site === scan.site);
  const candidates: JoinCandidate[] = [];
  for (const other of new Map(others.map((row) => [row.id, row])).values()) {
    const candidate = await scans.candidate(other, passage);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const { isZoneStated, from, receivedAt } = passage;
  const isStraying = from !== undefined && strays(from, receivedAt);
  return joinOf({ ...link, isZoneStated, isStraying }, candidates, rules.policy.radiationWindowSeconds);
}

async function candidateRows(
  tx: Tx<'scansByContainer' | 'scansOfVisit' | 'scansTaken'>,
  rules: SiteRules,
  scan: ScanRow,
  { from, to, ...marks }: RadiationLink,
): Promise<readonly ScanRow[]> {
  const { containers, visit } = realMarks(rules.site, marks);
  const start = from ?? scan.receivedAt;
  const end = to ?? start;
  const day = NUMBER_WINDOW_SECONDS;
  const within = [moved(start, -day), moved(end, day)] as const;
  const ofVisit: ScanRow[] = [];
  for (const window of visit === undefined ? [] : [within, visitWindow(scan.receivedAt)])
    ofVisit.push(...(await tx.scansOfVisit(scan, visit ?? '', ...window)));
  const named = [...ofVisit, ...(await tx.scansByContainer(scan.administration, containers, ...within))];
  if (from === undefined) return named;
  const { fromSeconds, toSeconds } = joinWindow(rules);
  const ranges = writtenRanges(moved(start, fromSeconds), moved(end, toSeconds), clocksAt(rules));
  const taken: ScanRow[] = [];
  for (const range of ranges) taken.push(...(await tx.scansTaken(scan, ...range, CANDIDATES)));
  return [...named, ...taken];
}

/** From the earliest to the latest that a scan may be of an occupancy by time. */
function joinWindow({ policy, site }: SiteRules) {
  return widest([around(policy.radiationWindowSeconds), ...site.windows]);
}

/** Occupancies whose join this X-ray scan may change: near in time, of its visit or containers, or joined to it before. */
export async function near(
  tx: Tx<'radiationFor' | 'radiationOfVisit' | 'radiationNear'>,
  rules: SiteRules,
  scan: ScanRow,
  converted: Converted,
): Promise<readonly RadiationLink[]> {
  const at = timeOf(converted, rules)?.at ?? scan.receivedAt;
  const seen = ({ fromSeconds, toSeconds }: TimeWindow) =>
    [moved(at, -toSeconds), moved(at, -fromSeconds)] as const;
  const day = seen(around(NUMBER_WINDOW_SECONDS));
  const { containers, visit } = realMarks(rules.site, scan);
  const named = await tx.radiationNear(scan, ...day, containers);
  const inTime = await tx.radiationNear(scan, ...seen(joinWindow(rules)));
  const ofVisit: RadiationLink[] = [];
  for (const window of visit === undefined ? [] : [day, visitWindow(scan.receivedAt)])
    ofVisit.push(...(await tx.radiationOfVisit(scan, visit ?? '', ...window)));
  return [...inTime, ...ofVisit, ...named, ...(await tx.radiationFor(scan.id))];
}

function moved(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1000).toISOString();
}
