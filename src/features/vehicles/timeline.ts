import { type Actor, type Scope, scopeOf } from '../../core/access.ts';
import type { Case } from '../../core/case/case.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { passageMarks } from '../../core/case/lane-passage.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Hold } from '../../core/radiation/hold.ts';
import { nameOf } from '../../core/rules/check-in.ts';
import { EVER } from '../../core/rules/clock.ts';
import { marksOfScan } from '../../core/rules/scan-marks.ts';
import { type Mark, type MarkKind, markOf } from '../../core/rules/vehicle-hold.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { limitToRole, redactFor, type Viewing, viewed } from '../../queries/read.ts';
import {
  passageDocument,
  scanMarksDocument,
  vehicleHoldDocument,
  vehicleHoldPath,
} from '../../stored/document-kinds.ts';
import type { LaneInstructionDeps } from '../../stored/lane-instruction.ts';
import { isInParallel, placeFor, rulesAt } from '../../stored/rules.ts';
import { scansAlong, scansOfMark } from '../../stored/vehicle-scans.ts';
import type { SiteRules } from '../../triage/site-rules.ts';
import {
  entriesOfAlarm,
  entriesOfCase,
  entriesOfPassage,
  entryOfHandHold,
  entryOfMarks,
  entryOfScan,
  type TimelineEntry,
} from './entries.ts';
import { type InstructionTx, instructionByMark } from './read.ts';

/** What the service knows of one vehicle, from its first portal to its last lane. */

/** A vehicle is scanned a few times a journey; what came before these is in the list of scans. */
const MOST_SCANS = 32;
const MOST_ENTRIES = 200;
const MOST_PASSAGES = 50;
const MOST_CORRECTIONS = 50;
const PASSAGE_DAYS = 30;
const DAY_MS = 86_400_000;

/** What a caller may see beside scans, alarms, passages and holds by hand. */
export interface Sight {
  readonly cases: boolean;
  readonly instruction: boolean;
}

export interface Timeline {
  readonly site: string;
  readonly mark: Mark;
  /** None without a scan in the days of the policy, and at a site in parallel mode. */
  readonly instruction?: IssuedLaneInstruction;
  /** Of these scans, as the caller may see them. */
  readonly cases: readonly Case[];
  /** Oldest first. */
  readonly entries: readonly TimelineEntry[];
  /** Older entries are left out. */
  readonly isCut: boolean;
}

type TimelineTx = InstructionTx &
  Tx<'hold' | 'radiationOf' | 'documentsMarked' | 'documentHistory' | 'scans'>;
export type TimelineDeps = Viewing<TimelineTx> & LaneInstructionDeps;

/** @throws NII_NOT_FOUND for the key of another site */
export function getTimeline(
  deps: TimelineDeps,
  actor: Actor,
  site: string,
  mark: Mark,
  sight: Sight,
): Promise<Timeline> {
  const place = placeFor(actor, site);
  return viewed(deps, actor, 'vehicle', `${mark.kind} ${mark.value}`, { site }, async (tx) => {
    const rules = await rulesAt(tx, place, deps.policy);
    const now = deps.clock.now();
    const scans = await scansOf(tx, place, mark, rules, now);
    const instruction = sight.instruction ? await instructionNow(deps, tx, actor, place, mark) : undefined;
    const told = await toldOf(tx, place, mark, scans, instruction);
    const since = new Date(now.getTime() - PASSAGE_DAYS * DAY_MS).toISOString();
    const names = namesOf(mark, scans);
    const passages = await tx.documentsMarked(passageDocument, place, names, since, MOST_PASSAGES);
    const cases = sight.cases ? told.cases.map((value) => redactFor(actor, value)) : [];
    // also those that took the mark off a scan, which is of another vehicle now
    const marks = new Set([mark, ...scans.flatMap(marksOfScan)].map(nameOf));
    const corrected = await tx.documentsMarked(scanMarksDocument, place, [...marks], since, MOST_CORRECTIONS);
    const entries = [
      ...told.entries,
      ...cases.flatMap(entriesOfCase),
      ...passages.flatMap(entriesOfPassage),
      ...corrected.map(entryOfMarks),
    ];
    // of the same moment what was sent stands before what became of it
    const inOrder = entries.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
    const isCut = inOrder.length > MOST_ENTRIES || scans.length === MOST_SCANS;
    const result = { site, mark, cases, entries: inOrder.slice(-MOST_ENTRIES), isCut };
    return instruction === undefined ? result : { ...result, instruction };
  });
}

/** Scans that name the mark, and those that go along with the newest of them; the newest first. */
async function scansOf(
  tx: Parameters<typeof scansOfMark>[0],
  place: Scope,
  mark: Mark,
  rules: SiteRules,
  now: Date,
): Promise<readonly ScanRow[]> {
  const naming = await scansOfMark(tx, place, mark, rules, now, EVER);
  const [newest] = naming;
  if (newest === undefined) return [];
  const all = new Map([...naming, ...(await scansAlong(tx, newest, rules))].map((scan) => [scan.id, scan]));
  // those at a sister site are for the people there
  const here = [...all.values()].filter(({ site }) => site === place.site);
  const inOrder = here.toSorted((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt));
  return inOrder.slice(0, MOST_SCANS);
}

/** As `GET …/lane-instruction` gives it to the caller. */
async function instructionNow(
  deps: LaneInstructionDeps,
  tx: InstructionTx,
  actor: Actor,
  place: Scope,
  mark: Mark,
): Promise<IssuedLaneInstruction | undefined> {
  if (await isInParallel(tx, place)) return undefined;
  const issued = await instructionByMark(deps, tx, place, mark, scopeOf(actor));
  return issued === undefined ? undefined : limitToRole(tx, actor, issued);
}

/** What scans, alarms and people say of the vehicle, beside its cases. */
async function toldOf(
  tx: Tx<'casesOfScan' | 'radiationOf' | 'holdsOn' | 'holdsOfMarks' | 'hold' | 'documentHistory'>,
  place: Scope,
  mark: Mark,
  scans: readonly ScanRow[],
  instruction: IssuedLaneInstruction | undefined,
): Promise<{ readonly cases: readonly Case[]; readonly entries: readonly TimelineEntry[] }> {
  const entries: TimelineEntry[] = [];
  const cases: Case[] = [];
  const named = await tx.holdsOfMarks({ administration: place.administration, sites: [place.site] }, [mark]);
  const alarms = new Map<string, Hold>(named.map((hold) => [hold.id, hold]));
  for (const scan of scans) {
    const own = await tx.casesOfScan(scan.id);
    cases.push(...own);
    entries.push(entryOfScan(scan, await tx.radiationOf(scan.id), own.length > 0));
    for (const hold of await tx.holdsOn(scan.id)) alarms.set(hold.id, hold);
  }
  for (const { holdId } of instruction?.reasons ?? []) {
    const near = holdId === undefined || alarms.has(holdId) ? undefined : await tx.hold(place, holdId);
    if (near !== undefined) alarms.set(near.id, near);
  }
  const byHand = await handHoldsOf(tx, place, mark, scans);
  return { cases, entries: [...entries, ...[...alarms.values()].flatMap(entriesOfAlarm), ...byHand] };
}

/** By this mark, and by every container and visit of these scans. */
async function handHoldsOf(
  tx: Tx<'documentHistory'>,
  place: Scope,
  mark: Mark,
  scans: readonly ScanRow[],
): Promise<readonly TimelineEntry[]> {
  const marks = [
    mark,
    ...scans.flatMap(({ containers, visit }) => [
      ...containers.map((container) => markOf('container', container)),
      ...(visit === undefined ? [] : [markOf('visit', visit)]),
    ]),
  ];
  const paths = new Map(marks.map((one) => [JSON.stringify(one), vehicleHoldPath({ ...place, mark: one })]));
  const entries: TimelineEntry[] = [];
  for (const path of paths.values())
    entries.push(...(await tx.documentHistory(vehicleHoldDocument, path)).map(entryOfHandHold));
  return entries;
}

function namesOf({ kind, value }: Mark, scans: readonly ScanRow[]): readonly string[] {
  const own = (wanted: MarkKind) => (kind === wanted ? [value] : []);
  return passageMarks({
    scanIds: scans.map(({ id }) => id),
    containers: own('container'),
    visits: own('visit'),
    plates: own('plate'),
  });
}
