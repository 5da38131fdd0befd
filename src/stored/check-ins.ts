import type { Tx } from '../core/ports/records.ts';
import { nameOf, type StoredCheckIn } from '../core/rules/check-in.ts';
import type { Mark } from '../core/rules/vehicle-hold.ts';
import {
  checkInsOfScan,
  checkInsRequiredOf,
  marksOfScan,
  missingControls,
  naming,
  type ScanOfCheckIn,
  timesOfScan,
} from '../triage/check-ins.ts';
import type { ScanOfVisit } from '../triage/visit.ts';

/** What check-ins say of a vehicle: which other marks it has, and which controls it needs. */

const DAY_MS = 86_400_000;
/** More for one mark within the days of the policy is not daily work; nobody can then tell which controls it needs. */
const MOST_CHECK_INS = 16;

/** A site with its sister sites. */
export interface Places {
  readonly administration: string;
  readonly sites: readonly string[];
}

export interface CheckInsOfVehicle {
  readonly checkIns: readonly StoredCheckIn[];
  /** There are more than were read. */
  readonly isCut: boolean;
}

/**
 * Check-ins that name one of the marks, and expect the vehicle within the days around these times.
 * @param times - milliseconds since 1970, at least one
 */
export async function checkInsOf(
  tx: Tx<'checkInsNaming'>,
  places: Places,
  marks: readonly Mark[],
  times: readonly number[],
  days: number,
): Promise<CheckInsOfVehicle> {
  const from = new Date(Math.min(...times) - days * DAY_MS).toISOString();
  const to = new Date(Math.max(...times) + days * DAY_MS).toISOString();
  const most = MOST_CHECK_INS * Math.max(1, marks.length);
  const found = await tx.checkInsNaming({ ...places, marks, from, to }, most + 1);
  const checkIns = found.slice(0, most).filter(({ counting }) => counting.from <= to);
  return { checkIns, isCut: found.length > most };
}

/** Every mark that these check-ins give the vehicle, each once. */
export function marksOfCheckIns(checkIns: readonly StoredCheckIn[]): readonly Mark[] {
  const marks = checkIns.flatMap(({ counting }) => counting.marks);
  return [...new Map(marks.map((mark) => [nameOf(mark), mark])).values()];
}

/**
 * Whether the vehicle of these scans lacks a control that its check-in requires.
 * @param own - scans of the vehicle whose check-ins count
 * @param others - scans that may have done a control of it, too
 * @param purposes - of scans that count
 */
export async function lacksControl(
  tx: Tx<'radiationFor'>,
  { checkIns, isCut }: CheckInsOfVehicle,
  own: readonly ScanOfVisit[],
  others: readonly ScanOfVisit[],
  purposes: readonly string[],
): Promise<boolean> {
  const required = own.flatMap(({ scan }) => checkInsRequiredOf(scan, checkIns));
  const needed = required.filter(({ checkIn }) => checkIn.counting.controls.length > 0);
  if (isCut || needed.length === 0) return isCut;
  const scans = await withRadiation(tx, [...own, ...others], purposes);
  const ownIds = new Set(own.map(({ scan }) => scan.id));
  return needed.some(({ checkIn, nearer }) => {
    const ids = new Set([checkIn, ...nearer].map(({ id }) => id));
    const isOfThem = ({ scan }: Pick<ScanOfVisit, 'scan'>) =>
      checkInsOfScan(scan, checkIns).some(({ id }) => ids.has(id));
    // another check-in is nearer in time, but the vehicle that needs the control has done it since it was expected
    const isSince = ({ scan }: Pick<ScanOfVisit, 'scan'>) =>
      ownIds.has(scan.id) && timesOfScan(scan).every((time) => time >= Date.parse(checkIn.counting.from));
    const counting = scans.filter(
      (one) => naming(one.scan, [checkIn]).length > 0 && (isOfThem(one) || isSince(one)),
    );
    return missingControls(checkIn, counting).length > 0;
  });
}

/**
 * The scans with the occupancies of portals that are or may be of them.
 * @param purposes - of the records of the portals: one for training is no control
 */
export async function withRadiation<One extends Pick<ScanOfVisit, 'scan'>>(
  tx: Tx<'radiationFor'>,
  scans: readonly One[],
  purposes: readonly string[],
): Promise<readonly (One & Pick<ScanOfCheckIn, 'radiation'>)[]> {
  const found: (One & Pick<ScanOfCheckIn, 'radiation'>)[] = [];
  for (const one of scans) found.push({ ...one, radiation: await tx.radiationFor(one.scan.id, purposes) });
  return found;
}

/** Marks and times of several scans of one vehicle. */
export function knownByScans(scans: readonly ScanOfVisit['scan'][]) {
  return { marks: scans.flatMap(marksOfScan), times: scans.flatMap(timesOfScan) };
}
