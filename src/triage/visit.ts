import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { holdingAlarms, isRadiationOnly } from '../core/radiation/radiation.ts';
import { purposeFacts } from '../core/scan/circumstances.ts';
import { completenesses } from '../core/scan/completeness.ts';
import { whyNotAnalysed } from '../core/scan/not-analysed.ts';
import type { NiiScan } from '../core/scan/scan.ts';
import { scanStates } from '../core/scan/scan-states.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';
import type { KnownControls } from './controls.ts';
import { type KnownOfScan, rowOfCase } from './instruction.ts';

/** A vehicle is all scans and radiation records that share a visit id. */

export interface ScanOfVisit {
  readonly scan: ScanRow;
  readonly cases: readonly Case[];
  /** Of its newest converted revision. */
  readonly record: NiiScan | undefined;
  readonly isSetAside?: boolean;
  /** What the policy requires now, where it has controls. */
  readonly controls?: KnownControls;
}

/** The same visit id further apart than this is another vehicle: ids repeat. */
const VISIT_WINDOW_MS = 24 * 3_600_000;

/** Around a time at which something of the visit was measured or received. */
export function visitWindow(time: string): readonly [from: string, to: string] {
  const at = Date.parse(time);
  return [new Date(at - VISIT_WINDOW_MS).toISOString(), new Date(at + VISIT_WINDOW_MS).toISOString()];
}

/**
 * What this scan says of the vehicle, among all of its visit.
 * @param along - scans of other visits that share a mark with it
 */
export function knownOfVisit(
  own: ScanOfVisit,
  all: readonly ScanOfVisit[],
  along: readonly ScanOfVisit[] = [],
): KnownOfScan {
  return {
    scan: own.scan,
    cases: own.cases,
    isForNobody: own.record !== undefined && isForNobody(own.record),
    isReplaced: all.some((other) => replaces(other, own)) || along.some((other) => replacesAlong(other, own)),
    ...defined({ isSetAside: own.isSetAside }),
    ...defined({ controls: own.controls }),
    mayGoByPortal: own.controls?.ofScan.portalOnlyMayGo === true && isPortalPass(own.record),
  };
}

/** One vehicle passed a portal that measured all of it and raised no alarm. A log of several is of no vehicle. */
function isPortalPass(record: NiiScan | undefined): boolean {
  if (record === undefined || !isRadiationOnly(record) || !purposeFacts[record.purpose].isQueued)
    return false;
  const [passage, ...more] = record.radiation ?? [];
  if (passage === undefined || more.length > 0) return false;
  const { alarms, occupancy, notMeasured } = passage;
  const isQuiet = alarms.length === 0 && holdingAlarms(passage).length === 0;
  return isQuiet && occupancy.ended && notMeasured === undefined;
}

/** It shows nothing that anybody decides on. An image that cannot be read here is one that somebody has to look at. */
function isForNobody(record: NiiScan): boolean {
  const reason = whyNotAnalysed(record);
  return reason === undefined ? isRadiationOnly(record) : reason !== 'image-unread';
}

/**
 * The vehicle was scanned again: a later scan came of the same containers, after the analyst asked for it, with as many objects
 * of inspection or more. Where no container shows that it is of the same, it has to be of the same sender and format.
 */
function replaces(later: ScanOfVisit, earlier: ScanOfVisit): boolean {
  const [a, b] = [later.scan, earlier.scan];
  const isOfSameScanner = a.converter === b.converter && a.senders[0] === b.senders[0];
  return (
    (isOfSameScanner || b.containers.length > 0) &&
    isOfSameContainers(a.containers, b.containers) &&
    [b.receivedAt, ...askedIn(earlier)].every((at) => a.receivedAt > at) &&
    !scanStates[a.state].hasFailed &&
    later.cases.length >= Math.max(1, earlier.cases.length)
  );
}

/**
 * As a scan of the same visit does, in another visit of the site: where the container shows that both are of one vehicle, the
 * image was made after it was asked for, and no part of it is missing.
 */
function replacesAlong(later: ScanOfVisit, earlier: ScanOfVisit): boolean {
  const { site, acquiredAt, receivedAt, completeness } = later.scan;
  const isAsked = earlier.cases.some((value) => rowOfCase(value, earlier.scan) === 'rescan');
  const isComplete = completeness === undefined || !completenesses[completeness].isIncomplete;
  const madeAt = Date.parse(acquiredAt ?? receivedAt);
  return (
    isAsked &&
    isComplete &&
    site === earlier.scan.site &&
    earlier.scan.containers.length > 0 &&
    askedIn(earlier).every((at) => madeAt > Date.parse(at)) &&
    replaces(later, earlier)
  );
}

/** Of several that replace a scan of these the one that came last; none where one of the same visit does. */
export function replacingAlong(
  all: readonly ScanOfVisit[],
  along: readonly ScanOfVisit[],
): readonly ScanOfVisit[] {
  return all
    .filter((of) => !all.some((one) => replaces(one, of)))
    .flatMap((of) => {
      const found = along.filter((one) => replacesAlong(one, of));
      return found
        .toSorted((a, b) => Date.parse(a.scan.receivedAt) - Date.parse(b.scan.receivedAt))
        .slice(-1);
    });
}

function askedIn({ cases }: ScanOfVisit): readonly string[] {
  return cases.flatMap(({ verdicts }) => verdicts.map(({ at }) => at));
}

/** One that names no container may be of any of the vehicle: another that names one does not show that it is of the same. */
function isOfSameContainers(later: readonly string[], earlier: readonly string[]): boolean {
  return earlier.length === 0 ? later.length === 0 : earlier.every((container) => later.includes(container));
}
