import { defined } from '../core/defined.ts';
import type { Applied, KnownCase, KnownOfScan, KnownOfVehicle } from './instruction.ts';

/** What the policy selects for a search, and which search ends that. */

interface SeenScan {
  readonly one: KnownOfScan;
  readonly scanId?: string;
  readonly isOfVisit: boolean;
}

/** Objects of inspection that are selected and still to be searched; the scan itself where nothing of the vehicle has a case. */
export function selectedOf(
  known: Pick<KnownOfVehicle, 'scan' | 'cases' | 'controls' | 'others' | 'sameMark'>,
): readonly Pick<Applied, 'scanId' | 'unitId'>[] {
  const seen = scansOf(known);
  if (seen.every(({ one }) => one.cases.length === 0))
    return known.controls?.ofScan.search === true ? [{}] : [];
  return seen.flatMap((scan) =>
    scan.one.cases
      .filter(({ unitId }) => scan.one.controls?.ofUnits[unitId]?.search === true)
      .filter((value) => !seen.some((other) => isSearchedIn(value, scan, other)))
      .map(({ unitId }) => ({ unitId, ...defined({ scanId: scan.scanId }) })),
  );
}

function scansOf(known: Parameters<typeof selectedOf>[0]): readonly SeenScan[] {
  const { others = [], sameMark = [] } = known;
  return [
    { one: known, isOfVisit: true },
    ...others.map((one) => ({ one, scanId: one.scanId, isOfVisit: true })),
    ...sameMark.map((one) => ({ one, scanId: one.scanId, isOfVisit: false })),
  ];
}

/** A search counts for the scans of its visit, and for another scan of the container that had come before it ended. */
function isSearchedIn(value: KnownCase, scan: SeenScan, other: SeenScan): boolean {
  const isSameVisit = scan === other || (scan.isOfVisit && other.isOfVisit);
  return other.one.cases.some(
    (one) =>
      isSearched(one) && isSameObject(value, one) && (isSameVisit || hadCome(scan.one, searchedAt(one))),
  );
}

/** A full search found nothing, or a supervisor has settled what it found. */
function isSearched({ state, find, outcome, acceptance }: KnownCase): boolean {
  if (state !== 'closed' || find !== undefined) return false;
  if (outcome?.kind === 'nothing-found') return outcome.extent === 'full';
  return acceptance !== undefined;
}

/** The same container; what has no number is told by its place in the image. */
function isSameObject(a: KnownCase, b: KnownCase): boolean {
  return a.container === b.container && (a.container !== undefined || a.unitId === b.unitId);
}

function searchedAt({ history = [] }: KnownCase): string | undefined {
  return history.findLast(({ kind }) => kind === 'outcome')?.at;
}

function hadCome({ scan: { receivedAt } }: KnownOfScan, at: string | undefined): boolean {
  return receivedAt !== undefined && at !== undefined && receivedAt <= at;
}
