/** Groups faults by likely cause, so that each cause is reported once. */
import type { Event, History, PortalSent, ScanSent } from './history.ts';
import { shareMark, toMarks } from './oracle/marks.ts';

const NEAR_SECONDS = 45 * 60;
const NAMED_LATER = 'it names the vehicle only where it was sent again';
const NAMED_OTHERWISE = `${NAMED_LATER} with another visit`;

/** The reason of the oracle without names, and the circumstances that decide how the service came to it. */
export function kindOf(history: History, scan: string, reason: string): string {
  const record = /record (passage-\S+)/.exec(reason)?.[1];
  const other = /scan (\S+)/.exec(reason)?.[1];
  const plain = reason
    .replace(/record passage-\S+/, 'a record')
    .replace(/unit \d+ of scan \S+/, 'a unit of a scan')
    .replace(/scan [\w-]{10,}/, 'a scan')
    .replace(/vehicle-\d+/, 'it')
    .replace(/hold \S+ (?:container|plate|visit) .+ on \S+/, 'a hold by hand')
    .replace(/\d+ unit/, 'n unit')
    .replace(/\d+ s/g, 'n s');
  if (record !== undefined) return `${plain} [${circumstances(history, scan, record).join(', ')}]`;
  if (other !== undefined && other !== scan) return `${plain} [${ofOther(history, scan, other)}]`;
  if (isHeldByHand(plain) && gainsMarks(history, scan))
    return `${plain} [${laterOf(scanSent(history, scan))}]`;
  return isSearched(history, scan) ? `${plain} [a search was reported]` : plain;
}

const sentOf = ({ events }: History, record: string): PortalSent[] =>
  events.filter((event): event is PortalSent => event.kind === 'portal-sent' && event.record === record);

const isSearched = ({ events }: History, scan: string): boolean =>
  events.some((event) => event.kind === 'search-reported' && event.scan === scan);

const scanSent = ({ events }: History, scan: string): ScanSent[] =>
  events.filter((event): event is ScanSent => event.kind === 'scan-sent' && event.scan === scan);

const isHeldByHand = (reason: string): boolean => reason.includes('a hold by hand');

/** A mark that it did not bear when it was sent first. */
function gainsMarks(history: History, scan: string): boolean {
  const [first, ...later] = scanSent(history, scan).map(({ named }) => toMarks(named));
  return first !== undefined && later.some((marks) => [...marks].some((mark) => !first.has(mark)));
}

/** A visit that was not stated at first is taken; a second one is not. */
function laterOf(scans: readonly ScanSent[]): string {
  const visits = scans.flatMap(({ named: { visit } }) =>
    visit === undefined ? [] : [...toMarks({ containers: [], plates: [], visit })],
  );
  return new Set(visits).size > 1 ? NAMED_OTHERWISE : NAMED_LATER;
}

function ofOther(history: History, scan: string, other: string): string {
  const [own, its] = [scanSent(history, scan)[0], scanSent(history, other)[0]];
  const share = own?.named.visit !== undefined && own.named.visit === its?.named.visit;
  return `of another scan ${share ? 'of the visit' : 'of the container'}`;
}

function circumstances(history: History, scan: string, record: string): readonly string[] {
  const [scans, sent] = [scanSent(history, scan), sentOf(history, record)];
  const marks = scans.map(({ named }) => toMarks(named));
  const isNamedBy = (own: (typeof marks)[number]) => sent.some(({ named }) => shareMark(own, toMarks(named)));
  const [first, ...later] = marks;
  const isNamed = first !== undefined && isNamedBy(first);
  const isNamedLater = later.some(isNamedBy);
  const unnamed = isNamedLater ? laterOf(scans) : placeOf(scans, sent);
  const where = isNamed ? namingOf(scans, sent) : unnamed;
  const isNamedByOfficers = isJoinedToVehicle(history, scans, record) && !isJoinedToUnnamed(history, record);
  const joined = isNamedByOfficers ? 'its alarm is joined to the vehicle' : where;
  const place = namesItsVehicle(history, scans)
    ? where
    : `of an image that does not name its vehicle, ${joined}`;
  const word = wordOn(history, record, scan) ?? trainingOf(sent);
  return word === undefined ? [place] : [word, place];
}

/** Two persons have said which vehicle it is: by a mark, or by an image. */
function isJoinedToVehicle({ events }: History, scans: readonly ScanSent[], record: string): boolean {
  const vehicles = new Set(scans.map(({ of }) => of));
  const ofScan = new Map(
    events.flatMap((event) => (event.kind === 'scan-sent' ? [[event.scan, event.of]] : [])),
  );
  const persons = events.flatMap((event) => {
    if (event.kind !== 'alarm-joined' || event.record !== record || !event.joined) return [];
    return vehicles.has(event.vehicle ?? ofScan.get(event.scan ?? '') ?? '') ? [event.by.person] : [];
  });
  return new Set(persons).size > 1;
}

/** Two persons have said that it is of another image of the vehicle, which bears no mark, and nobody has said more. */
function isJoinedToUnnamed(history: History, record: string): boolean {
  const joins = history.events.filter(
    (event) => event.kind === 'alarm-joined' && event.record === record && event.joined,
  );
  const toUnnamed = joins.filter(
    (event) =>
      event.kind === 'alarm-joined' &&
      event.scan !== undefined &&
      scanSent(history, event.scan).every(({ named }) => toMarks(named).size === 0),
  );
  return toUnnamed.length === joins.length;
}

/** One that was read wrong names another, and some name none. */
function namesItsVehicle({ vehicles }: History, scans: readonly ScanSent[]): boolean {
  return scans.some(({ of, named }) => {
    const vehicle = vehicles.find(({ id }) => id === of);
    return vehicle !== undefined && shareMark(toMarks(named), toMarks(vehicle.named));
  });
}

/**
 * What officers did, since somebody last reopened it, that may have ended it: then it is about their word, not about the join.
 * The weightiest counts.
 */
function wordOn({ events }: History, record: string, scan: string): string | undefined {
  const ever = events.filter((event) => 'record' in event && event.record === record);
  const said = ever.slice(ever.findLastIndex(({ kind }) => kind === 'alarm-reopened') + 1);
  const is = (test: (event: Event) => boolean): boolean => said.some(test);
  if (is((event) => event.kind === 'alarm-closed' && event.outcome !== 'released'))
    return 'kept by the authority';
  if (is((event) => event.kind === 'alarm-closed')) return 'released by the authority';
  if (is((event) => event.kind === 'alarm-duplicate')) return 'settled as a duplicate';
  if (is((event) => event.kind === 'alarm-judged' && event.word === 'real')) return 'judged real';
  if (is((event) => event.kind === 'alarm-judged' && !event.evidenceHolds)) return 'judged without evidence';
  if (is((event) => event.kind === 'alarm-judged' && event.word === 'test')) return 'judged to be a test';
  if (is((event) => event.kind === 'alarm-judged')) return 'judged with evidence';
  if (is((event) => event.kind === 'alarm-joined' && event.scan === scan)) return 'this scan joined by hand';
  return is((event) => event.kind === 'alarm-joined') ? 'joined by hand' : undefined;
}

/** The service compares visits as they are written. */
function namingOf(scans: readonly ScanSent[], sent: readonly PortalSent[]): string {
  const isAlike = scans.some(({ named }) =>
    sent.some((record) => {
      const boxes = (containers: readonly string[]) => toMarks({ containers, plates: [] });
      const isSameBox = shareMark(boxes(named.containers), boxes(record.named.containers));
      return isSameBox || (named.visit !== undefined && named.visit === record.named.visit);
    }),
  );
  return isAlike ? 'it names the vehicle' : 'it names the visit in another spelling';
}

const trainingOf = (sent: readonly PortalSent[]): string | undefined =>
  sent.some(({ purpose }) => purpose === 'training') ? 'sent as training, too' : undefined;

function placeOf(scans: readonly ScanSent[], sent: readonly PortalSent[]): string {
  const [scan, record] = [scans[0], sent[0]];
  if (scan === undefined || record === undefined) return 'unknown';
  const isFar = Math.abs((scan.madeAt ?? scan.at) - record.passedAt) > NEAR_SECONDS;
  if (isFar) return 'it passed long before or after the scan';
  const isLate =
    record.at - record.passedAt > NEAR_SECONDS || scan.at - (scan.madeAt ?? scan.at) > NEAR_SECONDS;
  return isLate ? 'near, and sent late' : 'near';
}
