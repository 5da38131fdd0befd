import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobOutcome, SetAsideJob } from '../../../src/core/ports/jobs.ts';
import type { Jobs, Records, RecordsTx } from '../../../src/core/ports/records.ts';
import { type ClaimedJob, type Job, type JobKind, jobKinds } from '../../../src/core/rows/job.ts';
import type { Purpose } from '../../../src/core/scan/circumstances.ts';
import { eventually, pause } from '../eventually.ts';
import { fresh, jobOf, revisionRow, scanRow } from './sample-records.ts';

const nothing = async (): Promise<void> => undefined;
const LONG_AGO = '2001-01-01T00:00:00.000Z';

export interface JobsHandle {
  readonly records: Records;
  readonly jobs: Jobs;
  /** What this handle was told of. */
  readonly setAside: SetAsideJob[];
}

/** The durable queue. `open` gives handles on one database, as processes have them. */
export function jobsContract(name: string, open: () => Promise<JobsHandle>): void {
  describe(`the contract of jobs on ${name}`, () => {
    let here: JobsHandle;
    let there: JobsHandle;
    beforeAll(async () => {
      here = await open();
      there = await open();
    });
    beforeEach(() => here.records.clear());
    afterAll(async () => {
      await here?.records.close();
      await there?.records.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => here.records.transaction(work);
    const enqueue = (job: Job, runAfter?: string): Promise<void> => inTx((tx) => tx.enqueue(job, runAfter));
    const job = (kind: JobKind = 'convert'): Job => jobOf(kind);
    /** As another version of the service would queue it. */
    const plant = (kind: string, payload: unknown): Promise<void> =>
      enqueue({ id: fresh('job'), kind, payload } as unknown as Job);
    const claim = (kind: JobKind = 'convert', seconds = 30): Promise<ClaimedJob | undefined> =>
      here.jobs.claim([kind], 'worker', seconds);
    const claimed = async (kind: JobKind = 'convert'): Promise<ClaimedJob> => {
      const found = await claim(kind);
      if (found === undefined) throw new Error('no job is ready');
      return found;
    };

    it('gives a job to one worker, with what it is about and how often it was started', async () => {
      const one = job();
      await enqueue(one);
      const found = await claim();
      expect(found).toEqual({ ...one, attempts: 1, token: found?.token });
      expect(await claim()).toBeUndefined();
    });

    it('serves administrations in turn, each by how long its jobs have been ready', async () => {
      const of = (administration: string, ref: string): Job => ({
        id: fresh('job'),
        kind: 'rejoin-declaration',
        payload: { administration, ref, version: 1, containers: [] },
      });
      const [many, few] = [fresh('a'), fresh('b')];
      for (const ref of ['1', '2', '3', '4', '5']) await enqueue(of(many, ref));
      for (const ref of ['6', '7']) await enqueue(of(few, ref));
      const order: string[] = [];
      for (let i = 0; i < 7; i += 1) {
        const found = await claim('rejoin-declaration');
        if (found?.kind === 'rejoin-declaration') order.push(found.payload.ref);
      }
      expect(order).toEqual(['1', '6', '2', '7', '3', '4', '5']);
      expect(await claim('rejoin-declaration')).toBeUndefined();
    });

    /** Queues a conversion for each letter, uploaded by the key of that name, in one administration. */
    const uploads = async (administration: string, senders: string): Promise<void> => {
      for (const uploader of senders) {
        const scan = scanRow({ administration });
        await inTx(async (tx) => {
          await tx.insertScan(scan);
          await tx.insertRevision(revisionRow(scan.id, { uploader }));
          await tx.enqueue({
            id: `${uploader} ${scan.id}`,
            kind: 'convert',
            payload: { scanId: scan.id, revision: 1 },
          });
        });
      }
    };
    /** The keys whose conversions are taken, in that order; each ends as told. */
    const taken = async (count: number, outcomeOf: (sender: string) => JobOutcome = () => 'done') => {
      let senders = '';
      for (let i = 0; i < count; i += 1) {
        const found = await claimed();
        const [sender = ''] = found.id;
        senders += sender;
        await here.jobs.complete(found, nothing, outcomeOf(sender));
      }
      return senders;
    };

    it('serves the senders of an administration in turn', async () => {
      await uploads(fresh('a'), 'aaaaabcb');
      expect(await taken(8)).toBe('abcabaaa');
    });

    it('serves a sender with three timeouts in a row after the others, until a scan of theirs ends in time', async () => {
      const administration = fresh('a');
      const slow = (sender: string) => (sender === 'a' ? 'timeout' : 'done');
      await uploads(administration, 'aaaaa');
      expect(await taken(3, slow)).toBe('aaa');
      await uploads(administration, 'bbbccc');
      expect(await taken(6)).toBe('bcbcbc');
      expect(await taken(2)).toBe('aa');
      await uploads(administration, 'bbaa');
      expect(await taken(4)).toBe('baba');
    });

    it('serves the others for as long as a conversion took, whether it ended, was given up or is tried again, and whether its sender had another turn since', async () => {
      const administration = fresh('a');
      await uploads(administration, 'abcd');
      const [ended, given, retried, again] = [
        await claimed(),
        await claimed(),
        await claimed(),
        await claimed(),
      ];
      expect([ended, given, retried, again].map(({ id }) => id[0]).join('')).toBe('abcd');
      await pause(2500, 'work');
      await here.jobs.complete(ended, nothing);
      await here.jobs.bury(given, 'NII_INTERNAL', nothing);
      await here.jobs.retry(retried, 'NII_INTERNAL', new Date(Date.now() + 3_600_000).toISOString());
      await here.jobs.complete(again, nothing);
      await uploads(administration, 'd');
      expect(await taken(1)).toBe('d');
      await uploads(administration, 'abcdeee');
      expect(await taken(3)).toBe('eee');
      expect(new Set(await taken(4))).toEqual(new Set('abcd'));
    });

    it('takes the later steps of a scan before the first ones of others, each by how long it has been ready', async () => {
      for (const kind of ['convert', 'convert', 'triage', 'analyse'] as const) await enqueue(job(kind));
      const order: (string | undefined)[] = [];
      for (let i = 0; i < 5; i += 1)
        order.push((await here.jobs.claim(['convert', 'analyse', 'triage'], 'worker', 30))?.kind);
      expect(order).toEqual(['triage', 'analyse', 'convert', 'convert', undefined]);
    });

    it('takes a later step that was begun before by its time, so that no failing one keeps scans from being converted', async () => {
      await enqueue(job('notify-lane'));
      const failed = await claim('notify-lane');
      if (failed === undefined) throw new Error('no job is ready');
      await enqueue(job('convert'));
      // a time that is given has milliseconds, and that of the store is finer: in one millisecond the later comes first
      const queued = Date.now();
      await eventually('the clock has moved', 10, () => Date.now() > queued);
      await here.jobs.retry(failed, 'unreachable', new Date().toISOString());
      const order: (string | undefined)[] = [];
      for (let i = 0; i < 3; i += 1)
        order.push((await here.jobs.claim(['convert', 'notify-lane'], 'worker', 30))?.kind);
      expect(order).toEqual(['convert', 'notify-lane', undefined]);
    });

    it('counts what waits of one administration and of all', async () => {
      const scans = [scanRow({ administration: fresh('a') }), scanRow({ administration: fresh('b') })];
      await inTx(async (tx) => {
        for (const scan of scans) await tx.insertScan(scan);
        for (const { id } of [...scans, ...scans.slice(1)])
          await tx.enqueue({ id: fresh('job'), kind: 'convert', payload: { scanId: id, revision: 1 } });
      });
      const shares = (administration = '') => inTx((tx) => tx.waitingShares(administration, 'images'));
      expect(await shares(scans[0]?.administration)).toEqual({ all: 3, own: 1, administrations: 2 });
      expect(await shares(scans[1]?.administration)).toEqual({ all: 3, own: 2, administrations: 2 });
      expect(await shares('nobody')).toEqual({ all: 3, own: 0, administrations: 3 });
    });

    it('names the scans whose passages are still to be watched, by place, each once', async () => {
      const place = { administration: fresh('a'), site: 'north' };
      const scans = [scanRow(place), scanRow(place), scanRow({ ...place, site: 'south' })];
      const watch = (scanId: string): Job => ({
        ...{ id: fresh('job'), kind: 'watch-passages', payload: { scanId } },
      });
      for (const scan of scans) {
        await inTx((tx) => tx.insertScan(scan));
        await enqueue(watch(scan.id));
      }
      await enqueue(watch(scans[0]?.id ?? ''));
      const [first, second, south] = scans.map(({ id }) => id);
      const toWatch = (site: string, limit = 9) => inTx((tx) => tx.scansToWatch({ ...place, site }, limit));
      expect(await toWatch('north')).toEqual([first, second]);
      expect(await toWatch('north', 1)).toEqual([first]);
      expect(await toWatch('south')).toEqual([south]);
      expect(await toWatch('*')).toEqual([first, second, south]);
      for (let i = 0; i < 4; i += 1) await here.jobs.complete(await claimed('watch-passages'), nothing);
      expect(await toWatch('*')).toEqual([]);
    });

    it('knows the sites whose portal records are still to be read or joined, by purpose, and of no other scan', async () => {
      const place = { administration: fresh('a'), site: 'north' };
      const scan = scanRow(place);
      await inTx((tx) => tx.insertScan(scan));
      const isUnread = (site = 'north', purpose: Purpose = 'operational') =>
        inTx((tx) => tx.hasUnreadRadiation({ ...place, site }, [purpose]));
      const join = (more: { readonly isOfRecord?: true }): Job => ({
        id: fresh('job'),
        kind: 'join-radiation',
        payload: { scanId: scan.id, administration: place.administration, site: 'north', ...more },
      });
      await enqueue(join({}));
      expect(await isUnread(), 'an image is joined, too').toBe(false);
      await here.jobs.complete(await claimed('join-radiation'), nothing);
      const read: Job = {
        id: fresh('job'),
        kind: 'read-radiation',
        payload: { scanId: scan.id, revision: 1 },
      };
      for (const one of [read, join({ isOfRecord: true })]) {
        await enqueue(one);
        expect([await isUnread(), await isUnread('south'), await isUnread('north', 'training')]).toEqual([
          true,
          false,
          false,
        ]);
        const running = await claimed(one.kind);
        expect(await isUnread()).toBe(true);
        await here.jobs.complete(running, nothing);
        expect(await isUnread()).toBe(false);
      }
    });

    it('gives a job of each kind as it was queued', async () => {
      for (const kind of jobKinds) {
        const one = job(kind);
        await enqueue(one);
        const found = await claim(kind);
        expect(found).toEqual({ ...one, attempts: 1, token: found?.token });
      }
    });

    it('sets aside what it does not know, tells of it once, keeps it, and goes on with the others', async () => {
      await plant('divine', { scanId: 's1' });
      await plant('convert', { scanId: 's1' });
      const known = job();
      await enqueue(known);
      here.setAside.length = 0;
      expect((await claimed()).id).toBe(known.id);
      expect(await claim()).toBeUndefined();
      expect(here.setAside.map(({ kind, code }) => [kind, code])).toEqual([
        ['divine', 'NII_JOB_UNKNOWN'],
        ['convert', 'NII_JOB_UNKNOWN'],
      ]);
      expect((await here.jobs.counts()).convert).toEqual({ waiting: 0, running: 1, dead: 1 });
    });

    it('takes up again, of what was set aside, only the kinds that it knows', async () => {
      await plant('divine', {});
      await plant('convert', {});
      expect(await claim()).toBeUndefined();
      expect(await here.jobs.takeUp()).toBe(1);
      expect(await here.jobs.takeUp()).toBe(0);
      expect((await here.jobs.counts()).convert).toEqual({ waiting: 1, running: 0, dead: 0 });
    });

    it('leaves dead what was given up for another reason', async () => {
      await enqueue(job());
      await here.jobs.bury(await claimed(), 'malformed', nothing);
      expect(await here.jobs.takeUp()).toBe(0);
    });

    it('gives only the kinds that are asked for', async () => {
      await enqueue(job('analyse'));
      expect(await claim('convert')).toBeUndefined();
      expect(await here.jobs.claim([], 'worker', 30)).toBeUndefined();
      expect((await here.jobs.claim(['convert', 'analyse'], 'worker', 30))?.kind).toBe('analyse');
    });

    it('queues the same work once, whether it waits or runs, and again when it is done', async () => {
      const one = job();
      await Promise.all([enqueue(one), enqueue(one), enqueue(one)]);
      expect(await inTx((tx) => tx.waitingJobs())).toBe(1);
      const running = await claimed();
      await enqueue({ ...one, payload: { scanId: 's1', revision: 3 } } as Job);
      expect(await inTx((tx) => tx.waitingJobs())).toBe(0);
      await here.jobs.complete(running, nothing);
      expect(await claim()).toBeUndefined();
      await enqueue(one);
      expect(await claimed()).toMatchObject({ id: one.id, attempts: 1, payload: one.payload });
    });

    it('lets a job queue itself again as it completes', async () => {
      const one = job();
      await enqueue(one);
      const again = { ...one, payload: { scanId: 's1', revision: 3 } } as Job;
      await here.jobs.complete(await claimed(), (tx) => tx.enqueue(again));
      expect(await claimed()).toMatchObject({ ...again, attempts: 1 });
    });

    it('queues nothing of a transaction that fails', async () => {
      const failed = inTx(async (tx) => {
        await tx.enqueue(job());
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await claim()).toBeUndefined();
    });

    it('starts no job before its time, and those that are due by their time', async () => {
      await enqueue(job(), new Date(Date.now() + 3_600_000).toISOString());
      const [late, early] = [job(), job()];
      await enqueue(late, '2002-01-01T00:00:00.000Z');
      await enqueue(early, LONG_AGO);
      expect((await claim())?.id).toBe(early.id);
      expect((await claim())?.id).toBe(late.id);
      expect(await claim()).toBeUndefined();
    });

    it('gives a job to another worker once its lease is over, and refuses what the first still wants to say', async () => {
      const one = job();
      await enqueue(one);
      const first = await claim('convert', 0.05);
      if (first === undefined) throw new Error('no job is ready');
      let second: Awaited<ReturnType<typeof there.jobs.claim>>;
      await eventually('its lease is over', 10, async () => {
        second = await there.jobs.claim(['convert'], 'another', 30);
        return second !== undefined;
      });
      expect(second).toMatchObject({ id: one.id, attempts: 2 });
      const scan = scanRow();
      const conflict = { code: 'NII_CONFLICT' };
      await expect(here.jobs.complete(first, (tx) => tx.insertScan(scan))).rejects.toMatchObject(conflict);
      await expect(here.jobs.bury(first, 'e', (tx) => tx.insertScan(scan))).rejects.toMatchObject(conflict);
      await here.jobs.retry(first, 'e', LONG_AGO);
      expect(await here.jobs.extend(first, 30)).toBe(false);
      expect(await inTx((tx) => tx.scanById(scan.id))).toBeUndefined();
      expect(await claim()).toBeUndefined();
      if (second !== undefined) await there.jobs.complete(second, nothing);
      expect(await claim()).toBeUndefined();
    });

    it("gives the jobs of a worker that is known to be dead to others at once, and nobody else's", async () => {
      const [dead, alive] = [job(), job()];
      await enqueue(dead);
      const lost = await here.jobs.claim(['convert'], 'dead', 600);
      await enqueue(alive);
      const kept = await here.jobs.claim(['convert'], 'alive', 600);
      if (lost === undefined || kept === undefined) throw new Error('no job is ready');
      let woken = 0;
      const unwatch = await there.jobs.onWork(() => {
        woken += 1;
      });
      expect(await there.jobs.freeLeases('dead')).toBe(1);
      await eventually('who waits for work is woken', 10, () => woken > 0);
      await unwatch();
      expect(await claim()).toMatchObject({ id: dead.id, attempts: 2 });
      expect(await claim()).toBeUndefined();
      await expect(here.jobs.complete(lost, nothing)).rejects.toMatchObject({ code: 'NII_CONFLICT' });
      expect(await here.jobs.extend(kept, 30)).toBe(true);
      expect(await there.jobs.freeLeases('dead')).toBe(0);
    });

    it('lets a job that ended one worker after the other wait longer each time, and no other job', async () => {
      await enqueue(job());
      const waits: number[] = [];
      let freed = Date.now();
      for (let deaths = 0; deaths < 3; deaths += 1) {
        const isClaimed = async () => (await here.jobs.claim(['convert'], 'dead', 600)) !== undefined;
        await eventually('the job is ready', 20, isClaimed);
        waits.push(Date.now() - freed);
        freed = Date.now();
        expect(await there.jobs.freeLeases('dead')).toBe(1);
      }
      expect(waits[1]).toBeLessThan(900); // a worker that was killed for another reason
      expect(waits[2]).toBeGreaterThan(900);
      const other = job();
      await enqueue(other);
      expect(await claim()).toMatchObject({ id: other.id });
    });

    it('keeps a job with a worker that extends its lease', async () => {
      await enqueue(job());
      const first = await claim('convert', 1);
      if (first === undefined) throw new Error('no job is ready');
      for (let beat = 0; beat < 4; beat += 1) {
        await pause(300, 'lease');
        expect(await here.jobs.extend(first, 1)).toBe(true);
        expect(await there.jobs.claim(['convert'], 'another', 30)).toBeUndefined();
      }
      await here.jobs.complete(first, nothing);
    });

    it('marks a job done together with its work, or neither', async () => {
      await enqueue(job());
      const running = await claimed();
      const scan = scanRow();
      const failing = here.jobs.complete(running, async (tx) => {
        await tx.insertScan(scan);
        throw new Error('the work failed');
      });
      await expect(failing).rejects.toThrow('the work failed');
      expect(await inTx((tx) => tx.scanById(scan.id))).toBeUndefined();
      await here.jobs.complete(running, (tx) => tx.insertScan(scan));
      expect(await inTx((tx) => tx.scanById(scan.id))).toEqual(scan);
      await expect(here.jobs.complete(running, nothing)).rejects.toMatchObject({ code: 'NII_CONFLICT' });
    });

    it('puts a job back for a later time', async () => {
      await enqueue(job());
      await here.jobs.retry(await claimed(), 'the store is away', new Date(Date.now() + 2_000).toISOString());
      expect(await claim()).toBeUndefined();
      let again: Awaited<ReturnType<typeof claim>>;
      await eventually('its time has come', 10, async () => {
        again = await claim();
        return again !== undefined;
      });
      expect(again).toMatchObject({ attempts: 2 });
    });

    it('keeps a job that was given up in sight, and gives it another life when it is queued again', async () => {
      const one = job();
      await enqueue(one);
      const scan = scanRow();
      await here.jobs.bury(await claimed(), 'malformed', (tx) => tx.insertScan(scan));
      expect(await inTx((tx) => tx.scanById(scan.id))).toEqual(scan);
      expect(await claim()).toBeUndefined();
      expect((await here.jobs.counts()).convert).toEqual({ waiting: 0, running: 0, dead: 1 });
      await enqueue(one);
      expect(await claimed()).toMatchObject({ id: one.id, attempts: 1 });
    });

    it('counts by kind', async () => {
      for (const kind of ['convert', 'convert', 'analyse', 'triage'] as const) await enqueue(job(kind));
      await claim('triage');
      expect(await here.jobs.counts()).toEqual({
        convert: { waiting: 2, running: 0, dead: 0 },
        'read-radiation': { waiting: 0, running: 0, dead: 0 },
        analyse: { waiting: 1, running: 0, dead: 0 },
        triage: { waiting: 0, running: 1, dead: 0 },
        'notify-lane': { waiting: 0, running: 0, dead: 0 },
        'watch-passages': { waiting: 0, running: 0, dead: 0 },
        shadow: { waiting: 0, running: 0, dead: 0 },
        'rejoin-declaration': { waiting: 0, running: 0, dead: 0 },
        'join-radiation': { waiting: 0, running: 0, dead: 0 },
      });
      expect(await inTx((tx) => tx.waitingJobs())).toBe(3);
    });

    it('has every one of many jobs done exactly once by many workers', async () => {
      const ids = Array.from({ length: 150 }, () => fresh('job'));
      await inTx(async (tx) => {
        for (const id of ids) await tx.enqueue({ ...job(), id });
      });
      const done: string[] = [];
      const work = async ({ jobs }: JobsHandle): Promise<void> => {
        for (;;) {
          const found = await jobs.claim(['convert'], 'worker', 30);
          if (found === undefined) return;
          await jobs.complete(found, nothing);
          done.push(found.id);
        }
      };
      await Promise.all([here, there, here, there, here, there].map(work));
      expect(done).toHaveLength(ids.length);
      expect(new Set(done)).toEqual(new Set(ids));
    });

    it('wakes a waiting worker of another process as soon as work is committed, and not after it stopped', async () => {
      let woken = 0;
      const stop = await there.jobs.onWork(() => {
        woken += 1;
      });
      await eventually('it polls, every 1.5 s', 10, () => woken > 0);
      const before = woken;
      const began = Date.now();
      await enqueue(job());
      await eventually('it is woken', 10, () => woken > before);
      // before the next poll, so it was the notification
      expect(Date.now() - began).toBeLessThan(1_300);
      await stop();
      const after = woken;
      await enqueue(job());
      await pause(200, 'absence');
      expect(woken).toBe(after);
    });
  });
}
