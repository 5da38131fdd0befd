import type { Case, OutcomeKind, SearchOutcome, VerdictKind } from '../core/case/case.ts';
import type { CaseState } from '../core/case/case-states.ts';
import type { LaneInstruction, LaneReason } from '../core/case/lane.ts';
import type { Hold } from '../core/radiation/hold.ts';
import { type HoldState, isVehicleFree } from '../core/radiation/hold-states.ts';
import { type Completeness, completenesses } from '../core/scan/completeness.ts';
import { type ScanState, scanStates } from '../core/scan/scan-states.ts';
import type { KnownControls } from './controls.ts';
import { isReadByTooFew, standingVerdict } from './readings.ts';
import { selectedOf } from './selected.ts';

/**
 * What the lane is told of a vehicle. One pure function from everything that is known of it to the rows of one table,
 * and from those to the instruction. docs/reference/lane.md shows the table; a test holds both to be the same.
 */

export interface LaneRow {
  readonly instruction: LaneInstruction;
  /** No decision and no step is pending. */
  readonly isFinal: boolean;
  /** A customs release now raises an alarm. */
  readonly isOpen: boolean;
  /**
   * It holds the vehicle in whatever scan it is seen again, in another lane or visit as well. What is adverse does so over
   * every mark that leads there; an image that is still to be decided, or made again, only if it names the vehicle itself.
   */
  readonly goesAlong?: 'adverse' | 'image';
  readonly inWords: string;
}

const open = { instruction: 'hold', isFinal: false, isOpen: true } as const;
const kept = { instruction: 'hold', isFinal: true, isOpen: false } as const;
/** What was found out of the vehicle, or is feared of it. A new scan makes none of it undone. */
const adverse = { ...open, goesAlong: 'adverse' } as const;
const pending = { ...open, goesAlong: 'image' } as const;
const free = { instruction: 'proceed', isFinal: true, isOpen: false } as const;

/** In order of weight: the words of the first row stand first in `reasons`. */
export const laneRows: Readonly<Record<LaneReason, LaneRow>> = {
  'person-in-danger': { ...adverse, inWords: 'a person in the vehicle may be in danger' },
  'held-by-hand': { ...open, inWords: 'a person holds the vehicle by hand' },
  'alarm-waits': { ...adverse, inWords: 'a radiation alarm is waiting for a radiation officer' },
  'not-measured': {
    ...adverse,
    inWords: 'the portal did not measure the vehicle: it must pass again or be inspected',
  },
  'alarm-confirmed': {
    ...adverse,
    inWords: 'a radiation alarm is real, and the competent authority is handling it',
  },
  'alarm-near': { ...adverse, inWords: 'a radiation alarm nearby may belong to this vehicle' },
  'mark-unclear': {
    ...open,
    inWords: 'more scans share this container number or visit id than one vehicle can have',
  },
  'record-unread': { ...open, inWords: 'a radiation record from the site has not been read yet' },
  'recovery-gap': {
    ...adverse,
    inWords: 'the service was restored, and data received after the recovery point may be missing',
  },
  'clock-unsure': {
    ...open,
    inWords: "the service's clock jumped, and nobody has confirmed that it is right",
  },
  'alarm-kept': {
    ...kept,
    isOpen: true,
    goesAlong: 'adverse',
    inWords: 'a radiation alarm was closed, but the vehicle is still held',
  },
  'control-missing': { ...open, inWords: 'a required control of the vehicle is missing' },
  'scan-failed': { ...open, inWords: 'the newest files of the scan cannot be read' },
  'scan-under-way': { ...pending, inWords: 'the scan is being read' },
  'nothing-to-decide': { ...open, inWords: 'there is no image to decide on' },
  undecided: { ...pending, inWords: 'an analyst has not decided yet' },
  'in-search': { ...adverse, inWords: 'a search is under way' },
  'searched-in-part': { ...adverse, inWords: 'a partial search found nothing' },
  disputed: { ...adverse, inWords: 'the readers of the image disagree' },
  suspect: { ...adverse, inWords: 'the image is suspect' },
  inconclusive: { ...pending, inWords: 'the image is inconclusive' },
  incomplete: { ...open, inWords: 'the image is normal, but a part of it is missing' },
  'selected-for-search': {
    ...adverse,
    inWords: 'the policy selects the vehicle for a full search',
  },
  'visit-missing': { ...open, inWords: 'the policy requires a visit id, but the scan has none' },
  found: { ...kept, isOpen: true, goesAlong: 'adverse', inWords: 'a search found something' },
  unsearched: { ...kept, goesAlong: 'adverse', inWords: 'a search was ordered but not carried out' },
  'left-undecided': {
    ...kept,
    goesAlong: 'adverse',
    inWords: 'the image is inconclusive, and the case was closed without a decision',
  },
  rescan: {
    instruction: 'rescan',
    isFinal: true,
    isOpen: true,
    goesAlong: 'image',
    inWords: 'an analyst requested a new scan',
  },
  seized: {
    ...free,
    inWords: 'the goods found in a search were seized, and a supervisor released the vehicle',
  },
  'nothing-found': { ...free, inWords: 'a full search found nothing' },
  'search-accepted': { ...free, inWords: 'a search found nothing, and a supervisor accepted its extent' },
  normal: { ...free, inWords: 'the image is normal' },
  'portal-only': {
    ...free,
    inWords:
      'the vehicle passed the portal without an alarm, and the policy lets it proceed without an image',
  },
  'alarm-released': { ...free, inWords: 'the competent authority released the vehicle' },
  'alarm-innocent': { ...free, inWords: 'a radiation alarm is innocent' },
  'alarm-false': { ...free, inWords: 'a radiation alarm is false' },
  'alarm-test': { ...free, inWords: 'a radiation alarm was a test without a vehicle' },
  'measured-again': { ...free, inWords: 'the vehicle was measured again after a portal fault' },
  'alarm-duplicate': { ...free, inWords: 'a radiation alarm duplicates another alarm of the vehicle' },
};

export interface KnownOfScan {
  readonly scan: {
    readonly state: ScanState;
    readonly completeness?: Completeness;
    readonly visit?: string;
    readonly receivedAt?: string;
  };
  readonly cases: readonly KnownCase[];
  /** Nobody is to decide on it: it waits for the image of its vehicle. */
  readonly isForNobody?: boolean;
  /** Nobody can read its files, and two persons have said that the vehicle does not wait for them. */
  readonly isSetAside?: boolean;
  /** A later scan of the visit takes its place where it failed or was to be made again. */
  readonly isReplaced?: boolean;
  readonly controls?: KnownControls;
  /** It is one passage of a portal that measured no alarm, and the policy lets the vehicle go without an image. */
  readonly mayGoByPortal?: boolean;
  /** It was received before the service was restored, and nobody has closed the gap. */
  readonly isInGap?: boolean;
}

/** Everything that bears on the instruction. */
export interface KnownOfVehicle extends KnownOfScan, AlarmsOfScan {
  /** Other scans of the same visit. */
  readonly others?: readonly (KnownOfScan & {
    readonly scanId: string;
    /** Of another visit: a check-in announces its container on the same truck, or it takes the place of one of these scans. */
    readonly isAnnounced?: boolean;
  })[];
  /** Scans of other visits that a mark of this one leads to, within the days of the policy. */
  readonly sameMark?: readonly (KnownOfScan &
    AlarmsOfScan & {
      readonly scanId: string;
      /** It names a container or the visit of this one itself, and not of a scan between them. */
      readonly namesIt?: boolean;
    })[];
  /** Somebody holds it by one of its marks. */
  readonly isHeldByHand?: boolean;
  /** Its check-in requires a control that is not done. */
  readonly lacksControl?: boolean;
  /** More scans share a mark with it than are looked at. */
  readonly isMarkUnclear?: boolean;
  /** What a portal of the site has sent is not read yet: it may be an alarm of any vehicle. */
  readonly hasUnread?: boolean;
  /** The clock of the service jumped. */
  readonly isClockUnsure?: boolean;
}

/** Alarms of one scan, or of all of the visit. */
export interface AlarmsOfScan {
  readonly holds: readonly KnownHold[];
  /** Holds of alarms that may be of it, as of any vehicle near them. */
  readonly near: readonly Pick<Hold, 'id'>[];
}

export type KnownCase = Pick<
  Case,
  'unitId' | 'state' | 'verdicts' | 'undoWindow' | 'danger' | 'outcome' | 'acceptance' | 'find' | 'owedSearch'
> &
  Partial<Pick<Case, 'container' | 'history'>>;
export type KnownHold = Pick<Hold, 'id' | 'state' | 'outcome' | 'notMeasured' | 'duplicateOf'>;

/** A row that applies, and to what in the vehicle. */
export interface Applied {
  readonly code: LaneReason;
  /** Of another scan of the visit. */
  readonly scanId?: string;
  readonly unitId?: string;
  readonly holdId?: string;
}

/** Every row that applies, the weightiest first; never none. */
export function rowsOf(known: KnownOfVehicle): readonly Applied[] {
  const { others = [], sameMark = [] } = known;
  const alarms = [known, ...sameMark].flatMap(({ holds }) => holds);
  const ofImages = [
    ...rowsOfScan(known),
    ...others.flatMap((other) => rowsOfScan(other).map((row) => ({ ...row, scanId: other.scanId }))),
  ];
  const seen = ofImages.length === 0 ? [rowWithoutImage([known, ...others, ...sameMark])] : ofImages;
  const applied: readonly Applied[] = [
    ...rowsOfAlarms(known, alarms),
    ...sameMark.flatMap((other) => rowsGoingAlong(other, alarms)),
    ...rowsOfVehicle(known),
    ...seen,
    ...selectedOf(known).map((one) => ({ code: 'selected-for-search' as const, ...one })),
  ];
  return applied.toSorted((a, b) => weight(a.code) - weight(b.code));
}

/** What holds the vehicle as a whole. */
function rowsOfVehicle({
  isHeldByHand,
  isMarkUnclear,
  hasUnread,
  isClockUnsure,
  lacksControl,
}: KnownOfVehicle): readonly Applied[] {
  const applies: readonly (readonly [LaneReason, boolean | undefined])[] = [
    ['held-by-hand', isHeldByHand],
    ['mark-unclear', isMarkUnclear],
    ['record-unread', hasUnread],
    ['clock-unsure', isClockUnsure],
    ['control-missing', lacksControl],
  ];
  return applies.filter(([, does]) => does === true).map(([code]) => ({ code }));
}

/** A vehicle that was seen by portals alone. */
function rowWithoutImage(scans: readonly KnownOfScan[]): Applied {
  return { code: scans.every(({ mayGoByPortal }) => mayGoByPortal) ? 'portal-only' : 'nothing-to-decide' };
}

/** @param all - every alarm of the vehicle: a duplicate goes by the one that it is the same as */
function rowsOfAlarms({ holds, near }: AlarmsOfScan, all: readonly KnownHold[]): readonly Applied[] {
  return [
    ...holds.map((hold) => ({ code: rowOfHold(hold, all), holdId: hold.id })),
    ...near.map(({ id }) => ({ code: 'alarm-near' as const, holdId: id })),
  ];
}

/** What of another scan of the vehicle holds it here, too. */
function rowsGoingAlong(
  other: NonNullable<KnownOfVehicle['sameMark']>[number],
  alarms: readonly KnownHold[],
): readonly Applied[] {
  const reaches = ({ goesAlong }: LaneRow) =>
    goesAlong === 'adverse' || (goesAlong === 'image' && other.namesIt === true);
  return [...rowsOfAlarms(other, alarms), ...rowsOfScan(other), ...other.cases.flatMap(rowsKept)]
    .filter(({ code }) => reaches(laneRows[code]))
    .map((row) => ({ ...row, scanId: other.scanId }));
}

/** What was said against an object of inspection, while another reader is still to look at it. */
function rowsKept({ unitId, state, find, owedSearch, verdicts }: KnownCase): readonly Applied[] {
  if (state !== 'queued' && state !== 'claimed') return [];
  const isSuspect = verdicts.some(({ kind }) => kind === 'suspect');
  const applies: readonly (readonly [LaneReason, boolean])[] = [
    ['found', find !== undefined],
    ['unsearched', owedSearch !== undefined],
    ['suspect', isSuspect],
  ];
  return applies.filter(([, does]) => does).map(([code]) => ({ code, unitId }));
}

/** Of one scan and its objects of inspection; none where nobody is to decide on it. */
function rowsOfScan(known: KnownOfScan): readonly Applied[] {
  const { scan, cases, isForNobody, isReplaced, isSetAside, isInGap, controls } = known;
  const isVisitMissing = controls?.ofScan.visitRequired === true && scan.visit === undefined;
  const rows: readonly Applied[] = [
    ...rowsOfState(scan),
    ...cases.map((value) => ({ code: rowAsControlled(value, scan, controls), unitId: value.unitId })),
    ...(isVisitMissing ? [{ code: 'visit-missing' as const }] : []),
  ];
  const isEmpty = rows.length === 0 && isForNobody !== true;
  const applied = isEmpty ? [{ code: 'nothing-to-decide' as const }] : rows;
  const isOver = ({ code }: Applied) =>
    (isReplaced === true && endsByAnotherScan(code)) || (isSetAside === true && code === 'scan-failed');
  const gap: readonly Applied[] = isInGap === true ? [{ code: 'recovery-gap' }] : [];
  return [...gap, ...applied.filter((row) => !isOver(row))];
}

/** What another scan of the vehicle is made for. */
function endsByAnotherScan(code: LaneReason): boolean {
  return code === 'scan-failed' || code === 'rescan';
}

/** A normal verdict of too few readers is none yet. */
function rowAsControlled(
  value: KnownCase,
  scan: KnownOfScan['scan'],
  controls: KnownControls | undefined,
): LaneReason {
  const row = rowOfCase(value, scan);
  const { readers } = controls?.ofUnits[value.unitId] ?? {};
  return row === 'normal' && isReadByTooFew(value, readers) ? 'undecided' : row;
}

const weights: ReadonlyMap<string, number> = new Map(Object.keys(laneRows).map((code, i) => [code, i]));

function weight(code: LaneReason): number {
  return weights.get(code) ?? 0;
}

const rowOfState: Readonly<Record<CaseState, LaneReason | 'as decided'>> = {
  queued: 'undecided',
  claimed: 'undecided',
  decided: 'as decided',
  disputed: 'disputed',
  search: 'in-search',
  searched: 'searched-in-part',
  closed: 'as decided',
};

/** What one object of inspection says by itself. A verdict that may still be taken back moves no vehicle. */
export function rowOfCase(
  current: Omit<KnownCase, 'unitId'>,
  scan: Pick<KnownOfVehicle['scan'], 'completeness'> = {},
): LaneReason {
  if (isDangerOpen(current)) return 'person-in-danger';
  const row = rowAsDecided(current, scan);
  const isEarly = current.undoWindow !== undefined && laneRows[row].instruction !== 'hold';
  return isEarly ? 'undecided' : row;
}

/** Nobody has acknowledged it. */
export function isDangerOpen({ danger }: Pick<Case, 'danger'>): boolean {
  return danger !== undefined && danger.acknowledged === undefined;
}

function rowAsDecided(
  current: Omit<KnownCase, 'unitId'>,
  scan: Pick<KnownOfVehicle['scan'], 'completeness'>,
): LaneReason {
  const row = rowOfState[current.state];
  if (row !== 'as decided') return row;
  if (current.find !== undefined) return 'found';
  if (current.owedSearch !== undefined) return 'unsearched';
  return current.outcome === undefined
    ? rowOfVerdict(current, scan)
    : rowOfOutcome(current.outcome, current.acceptance !== undefined);
}

const rowOfKind: Readonly<Record<VerdictKind, LaneReason>> = {
  normal: 'normal',
  suspect: 'suspect',
  inconclusive: 'inconclusive',
  'scan-again': 'rescan',
};

function rowOfVerdict(
  current: Pick<Case, 'state' | 'verdicts'>,
  { completeness }: Pick<KnownOfVehicle['scan'], 'completeness'>,
): LaneReason {
  const verdict = standingVerdict(current);
  if (verdict === undefined) return current.verdicts.length === 0 ? 'undecided' : 'disputed';
  if (verdict.kind === 'inconclusive' && current.state === 'closed') return 'left-undecided';
  const isIncomplete = completeness !== undefined && completenesses[completeness].isIncomplete;
  return verdict.kind === 'normal' && isIncomplete ? 'incomplete' : rowOfKind[verdict.kind];
}

/** What each outcome of a search comes to, before a supervisor has accepted it and after. */
const rowsOfOutcome: Readonly<Record<OutcomeKind, readonly [LaneReason, accepted: LaneReason]>> = {
  found: ['found', 'seized'],
  'nothing-found': ['searched-in-part', 'search-accepted'],
  unsearched: ['unsearched', 'unsearched'],
};

function rowOfOutcome({ kind, extent }: SearchOutcome, isAccepted: boolean): LaneReason {
  if (kind === 'nothing-found' && extent === 'full') return 'nothing-found';
  const [before, after] = rowsOfOutcome[kind];
  return isAccepted ? after : before;
}

type HoldRow = LaneReason | 'as it waits' | 'as it ended' | 'as the other';

const rowOfHoldState: Readonly<Record<HoldState, HoldRow>> = {
  open: 'as it waits',
  innocent: 'alarm-innocent',
  confirmed: 'alarm-confirmed',
  closed: 'as it ended',
  false: 'alarm-false',
  test: 'alarm-test',
  'measured-again': 'measured-again',
  duplicate: 'as the other',
};

/** A duplicate ends nothing by itself: the one that it is the same as has a row of its own, or it holds. */
export function rowOfHold(
  { state, outcome, notMeasured, duplicateOf }: KnownHold,
  all: readonly KnownHold[],
): LaneReason {
  const row = rowOfHoldState[state];
  switch (row) {
    case 'as it waits':
      return notMeasured === undefined ? 'alarm-waits' : 'not-measured';
    case 'as it ended':
      return outcome !== undefined && isVehicleFree[outcome.kind] ? 'alarm-released' : 'alarm-kept';
    case 'as the other':
      return all.some(({ id, state: of }) => id === duplicateOf && of !== 'duplicate')
        ? 'alarm-duplicate'
        : 'alarm-waits';
    default:
      return row;
  }
}

function rowsOfState({ state }: KnownOfScan['scan']): readonly Applied[] {
  const { isUnderWay, hasFailed } = scanStates[state];
  if (hasFailed) return [{ code: 'scan-failed' }];
  return isUnderWay ? [{ code: 'scan-under-way' }] : [];
}

/** Of several the vehicle gets the one that is highest here. */
export const strictness: Readonly<Record<LaneInstruction, number>> = { proceed: 0, rescan: 1, hold: 2 };

/**
 * What is still open of one object of inspection: of itself, of its scan, of other scans of the visit, and of every alarm
 * of the vehicle or near it.
 */
export function openRowsOf(known: KnownOfVehicle, unitId: string): readonly Applied[] {
  return rowsOf(known).filter((row) => {
    const isOfAnother = row.scanId === undefined && row.unitId !== undefined && row.unitId !== unitId;
    return laneRows[row.code].isOpen && !isOfAnother;
  });
}

/** What they come to together: `proceed` where each row allows it, final where each is. */
export function combineRows(codes: readonly LaneReason[]): Pick<LaneRow, 'instruction' | 'isFinal'> {
  const rows = codes.map((code) => laneRows[code]);
  const [strictest = open] = rows.toSorted((a, b) => strictness[b.instruction] - strictness[a.instruction]);
  const { instruction } = strictest;
  return { instruction, isFinal: rows.length > 0 && rows.every(({ isFinal }) => isFinal) };
}
