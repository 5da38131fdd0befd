import { type Actor, isReader, scopeOf } from '../../core/access.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import type { LanePassage, OpenFact } from '../../core/case/lane-passage.ts';
import type { Page } from '../../core/page.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { DocumentFilter } from '../../core/ports/records/documents.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { settleAll } from '../../core/settle-all.ts';
import { viewed } from '../../queries/read.ts';
import { passageDocument } from '../../stored/document-kinds.ts';
import {
  issueInstructionFor,
  type LaneInstructionDeps,
  type LaneInstructionTx,
} from '../../stored/lane-instruction.ts';
import { type NoteFactsDeps, type NoteFactsTx, noteFactsOfScan } from '../../stored/passages.ts';
import { isInParallel } from '../../stored/rules.ts';
import { oneQuestion, type SideBySideTx } from '../../stored/side-by-side.ts';
import { type FoundScan, type ScansOfPassageTx, scansOfPassage } from '../../stored/vehicle-facts.ts';
import { laneRows } from '../../triage/instruction.ts';
import { isRedacted } from '../../triage/redact.ts';
import { keyOfFact } from '../../triage/vehicle-facts.ts';

/** A scan that may be of a vehicle that passed, and what the lane would be told of it now. */
export interface ScanOfPassage {
  readonly scanId: string;
  readonly foundBy: FoundScan['foundBy'];
  /** None at a site in parallel mode. */
  readonly instruction?: Pick<IssuedLaneInstruction, 'instruction' | 'final'>;
}

export interface PassageView {
  readonly passage: LanePassage;
  readonly scans: readonly ScanOfPassage[];
  /** How long its clock has been running. */
  readonly ageSeconds: number;
}

type ListPassagesTx = SideBySideTx &
  NoteFactsTx &
  Tx<'scanById' | 'listDocuments' | 'scansToWatch' | 'audit' | 'nextInstructionNumber'>;
export interface ListPassagesDeps extends LaneInstructionDeps {
  readonly records: Transactions<ListPassagesTx> & Locks;
  readonly objects: ObjectWrites;
}

/** Scans with something new that a list waits for, while no worker runs. */
const WATCHED_AT_ONCE = 50;

/** Vehicles that passed without a valid instruction or with something open, the one that passed first before the others. */
export async function listPassages(
  deps: ListPassagesDeps,
  actor: Actor,
  filter: DocumentFilter,
  limit: number,
  cursor?: string,
): Promise<Page<PassageView>> {
  await catchUp(deps, actor);
  const now = deps.clock.now().getTime();
  return viewed(deps, actor, 'passages', '', { ...filter }, async (tx) => {
    const known = await oneQuestion(tx);
    const page = await tx.listDocuments(passageDocument, scopeOf(actor), filter, limit, cursor);
    const rows = await settleAll(
      page.rows.map(async (passage) => ({
        passage: await blindPassage(known, actor, passage),
        scans: await instructedNow(deps, known, passage),
        ageSeconds: ageOf(passage, now),
      })),
    );
    return { ...page, rows };
  });
}

/** Whoever may read an image that somebody may still read is not told what others said of it. */
async function blindPassage(tx: Tx<'casesOfScan'>, actor: Actor, passage: LanePassage): Promise<LanePassage> {
  const { facts } = passage;
  if (facts === undefined || !isReader(actor)) return passage;
  const shown = (await settleAll(facts.map((fact) => blindFact(tx, passage, fact)))).flat();
  const { facts: _, ...rest } = passage;
  const open = [...new Map(shown.map((one) => [keyOfFact(one), one])).values()];
  return open.length === 0 ? rest : { ...rest, facts: open };
}

/** No more than that the image waits, since the clock of the passage runs; nothing of an image that came after the vehicle left. */
async function blindFact(
  tx: Tx<'casesOfScan'>,
  { report, reported, since = reported.at }: LanePassage,
  fact: OpenFact,
): Promise<readonly OpenFact[]> {
  const { scanId, unitId } = fact;
  if (scanId === undefined || unitId === undefined) return [fact];
  const found = (await tx.casesOfScan(scanId)).find((one) => one.unitId === unitId);
  if (found === undefined || !isRedacted(found)) return [fact];
  if (Date.parse(found.openedAt) > Date.parse(report.at)) return [];
  return [{ ...fact, code: 'undecided', text: laneRows.undecided.inWords, since }];
}

interface CatchUpDeps extends Omit<NoteFactsDeps, 'records'> {
  readonly records: Transactions<NoteFactsTx & Tx<'scanById' | 'scansToWatch'>> & Locks;
}

/** The list is right also while no worker runs. */
async function catchUp(deps: CatchUpDeps, actor: Actor): Promise<void> {
  const scans = await deps.records.transaction((tx) => tx.scansToWatch(scopeOf(actor), WATCHED_AT_ONCE));
  for (const id of scans) await noteFactsOfScan(deps, id);
}

/** Until now, or until it was settled. */
function ageOf({ state, since, reported, settled }: LanePassage, now: number): number {
  const until = state === 'settled' && settled !== undefined ? Date.parse(settled.at) : now;
  return Math.max(0, Math.round((until - Date.parse(since ?? reported.at)) / 1000));
}

/** A vehicle has two containers, and each is scanned once or twice a day. */
const SCANS_SHOWN = 4;
const DAYS_SHOWN = 1;

async function instructedNow(
  deps: LaneInstructionDeps,
  tx: ScansOfPassageTx & LaneInstructionTx,
  { administration, site, report }: LanePassage,
): Promise<readonly ScanOfPassage[]> {
  const place = { administration, site };
  const found = (await scansOfPassage(tx, place, report, DAYS_SHOWN)).slice(0, SCANS_SHOWN);
  if (found.length === 0) return [];
  const isSilent = await isInParallel(tx, place);
  const scans: ScanOfPassage[] = [];
  for (const { scan, foundBy } of found) {
    const named = { scanId: scan.id, foundBy };
    scans.push(isSilent ? named : { ...named, instruction: await issueInstructionFor(deps, tx, scan) });
  }
  return scans;
}
