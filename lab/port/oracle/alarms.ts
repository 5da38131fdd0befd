/** Alarms of portals: whom they hold, and what ends them (H1, principles 2, 3, 4 and 7). */
import type {
  AlarmClosed,
  AlarmDuplicate,
  AlarmJoined,
  AlarmJudged,
  AlarmReopened,
  Event,
  Paired,
} from '../history.ts';
import type { Known, OpenFact, PortalRecord, Question } from './known.ts';
import { shareMark } from './marks.ts';
import { includesTwo } from './people.ts';

type Step = AlarmJudged | AlarmClosed | AlarmReopened;

/** How far the officers have come with one alarm. */
interface Course {
  /** Who said that it is real. It stays said when the alarm is reopened. */
  readonly real: readonly string[];
  /** Ending words with evidence, since the alarm was last opened. */
  readonly words: readonly AlarmJudged[];
  readonly released: boolean;
  /** Detained or returned. */
  readonly kept: boolean;
}

const unjudged: Course = { real: [], words: [], released: false, kept: false };

const isStep = (event: Event): event is Step =>
  event.kind === 'alarm-judged' || event.kind === 'alarm-closed' || event.kind === 'alarm-reopened';

/** Neutrons and special nuclear material have their own path (principle 7). */
const isGrave = ({ alarms }: PortalRecord): boolean =>
  alarms.includes('neutron') || alarms.includes('nuclear-material');

const isEndingWord = ({ of }: PortalRecord, { word, evidenceHolds, by }: AlarmJudged): boolean =>
  evidenceHolds &&
  (by.role === 'radiation-officer' || by.role === 'supervisor') &&
  (word !== 'test' || of === undefined);

function judge(record: PortalRecord, course: Course, step: AlarmJudged): Course {
  if (step.word === 'real')
    return { ...course, real: [...course.real, step.by.person], words: [], released: false };
  return isEndingWord(record, step) ? { ...course, words: [...course.words, step] } : course;
}

function close(known: Known, grave: boolean, course: Course, step: AlarmClosed): Course {
  if (step.outcome !== 'released') return { ...course, words: [], released: false, kept: true };
  const byAnother = course.real.some((person) => known.areIndependent(person, step.by.person));
  const released = grave ? byAnother : course.real.length > 0;
  return released ? { ...course, released, kept: false } : course;
}

function courseOf(known: Known, record: PortalRecord, grave: boolean): Course {
  const steps = known.events.filter(isStep).filter((step) => step.record === record.id);
  return steps.reduce<Course>((course, step) => {
    if (step.kind === 'alarm-judged') return judge(record, course, step);
    if (step.kind === 'alarm-closed') return close(known, grave, course, step);
    return { ...unjudged, real: course.real };
  }, unjudged);
}

const agreeTwo = (known: Known, words: readonly AlarmJudged[]): boolean =>
  words.some(({ word }) =>
    includesTwo(
      words.filter((other) => other.word === word).map(({ by }) => by.person),
      known.areIndependent,
    ),
  );

/** A real alarm is ended by its release. Two who find, with evidence, that it was not real are as many as it may take. */
function isEndedByWords(known: Known, record: PortalRecord, grave: boolean): boolean {
  const { real, words, released, kept } = courseOf(known, record, grave);
  if (released) return true;
  if (kept) return false;
  return grave || real.length > 0 ? agreeTwo(known, words) : words.length > 0;
}

const duplicatesSaid = ({ events }: Known, record: string): AlarmDuplicate[] =>
  events.filter(
    (event): event is AlarmDuplicate => event.kind === 'alarm-duplicate' && event.record === record,
  );

/** Returns the records as whose passage, by the word of two, this one goes on. */
const goesOnAs = (known: Known, record: string): string[] => {
  const said = duplicatesSaid(known, record);
  const others = [...new Set(said.map(({ of }) => of))];
  return others.filter((other) =>
    includesTwo(
      said.filter(({ of }) => of === other).map(({ by }) => by.person),
      known.areIndependent,
    ),
  );
};

const leadsBack = (known: Known, from: string, to: string, seen: readonly string[] = []): boolean =>
  from === to ||
  (!seen.includes(from) && goesOnAs(known, from).some((next) => leadsBack(known, next, to, [...seen, from])));

const isDuplicateByTwo = (known: Known, { id }: PortalRecord): boolean =>
  goesOnAs(known, id).some((other) => !leadsBack(known, other, id));

/** One person's word is enough if it is true, and the other record is ended as this one requires. */
const isTrueDuplicateOfEnded = (
  known: Known,
  record: PortalRecord,
  grave: boolean,
  seen: readonly string[],
): boolean =>
  duplicatesSaid(known, record.id).some(({ of }) => {
    const other = known.records.get(of);
    if (other === undefined || seen.includes(of)) return false;
    return other.of === record.of && isEnded(known, other, grave, [...seen, of]);
  });

function isEnded(known: Known, record: PortalRecord, grave: boolean, seen: readonly string[]): boolean {
  return (
    isEndedByWords(known, record, grave) ||
    isDuplicateByTwo(known, record) ||
    isTrueDuplicateOfEnded(known, record, grave, seen)
  );
}

/** A strong mark led to a scan, or to the passage of another vehicle. */
const isNamedElsewhere = ({ scans, records }: Known, record: PortalRecord): boolean =>
  [...scans.values(), ...[...records.values()].filter(({ of }) => of !== record.of)].some(
    ({ site, marks }) => site === record.site && shareMark(marks, record.marks),
  );

const isAgreedPair = (known: Known, record: PortalRecord, event: Event): event is Paired =>
  event.kind === 'paired' &&
  event.site === record.site &&
  event.portalLane === record.lane &&
  event.confirmedBy !== undefined &&
  known.areIndependent(event.by.person, event.confirmedBy.person);

/** A pair window in which exactly one vehicle lies is as good as a name, even if it is the wrong vehicle. */
const isPairedWithAnother = (known: Known, record: PortalRecord): boolean =>
  known.events.some((event) => {
    if (!isAgreedPair(known, record, event)) return false;
    const inWindow = [...known.scans.values()].filter(
      ({ lane, site, madeAt }) =>
        lane === event.scannerLane &&
        site === event.site &&
        madeAt >= record.passedAt + event.fromSeconds &&
        madeAt <= record.passedAt + event.toSeconds,
    );
    const [first, ...others] = new Set(inWindow.map(({ of }) => of));
    return first !== undefined && others.length === 0 && first !== record.of;
  });

/** Whether the record holds the vehicle: it carries a mark, or it is the true one and no mark led to another. */
function isConcerned(known: Known, record: PortalRecord, { vehicle, marks }: Question): boolean {
  if (record.site === vehicle.site && shareMark(record.marks, marks)) return true;
  return record.of === vehicle.id && !isNamedElsewhere(known, record) && !isPairedWithAnother(known, record);
}

/** Returns who stated, since somebody last stated the opposite, that the record is not of this vehicle. */
function deniersOf({ events, scans }: Known, record: string, vehicle: string): string[] {
  const isOfVehicle = (joined: AlarmJoined): boolean =>
    (joined.vehicle ?? scans.get(joined.scan ?? '')?.of) === vehicle;
  const said = events
    .filter((event): event is AlarmJoined => event.kind === 'alarm-joined' && event.record === record)
    .filter((event) => event.joined || isOfVehicle(event));
  const affirmed = said.findLastIndex((event) => event.joined && isOfVehicle(event));
  return said.slice(affirmed + 1).map(({ by }) => by.person);
}

/** One officer decides of whom the alarm is not. If that is false, it takes two to free the true vehicle (H4). */
function isDenied(known: Known, record: PortalRecord, vehicle: string): boolean {
  const deniers = deniersOf(known, record.id, vehicle);
  return record.of === vehicle ? includesTwo(deniers, known.areIndependent) : deniers.length > 0;
}

const isMeasuredLater = (known: Known, record: PortalRecord): boolean =>
  [...known.records.values()].some(
    (other) =>
      record.of !== undefined && other.of === record.of && other.measured && other.passedAt > record.passedAt,
  );

const alarmReason = (record: PortalRecord): string =>
  isGrave(record)
    ? `H1, principle 7: the ${record.alarms.join(' and ')} alarm of record ${record.id} has no ending by two`
    : `H1, principle 2: the gamma alarm of record ${record.id} has no ending with evidence`;

function reasonsOf(known: Known, record: PortalRecord): string[] {
  if (isEnded(known, record, isGrave(record), [record.id])) return [];
  if (record.alarms.length > 0) return [alarmReason(record)];
  if (record.measured || isMeasuredLater(known, record)) return [];
  return [`H5, principle 3: record ${record.id} did not measure the vehicle, and nobody measured it again`];
}

/** Returns what the portals hold against a proceed. */
export const alarmFacts = (known: Known, question: Question): OpenFact[] =>
  [...known.records.values()]
    .filter((record) => isConcerned(known, record, question))
    .filter((record) => !isDenied(known, record, question.vehicle.id))
    .flatMap((record) =>
      reasonsOf(known, record).map((reason) => ({ reason, adverse: true, at: record.at })),
    );
