import type { Scope } from '../core/access.ts';
import type { Tx } from '../core/ports/records.ts';
import { VEHICLE_DAYS } from '../core/rules/policy.ts';
import { realMarks } from '../core/rules/site.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { SiteRules } from '../triage/site-rules.ts';
import { visitWindow } from '../triage/visit.ts';

/** Which scans are of one vehicle: those of its visit, and those that name one of its containers. */

const DAY_MS = 86_400_000;

/** A container is scanned a few times in its days. A number that more scans share is hardly that of one container. */
const MOST_OF_CONTAINER = 16;
/** A visit may be a train that is scanned wagon by wagon. */
const MOST_OF_VISIT = 128;

export interface ScansOfMark {
  readonly scans: readonly ScanRow[];
  /** More scans share the mark than one vehicle can have. None is looked at: the vehicle is held. */
  readonly isUnclear: boolean;
}

type Windows = readonly (readonly [from: string, to: string])[];

/** Around the times at which a scan was made and received: a clock may be wrong by years. */
function around({ acquiredAt, receivedAt }: ScanRow, window: (time: string) => Windows[number]): Windows {
  return [...new Set([acquiredAt ?? receivedAt, receivedAt])].map(window);
}

/** The days for which what is open against a vehicle holds it, around a time. */
export function vehicleWindow(
  time: string,
  { policy: { vehicleDays = VEHICLE_DAYS } }: Pick<SiteRules, 'policy'>,
): Windows[number] {
  const at = Date.parse(time);
  const [from, to] = [at - vehicleDays * DAY_MS, at + vehicleDays * DAY_MS];
  return [new Date(from).toISOString(), new Date(to).toISOString()];
}

/** Scans and radiation records of the visit of a scan, with itself; none where it has no visit id. */
export async function scansOfVisit(
  tx: Tx<'scansOfVisit'>,
  scan: ScanRow,
  { site }: Pick<SiteRules, 'site'>,
): Promise<ScansOfMark> {
  const { visit } = realMarks(site, scan);
  if (visit === undefined) return { scans: [], isUnclear: false };
  return inWindows(
    around(scan, visitWindow),
    (window) => tx.scansOfVisit(scan, visit, ...window, MOST_OF_VISIT + 1),
    MOST_OF_VISIT,
  );
}

/** Scans of the site that name one of the containers and were made or received within the days of the policy. */
export async function scansOfContainers(
  tx: Tx<'scansNamingContainers'>,
  scan: ScanRow,
  named: readonly string[],
  rules: SiteRules,
): Promise<ScansOfMark> {
  const { containers } = realMarks(rules.site, { containers: named });
  if (containers.length === 0) return { scans: [], isUnclear: false };
  const windows = around(scan, (time) => vehicleWindow(time, rules));
  const most = MOST_OF_CONTAINER * containers.length;
  return inWindows(
    windows,
    (window) => tx.scansNamingContainers(scan, containers, ...window, most + 1),
    most,
  );
}

async function inWindows(
  windows: Windows,
  read: (window: Windows[number]) => Promise<readonly ScanRow[]>,
  most: number,
): Promise<ScansOfMark> {
  const found = new Map<string, ScanRow>();
  for (const window of windows) for (const one of await read(window)) found.set(one.id, one);
  const isUnclear = found.size > most;
  return { scans: isUnclear ? [] : [...found.values()], isUnclear };
}

export type AlongTx = Tx<'scansOfVisit' | 'scansNamingContainers'>;

/** All that the lane is told of anew when something of this scan has changed: those of its visit and of its containers. Scans whose mark is unclear are held by that. */
export async function scansAlong(tx: AlongTx, scan: ScanRow, rules: SiteRules): Promise<readonly ScanRow[]> {
  const { scans: ofVisit } = await scansOfVisit(tx, scan, rules);
  const { scans: ofContainers } = await scansOfContainers(tx, scan, scan.containers, rules);
  const found = [scan, ...ofVisit, ...ofContainers];
  return [...new Map(found.map((one) => [one.id, one])).values()];
}

/** Scans of a site that carry this mark and were made or received within the days of the policy, the newest received first. */
export function scansOfMark(
  tx: AlongTx,
  place: Scope,
  { kind, value }: { readonly kind: 'container' | 'visit'; readonly value: string },
  window: readonly [from: string, to: string],
): Promise<readonly ScanRow[]> {
  return kind === 'visit'
    ? tx.scansOfVisit(place, value, ...window, MOST_OF_VISIT)
    : tx.scansNamingContainers(place, [value], ...window, MOST_OF_CONTAINER);
}
