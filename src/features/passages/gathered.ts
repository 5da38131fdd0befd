import DataLoader from 'dataloader';
import type { ScansOfContainers, ScansOfVisit } from '../../core/ports/records/lists/of-many.ts';
import type { RecordsTx, Tx } from '../../core/ports/records.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';

export type ReadsOfOne = Tx<
  'scan' | 'scansByContainer' | 'scansOfVisit' | 'casesOfScan' | 'newestConverted' | 'holdsOn'
>;

/**
 * The same reads for one scan at a time, for callers that work side by side in one transaction: what they ask for at the same
 * moment is asked for in one statement, and nothing twice.
 */
export function gathered(
  tx: Tx<
    | 'scanOfEach'
    | 'scansByContainerOfEach'
    | 'scansOfVisitOfEach'
    | 'casesOfEachScan'
    | 'holdsOnEach'
    | 'newestConvertedOf'
  >,
): ReadsOfOne {
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
