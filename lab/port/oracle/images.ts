/** Verdicts, searches and dangers on the images of a vehicle (H2, principles 1, 4, 6 and 11). */
import type { Loosened, SearchReported, Verdict } from '../history.ts';
import {
  type UnitAct as Act,
  type Known,
  type OpenFact,
  type Question,
  reachSeconds,
  type Scan,
} from './known.ts';
import { shareMark } from './marks.ts';

/** One object of inspection, with all that was done to it in order. */
interface Unit {
  readonly name: string;
  readonly acts: readonly Act[];
  /** The site agreed, by two persons, that one person may hold several places. */
  readonly smallPost: boolean;
  readonly scannedAgain: (verdict: Verdict) => boolean;
}

/** The `what` of a loosening that relaxes "nobody completes alone". */
export const smallPost = 'small-post';

const isVerdict = (act: Act): act is Verdict => act.kind === 'verdict';
const isNormal = (act: Act): act is Verdict => isVerdict(act) && act.verdict === 'normal';
const isReport = (act: Act): act is SearchReported => act.kind === 'search-reported';

const earlier = ({ acts }: Unit, act: Act): readonly Act[] => acts.slice(0, acts.indexOf(act));
const later = ({ acts }: Unit, act: Act): readonly Act[] => acts.slice(acts.indexOf(act) + 1);

const lastVerdict = ({ acts }: Unit, verdict: Verdict['verdict']): Verdict | undefined =>
  acts.filter(isVerdict).findLast((act) => act.verdict === verdict);

const readersIn = (acts: readonly Act[]): string[] =>
  acts.filter(isVerdict).flatMap(({ by, settles }) => (settles ? [] : [by.person]));

const orderersIn = (acts: readonly Act[]): string[] =>
  acts.flatMap((act) => (act.kind === 'search-ordered' && act.by !== undefined ? [act.by.person] : []));

/** A place counts only if nobody holds another of the same case (principle 6). */
function isAlone(unit: Unit, person: string, report: SearchReported): boolean {
  const before = earlier(unit, report);
  return !unit.smallPost && [...readersIn(before), ...orderersIn(before)].includes(person);
}

const isAcceptedByAnother = (unit: Unit, report: SearchReported): boolean =>
  later(unit, report).some(
    (act) =>
      act.kind === 'search-accepted' &&
      (unit.smallPost || act.by.person !== report.by.person) &&
      !isAlone(unit, act.by.person, report),
  );

function isClean(unit: Unit, report: SearchReported): boolean {
  if (report.found || report.extent === 'none' || isAlone(unit, report.by.person, report)) return false;
  return report.extent === 'full' || isAcceptedByAnother(unit, report);
}

const isCleanAfter = (unit: Unit, acts: readonly Act[]): boolean =>
  acts.filter(isReport).some((report) => isClean(unit, report));

/** What lets a vehicle go may be taken back: the latest verdict of the same person. What was said against it stays. */
const isTakenBack = (unit: Unit, verdict: Verdict): boolean =>
  unit.acts.some(
    (act) =>
      act.kind === 'case-moved' &&
      act.move === 'taken-back' &&
      act.by.person === verdict.by.person &&
      verdict === earlier(unit, act).findLast((one) => isVerdict(one) && one.by.person === act.by.person),
  );

/** Goods seized and vehicle released, by another person than the one who found them. */
const isReleasedIn = (unit: Unit, acts: readonly Act[]): boolean =>
  acts.some((act) => {
    if (act.kind !== 'seized-and-released') return false;
    const find = earlier(unit, act)
      .filter(isReport)
      .findLast(({ found }) => found);
    return find !== undefined && find.by.person !== act.by.person;
  });

const isEndedAfter = (unit: Unit, act: Act): boolean =>
  isCleanAfter(unit, later(unit, act)) || isReleasedIn(unit, later(unit, act));

const isFreshSettlement = (unit: Unit, act: Act): act is Verdict =>
  isNormal(act) &&
  act.settles &&
  act.by.role === 'supervisor' &&
  !isTakenBack(unit, act) &&
  !readersIn(earlier(unit, act)).includes(act.by.person);

const isDisputed = (acts: readonly Act[]): boolean => {
  const readings = acts.filter(isVerdict).filter(({ settles }) => !settles);
  return readings.some(
    (one) =>
      one.verdict === 'suspect' &&
      readings.some((other) => other.verdict === 'normal' && other.by.person !== one.by.person),
  );
};

/** A supervisor who has not read the image ends a dispute of two readers, but no suspect that was settled as one. */
const isDisputeSettledAfter = (unit: Unit, suspect: Verdict): boolean =>
  !suspect.settles &&
  later(unit, suspect).some((act) => {
    const before = earlier(unit, act);
    const confirmed = before.some((one) => isVerdict(one) && one.settles && one.verdict === 'suspect');
    return isFreshSettlement(unit, act) && !confirmed && isDisputed(before);
  });

const open = (unit: Unit, act: Act, what: string): OpenFact => ({
  reason: `H2, principle 4: ${unit.name} ${what}`,
  adverse: true,
  at: act.at,
});

function openSuspect(unit: Unit): OpenFact[] {
  const suspect = lastVerdict(unit, 'suspect');
  if (suspect === undefined || isEndedAfter(unit, suspect) || isDisputeSettledAfter(unit, suspect)) return [];
  return [open(unit, suspect, 'was read suspect, and neither search nor settlement has ended it')];
}

function openFind(unit: Unit): OpenFact[] {
  const find = unit.acts.filter(isReport).findLast(({ found }) => found);
  if (find === undefined || isReleasedIn(unit, later(unit, find))) return [];
  return [open(unit, find, 'has a find, and nobody else has seized it and released the vehicle')];
}

function openOrder(unit: Unit): OpenFact[] {
  const order = unit.acts.findLast(({ kind }) => kind === 'search-ordered');
  if (order === undefined || isEndedAfter(unit, order)) return [];
  return [open(unit, order, 'has an ordered search that no other person has completed')];
}

const openDangers = (unit: Unit): OpenFact[] =>
  unit.acts.flatMap((act) => {
    if (act.kind !== 'danger-raised') return [];
    const acknowledged = later(unit, act).some(
      (one) => one.kind === 'danger-acknowledged' && one.by.person !== act.by.person,
    );
    return acknowledged
      ? []
      : [open(unit, act, 'may have a person in danger, and nobody else has taken it on')];
  });

const lacking = (name: string, what: string): OpenFact => ({
  reason: `H2, principle 11: ${name} ${what}`,
  adverse: false,
  at: 0,
});

function openInconclusive(unit: Unit): OpenFact[] {
  const unsure = lastVerdict(unit, 'inconclusive');
  if (unsure === undefined || isEndedAfter(unit, unsure)) return [];
  const helped = unit.acts.some(
    (act) => isNormal(act) && act.by.person !== unsure.by.person && !isTakenBack(unit, act),
  );
  return helped ? [] : [lacking(unit.name, 'was read inconclusive, and no other person read it normal')];
}

function openScanAgain(unit: Unit): OpenFact[] {
  const again = unit.acts
    .filter(isVerdict)
    .findLast((act) => act.verdict === 'scan-again' && !isTakenBack(unit, act));
  if (again === undefined || isEndedAfter(unit, again) || unit.scannedAgain(again)) return [];
  const settled = later(unit, again).some((act) => isFreshSettlement(unit, act));
  return settled ? [] : [lacking(unit.name, 'was to be scanned again, and no such scan came')];
}

const isUndecidedAfter = (acts: readonly Act[]): boolean =>
  !acts.some(
    (act) => isVerdict(act) || isReport(act) || (act.kind === 'case-moved' && act.move === 'closed'),
  );

const isReopened = (unit: Unit): boolean => {
  const reopened = unit.acts.findLast((act) => act.kind === 'case-moved' && act.move === 'reopened');
  return reopened !== undefined && isUndecidedAfter(later(unit, reopened));
};

const isSearched = (unit: Unit): boolean => isCleanAfter(unit, unit.acts) || isReleasedIn(unit, unit.acts);

const isRead = (unit: Unit): boolean =>
  unit.acts.some((act) => isNormal(act) && !isTakenBack(unit, act)) ||
  unit.acts.some((act) => isVerdict(act) && act.verdict === 'scan-again' && unit.scannedAgain(act));

const isDecided = (unit: Unit): boolean => !isReopened(unit) && (isRead(unit) || isSearched(unit));

const openFactsOf = (unit: Unit): OpenFact[] => [
  ...openSuspect(unit),
  ...openFind(unit),
  ...openOrder(unit),
  ...openDangers(unit),
  ...openInconclusive(unit),
  ...openScanAgain(unit),
];

const isLoosened = ({ events, areIndependent }: Known, site: string | undefined): boolean =>
  events
    .filter((event): event is Loosened => event.kind === 'loosened')
    .some(
      (event) =>
        event.what === smallPost &&
        event.site === site &&
        event.confirmedBy !== undefined &&
        areIndependent(event.by.person, event.confirmedBy.person),
    );

/** Returns the units on which anybody acted. They are counted, not numbered: a history may begin at 0 or at 1. */
function unitsOf(known: Known, scan: Scan): Unit[] {
  const acts = known.acts.get(scan.id) ?? [];
  const isLater = (other: Scan, verdict: Verdict): boolean =>
    other !== scan &&
    other.of === scan.of &&
    other.readable &&
    other.units >= scan.units &&
    other.at >= verdict.at;
  return [...new Set(acts.map(({ unit }) => unit))].map((unit) => ({
    name: `unit ${unit} of scan ${scan.id}`,
    acts: acts.filter((act) => act.unit === unit),
    smallPost: isLoosened(known, scan.site),
    scannedAgain: (verdict) => [...known.scans.values()].some((other) => isLater(other, verdict)),
  }));
}

const atLeastOne = (count: number): number => Math.max(1, count);

function unreadOf(known: Known, scan: Scan): OpenFact[] {
  const decided = unitsOf(known, scan).filter(isDecided).length;
  const missing = atLeastOne(scan.units) - decided;
  return missing > 0 ? [lacking(`scan ${scan.id}`, `has ${missing} unit(s) without a standing verdict`)] : [];
}

function ownFacts(known: Known, scan: Scan): OpenFact[] {
  const facts = unitsOf(known, scan).flatMap(openFactsOf);
  return scan.readable ? [...facts, ...unreadOf(known, scan)] : facts.filter(({ adverse }) => adverse);
}

const isSearchedThroughout = (known: Known, scan: Scan): boolean =>
  unitsOf(known, scan).filter(isSearched).length >= atLeastOne(scan.units);

function coverageFacts(known: Known, { vehicle, scans }: Question): OpenFact[] {
  const covered = scans.some((scan) => (scan.readable && scan.complete) || isSearchedThroughout(known, scan));
  if (scans.length === 0 || covered) return [];
  return [lacking(`vehicle ${vehicle.id}`, 'has no complete readable image, and was not searched')];
}

/** Adverse facts of other scans that name one of the marks reach the vehicle, for days. */
const reachingFacts = (known: Known, { vehicle, marks, scans }: Question): OpenFact[] =>
  [...known.scans.values()]
    .filter((scan) => !scans.includes(scan))
    .filter((scan) => scan.site === vehicle.site && shareMark(scan.marks, marks))
    .flatMap((scan) => unitsOf(known, scan).flatMap(openFactsOf))
    .filter(({ adverse, at }) => adverse && at + reachSeconds > known.now)
    .map((fact) => ({ ...fact, reason: `${fact.reason} (principle 1: shares a mark)` }));

/** Returns what stands on the images against a proceed. */
export const imageFacts = (known: Known, question: Question): OpenFact[] => [
  ...question.scans.flatMap((scan) => ownFacts(known, scan)),
  ...coverageFacts(known, question),
  ...reachingFacts(known, question),
];
