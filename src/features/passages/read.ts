import { type Actor, type Scope, scopeOf } from '../../core/access.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import type { LanePassage } from '../../core/case/lane-passage.ts';
import { type DocumentPath, documentKey, type ListedDocumentKind } from '../../core/documents.ts';
import { normaliseContainer } from '../../core/numbers/iso6346.ts';
import type { Page } from '../../core/page.ts';
import type { DocumentFilter } from '../../core/ports/records/documents.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { settleAll } from '../../core/settle-all.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { passageDocument } from '../../stored/document-kinds.ts';
import {
  issueInstructionFor,
  type LaneInstructionDeps,
  type LaneInstructionTx,
} from '../../stored/lane-instruction.ts';
import { isInParallel, type RulesTx } from '../../stored/rules.ts';
import { gathered } from './gathered.ts';
import { scanOfInstruction } from './rules.ts';

/** A scan that may be of a vehicle that passed, and what the lane would be told of it now. */
export interface ScanOfPassage {
  readonly scanId: string;
  readonly foundBy: 'scan' | 'visit' | 'container';
  /** None at a site in parallel mode. */
  readonly instruction?: Pick<IssuedLaneInstruction, 'instruction' | 'final'>;
}

export interface PassageView {
  readonly passage: LanePassage;
  readonly scans: readonly ScanOfPassage[];
}

type ScansOfPassageTx = Tx<'scan' | 'scansByContainer' | 'scansOfVisit'>;
export type ListPassagesTx = Tx<
  | 'listDocuments'
  | 'scanOfEach'
  | 'scansByContainerOfEach'
  | 'scansOfVisitOfEach'
  | 'casesOfEachScan'
  | 'holdsOnEach'
  | 'newestConvertedOf'
  | 'unjoinedHolds'
> &
  RulesTx;

/** Vehicles that passed without a valid instruction, the one that passed first before the others. */
export function listPassages(
  deps: Viewing<ListPassagesTx> & LaneInstructionDeps,
  actor: Actor,
  filter: DocumentFilter,
  limit: number,
  cursor?: string,
): Promise<Page<PassageView>> {
  return viewed(deps, actor, 'passages', '', { ...filter }, async (tx) => {
    const page = await tx.listDocuments(passageDocument, scopeOf(actor), filter, limit, cursor);
    const known = Object.assign({ ...tx }, readOnce(tx), gathered(tx));
    const rows = await settleAll(
      page.rows.map(async (passage) => ({ passage, scans: await instructedNow(deps, known, passage) })),
    );
    return { ...page, rows };
  });
}

/** What is the same for every passage of a site, read once. */
function readOnce(tx: Tx<'documentInForce' | 'scannerClocks' | 'unjoinedHolds'>) {
  const inForce = new Map<string, Promise<unknown>>();
  return {
    documentInForce<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      const key = documentKey(kind, path, 0);
      const found = inForce.get(key) ?? tx.documentInForce(kind, path);
      inForce.set(key, found);
      // the key names the kind, and that the type of its values
      return found as Promise<Value | undefined>;
    },
    scannerClocks: onceAtEach((place) => tx.scannerClocks(place)),
    unjoinedHolds: onceAtEach((place) => tx.unjoinedHolds(place)),
  };
}

function onceAtEach<Answer>(ask: (place: Scope) => Promise<Answer>): (place: Scope) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return ({ administration, site }) => {
    const place = JSON.stringify([administration, site]);
    const answer = answers.get(place) ?? ask({ administration, site });
    answers.set(place, answer);
    return answer;
  };
}

async function instructedNow(
  deps: LaneInstructionDeps,
  tx: ScansOfPassageTx & LaneInstructionTx,
  { administration, site, report }: LanePassage,
): Promise<readonly ScanOfPassage[]> {
  const place = { administration, site };
  const found = await scansOf(tx, place, report);
  if (found.length === 0) return [];
  const isSilent = await isInParallel(tx, place);
  const scans: ScanOfPassage[] = [];
  for (const { scan, foundBy } of found) {
    const named = { scanId: scan.id, foundBy };
    scans.push(isSilent ? named : { ...named, instruction: await issueInstructionFor(deps, tx, scan) });
  }
  return scans;
}

const DAY_MS = 86_400_000;
/** A vehicle has two containers, and each is scanned once or twice a day. */
const SCANS_SHOWN = 4;

/** The scan that the passage names, then those at the site of its visit and of its containers within a day of it. */
async function scansOf(
  tx: ScansOfPassageTx,
  place: Scope,
  report: LanePassage['report'],
): Promise<readonly { readonly scan: ScanRow; readonly foundBy: ScanOfPassage['foundBy'] }[]> {
  const id = report.scanId ?? scanOfInstruction(report);
  const named = id === undefined ? undefined : await tx.scan(place, id);
  const [from, to] = [moved(report.at, -DAY_MS), moved(report.at, DAY_MS)];
  const containers = (report.containers ?? []).map(normaliseContainer).filter((number) => number !== '');
  const ofVisit = report.visit === undefined ? [] : await tx.scansOfVisit(place, report.visit, from, to);
  const ofContainers = await tx.scansByContainer(place.administration, containers, from, to);
  const found = [
    ...(named === undefined ? [] : [{ scan: named, foundBy: 'scan' as const }]),
    ...ofVisit.map((scan) => ({ scan, foundBy: 'visit' as const })),
    ...ofContainers
      .filter(({ site }) => site === place.site)
      .map((scan) => ({ scan, foundBy: 'container' as const })),
  ];
  const first = new Map(found.toReversed().map((one) => [one.scan.id, one]));
  return found.filter((one) => first.get(one.scan.id) === one).slice(0, SCANS_SHOWN);
}

function moved(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
