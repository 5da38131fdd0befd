import { defined } from '../core/defined.ts';
import { revisionOfKey } from '../core/keys.ts';
import type { Radiation } from '../core/ports/records/radiation.ts';
import type { Revisions } from '../core/ports/records/revisions.ts';
import type { NearbyScans } from '../core/ports/records/scans.ts';
import type { RadiationJoin, RadiationLink } from '../core/radiation/hold.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import type { RevisionRow, ScanRow } from '../core/scan/stored-scan.ts';
import type { TriagePolicy } from '../triage/policy.ts';
import { CONTAINER_WINDOW_SECONDS, type JoinCandidate, joinOf } from '../triage/radiation-join.ts';

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
  /** As something to join with; undefined for what is no operational image. */
  candidate(scan: ScanRow): Promise<JoinCandidate | undefined>;
}

export function gathered(tx: Revisions, { queuedPurposes }: TriagePolicy): ConvertedScans {
  const known = new Map<string, Promise<Converted | undefined>>();
  const converted = (scanId: string) => {
    const found = known.get(scanId) ?? newestConverted(tx, scanId);
    known.set(scanId, found);
    return found;
  };
  return {
    converted,
    candidate: async (scan) => {
      if (!queuedPurposes.includes(scan.purpose)) return undefined;
      const record = (await converted(scan.id))?.record;
      return record === undefined || record.views.length === 0 ? undefined : candidateOf(scan, record);
    },
  };
}

async function newestConverted(tx: Revisions, scanId: string): Promise<Converted | undefined> {
  const row = await tx.newestConverted(scanId);
  return row?.scan === undefined ? undefined : { row, record: row.scan, brought: await broughtWith(tx, row) };
}

async function broughtWith(tx: Revisions, row: RevisionRow): Promise<Converted['brought']> {
  const numbers = row.originals.map(({ key }) => revisionOfKey(key) ?? row.revision);
  const newest = Math.max(0, ...numbers);
  return (newest === row.revision ? undefined : await tx.revision(row.scanId, newest)) ?? row;
}

function candidateOf(scan: ScanRow, record: NiiScan): JoinCandidate {
  const { lane } = record.source;
  return {
    scanId: scan.id,
    at: scan.acquiredAt ?? scan.receivedAt,
    timeFrom: scan.acquiredAt === undefined ? 'receipt' : 'file',
    isZoneStated: record.acquired.zone === 'stated',
    ...defined({ lane }),
    containers: scan.containers,
  };
}

/** The X-ray scan of an occupancy; a scan that holds its own image is its own. */
export async function joinFor(
  tx: NearbyScans,
  policy: TriagePolicy,
  scans: ConvertedScans,
  scan: ScanRow,
  link: RadiationLink,
  record: NiiScan,
  isZoneStated: boolean,
): Promise<RadiationJoin> {
  if (record.views.length > 0) {
    return { kind: 'joined', scanId: scan.id, by: 'same-scan', secondsApart: 0, timeFrom: link.timeFrom };
  }
  const found = await candidateRows(tx, policy, scan, link);
  const others = found.filter(({ id, site }) => id !== scan.id && site === scan.site);
  const candidates: JoinCandidate[] = [];
  for (const other of new Map(others.map((row) => [row.id, row])).values()) {
    const candidate = await scans.candidate(other);
    if (candidate !== undefined) candidates.push(candidate);
  }
  return joinOf({ ...link, isZoneStated }, candidates, policy.radiationWindowSeconds);
}

async function candidateRows(
  tx: NearbyScans,
  { radiationWindowSeconds }: TriagePolicy,
  scan: ScanRow,
  { from, to, containers }: RadiationLink,
): Promise<readonly ScanRow[]> {
  const start = from ?? scan.receivedAt;
  const end = to ?? start;
  const day = CONTAINER_WINDOW_SECONDS;
  const named = await tx.scansByContainer(
    scan.administration,
    containers,
    moved(start, -day),
    moved(end, day),
  );
  if (from === undefined) return named;
  const window = radiationWindowSeconds;
  return [...named, ...(await tx.scansTaken(scan, moved(start, -window), moved(end, window), CANDIDATES))];
}

/** Occupancies whose join this X-ray scan may change: near in time, of its containers, or joined to it before. */
export async function near(
  tx: Radiation,
  { radiationWindowSeconds }: TriagePolicy,
  scan: ScanRow,
): Promise<readonly RadiationLink[]> {
  const at = scan.acquiredAt ?? scan.receivedAt;
  const around = (seconds: number) => [moved(at, -seconds), moved(at, seconds)] as const;
  const named = await tx.radiationNear(scan, ...around(CONTAINER_WINDOW_SECONDS), scan.containers);
  const inTime = await tx.radiationNear(scan, ...around(radiationWindowSeconds));
  return [...inTime, ...named, ...(await tx.radiationFor(scan.id))];
}

function moved(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1000).toISOString();
}
