import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import { runs } from '../../search-size.ts';
import { caseOf, fresh, scanRow } from '../sample-records.ts';
import { holdOf } from './radiation.ts';

/** What a list reads of each of its rows: the same as if each were asked for alone. */
export function readsOfManyContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of reads of many on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(() => records?.close());
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);

    const sites = ['north', 'south'];
    const containers = ['MSCU1234565', 'MSKU7654321', 'TEMU0000008'];
    const visits = ['v1', 'v2'];
    const at = (hour: number) => `2026-03-04T${String(hour).padStart(2, '0')}:00:00.000Z`;
    const hour = fc.integer({ min: 0, max: 23 });
    const scan = fc.record({
      site: fc.constantFrom(...sites),
      containers: fc.uniqueArray(fc.constantFrom(...containers)),
      visit: fc.option(fc.constantFrom(...visits), { nil: undefined }),
      taken: hour,
      received: hour,
      cases: fc.integer({ min: 0, max: 2 }),
      holds: fc.integer({ min: 0, max: 2 }),
    });
    const asked = fc.record({
      site: fc.constantFrom(...sites),
      containers: fc.uniqueArray(fc.constantFrom(...containers)),
      visit: fc.constantFrom(...visits),
      from: hour,
      to: hour,
    });
    const many = { minLength: 1, maxLength: 6 };

    it('finds for each what is found for it alone, in the same order', async () => {
      const questions = fc.array(asked, many);
      await fc.assert(
        fc.asyncProperty(fc.array(scan, many), questions, async (scans, all) => {
          const administration = fresh('administration');
          const ids = [...(await put(administration, scans)), 'no-such-scan'];
          await inTx(async (tx) => {
            const named = ids.flatMap((id) => sites.map((site) => ({ scope: { administration, site }, id })));
            expect(await tx.scanOfEach(named)).toEqual(
              await each(named, ({ scope, id }) => tx.scan(scope, id)),
            );
            expect(await tx.casesOfEachScan(ids)).toEqual(await each(ids, (id) => tx.casesOfScan(id)));
            expect(await tx.holdsOnEach(ids)).toEqual(await each(ids, (id) => tx.holdsOn(id)));
            const windows = all.map(({ from, to, site, ...of }) => ({
              ...of,
              administration,
              scope: { administration, site },
              from: at(from),
              to: at(to),
            }));
            expect(await tx.scansByContainerOfEach(windows)).toEqual(
              await each(windows, (one) =>
                tx.scansByContainer(administration, one.containers, one.from, one.to),
              ),
            );
            expect(await tx.scansOfVisitOfEach(windows)).toEqual(
              await each(windows, (one) => tx.scansOfVisit(one.scope, one.visit, one.from, one.to)),
            );
            const ofVisits = windows.map(({ visit, ...one }) => ({ ...one, mark: visit }));
            for (const purposes of [undefined, ['operational'], ['training']])
              expect(await tx.newestScansOfEachMark('visit', ofVisits, 2, purposes)).toEqual(
                await each(ofVisits, (one) =>
                  tx.scansOfVisit(one.scope, one.mark, one.from, one.to, 2, purposes),
                ),
              );
            const ofContainers = windows.flatMap(({ containers, ...one }) =>
              containers.map((mark) => ({ ...one, mark })),
            );
            expect(await tx.newestScansOfEachMark('container', ofContainers, 2)).toEqual(
              await each(ofContainers, (one) =>
                tx.scansNamingContainers(one.scope, [one.mark], one.from, one.to, 2),
              ),
            );
          });
        }),
        { numRuns: runs(30) },
      );
    });

    type Put = typeof scan extends fc.Arbitrary<infer One> ? One : never;

    function put(administration: string, scans: readonly Put[]): Promise<readonly string[]> {
      return inTx(async (tx) => {
        const ids: string[] = [];
        for (const { taken, received, cases, holds, visit, ...row } of scans) {
          const times = { acquiredAt: at(taken), receivedAt: at(received) };
          const own = scanRow({
            administration,
            ...row,
            ...times,
            ...(visit === undefined ? {} : { visit }),
          });
          await tx.insertScan(own);
          for (let i = 0; i < cases; i += 1) await tx.saveCase(caseOf({ administration, scanId: own.id }));
          const join = {
            kind: 'joined',
            scanId: own.id,
            by: 'time',
            secondsApart: 3,
            timeFrom: 'file',
          } as const;
          for (let i = 0; i < holds; i += 1) await tx.saveHold(holdOf({ administration, join }));
          ids.push(own.id);
        }
        return ids;
      });
    }
  });
}

async function each<One, Answer>(
  all: readonly One[],
  ask: (one: One) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const one of all) answers.push(await ask(one));
  return answers;
}
