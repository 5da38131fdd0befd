import DataLoader from 'dataloader';
import type { Scope } from '../../core/access.ts';
import { type DocumentPath, documentKey, type ListedDocumentKind } from '../../core/documents.ts';
import type { ScansOfContainers, ScansOfVisit } from '../../core/ports/records/of-many.ts';
import type { RecordsTx, Tx } from '../../core/ports/records.ts';
import type { Purpose } from '../../core/scan/circumstances.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';

/** Reads of many passages in one transaction: what they have in common once, and what each asks for in few statements. */

export type SideBySideTx = ReadsOfMany &
  Tx<
    | 'documentInForce'
    | 'documentsAbout'
    | 'documentsInForce'
    | 'checkInsNaming'
    | 'radiationFor'
    | 'scannerClocks'
    | 'unjoinedHolds'
    | 'hasUnreadRadiation'
    | 'scansNamingContainers'
    | 'declarationsByContainer'
  >;
type ReadsOfMany = Tx<
  | 'scanOfEach'
  | 'scansByContainerOfEach'
  | 'scansOfVisitOfEach'
  | 'casesOfEachScan'
  | 'holdsOnEach'
  | 'newestConvertedOf'
>;

/** The same transaction, for callers that work side by side in it. */
export function sideBySide<Taken extends SideBySideTx>(tx: Taken) {
  return Object.assign({ ...tx }, readOnce(tx), gathered(tx));
}

/** What is the same for every passage of a site, read once. */
function readOnce(
  tx: Tx<
    | 'documentInForce'
    | 'documentsAbout'
    | 'documentsInForce'
    | 'scannerClocks'
    | 'unjoinedHolds'
    | 'hasUnreadRadiation'
  >,
) {
  const inForce = new Map<string, Promise<unknown>>();
  const about = new Map<string, Promise<unknown>>();
  return {
    documentsAbout<Value>(kind: ListedDocumentKind<Value>, subject: string) {
      const key = `${kind.kind} ${subject}`;
      const found = about.get(key) ?? tx.documentsAbout(kind, subject);
      about.set(key, found);
      // the key names the kind, and that the type of its values
      return found as Promise<readonly Value[]>;
    },
    documentsInForce<Value>(kind: ListedDocumentKind<Value>, administration?: string, site?: string) {
      const key = `all ${JSON.stringify([kind.kind, administration, site])}`;
      const found = about.get(key) ?? tx.documentsInForce(kind, administration, site);
      about.set(key, found);
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
