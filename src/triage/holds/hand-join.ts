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
import { appendEvent, joinFound, requireMove } from '../radiation.ts';
import { isSameVisit } from '../radiation-join.ts';
import type { SiteRules } from '../site-rules.ts';
import { isWithinWindow, nearScanOf } from './near-scan.ts';

/**
 * Officers say which scan or vehicle an alarm is of, or that it is not of the one that it is joined to. Each frees other
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

/** A scan, a mark of the vehicle, or both: an image may show no mark. */
export interface VehicleOfAlarm {
  readonly scan?: {
    readonly scanId: string;
    readonly secondsApart: number;
    /** That the image names. */
    readonly containers?: readonly string[];
    /** It shows no container, plate or visit. */
    readonly isUnmarked?: true;
  };
  readonly mark?: Mark;
}

/** @throws NII_STATE_CONFLICT once the alarm has ended, and where it leaves out what officers have joined the alarm to */
export function joinByHand(current: Hold, to: VehicleOfAlarm, why: string, move: Move): Hold {
  requireMove(current, 'joined by hand');
  requireAllKept(current.join, to);
  const containers = containersKept(current, to);
  const said = { ...defined({ scanId: to.scan?.scanId, mark: to.mark }), ...containers, why };
  if (!isAgreed(current, said, move)) return proposed(current, said, move);
  const { joinProposal: _, proposal: __, notOf = [], ...kept } = current;
  const join = joinTo(to, containers);
  const stillNot = notOf.filter((id) => !scansOfJoin(join).includes(id));
  return appendEvent({ ...kept, join, ...others(stillNot) }, move, 'joined', { join, why });
}

/** What the image has named since the first officer spoke: nobody takes a container off the vehicle by another sidecar. */
function containersKept(
  { join, joinProposal }: Hold,
  { scan }: VehicleOfAlarm,
): Pick<HandJoin, 'containers'> {
  if (scan === undefined) return {};
  const { containers: joined = [] } = join.kind === 'joined' && join.scanId === scan.scanId ? join : {};
  const { containers: proposed = [] } = joinProposal?.scanId === scan.scanId ? joinProposal : {};
  const containers = [...new Set([...joined, ...proposed, ...(scan.containers ?? [])])];
  return containers.length === 0 ? {} : { containers };
}

function joinTo({ scan, mark }: VehicleOfAlarm, kept: Pick<HandJoin, 'containers'>): RadiationJoin {
  if (scan !== undefined) {
    const { scanId, secondsApart } = scan;
    const isUnmarked = kept.containers === undefined ? scan.isUnmarked : undefined;
    return {
      ...{ kind: 'joined', scanId, secondsApart, by: 'hand', timeFrom: 'file' },
      ...defined({ isUnmarked, mark }),
      ...kept,
    };
  }
  if (mark !== undefined) return { kind: 'vehicle', mark };
  throw new NiiError('NII_INTERNAL', 'a join names a scan or a mark');
}

/** A join adds to what officers have said. To take something back they separate the alarm from its vehicle first. */
function requireAllKept(before: RadiationJoin, { scan, mark }: VehicleOfAlarm): void {
  const [scanId] = before.kind === 'joined' && before.by === 'hand' ? [before.scanId] : [];
  const known = markOfJoin(before);
  const hasScan = scanId === undefined || scan?.scanId === scanId;
  const hasMark = known === undefined || (mark !== undefined && nameOf(mark) === nameOf(known));
  if (hasScan && hasMark) return;
  const joined = [known && `${known.kind} "${known.value}"`, scanId && `scan "${scanId}"`].filter(Boolean);
  throw conflict(
    `Officers have joined this alarm to ${joined.join(' and ')}: name that, too, or separate the alarm from it first`,
  );
}

/** What an alarm is not of: a scan or the mark that it is joined to; nothing, where it is joined to one of both alone. */
export interface NotOfAlarm {
  readonly scanId?: string;
  readonly mark?: Mark;
}

/** @throws NII_STATE_CONFLICT where it is not joined to that, or to more than one and none is named; or where the image is in its own record */
export function unjoinByHand(current: Hold, said: NotOfAlarm, why: string, move: Move): Hold {
  requireMove(current, 'joined by hand');
  const not = joinedTo(current, said);
  const { scanId, mark } = not;
  if (scanId === current.scanId && current.join.kind === 'joined' && current.join.by === 'same-scan')
    throw conflict('The alarm is in the record of this scan: it cannot be unjoined');
  const word = { isNot: true as const, ...not, why };
  if (!isAgreed(current, word, move)) return proposed(current, word, move);
  const { joinProposal: _, proposal: __, notOf = [], ...kept } = current;
  const separated = scanId === undefined ? [] : [scanId];
  const left = { ...kept, ...others([...notOf, ...separated]) };
  const join = withoutOne(current.join, not) ?? joinFound(left);
  const detail = { scanIds: separated, ...defined({ mark }), why };
  return appendEvent({ ...left, join }, move, 'unjoined', detail);
}

/** That of what the alarm is joined to which is meant. */
function joinedTo({ join }: Hold, { scanId, mark }: NotOfAlarm): NotOfAlarm {
  const known = markOfJoin(join);
  const all: readonly NotOfAlarm[] = [
    ...scansOfJoin(join).map((id) => ({ scanId: id })),
    ...(known === undefined ? [] : [{ mark: known }]),
  ];
  const isNamed = scanId !== undefined || mark !== undefined;
  const meant = all.filter(
    (one) => !isNamed || (mark === undefined ? one.scanId === scanId : isSameMark(one.mark, mark)),
  );
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  throw conflict(
    isNamed || all.length === 0
      ? 'The hold is not joined to that scan or vehicle: there is nothing to unjoin'
      : 'The hold is joined to more than one scan or vehicle: name the one that the alarm is not of, with scanId or vehicle',
  );
}

const isSameMark = (a: Mark | undefined, b: Mark): boolean => a !== undefined && nameOf(a) === nameOf(b);

/** What is left of a join, if anything is. */
function withoutOne(join: RadiationJoin, { scanId, mark }: NotOfAlarm): RadiationJoin | undefined {
  if (join.kind === 'ambiguous' && join.scanIds.length > 2)
    return { kind: 'ambiguous', scanIds: join.scanIds.filter((id) => id !== scanId) };
  if (join.kind !== 'joined' || join.mark === undefined) return undefined;
  if (mark === undefined) return { kind: 'vehicle', mark: join.mark };
  const { mark: _, ...unmarked } = join;
  return unmarked;
}

/** As many as an officer can mean. */
const MOST_OTHERS = 256;

function others(scans: readonly string[]): Partial<Pick<Hold, 'notOf'>> {
  const notOf = [...new Set(scans)].slice(-MOST_OTHERS);
  return notOf.length === 0 ? {} : { notOf };
}

/** Another officer has said the same of this very alarm. */
export function isAgreed({ joinProposal }: Hold, said: HandJoin, move: Move): boolean {
  const wordOf = ({ scanId, mark, duplicateOf, isNot }: HandJoin) =>
    JSON.stringify([scanId, mark && nameOf(mark), duplicateOf, isNot]);
  return (
    joinProposal !== undefined && isOther(move, joinProposal.officer) && wordOf(joinProposal) === wordOf(said)
  );
}

/** With the word of the first of two officers. */
export function proposed(current: Hold, said: HandJoin, move: Move): Hold {
  const joinProposal = { officer: move.actor, at: move.at, ...said };
  return appendEvent({ ...current, joinProposal }, move, 'join-proposed', { ...said });
}

function conflict(detail: string): NiiError {
  return new NiiError('NII_STATE_CONFLICT', detail);
}
