import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { isOther, type Move } from '../../core/person/move.ts';
import {
  type HandJoin,
  type Hold,
  markOfJoin,
  marksHeld,
  type RadiationJoin,
  scansOfJoin,
} from '../../core/radiation/hold.ts';
import { marksOfTerms, nameOf } from '../../core/rules/check-in.ts';
import { realMarks } from '../../core/rules/site.ts';
import type { Mark } from '../../core/rules/vehicle-hold.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { appendEvent, notOfNearest, requireMove } from '../radiation.ts';
import { isSameVisit } from '../radiation-join.ts';
import type { SiteRules } from '../site-rules.ts';
import { isWithinWindow, nearScanOf } from './near-scan.ts';

/**
 * Officers say which scan or vehicle an alarm is of, or that it is not of the one that it is joined to. Either frees other
 * vehicles, and one of those may carry the source, so it takes two officers who say the same: the word of the first is a
 * proposal. Joins that the service finds change nothing of what they have said.
 */

/**
 * Before an officer joins it: the scan was made or received near the alarm, or it names the same container or visit.
 * @throws NII_BAD_REQUEST where neither is so
 */
export function requireNear(hold: Hold, scan: ScanRow, row: RevisionRow, rules: SiteRules): void {
  const ofScan = realMarks(rules.site, scan);
  const named = new Set(marksHeld(hold).map(nameOf));
  const sharesMark =
    ofScan.containers.some((one) => hold.containers.includes(one)) ||
    isSameVisit(hold.passage?.visit, ofScan.visit) ||
    marksOfTerms(ofScan).some((mark) => named.has(nameOf(mark)));
  if (sharesMark || isWithinWindow(hold, nearScanOf(scan, row, rules), rules)) return;
  const detail = `Scan "${scan.id}" was neither made nor received near the alarm, and names no container or visit of its record: use a scan of the vehicle that passed`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'scanId' });
}

/** A scan, or a mark of the vehicle where it has none yet. */
export type VehicleOfAlarm = (
  | { readonly scanId: string; readonly secondsApart: number }
  | { readonly mark: Mark }
) & {
  /** The image names no vehicle itself, so that a mark and a scan may both be of this one. Else the one takes the other's place. */
  readonly isBeside?: boolean;
};

/** @throws NII_STATE_CONFLICT once the alarm has ended */
export function joinByHand(current: Hold, to: VehicleOfAlarm, why: string, move: Move): Hold {
  requireMove(current, 'joined by hand');
  const said = 'mark' in to ? { mark: to.mark, why } : { scanId: to.scanId, why };
  if (!isAgreed(current, said, move)) return proposed(current, said, move);
  const { joinProposal: _, notOf = [], ...kept } = current;
  const join = joinTo(current.join, to);
  const stillNot = notOf.filter((id) => !scansOfJoin(join).includes(id));
  return appendEvent({ ...kept, join, ...others(stillNot) }, move, 'joined', { join, why });
}

function joinTo(before: RadiationJoin, { isBeside = false, ...to }: VehicleOfAlarm): RadiationJoin {
  if ('scanId' in to) {
    const mark = isBeside ? markOfJoin(before) : undefined;
    return { kind: 'joined', ...to, by: 'hand', timeFrom: 'file', ...defined({ mark }) };
  }
  return isBeside && before.kind === 'joined' && before.by === 'hand'
    ? { ...before, ...to }
    : { kind: 'vehicle', ...to };
}

/** @throws NII_STATE_CONFLICT where it is joined to none, or is of the record that the image is in, too */
export function unjoinByHand(current: Hold, why: string, move: Move): Hold {
  requireMove(current, 'joined by hand');
  const scans = scansOfJoin(current.join);
  const mark = markOfJoin(current.join);
  if (scans.length === 0 && mark === undefined)
    throw conflict('The hold is not joined to a scan or a vehicle: there is nothing to unjoin');
  if (scans.includes(current.scanId))
    throw conflict('The alarm is in the record of this scan: it cannot be unjoined');
  if (!isAgreed(current, { why }, move)) return proposed(current, { why }, move);
  const { joinProposal: _, notOf = [], ...kept } = current;
  return appendEvent({ ...kept, join: notOfNearest, ...others([...notOf, ...scans]) }, move, 'unjoined', {
    scanIds: [...scans],
    ...defined({ mark }),
    why,
  });
}

/** As many as an officer can mean. */
const MOST_OTHERS = 256;

function others(scans: readonly string[]): Partial<Pick<Hold, 'notOf'>> {
  const notOf = [...new Set(scans)].slice(-MOST_OTHERS);
  return notOf.length === 0 ? {} : { notOf };
}

/** Another officer has said the same of this very join. */
function isAgreed({ joinProposal }: Hold, said: HandJoin, move: Move): boolean {
  const toOf = ({ scanId, mark }: HandJoin) => scanId ?? (mark && nameOf(mark));
  return (
    joinProposal !== undefined && isOther(move, joinProposal.officer) && toOf(joinProposal) === toOf(said)
  );
}

function proposed(current: Hold, said: HandJoin, move: Move): Hold {
  const joinProposal = { officer: move.actor, at: move.at, ...said };
  return appendEvent({ ...current, joinProposal }, move, 'join-proposed', { ...said });
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}
