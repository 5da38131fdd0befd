import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import type { DecidedFile, ResumableUpload, UploadEnding } from '../../../../src/core/upload.ts';
import { runs } from '../../search-size.ts';
import { fresh } from '../sample-records.ts';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const BEGUN = '2026-03-04T05:06:07.089Z';

const accepted: UploadEnding = {
  scans: [
    {
      scanId: 'scan-1',
      revision: 1,
      state: 'received',
      result: 'new-scan',
      converter: 'fake',
      files: [{ name: 'a\u0000\ud800', role: 'high', complete: true }],
    },
  ],
};
const rejected: UploadEnding = { problem: { code: 'NII_UNKNOWN_FORMAT', title: 'unknown', detail: 'why' } };

function uploadOf(changes: Partial<ResumableUpload> = {}): ResumableUpload {
  const { keyId = hex(8) } = changes;
  return {
    id: `${keyId}.${hex(16)}`,
    keyId,
    bytes: 1000,
    offset: 0,
    createdAt: BEGUN,
    metadata: { filename: 'a\u0000ключ\ud800' },
    ...changes,
  };
}

/** Resumable uploads. `open` gives handles on one database, as processes have them. */
export function resumableContract(name: string, open: () => Promise<Records>): void {
  describe(`the contract of resumable uploads on ${name}`, () => {
    let here: Records;
    let there: Records;
    beforeAll(async () => {
      here = await open();
      there = await open();
    });
    afterAll(async () => {
      await here?.close();
      await there?.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => here.transaction(work);
    const begin = async (changes: Partial<ResumableUpload> = {}) => {
      const upload = uploadOf(changes);
      await inTx((tx) => tx.insertUpload(upload));
      return upload;
    };

    it('gives an upload back as it was begun, and with what became known of it', async () => {
      const upload = await begin({
        bytes: 5 * 2 ** 40,
        metadata: { set: 's', files: '2', purpose: 'training' },
      });
      expect(await inTx((tx) => tx.upload(upload.id))).toEqual(upload);
      const copy = { sha256: hex(32), ending: accepted };
      await inTx((tx) => tx.setUploadHash(upload.id, 'ab'));
      await inTx((tx) => tx.setUploadCopy(upload.id, copy));
      expect(await inTx((tx) => tx.upload(upload.id))).toEqual({ ...upload, sha256: 'ab', copy });
      await expect(inTx((tx) => tx.insertUpload(upload))).rejects.toMatchObject({ code: 'NII_CONFLICT' });
    });

    it('lists the uploads of one key as they were begun, and those of all keys once each', async () => {
      const keyId = hex(8);
      const later = await begin({ keyId, createdAt: '2026-03-04T05:06:08.000Z' });
      const first = await begin({ keyId });
      const other = await begin();
      expect(await inTx((tx) => tx.uploadsOf(keyId))).toEqual([first, later]);
      const all: string[] = [];
      for (let after = ''; ; after = all.at(-1) ?? '') {
        const page = await inTx((tx) => tx.openUploads(after, 2));
        if (page.length === 0) break;
        all.push(...page.map(({ id }) => id));
      }
      expect(all).toEqual([...new Set(all)].sort((a, b) => (a < b ? -1 : 1)));
      expect(all).toEqual(expect.arrayContaining([later.id, first.id, other.id]));
    });

    it('appends a chunk only where the upload stands, whatever is tried in whatever order', async () => {
      const tries = fc.array(fc.record({ first: fc.nat(12), bytes: fc.integer({ min: 1, max: 5 }) }), {
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(tries, async (chunks) => {
          const { id } = await begin();
          let at = 0;
          for (const [i, chunk] of chunks.entries()) {
            const key = `uploads/${id}.${i}`;
            const fits = chunk.first === at;
            expect(await inTx((tx) => tx.appendChunk(id, { ...chunk, key }))).toBe(fits);
            if (fits) at += chunk.bytes;
          }
          expect(await inTx((tx) => tx.upload(id))).toMatchObject({ offset: at });
          const kept = await inTx((tx) => tx.chunksOf(id));
          expect(kept.reduce((end, { first, bytes }) => (first === end ? first + bytes : -1), 0)).toBe(at);
        }),
        { numRuns: runs(25) },
      );
    });

    it('lets one of several processes append at the same place', async () => {
      const { id } = await begin();
      const chunk = (i: number) => ({ first: 0, bytes: 10 + i, key: `uploads/${id}.${i}` });
      const results = await Promise.all(
        [here, there, here, there].map((records, i) =>
          records.transaction((tx) => tx.appendChunk(id, chunk(i))),
        ),
      );
      expect(results.filter((won) => won)).toHaveLength(1);
      const winner = chunk(results.indexOf(true));
      expect(await inTx((tx) => tx.chunksOf(id))).toEqual([winner]);
      expect(await inTx((tx) => tx.upload(id))).toMatchObject({ offset: winner.bytes });
    });

    it('replaces the last chunk with a longer one, but no chunk that is no longer the last', async () => {
      const { id } = await begin();
      const first = { first: 0, bytes: 7, key: `uploads/${id}.a` };
      const last = { first: 7, bytes: 1, key: `uploads/${id}.b` };
      for (const chunk of [first, last]) await inTx((tx) => tx.appendChunk(id, chunk));
      const longer = { first: 7, bytes: 3, key: `uploads/${id}.c` };
      expect(await inTx((tx) => tx.replaceLastChunk(id, last, longer))).toBe(true);
      expect(await inTx((tx) => tx.replaceLastChunk(id, last, longer))).toBe(false);
      expect(await inTx((tx) => tx.chunksOf(id))).toEqual([first, longer]);
      expect(await inTx((tx) => tx.upload(id))).toMatchObject({ offset: 10 });
    });

    it('removes an upload with its chunks; nothing is appended to it afterwards', async () => {
      const { id } = await begin();
      const chunk = { first: 0, bytes: 7, key: `uploads/${id}.a` };
      await inTx((tx) => tx.appendChunk(id, chunk));
      await inTx((tx) => tx.removeUpload(id));
      expect(await inTx((tx) => tx.upload(id))).toBeUndefined();
      expect(await inTx((tx) => tx.chunksOf(id))).toEqual([]);
      expect(await inTx((tx) => tx.appendChunk(id, chunk))).toBe(false);
    });

    it('lets one transaction at a time past the lock of a key, and those of other keys beside it', async () => {
      const keyId = hex(8);
      const { limit, order } = { limit: 3, order: [] as string[] };
      const beginOne = (records: Records) =>
        records.transaction(async (tx) => {
          await tx.lockUploads(keyId);
          const open = await tx.uploadsOf(keyId);
          await here.transaction((other) => other.lockUploads(hex(8)));
          if (open.length < limit) await tx.insertUpload(uploadOf({ keyId }));
          order.push(keyId);
        });
      await Promise.all(Array.from({ length: 8 }, (_, i) => beginOne(i % 2 === 0 ? here : there)));
      expect(order).toHaveLength(8);
      expect(await inTx((tx) => tx.uploadsOf(keyId))).toHaveLength(limit);
    });

    it('keeps the first outcome of an upload until it is forgotten', async () => {
      const upload = uploadOf();
      const outcome = { upload, at: BEGUN, ...accepted };
      await inTx((tx) => tx.putOutcome(outcome));
      await inTx((tx) => tx.putOutcome({ upload, at: BEGUN, ...rejected }));
      expect(await inTx((tx) => tx.uploadOutcome(upload.id))).toEqual(outcome);
      await inTx((tx) => tx.forgetOutcome(upload.id));
      expect(await inTx((tx) => tx.uploadOutcome(upload.id))).toBeUndefined();
    });

    it('finds decided files of a set by name and size, and forgets the rejected ones alone', async () => {
      const setKey = fresh('set');
      const file = (changes: Partial<DecidedFile>): DecidedFile => ({
        at: BEGUN,
        name: 'a\u0000\ud800',
        bytes: 7,
        sha256: 'aa',
        ending: accepted,
        ...changes,
      });
      const files = [
        file({}),
        file({ sha256: 'bb', ending: rejected }),
        file({ bytes: 8 }),
        file({ name: 'b' }),
      ];
      for (const one of files) await inTx((tx) => tx.putDecidedFile(setKey, one));
      await inTx((tx) => tx.putDecidedFile(fresh('set'), file({})));
      const found = () => inTx((tx) => tx.decidedFiles(setKey, 'a\u0000\ud800', 7));
      expect(await found()).toEqual(files.slice(0, 2));
      await inTx((tx) => tx.forgetRejectedFiles(setKey));
      expect(await found()).toEqual([files[0]]);
      const again = file({ ending: rejected });
      await inTx((tx) => tx.putDecidedFile(setKey, again));
      expect(await found()).toEqual([again]);
    });

    it('removes outcomes and decided files from before a time, and no later ones', async () => {
      const setKey = fresh('set');
      const ended = ['2026-03-01T00:00:00.000Z', '2026-03-02T00:00:00.000Z'].map((at) => ({
        outcome: { upload: uploadOf(), at, ...rejected },
        file: { at, name: 'a', bytes: 1, sha256: at, ending: accepted },
      }));
      for (const { outcome, file } of ended) {
        await inTx((tx) => tx.putOutcome(outcome));
        await inTx((tx) => tx.putDecidedFile(setKey, file));
      }
      await inTx((tx) => tx.forgetEndedUploads('2026-03-02T00:00:00.000Z'));
      const outcomes = await inTx((tx) =>
        Promise.all(ended.map((one) => tx.uploadOutcome(one.outcome.upload.id))),
      );
      expect(outcomes).toEqual([undefined, ended[1]?.outcome]);
      expect(await inTx((tx) => tx.decidedFiles(setKey, 'a', 1))).toEqual([ended[1]?.file]);
    });

    it('leaves all of it when the records are cleared for a rebuild', async () => {
      const upload = await begin();
      const outcome = { upload: uploadOf(), at: BEGUN, ...accepted };
      await inTx((tx) => tx.putOutcome(outcome));
      await here.clear();
      expect(await inTx((tx) => tx.upload(upload.id))).toEqual(upload);
      expect(await inTx((tx) => tx.uploadOutcome(outcome.upload.id))).toEqual(outcome);
    });
  });
}
