import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defined } from '../../../../src/core/defined.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { Purpose } from '../../../../src/core/scan/circumstances.ts';
import type { NiiScan } from '../../../../src/core/scan/scan.ts';
import { emptyRegister } from '../../../../src/core/scanner/register.ts';
import type { Observation, ScannerDay, ScannerRow } from '../../../../src/core/scanner/scanner.ts';
import { learn, nothingKnown } from '../../../../src/core/scanner/structure.ts';
import { runs } from '../../search-size.ts';
import { fresh, revisionRow, scanRow } from '../sample-records.ts';

/** What is kept of scanners. `open` gives a handle on one database. */
export function scannersContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of scanners on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(() => records?.close());
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);

    const row = (administration: string, id: string, site = 'north'): ScannerRow => ({
      administration,
      site,
      id,
      converter: 'fake',
      firstSeenAt: '2026-03-01T00:00:00.000Z',
      lastSeenAt: '2026-03-01T00:00:00.000Z',
      structure: nothingKnown,
      register: emptyRegister,
    });
    const observation = (administration: string, changes: Partial<Observation>): Observation => ({
      scanId: fresh('scan'),
      revision: 1,
      administration,
      site: 'north',
      scanner: 'fake.a',
      receivedAt: '2026-03-01T10:00:00.000Z',
      containers: 0,
      badContainers: 0,
      channelMissing: false,
      incomplete: false,
      ...changes,
    });

    it('gives a scanner back as it was put, and the first one where it is locked as another', async () => {
      const initial = row(fresh('administration'), 'fake.a');
      expect(await inTx((tx) => tx.lockScanner(initial))).toEqual(initial);
      const known: ScannerRow = {
        ...initial,
        software: '3.1',
        structure: learn(nothingKnown, ['a “b” \\ c']).known,
        alarm: { since: '2026-03-02T00:00:00.000Z', scanId: 's', appeared: ['x'], vanished: [] },
      };
      await inTx((tx) => tx.putScanner(known));
      expect(await inTx((tx) => tx.lockScanner(initial))).toEqual(known);
      expect(await inTx((tx) => tx.scanner(initial, 'fake.a'))).toEqual(known);
      await inTx((tx) => tx.putScanner(initial));
      expect(await inTx((tx) => tx.scanner(initial, 'fake.a'))).toEqual(initial);
    });

    it('lets transactions that lock the same scanner count one after the other', async () => {
      const initial = row(fresh('administration'), 'fake.a');
      const count = () =>
        inTx(async (tx) => {
          const now = await tx.lockScanner(initial);
          await tx.putScanner({ ...now, structure: { ...now.structure, scans: now.structure.scans + 1 } });
        });
      await Promise.all(Array.from({ length: 8 }, count));
      const after = await inTx((tx) => tx.scanner(initial, 'fake.a'));
      expect(after?.structure.scans).toBe(8);
    });

    it('lists scanners by site and id in pages, of one site or all', async () => {
      const administration = fresh('administration');
      const all = [row(administration, 'b'), row(administration, 'a'), row(administration, 'c', 'south')];
      await inTx(async (tx) => {
        for (const one of all) await tx.lockScanner(one);
      });
      const first = await inTx((tx) => tx.scanners({ administration, site: '*' }, 2));
      const rest = await inTx((tx) => tx.scanners({ administration, site: '*' }, 2, first.next));
      expect([...first.rows, ...rest.rows].map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect(rest.next).toBeUndefined();
      const south = await inTx((tx) => tx.scanners({ administration, site: 'south' }, 5));
      expect(south.rows.map(({ id }) => id)).toEqual(['c']);
    });

    it('sums days in UTC, with the median of the clock and failures by code', async () => {
      const administration = fresh('administration');
      const day = (date: string, changes: Partial<Observation> = {}) =>
        observation(administration, { receivedAt: `${date}T23:59:59.999Z`, ...changes });
      const rows = [
        day('2026-03-01', { clockSeconds: 10, containers: 2, badContainers: 1 }),
        day('2026-03-01', { clockSeconds: 20, channelMissing: true }),
        day('2026-03-01', { clockSeconds: 90, incomplete: true }),
        day('2026-03-02', { failed: 'NII_TRUNCATED' }),
        day('2026-03-02', { failed: 'NII_MALFORMED' }),
        day('2026-02-01'),
        day('2026-03-02', { scanner: 'fake.other' }),
      ];
      await inTx(async (tx) => {
        for (const one of rows) await tx.putObservation(one);
      });
      const from = '2026-02-15T00:00:00.000Z';
      const days = await inTx((tx) => tx.scannerDays(administration, 'north', 'fake.a', from));
      const none = { containers: 0, badContainers: 0, channelMissing: 0, incomplete: 0, failed: 0 };
      expect(days).toEqual([
        {
          day: '2026-03-01',
          scans: 3,
          ...none,
          containers: 2,
          badContainers: 1,
          channelMissing: 1,
          incomplete: 1,
          failures: {},
          clockSeconds: 20,
        },
        {
          day: '2026-03-02',
          scans: 2,
          ...none,
          failed: 2,
          failures: { NII_MALFORMED: 1, NII_TRUNCATED: 1 },
        },
      ]);
    });

    it('counts a scan once, by its newest revision, whatever order they come in', async () => {
      const administration = fresh('administration');
      const scanId = fresh('scan');
      for (const [revision, failed] of [
        [1, 'NII_TRUNCATED'],
        [3, undefined],
        [2, 'NII_MALFORMED'],
      ] as const) {
        const changes = { scanId, revision, ...(failed === undefined ? {} : { failed }) };
        await inTx((tx) => tx.putObservation(observation(administration, changes)));
      }
      const days = await inTx((tx) => tx.scannerDays(administration, 'north', 'fake.a', '2026-01-01'));
      expect(days).toMatchObject([{ scans: 1, failed: 0 }]);
    });

    it('gives the days of all observations in whatever order they come, at once or one after the other', async () => {
      const at = fc.constantFrom('03-01T00:00', '03-01T23:59', '03-02T11:00', '03-02T12:00', '03-05T09:00');
      const told = fc.record({
        scan: fc.nat(7),
        revision: fc.integer({ min: 1, max: 3 }),
        scanner: fc.constantFrom('fake.a', 'fake.b'),
        receivedAt: at.map((time) => `2026-${time}:00.000Z`),
        containers: fc.nat(2),
        badContainers: fc.nat(2),
        channelMissing: fc.boolean(),
        incomplete: fc.boolean(),
        failed: fc.option(fc.constantFrom('NII_TRUNCATED', 'NII_MALFORMED'), { nil: undefined }),
        clockSeconds: fc.option(fc.integer({ min: -90, max: 90 }), { nil: undefined }),
        isWithLast: fc.boolean(),
      });
      const all = fc.uniqueArray(told, { selector: (one) => `${one.scan}/${one.revision}`, maxLength: 24 });
      const property = fc.asyncProperty(all, async (some) => {
        const administration = fresh('administration');
        const rows = some.map(({ scan, isWithLast: _, ...rest }) =>
          observation(administration, defined({ ...rest, scanId: `${administration}/${scan}` })),
        );
        const atOnce: Observation[][] = [];
        for (const [i, row] of rows.entries()) {
          if (i > 0 && some[i]?.isWithLast === true) atOnce.at(-1)?.push(row);
          else atOnce.push([row]);
        }
        for (const batch of atOnce)
          await Promise.all(batch.map((row) => inTx((tx) => tx.putObservation(row))));
        for (const scanner of ['fake.a', 'fake.b'])
          for (const from of ['2026-03-01T00:00:00.000Z', '2026-03-02T11:30:00.000Z']) {
            const days = await inTx((tx) => tx.scannerDays(administration, 'north', scanner, from));
            expect(days).toEqual(daysByHand(rows, scanner, from));
          }
      });
      await fc.assert(property, { numRuns: runs(40) });
    });

    describe('the scores of a scanner', () => {
      const model = { id: 'a', version: '1', sha256: 'ab'.repeat(32) };
      /** A scan that was analysed, `minute` minutes after noon. */
      async function analysed(
        administration: string,
        minute: number,
        said: {
          scores: readonly number[];
          model?: typeof model;
          status?: 'not-analysed';
          reason?: string;
        },
        changes: Partial<Observation> & { readonly purpose?: Purpose } = {},
      ): Promise<string> {
        const { purpose = 'operational', ...others } = changes;
        const scanId = fresh('scan');
        const receivedAt = new Date(Date.UTC(2026, 2, 1, 12, minute)).toISOString();
        const analysis = {
          model,
          status: 'analysed' as const,
          findings: [],
          milliseconds: 1,
          ...said,
          units: said.scores.map((score, i) => ({ unitId: `${i}`, score, anomalyPercentile: 50 })),
        };
        const seen = observation(administration, { scanId, receivedAt, ...others });
        const { site } = seen;
        await inTx(async (tx) => {
          await tx.insertScan(scanRow({ id: scanId, administration, site, receivedAt, purpose }));
          await tx.insertRevision(
            revisionRow(scanId, {
              scan: { views: [{ id: 'a\u0000\ud800', channels: [] }] } as unknown as NiiScan,
            }),
          );
          await tx.putObservation(seen);
          await tx.putAnalysis({ scanId, revision: 1, analysis });
        });
        return scanId;
      }

      it('are of the newest scans before, of each object in them, in rising order', async () => {
        const administration = fresh('administration');
        await analysed(administration, 0, { scores: [9] });
        await analysed(administration, 1, { scores: [0.5, 0.25] });
        await analysed(administration, 2, { scores: [0.75] });
        const last = await analysed(administration, 3, { scores: [7] });
        await analysed(administration, 4, { scores: [8] });
        expect(await inTx((tx) => tx.scoresOfScanner(last, model, 2))).toEqual([0.25, 0.5, 0.75]);
      });

      it('are of the same scanner, site, administration and version of the model, and of what it scored', async () => {
        const administration = fresh('administration');
        await analysed(administration, 0, { scores: [1] }, { scanner: 'fake.b' });
        await analysed(administration, 1, { scores: [2] }, { site: 'south' });
        await analysed(fresh('administration'), 2, { scores: [3] });
        await analysed(administration, 3, { scores: [4], model: { ...model, version: '2' } });
        await analysed(administration, 4, { scores: [5], model: { ...model, sha256: 'cd'.repeat(32) } });
        await analysed(administration, 5, { scores: [6], status: 'not-analysed' });
        await analysed(administration, 6, { scores: [0.5] });
        const last = await analysed(administration, 7, { scores: [7] });
        expect(await inTx((tx) => tx.scoresOfScanner(last, model, 50))).toEqual([0.5]);
      });

      it.each<Purpose>(['operational', 'training'])(
        'are of scans of the same purpose: %s',
        async (purpose) => {
          const administration = fresh('administration');
          const other = purpose === 'training' ? 'operational' : 'training';
          await analysed(administration, 0, { scores: [0.25] }, { purpose });
          for (let minute = 1; minute <= 3; minute += 1)
            await analysed(administration, minute, { scores: [minute] }, { purpose: other });
          await analysed(administration, 4, { scores: [9] }, { purpose: 'image-quality-test' });
          await analysed(administration, 5, { scores: [0.5] }, { purpose });
          const last = await analysed(administration, 6, { scores: [7] }, { purpose });
          // those of other purposes take no place among the newest
          expect(await inTx((tx) => tx.scoresOfScanner(last, model, 2))).toEqual([0.25, 0.5]);
        },
      );

      it('follow a scan that gets another purpose', async () => {
        const administration = fresh('administration');
        const before = await analysed(administration, 0, { scores: [0.5] });
        const last = await analysed(administration, 1, { scores: [7] });
        const scores = () => inTx((tx) => tx.scoresOfScanner(last, model, 50));
        expect(await scores()).toEqual([0.5]);
        await inTx(async (tx) => {
          const locked = await tx.lockScan(before);
          if (locked === undefined) throw new Error('the scan is gone');
          await tx.updateScan({ ...locked, purpose: 'calibration' });
        });
        expect(await scores()).toEqual([]);
      });

      it('and the days of models are read past texts that no text of the database can hold', async () => {
        const administration = fresh('administration');
        await analysed(administration, 0, { scores: [0.5], reason: 'a\u0000\ud800' });
        const last = await analysed(administration, 1, { scores: [7] });
        expect(await inTx((tx) => tx.scoresOfScanner(last, model, 50))).toEqual([0.5]);
        const days = await inTx((tx) =>
          tx.modelDays({ administration, site: '*' }, '2026-03-01T00:00:00.000Z', 10),
        );
        expect(days).toMatchObject([{ model: 'a@1', analysed: 2 }]);
      });

      it('are none for a scan that nobody knows', async () => {
        expect(await inTx((tx) => tx.scoresOfScanner(fresh('scan'), model, 50))).toEqual([]);
      });
    });
  });
}

/** The newest revision of each scan, counted one by one. */
function daysByHand(rows: readonly Observation[], scanner: string, from: string): readonly ScannerDay[] {
  const newest = new Map<string, Observation>();
  for (const row of rows.toSorted((a, b) => a.revision - b.revision)) newest.set(row.scanId, row);
  const counted = [...newest.values()].filter((row) => row.scanner === scanner && row.receivedAt >= from);
  const names = new Set(counted.map(({ receivedAt }) => receivedAt.slice(0, 10)));
  return [...names]
    .toSorted((a, b) => a.localeCompare(b))
    .map((day) => {
      const some = counted.filter(({ receivedAt }) => receivedAt.startsWith(day));
      const sum = (of: (row: Observation) => number) => some.reduce((total, row) => total + of(row), 0);
      const codes = some.flatMap(({ failed }) => failed ?? []);
      const clocks = some.flatMap(({ clockSeconds }) => clockSeconds ?? []).toSorted((a, b) => a - b);
      const [low = 0, high = 0] = [clocks[(clocks.length - 1) >> 1], clocks[clocks.length >> 1]];
      return {
        day,
        scans: some.length,
        containers: sum(({ containers }) => containers),
        badContainers: sum(({ badContainers }) => badContainers),
        channelMissing: sum(({ channelMissing }) => Number(channelMissing)),
        incomplete: sum(({ incomplete }) => Number(incomplete)),
        failed: codes.length,
        failures: Object.fromEntries(codes.map((code) => [code, codes.filter((one) => one === code).length])),
        ...(clocks.length === 0 ? {} : { clockSeconds: (low + high) / 2 }),
      };
    });
}
