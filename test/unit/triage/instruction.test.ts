import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { OutcomeKind, SearchOutcome, VerdictKind } from '../../../src/core/case/case.ts';
import { CaseState } from '../../../src/core/case/case-states.ts';
import { IssuedLaneInstruction, LaneReason } from '../../../src/core/case/lane.ts';
import { HoldEnding, HoldState } from '../../../src/core/radiation/hold-states.ts';
import { Completeness } from '../../../src/core/scan/completeness.ts';
import { ScanState } from '../../../src/core/scan/scan-states.ts';
import {
  combineRows,
  type KnownCase,
  type KnownHold,
  type KnownOfScan,
  type KnownOfVehicle,
  laneRows,
  openRowsOf,
  rowsOf,
} from '../../../src/triage/instruction.ts';
import { issueLaneInstruction } from '../../../src/triage/lane.ts';
import { searchSize, someOf } from '../../support/search-size.ts';
import { verdictOf } from './samples.ts';

/* ---- Everything that can be known -------------------------------------------------------------------------- */

const kindLists: readonly (readonly VerdictKind[])[] = [
  [],
  ...VerdictKind.enum.map((kind) => [kind]),
  ...VerdictKind.enum.flatMap((first) => VerdictKind.enum.map((second) => [first, second])),
];
const extents = [...SearchOutcome.properties.extent.enum];
/** The extent of a search tells something only where it found nothing. */
const outcomes: readonly (SearchOutcome | undefined)[] = [
  undefined,
  ...OutcomeKind.enum.map((kind) => ({ kind })),
  ...extents.map((extent) => ({ kind: 'nothing-found' as const, extent })),
];
const acceptance = { by: 'sue', at: '2026-01-02T03:00:00.000Z', why: 'enough' };
const undoWindow = { until: '2026-01-02T03:00:10.000Z' };
/** A verdict that may still be taken back, of whatever kind, also after those of others. */
const inWindow: readonly KnownCase[] = kindLists.flatMap((kinds) =>
  kinds.length === 0 ? [] : [{ unitId: 'u', state: 'decided', verdicts: kinds.map(verdictOf), undoWindow }],
);
const settledCases: readonly KnownCase[] = CaseState.enum.flatMap((state) =>
  kindLists.flatMap((kinds) =>
    outcomes.flatMap((outcome) => {
      const one = { unitId: 'u', state, verdicts: kinds.map(verdictOf), ...(outcome && { outcome }) };
      return outcome === undefined ? [one] : [one, { ...one, acceptance }];
    }),
  ),
);
const danger = { at: '2026-01-02T03:00:00.000Z', by: 'ann', dueAt: '2026-01-02T03:02:00.000Z' };
const acknowledged = { at: danger.at, by: 'sue', words: 'seen to' };
/** A person in danger, before, after and beyond each verdict; and one that somebody has seen to. */
const inDanger: readonly KnownCase[] = (['claimed', 'decided', 'closed'] as const).flatMap((state) =>
  VerdictKind.enum.flatMap((kind) =>
    [danger, { ...danger, acknowledged }].map((one) => ({
      unitId: 'u',
      state,
      verdicts: [verdictOf(kind, 0)],
      danger: one,
    })),
  ),
);
/** Something was found before the case was reopened. */
const foundBefore: readonly KnownCase[] = CaseState.enum.flatMap((state) =>
  VerdictKind.enum.map((kind) => ({
    unitId: 'u',
    state,
    verdicts: [verdictOf(kind, 0)],
    find: { by: 'sue', at: acceptance.at },
  })),
);
/** A search was not made, or not of all of it, before the case was reopened. */
const owedBefore = foundBefore.map(({ find: owedSearch, ...one }) => ({ ...one, owedSearch }));
const cases: readonly KnownCase[] = [
  ...settledCases,
  ...inWindow,
  ...inDanger,
  ...foundBefore,
  ...owedBefore.map(({ owedSearch, ...one }) => (owedSearch === undefined ? one : { ...one, owedSearch })),
];
const holds: readonly KnownHold[] = [
  ...HoldState.enum.map((state) => ({ id: 'h', state })),
  // what a hold that has not ended says of its end, and an end of not being measured, change nothing
  ...(['open', 'measured-again'] as const).map((state) => ({
    id: 'h',
    state,
    notMeasured: ['tamper' as const],
  })),
  ...(['closed', 'open'] as const).flatMap((state) =>
    HoldEnding.enum.map((kind) => ({ id: 'h', state, outcome: { kind } })),
  ),
];
/** Each as it is, or as what the other is the same as. */
const others: readonly KnownHold[] = holds.flatMap((hold) => [
  { ...hold, id: 'i' },
  ...(hold.state === 'duplicate' ? [{ ...hold, id: 'i', duplicateOf: 'h' }] : []),
]);
const scans: readonly KnownOfVehicle['scan'][] = ScanState.enum.flatMap((state) => [
  { state },
  ...Completeness.enum.map((completeness) => ({ state, completeness })),
]);

/* ---- What docs/reference/lane.md says in words, put down once more by itself ------------------------------------------ */

/** Proceed needs all of this. */
function mayProceed(known: KnownOfVehicle): boolean {
  const { holds, near, hasUnread = false, isClockUnsure = false, lacksControl = false } = known;
  if (isSelected(known)) return false;
  const ends = ['innocent', 'false', 'test', 'measured-again'];
  const isOver = ({ state, outcome }: KnownHold) =>
    ends.includes(state) || (state === 'closed' && outcome?.kind === 'released');
  // A duplicate is as little as nothing beside the alarm that it is the same as, and an open alarm without it
  const isTheSame = ({ state, duplicateOf }: KnownHold) =>
    state === 'duplicate' && holds.some((other) => other.id === duplicateOf && isOver(other));
  const alarmsAreOver = holds.every((hold) => isOver(hold) || isTheSame(hold));
  const scansOfIt = [known, ...(known.others ?? [])];
  const isSeen =
    scansOfIt.some((one) => countingCases(one).length > 0) ||
    scansOfIt.every((one) => one.cases.length === 0 && one.mayGoByPortal === true);
  if (isClockUnsure || lacksControl || scansOfIt.some(({ isInGap }) => isInGap)) return false;
  return near.length === 0 && !hasUnread && alarmsAreOver && isSeen && scansOfIt.every(standsInNoWay);
}

/** Objects of inspection, but for those of which a later scan of the visit takes the place as it was asked to. */
function countingCases({ cases, isReplaced }: KnownOfScan): readonly KnownCase[] {
  return isReplaced ? cases.filter((one) => !isRescan(one)) : cases;
}

/** One of its objects of inspection is to be searched, and neither it nor the same one in another scan was. */
function isSelected(known: Omit<KnownOfVehicle, 'holds' | 'near'>): boolean {
  const scansOfIt: readonly KnownOfScan[] = [known, ...(known.others ?? [])];
  const all = scansOfIt.flatMap(({ cases }) => cases);
  if (all.length === 0) return known.controls?.ofScan.search === true;
  const isEnded = ({ state, outcome, acceptance: by, find }: KnownCase) =>
    state === 'closed' &&
    find === undefined &&
    (outcome?.kind === 'nothing-found' ? outcome.extent === 'full' : by !== undefined);
  return scansOfIt.some(({ cases, controls }) =>
    cases.some(
      ({ unitId }) =>
        controls?.ofUnits[unitId]?.search === true &&
        !all.some((other) => other.unitId === unitId && isEnded(other)),
    ),
  );
}

/** It was read, all of it is cleared, and what has no object of inspection is for nobody to decide on. */
function standsInNoWay(known: KnownOfScan): boolean {
  const { scan, cases, isReplaced, isForNobody, controls } = known;
  if (controls?.ofScan.visitRequired === true && scan.visit === undefined) return false;
  const hasEnough = ({ unitId, verdicts, outcome, undoWindow: open }: KnownCase) =>
    controls?.ofUnits[unitId]?.readers !== 2 ||
    outcome !== undefined ||
    open !== undefined ||
    verdicts.filter(({ kind }) => kind === 'normal').length > 1;
  if (!countingCases(known).every(hasEnough)) return false;
  const isGivenUp = scan.state === 'failed' && isReplaced === true;
  const isEmptyByRight = isForNobody === true || isGivenUp;
  return (
    (scan.state === 'analysed' || isGivenUp) &&
    (cases.length > 0 || isEmptyByRight) &&
    countingCases(known).every((one) => isCleared(one, scan))
  );
}

function isInDanger({ danger: raised }: KnownCase): boolean {
  return raised !== undefined && raised.acknowledged === undefined;
}

function isRescan(one: KnownCase): boolean {
  const isOver =
    ['decided', 'closed'].includes(one.state) && one.outcome === undefined && !one.find && !one.owedSearch;
  return one.undoWindow === undefined && !isInDanger(one) && isOver && isRead(one, 'scan-again');
}

function isCleared(one: KnownCase, scan: KnownOfVehicle['scan']): boolean {
  const { state, outcome } = one;
  if (one.undoWindow !== undefined || isInDanger(one)) return false;
  if (state !== 'decided' && state !== 'closed') return false;
  if (one.find !== undefined || one.owedSearch !== undefined) return false;
  if (outcome === undefined) return isRead(one, 'normal') && scan.completeness !== 'incomplete';
  if (outcome.kind === 'found') return one.acceptance !== undefined;
  return outcome.kind === 'nothing-found' && (outcome.extent === 'full' || one.acceptance !== undefined);
}

/** All readers say so, but for those before them who could not tell. */
function isRead({ verdicts }: KnownCase, kind: VerdictKind): boolean {
  const [first, second] = verdicts.map((verdict) => verdict.kind);
  if (second === undefined) return first === kind;
  return second === kind && (first === kind || first === 'inconclusive');
}

/** Scanned again is what nothing else holds. */
function isScannedAgain(known: KnownOfVehicle): boolean {
  const scansOfIt: readonly KnownOfScan[] = [known, ...(known.others ?? [])];
  if (!scansOfIt.some((one) => countingCases(one).some(isRescan))) return false;
  // the rest could proceed beside a scan with a harmless object of inspection
  const harmless: KnownCase = { unitId: 'x', state: 'closed', verdicts: [verdictOf('normal', 9)] };
  if (isSelected(known)) return false;
  const others = scansOfIt.map((one) => {
    const cases = one.cases.filter((value) => !isRescan(value));
    const isForNobody = one.isForNobody === true || cases.length < one.cases.length;
    return { ...one, scanId: 'rest', cases, isForNobody };
  });
  const { holds, near, hasUnread = false, isClockUnsure = false, lacksControl = false } = known;
  const rest = { scan: { state: 'analysed' as const }, cases: [harmless], others };
  return mayProceed({ ...rest, holds, near, hasUnread, isClockUnsure, lacksControl });
}

function expected(known: KnownOfVehicle): string {
  if (mayProceed(known)) return 'proceed';
  return isScannedAgain(known) ? 'rescan' : 'hold';
}

function told(known: KnownOfVehicle): ReturnType<typeof combineRows> {
  return combineRows(rowsOf(known).map(({ code }) => code));
}

/** Those that the two do not agree on; a message for each would take longer than the comparison. */
function disagreements(known: Iterable<KnownOfVehicle>): { compared: number; wrong: KnownOfVehicle[] } {
  const wrong: KnownOfVehicle[] = [];
  let compared = 0;
  for (const one of known) {
    compared += 1;
    const { instruction, isFinal } = told(one);
    const isRight = instruction === expected(one) && !(isFinal && isOpen(one));
    if (!isRight && wrong.length < 3) wrong.push(one);
  }
  return { compared, wrong };
}

/** A person or a step has something to say. */
function isOpen(known: KnownOfVehicle): boolean {
  const { holds, near, lacksControl = false } = known;
  const underWay = ['queued', 'claimed', 'disputed', 'search', 'searched'];
  const scansOfIt: readonly KnownOfScan[] = [known, ...(known.others ?? [])];
  const isImageOpen = ({ scan, cases, isReplaced, isForNobody }: KnownOfScan) =>
    (scan.state !== 'analysed' && !(scan.state === 'failed' && isReplaced)) ||
    (scan.state === 'analysed' && cases.length === 0 && !isForNobody) ||
    cases.some((one) => underWay.includes(one.state) || one.undoWindow !== undefined || isInDanger(one));
  return (
    scansOfIt.every(({ cases, mayGoByPortal }) => cases.length === 0 && mayGoByPortal !== true) ||
    scansOfIt.some(isImageOpen) ||
    near.length > 0 ||
    known.isClockUnsure === true ||
    lacksControl ||
    scansOfIt.some(({ isInGap }) => isInGap) ||
    holds.some(({ state }) => state === 'open' || state === 'confirmed')
  );
}

function* oneObject(): Generator<KnownOfVehicle> {
  for (const scan of scans)
    for (const some of [[], ...holds.map((hold) => [hold])]) {
      yield { scan, cases: [], holds: some, near: [] };
      for (const one of cases) yield { scan, cases: [one], holds: some, near: [] };
    }
}

function* alarmNear(): Generator<KnownOfVehicle> {
  for (const scan of scans)
    for (const some of [[], ...holds.map((hold) => [hold])])
      for (const one of cases.filter(({ verdicts }) => verdicts.length === 1))
        for (const why of ['near', 'hasUnread', 'lacksControl'])
          yield {
            scan,
            cases: [one],
            holds: some,
            near: why === 'near' ? [{ id: 'n' }] : [],
            hasUnread: why === 'hasUnread',
            lacksControl: why === 'lacksControl',
          };
}

/** What the service may have forgotten of the scan or of another of its visit, and a clock that jumped. */
function* unsure(): Generator<KnownOfVehicle> {
  const seen = { scan: { state: 'analysed' as const }, cases: [] };
  for (const scan of scans)
    for (const one of cases.filter(({ verdicts }) => verdicts.length === 1))
      for (const isReplaced of [false, true])
        for (const isClockUnsure of [false, true])
          for (const isInGap of [false, true])
            for (const isOtherInGap of [false, true])
              yield {
                scan,
                cases: [one],
                isReplaced,
                isInGap,
                isClockUnsure,
                others: [{ ...seen, scanId: 't', isForNobody: true, isInGap: isOtherInGap }],
                holds: [],
                near: [],
              };
}

function* twoObjects(): Generator<KnownOfVehicle> {
  const some = cases.filter(({ verdicts }) => verdicts.length < 2);
  for (const completeness of ['full', 'incomplete'] as const)
    for (const first of some)
      for (const second of some)
        yield { scan: { state: 'analysed', completeness }, cases: [first, second], holds: [], near: [] };
}

function* twoAlarms(): Generator<KnownOfVehicle> {
  const some = cases.filter(({ verdicts, acceptance: by }) => verdicts.length === 1 && by === undefined);
  for (const state of ['analysed', 'failed'] as const)
    for (const first of holds)
      for (const second of others)
        for (const one of some) yield { scan: { state }, cases: [one], holds: [first, second], near: [] };
}

function* twoScans(): Generator<KnownOfVehicle> {
  const some = cases.filter(
    ({ verdicts, outcome, state, danger: raised }) =>
      verdicts.length < 2 && outcome === undefined && (raised === undefined || state === 'decided'),
  );
  const searched = cases.filter(({ state, verdicts, outcome }) => {
    return state === 'closed' && verdicts.length === 0 && outcome !== undefined;
  });
  const seen = [[], ...[...some, ...searched].map((one) => [one])];
  for (const state of ScanState.enum)
    for (const [isReplaced, isForNobody] of [[], [true], [false, true], [true, true]] as const)
      for (const others of seen)
        for (const own of seen)
          for (const [isOwnReplaced, alarms] of [
            [false],
            [true],
            [false, ['innocent']],
            [true, ['open']],
          ] as const)
            yield {
              scan: { state: 'analysed' },
              cases: own,
              isReplaced: isOwnReplaced,
              others: [
                {
                  scanId: 't',
                  scan: { state },
                  cases: others,
                  isReplaced: isReplaced === true,
                  isForNobody: isForNobody === true,
                },
              ],
              holds: (alarms ?? []).map((hold) => ({ id: 'h', state: hold })),
              near: [],
            };
}

/** What the policy may require of a scan with one object of inspection, or let go. */
const controlled: readonly Pick<KnownOfScan, 'controls' | 'mayGoByPortal'>[] = [
  { controls: { ofScan: {}, ofUnits: { u: { search: true } } } },
  { controls: { ofScan: { search: true }, ofUnits: {} } },
  { controls: { ofScan: {}, ofUnits: { u: { readers: 2 } } } },
  { controls: { ofScan: { visitRequired: true }, ofUnits: {} } },
  { mayGoByPortal: true },
  { mayGoByPortal: true, controls: { ofScan: { visitRequired: true, search: true }, ofUnits: {} } },
];

function* withControls(): Generator<KnownOfVehicle> {
  const some = cases.filter(
    ({ verdicts }) => verdicts.length < 2 || verdicts.every(({ kind }) => kind === 'normal'),
  );
  const searched = cases.filter(({ state, outcome, verdicts }) => {
    return state === 'closed' && outcome !== undefined && verdicts.length === 0;
  });
  for (const asked of controlled)
    for (const visit of [{}, { visit: 'V-1' }])
      for (const one of [[], ...some.map((value) => [value])])
        for (const other of [undefined, [], ...searched.map((value) => [value])]) {
          const scan = { state: 'analysed', ...visit } as const;
          const isForNobody = one.length === 0;
          const others =
            other === undefined ? [] : [{ scanId: 't', scan, cases: other, isForNobody: other.length === 0 }];
          yield { ...asked, scan, cases: one, isForNobody, others, holds: [], near: [] };
        }
}

describe("the lane's instruction", () => {
  it.each([
    ['what the policy requires or allows', withControls],
    ['one object of inspection, whatever is known of it', oneObject],
    ['one that is near an alarm or lacks a control, or whose site has a record to read', alarmNear],
    ['one of before a restore, or with a clock that jumped', unsure],
    ['two objects of inspection', twoObjects],
    ['two alarms', twoAlarms],
    ['two scans of one visit', twoScans],
  ])('is the one of the written rule, and final only where nobody has more to say, for %s', (_, known) => {
    const { compared, wrong } = disagreements(someOf(known()));
    expect(wrong).toEqual([]);
    expect(compared * searchSize.oneIn).toBeGreaterThan(100_000);
  });

  it('comes with when it was given, when it ends, and every row that made it, the weightiest first', () => {
    const issue = { number: 7, at: new Date('2026-01-02T03:07:00.000Z'), minutes: 5 };
    const answer = issueLaneInstruction(
      { scanId: 's', scan: { state: 'failed' }, cases: [], holds: [], near: [] },
      issue,
    );
    expect(answer).toEqual({
      number: 7,
      instruction: 'hold',
      final: false,
      issuedAt: '2026-01-02T03:07:00.000Z',
      expiresAt: '2026-01-02T03:12:00.000Z',
      scanId: 's',
      reasons: [{ code: 'scan-failed', text: laneRows['scan-failed'].inWords }],
      units: [],
    });
    expect(Compile(IssuedLaneInstruction).Check(answer)).toBe(true);
  });

  it('has one row for each reason of the schema, and docs/reference/lane.md shows these rows', () => {
    expect(new Set(Object.keys(laneRows))).toEqual(new Set(LaneReason.enum));
    const page = readFileSync(new URL('../../../docs/reference/lane.md', import.meta.url), 'utf8');
    const shown = [
      ...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \| \*{0,2}(hold|proceed|rescan)\*{0,2} \| (yes|no) \|/gm),
    ];
    const rows = Object.entries(laneRows).map(([code, { inWords, instruction, isFinal }]) => [
      code,
      inWords,
      instruction,
      isFinal ? 'yes' : 'no',
    ]);
    expect(shown.map(([, ...cells]) => cells)).toEqual(rows);
  });
});

it('what is open at a release is of the object itself, its scan and every alarm, never of another object', () => {
  const other: KnownCase = { unitId: 'u2', state: 'queued', verdicts: [] };
  const own: KnownCase = { unitId: 'u1', state: 'decided', verdicts: [verdictOf('normal', 1)] };
  const known: KnownOfVehicle = { scan: { state: 'analysed' }, cases: [own, other], holds: [], near: [] };
  const open = (more: Partial<KnownOfVehicle>) =>
    openRowsOf({ ...known, ...more }, 'u1').map(({ code }) => code);
  expect(open({})).toEqual([]);
  expect(open({ cases: [{ ...own, state: 'search' }, other] })).toEqual(['in-search']);
  expect(open({ holds: [{ id: 'h', state: 'open' }], near: [{ id: 'n' }] })).toEqual([
    'alarm-waits',
    'alarm-near',
  ]);
  expect(open({ holds: [{ id: 'h', state: 'innocent' }] })).toEqual([]);
  const detained = { kind: 'detained' } as const;
  expect(open({ holds: [{ id: 'h', state: 'closed', outcome: detained }] })).toEqual(['alarm-kept']);
  expect(open({ scan: { state: 'failed' } })).toEqual(['scan-failed']);
  const found: KnownCase = { ...own, state: 'closed', outcome: { kind: 'found', what: 'x', where: 'y' } };
  expect(open({ cases: [found] }), 'until a supervisor releases the vehicle').toEqual(['found']);
});

it('every row that may proceed is closed, and every row that somebody has still to end is open', () => {
  for (const [code, { instruction, isFinal, isOpen: isOpenRow }] of Object.entries(laneRows)) {
    if (instruction === 'proceed') expect([code, isOpenRow]).toEqual([code, false]);
    if (!isFinal) expect([code, isOpenRow]).toEqual([code, true]);
  }
});
