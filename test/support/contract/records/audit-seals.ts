import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditSeal } from '../../../../src/core/ports/records/seals.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import { fresh, scope } from '../sample-records.ts';

/** Seals over the audit. `open` gives a handle on one database, in which nobody else makes seals. */
export function auditSealsContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of the seals of the audit on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(() => records?.close());
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);
    const actor = { keyId: 'k', role: 'lane', ...scope } as const;
    /** An entry, and its number. */
    const audited = async (subject: string, detail = {}) => {
      await inTx((tx) => tx.audit({ actor, action: 'view scan', subject, detail }));
      const rows = await inTx((tx) => tx.auditRowsIn([[1, 1e9]], 0, 1e6));
      return rows.at(-1)?.seq ?? 0;
    };
    let made = 0;
    const sealOf = (changes: Partial<AuditSeal> = {}): AuditSeal => {
      made += 1;
      const covers = [[made * 10, made * 10 + 8]] as const;
      const hashes = { previous: `previous ${made}`, sha256: `sha256 ${made}` };
      const at = `2026-01-01T0${made}:00:00.123456Z`;
      return { number: made, covers, rows: 9, highest: made * 10 + 8, ...hashes, madeAt: at, ...changes };
    };

    it('gives each seal back as it was made, in order and page by page', async () => {
      const before = made;
      const seals = [sealOf(), sealOf(), sealOf({ covers: [], rows: 0 })];
      for (const seal of seals) await inTx((tx) => tx.addSeal(seal));
      expect(await inTx((tx) => tx.auditSeals(before, 2))).toEqual(seals.slice(0, 2));
      expect(await inTx((tx) => tx.auditSeals(before + 2, 2))).toEqual(seals.slice(2));
      expect(await inTx((tx) => tx.auditSeals(before + 3, 2))).toEqual([]);
    });

    it('makes each number once: the second is refused with NII_CONFLICT', async () => {
      const seal = sealOf();
      await inTx((tx) => tx.addSeal(seal));
      const twice = inTx((tx) => tx.addSeal({ ...seal, sha256: 'other' }));
      await expect(twice).rejects.toMatchObject({ code: 'NII_CONFLICT' });
      expect(await inTx((tx) => tx.auditSeals(seal.number - 1, 5))).toEqual([seal]);
    });

    it('shows those of the last seconds before the newest, and the floor of those before', async () => {
      const one = sealOf();
      const two = sealOf();
      const three = sealOf({ madeAt: two.madeAt.replace('00.123456', '10.123456') });
      for (const seal of [one, two, three]) await inTx((tx) => tx.addSeal(seal));
      const narrow = await inTx((tx) => tx.sealWindow(9));
      expect(narrow).toMatchObject({ newest: three, recent: [three], floor: two.highest });
      const exact = await inTx((tx) => tx.sealWindow(10));
      expect(exact).toMatchObject({ newest: three, recent: [two, three], floor: one.highest });
      expect((await inTx((tx) => tx.sealWindow(1e8))).floor).toBe(0);
    });

    it('says what time it is for the next seal, and never one before the newest', async () => {
      const before = new Date(Date.now() - 60_000).toISOString();
      expect((await inTx((tx) => tx.sealWindow(1))).now > before).toBe(true);
      const ahead = '2090-01-01T00:00:00.654321Z';
      await inTx((tx) => tx.addSeal(sealOf({ madeAt: ahead })));
      expect((await inTx((tx) => tx.sealWindow(1))).now).toBe(ahead);
    });

    it('finds rows of all administrations by their numbers, in order, above one, and counts them', async () => {
      const subjects = Array.from({ length: 6 }, () => fresh('subject'));
      const seqs: number[] = [];
      for (const subject of subjects) seqs.push(await audited(subject, { b: 1, a: '"\u00e9' }));
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = seqs;
      const ranges = [
        [a, b],
        [d, f],
      ] as const;
      const found = await inTx((tx) => tx.auditRowsIn(ranges, a, 3));
      expect(found.map(({ seq }) => seq)).toEqual([b, d, e]);
      expect(found[0]).toMatchObject({ subject: subjects[1], administration: scope.administration });
      expect(found[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      // as they were written, not as JSON that was parsed and written again
      expect(found[0]).toMatchObject({ actor: JSON.stringify(actor), detail: '{"b":1,"a":"\\"\u00e9"}' });
      expect(await inTx((tx) => tx.countAuditRowsIn(ranges))).toBe(5);
      expect(await inTx((tx) => tx.countAuditRowsIn([[c, Number.POSITIVE_INFINITY]]))).toBe(4);
      expect(await inTx((tx) => tx.countAuditRowsIn([[Number.NEGATIVE_INFINITY, 0]]))).toBe(0);
      expect(await inTx((tx) => tx.countAuditRowsIn([]))).toBe(0);
    });
  });
}
