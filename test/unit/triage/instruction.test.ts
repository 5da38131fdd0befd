import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { OutcomeKind, SearchOutcome, type Verdict, VerdictKind } from '../../../src/core/case/case.ts';
import { CaseState } from '../../../src/core/case/case-states.ts';
import { LaneAnswer, LaneReason } from '../../../src/core/case/lane.ts';
import { HoldEnding, HoldState } from '../../../src/core/radiation/hold-states.ts';
import { Completeness } from '../../../src/core/scan/completeness.ts';
import { ScanState } from '../../../src/core/scan/scan-states.ts';
import {
  type KnownCase,
  type KnownHold,
  type KnownOfVehicle,
  laneRows,
  rowsOf,
  together,
} from '../../../src/triage/instruction.ts';
import { laneAnswer } from '../../../src/triage/lane.ts';

/* ---- Everything that can be known -------------------------------------------------------------------------- */

const verdictOf = (kind: VerdictKind, i: number): Verdict => ({
  kind,
  reason: 'other',
  analyst: `analyst ${i}`,
  at: '2026-01-02T03:00:00.000Z',
  revision: 1,
});
const kindLists: readonly (readonly VerdictKind[])[] = [
  [],
  ...VerdictKind.enum.map((kind) => [kind]),
  ...VerdictKind.enum.flatMap((first) => VerdictKind.enum.map((second) => [first, second])),
];
const extents = [undefined, ...SearchOutcome.properties.extent.enum];
const outcomes: readonly (SearchOutcome | undefined)[] = [
  undefined,
  ...OutcomeKind.enum.flatMap((kind) =>
    extents.map((extent) => ({ kind, ...(extent === undefined ? {} : { extent }) })),
  ),
];
const cases: readonly KnownCase[] = CaseState.enum.flatMap((state) =>
  kindLists.flatMap((kinds) =>
    outcomes.map((outcome) => ({
      unitId: 'u',
      state,
      verdicts: kinds.map(verdictOf),
      ...(outcome === undefined ? {} : { outcome }),
    })),
  ),
);
const holds: readonly KnownHold[] = HoldState.enum.flatMap((state) => [
  { id: 'h', state },
  ...HoldEnding.enum.map((kind) => ({ id: 'h', state, outcome: { kind } })),
]);
const scans: readonly KnownOfVehicle['scan'][] = ScanState.enum.flatMap((state) => [
  { state },
  ...Completeness.enum.map((completeness) => ({ state, completeness })),
]);

/* ---- What docs/lane.md says in words, put down once more by itself ------------------------------------------ */

/** Proceed needs all of this. */
function mayProceed({ scan, cases, holds }: KnownOfVehicle): boolean {
  const alarmsAreOver = holds.every(
    ({ state, outcome }) => state === 'innocent' || (state === 'closed' && outcome?.kind === 'released'),
  );
  return (
    scan.state === 'analysed' &&
    cases.length > 0 &&
    alarmsAreOver &&
    cases.every((one) => isCleared(one, scan))
  );
}

function isCleared({ state, verdicts, outcome }: KnownCase, scan: KnownOfVehicle['scan']): boolean {
  if (state !== 'decided' && state !== 'closed') return false;
  if (outcome !== undefined) return outcome.kind === 'nothing-found' && outcome.extent === 'full';
  return verdicts.at(-1)?.kind === 'normal' && scan.completeness !== 'incomplete';
}

/** Scanned again is what nothing else holds. */
function isScannedAgain(known: KnownOfVehicle): boolean {
  const isRescan = ({ state, verdicts, outcome }: KnownCase) =>
    ['decided', 'closed'].includes(state) && outcome === undefined && verdicts.at(-1)?.kind === 'scan-again';
  const others = known.cases.filter((one) => !isRescan(one));
  if (others.length === known.cases.length) return false;
  // the rest could proceed beside a harmless object of inspection
  const harmless: KnownCase = { unitId: 'x', state: 'closed', verdicts: [verdictOf('normal', 9)] };
  const whole = { ...known.scan, completeness: 'full' as const };
  const rest = others.every((one) => isCleared(one, known.scan));
  return rest && mayProceed({ scan: whole, cases: [harmless], holds: known.holds });
}

function expected(known: KnownOfVehicle): string {
  if (mayProceed(known)) return 'proceed';
  return isScannedAgain(known) ? 'rescan' : 'hold';
}

function told(known: KnownOfVehicle): string {
  return together(rowsOf(known).map(({ code }) => code)).instruction;
}

/** Those that the two do not agree on; a message for each would take longer than the comparison. */
function disagreements(known: Iterable<KnownOfVehicle>): { compared: number; wrong: KnownOfVehicle[] } {
  const wrong: KnownOfVehicle[] = [];
  let compared = 0;
  for (const one of known) {
    compared += 1;
    if (told(one) !== expected(one) && wrong.length < 3) wrong.push(one);
  }
  return { compared, wrong };
}

function* oneObject(): Generator<KnownOfVehicle> {
  for (const scan of scans)
    for (const some of [[], ...holds.map((hold) => [hold])]) {
      yield { scan, cases: [], holds: some };
      for (const one of cases) yield { scan, cases: [one], holds: some };
    }
}

function* twoObjects(): Generator<KnownOfVehicle> {
  const some = cases.filter(({ verdicts }) => verdicts.length < 2);
  for (const completeness of ['full', 'incomplete'] as const)
    for (const first of some)
      for (const second of some)
        yield { scan: { state: 'analysed', completeness }, cases: [first, second], holds: [] };
}

function* twoAlarms(): Generator<KnownOfVehicle> {
  for (const scan of scans)
    for (const first of holds)
      for (const second of holds)
        for (const one of cases.filter(({ verdicts }) => verdicts.length === 1))
          yield { scan, cases: [one], holds: [first, second] };
}

describe("the lane's instruction", () => {
  it('is the one of the written rule for one object of inspection, whatever is known of it', () => {
    const { compared, wrong } = disagreements(oneObject());
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(500_000);
  });

  it.each([
    ['objects of inspection', twoObjects],
    ['alarms', twoAlarms],
  ])('is the one of the written rule for two %s', (_, known) => {
    const { compared, wrong } = disagreements(known());
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(200_000);
  });

  it('is never final while a person or a step has something to say', () => {
    const isOpen = (known: KnownOfVehicle) =>
      ['received', 'converted', 'failed'].includes(known.scan.state) ||
      known.cases.some(({ state }) => ['queued', 'claimed', 'search'].includes(state)) ||
      known.holds.some(({ state }) => ['open', 'confirmed'].includes(state));
    const final = [...oneObject()].filter((known) => together(rowsOf(known).map(({ code }) => code)).isFinal);
    expect(final.length).toBeGreaterThan(1_000);
    expect(final.find(isOpen)).toBeUndefined();
  });

  it('comes with when it was given, when it ends, and every row that made it, the weightiest first', () => {
    const issue = { at: new Date('2026-01-02T03:07:00.000Z'), minutes: 5 };
    const answer = laneAnswer({ scanId: 's', scan: { state: 'failed' }, cases: [], holds: [] }, issue);
    expect(answer).toEqual({
      instruction: 'hold',
      answer: 'hold',
      final: false,
      issuedAt: '2026-01-02T03:07:00.000Z',
      expiresAt: '2026-01-02T03:12:00.000Z',
      scanId: 's',
      reasons: [{ code: 'scan-failed', text: laneRows['scan-failed'].inWords }],
      units: [],
    });
    expect(Compile(LaneAnswer).Check(answer)).toBe(true);
  });

  it('has one row for each reason of the schema, and docs/lane.md shows these rows', () => {
    expect(Object.keys(laneRows).toSorted()).toEqual([...LaneReason.enum].toSorted());
    const page = readFileSync(new URL('../../../docs/lane.md', import.meta.url), 'utf8');
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
