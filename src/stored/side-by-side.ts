import DataLoader from 'dataloader';
import { ANY_SITE, type Scope } from '../core/access.ts';
import { type DocumentPath, documentKey, type ListedDocumentKind } from '../core/documents.ts';
import type { ScansOfContainers, ScansOfMark, ScansOfVisit } from '../core/ports/records/of-many.ts';
import type { RecordsTx, Tx } from '../core/ports/records.ts';
import type { Purpose } from '../core/scan/circumstances.ts';
import type { RevisionRow } from '../core/scan/stored-scan.ts';

/** Reads of many scans in one transaction: what they have in common once, and what each asks for in few statements. */

export type SideBySideTx = ReadsOfMany &
  Tx<
    | 'documentsInForceAt'
    | 'documentsAbout'
    | 'documentsInForce'
    | 'checkInsNaming'
    | 'radiationFor'
    | 'scannerClocks'
    | 'holdsOfMarks'
    | 'unjoinedHolds'
    | 'hasUnreadRadiation'
    | 'declarationsByContainer'
  >;
type ReadsOfMany = Tx<
  | 'scan'
  | 'scanOfEach'
  | 'scansByContainerOfEach'
  | 'scansOfVisitOfEach'
  | 'newestScansOfEachMark'
  | 'scansNamingContainers'
  | 'casesOfEachScan'
  | 'holdsOnEach'
  | 'newestConvertedOf'
>;

export type QuestionTx = SideBySideTx & Tx<'nextInstructionNumber'>;

/**
 * One question to the lane's rules: its number is drawn first, so that of two instructions the one with the higher number knows
 * what the other knew, and what several answers read in common is read once.
 */
export async function oneQuestion<Taken extends QuestionTx>(tx: Taken) {
  const number = await tx.nextInstructionNumber();
  return Object.assign(sideBySide(tx), {
    nextInstructionNumber: () => Promise.resolve(number),
    // after the holds on each scan: one that an officer separates meanwhile would be in neither
    unjoinedHolds: (place: Scope) => tx.unjoinedHolds(place),
  });
}

/** The same transaction, for callers that work side by side in it. */
export function sideBySide<Taken extends SideBySideTx>(tx: Taken) {
  return Object.assign({ ...tx }, readOnce(tx), gathered(tx));
}

/** What is the same for every scan of a site, read once. */
function readOnce(
  tx: Tx<
    | 'documentsInForceAt'
    | 'documentsAbout'
    | 'documentsInForce'
    | 'scannerClocks'
    | 'unjoinedHolds'
    | 'hasUnreadRadiation'
  >,
) {
  const inForce = loader(
    (asked: readonly Asked[]) => documentsAt(tx, asked),
    ({ kind, path }) => documentKey(kind, path, 0),
  );
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
      // the key names the kind, and that the type of its values
      return inForce.load({ kind, path }) as Promise<Value | undefined>;
    },
    scannerClocks: onceAtEach((place) => tx.scannerClocks(place)),
    unjoinedHolds: onceAtEach((place) => tx.unjoinedHolds(place)),
    hasUnreadRadiation: onceAtEach((place, purposes: readonly Purpose[]) =>
      tx.hasUnreadRadiation(place, purposes),
    ),
  };
}

interface Asked {
  // of whatever values: each question is answered with those of its kind
  readonly kind: ListedDocumentKind<never>;
  readonly path: DocumentPath;
}

/** One statement for each kind. */
async function documentsAt(
  tx: Tx<'documentsInForceAt'>,
  asked: readonly Asked[],
): Promise<readonly unknown[]> {
  const found = new Map<string, unknown>();
  for (const kind of new Set(asked.map((one) => one.kind))) {
    const paths = asked.filter((one) => one.kind === kind).map(({ path }) => path);
    for (const value of await tx.documentsInForceAt(kind, paths))
      found.set(documentKey(kind, kind.pathOf(value), 0), value);
  }
  return asked.map(({ kind, path }) => found.get(documentKey(kind, path, 0)));
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
  | 'scan'
  | 'scansByContainer'
  | 'scansOfVisit'
  | 'scansNamingContainers'
  | 'casesOfScan'
  | 'newestConverted'
  | 'holdsOn'
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
  const newest = byRest((kind: 'container' | 'visit', limit: number, purposes?: readonly string[]) =>
    loader((asked: readonly ScansOfMark[]) => tx.newestScansOfEachMark(kind, asked, limit, purposes)),
  );
  const cases = loader((ids: readonly string[]) => tx.casesOfEachScan(ids));
  const holds = loader((ids: readonly string[]) => tx.holdsOnEach(ids));
  const revisions = loader(async (ids: readonly string[]) => {
    const found = new Map((await tx.newestConvertedOf(ids)).map((row) => [row.scanId, row]));
    return ids.map((id): RevisionRow | undefined => found.get(id));
  });
  return {
    scan: (scope, id) => {
      const { administration, site, sender, reader } = scope;
      // what a key may see goes by more than the site
      const isPlace = sender === undefined && reader === undefined && site !== ANY_SITE;
      return isPlace ? scans.load({ scope: { administration, site }, id }) : tx.scan(scope, id);
    },
    scansByContainer: (administration, containers, from, to) =>
      ofContainers.load({ administration, containers, from, to }),
    scansOfVisit: ({ administration, site }, visit, from, to, limit, purposes) => {
      const scope = { administration, site };
      if (limit === undefined) return ofVisits.load({ scope, visit, from, to });
      return newest('visit', limit, purposes).load({ scope, mark: visit, from, to });
    },
    scansNamingContainers: ({ administration, site }, containers, from, to, limit, purposes) => {
      const scope = { administration, site };
      const [mark, ...more] = containers;
      if (mark === undefined || more.length > 0)
        return tx.scansNamingContainers(scope, containers, from, to, limit, purposes);
      return newest('container', limit, purposes).load({ scope, mark, from, to });
    },
    casesOfScan: (id) => cases.load(id),
    newestConverted: (id) => revisions.load(id),
    holdsOn: (id) => holds.load(id),
  };
}

function loader<Asked, Answer>(
  readMany: (asked: readonly Asked[]) => Promise<readonly Answer[]>,
  cacheKeyFn: (asked: Asked) => string = (asked) => JSON.stringify(asked),
): DataLoader<Asked, Answer, string> {
  return new DataLoader(readMany, { cacheKeyFn });
}

/** One loader for each other argument: only what is asked with the same ones is asked for together. */
function byRest<Rest extends unknown[], Made>(make: (...rest: Rest) => Made): (...rest: Rest) => Made {
  const made = new Map<string, Made>();
  return (...rest) => {
    const key = JSON.stringify(rest);
    const one = made.get(key) ?? make(...rest);
    made.set(key, one);
    return one;
  };
}
