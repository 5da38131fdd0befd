import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import type { KnownControls } from './controls.ts';

/** What the policy selects for a search, and which search ends that. */

type KnownCase = Pick<Case, 'unitId' | 'state' | 'find' | 'outcome' | 'acceptance'> &
  Partial<Pick<Case, 'container' | 'history'>>;

interface KnownOfScan {
  readonly scan: { readonly receivedAt?: string };
  readonly cases: readonly KnownCase[];
  readonly controls?: KnownControls;
}

interface OtherScan extends KnownOfScan {
  readonly scanId: string;
  /** Of another container that a check-in announces on the same truck. */
  readonly isAnnounced?: boolean;
}

interface KnownOfVehicle extends KnownOfScan {
  /** Of the same visit. */
  readonly others?: readonly OtherScan[];
  /** Of other visits of a container. */
  readonly sameMark?: readonly OtherScan[];
}

interface Selected {
  readonly scanId?: string;
  readonly unitId?: string;
}

interface SeenScan {
  readonly one: KnownOfScan;
  readonly scanId?: string;
  readonly isOfVisit: boolean;
}

/** Objects of inspection that are selected and still to be searched; the scan itself where nothing of the vehicle has a case. */
export function selectedOf(known: KnownOfVehicle): readonly Selected[] {
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

function scansOf(known: KnownOfVehicle): readonly SeenScan[] {
  const { others = [], sameMark = [] } = known;
  return [
    { one: known, isOfVisit: true },
    ...others.map((one) => ({ one, scanId: one.scanId, isOfVisit: one.isAnnounced !== true })),
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
