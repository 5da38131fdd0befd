import DataLoader from 'dataloader';
import { type Actor, type Scope, scopeOf } from '../../core/access.ts';
import type { IssuedLaneInstruction } from '../../core/case/lane.ts';
import type { LanePassage } from '../../core/case/lane-passage.ts';
import { normaliseContainer } from '../../core/check-digits.ts';
import { type DocumentPath, documentKey, type ListedDocumentKind } from '../../core/documents.ts';
import type { Page } from '../../core/page.ts';
import type { DocumentFilter } from '../../core/ports/records/documents.ts';
import type { ScansOfContainers, ScansOfVisit } from '../../core/ports/records/of-many.ts';
import type { RecordsTx, Tx } from '../../core/ports/records.ts';
import type { Purpose } from '../../core/scan/circumstances.ts';
import type { RevisionRow, ScanRow } from '../../core/scan/stored-scan.ts';
import { settleAll } from '../../core/settle-all.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { passageDocument } from '../../stored/document-kinds.ts';
import {
  issueInstructionFor,
  type LaneInstructionDeps,
  type LaneInstructionTx,
} from '../../stored/lane-instruction.ts';
import { isInParallel, type RulesTx } from '../../stored/rules.ts';
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
type ReadsOfMany = Tx<
  | 'scanOfEach'
  | 'scansByContainerOfEach'
  | 'scansOfVisitOfEach'
  | 'casesOfEachScan'
  | 'holdsOnEach'
  | 'newestConvertedOf'
>;
export type ListPassagesTx = ReadsOfMany &
  Tx<'listDocuments' | 'unjoinedHolds' | 'hasUnreadRadiation' | 'checkInsNaming' | 'radiationFor'> &
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
    const { checkInsNaming, radiationFor } = tx;
    const single = { checkInsNaming, radiationFor };
    const known = Object.assign({ ...tx }, readOnce(tx), gathered(tx), single);
    const rows = await settleAll(
      page.rows.map(async (passage) => ({ passage, scans: await instructedNow(deps, known, passage) })),
    );
    return { ...page, rows };
  });
}

/** What is the same for every passage of a site, read once. */
function readOnce(
  tx: Tx<'documentInForce' | 'documentsInForce' | 'scannerClocks' | 'unjoinedHolds' | 'hasUnreadRadiation'>,
) {
  const inForce = new Map<string, Promise<unknown>>();
  return {
    documentsInForce<Value>(kind: ListedDocumentKind<Value>, administration?: string) {
      const key = `${kind.kind} ${administration ?? ''}`;
      const found = inForce.get(key) ?? tx.documentsInForce(kind, administration);
      inForce.set(key, found);
      // the key names the kind, and that the type of its values
      return found as Promise<readonly Value[]>;
    },
    documentInForce<Value>(kind: ListedDocumentKind<Value>, path: DocumentPath) {
      const key = documentKey(kind, path, 0);
      const found = inForce.get(key) ?? tx.documentInForce(kind, path);
      inForce.set(key, found);
      // the key names the kind, and that the type of its values
      return found as Promise<Value | undefined>;
    },
    scannerClocks: onceAtEach((place) => tx.scannerClocks(place)),
    unjoinedHolds: onceAtEach((place) => tx.unjoinedHolds(place)),
    hasUnreadRadiation: onceAtEach((place, purposes: readonly Purpose[]) =>
      tx.hasUnreadRadiation(place, purposes),
    ),
  };
}

function onceAtEach<Answer, Rest extends unknown[]>(
  ask: (place: Scope, ...rest: Rest) => Promise<Answer>,
): (place: Scope, ...rest: Rest) => Promise<Answer> {
  const answers = new Map<string, Promise<Answer>>();
  return ({ administration, site }, ...rest) => {
    const place = JSON.stringify([administration, site]);
    const answer = answers.get(place) ?? ask({ administration, site }, ...rest);
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

type ReadsOfOne = Tx<
  'scan' | 'scansByContainer' | 'scansOfVisit' | 'casesOfScan' | 'newestConverted' | 'holdsOn'
>;

/**
 * The same reads for one scan at a time, for callers that work side by side in one transaction: what they ask for at the same
 * moment is asked for in one statement, and nothing twice.
 */
function gathered(tx: ReadsOfMany): ReadsOfOne {
  const scans = loader<
    Parameters<RecordsTx['scanOfEach']>[0][number],
    Awaited<ReturnType<RecordsTx['scan']>>
  >((asked) => tx.scanOfEach(asked));
  const ofContainers = loader((asked: readonly ScansOfContainers[]) => tx.scansByContainerOfEach(asked));
  const ofVisits = loader((asked: readonly ScansOfVisit[]) => tx.scansOfVisitOfEach(asked));
  const cases = loader((ids: readonly string[]) => tx.casesOfEachScan(ids));
  const holds = loader((ids: readonly string[]) => tx.holdsOnEach(ids));
  const revisions = loader(async (ids: readonly string[]) => {
    const found = new Map((await tx.newestConvertedOf(ids)).map((row) => [row.scanId, row]));
    return ids.map((id): RevisionRow | undefined => found.get(id));
  });
  return {
    scan: ({ administration, site }, id) => scans.load({ scope: { administration, site }, id }),
    scansByContainer: (administration, containers, from, to) =>
      ofContainers.load({ administration, containers, from, to }),
    scansOfVisit: ({ administration, site }, visit, from, to) =>
      ofVisits.load({ scope: { administration, site }, visit, from, to }),
    casesOfScan: (id) => cases.load(id),
    newestConverted: (id) => revisions.load(id),
    holdsOn: (id) => holds.load(id),
  };
}

function loader<Asked, Answer>(
  readMany: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
): DataLoader<Asked, Answer, string> {
  return new DataLoader(readMany, { cacheKeyFn: (asked) => JSON.stringify(asked) });
}
