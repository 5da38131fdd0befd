import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decideCase } from '../../../src/commands/cases.ts';
import { claimCase } from '../../../src/commands/claims.ts';
import type { DeclarationBody } from '../../../src/core/case/declaration.ts';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';
import { withCheckDigit } from '../../../src/core/check-digits.ts';
import type { Adjudication } from '../../../src/core/radiation/adjudication.ts';
import { putDeclaration } from '../../../src/features/declarations/decide.ts';
import { adjudicateHold, closeHold, reopenHold } from '../../../src/features/holds/decide.ts';
import { backup } from '../../../src/maintenance/backup.ts';
import { reconvert } from '../../../src/maintenance/reconvert.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { restore } from '../../../src/maintenance/restore.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { getLaneInstruction, getScan, listChanges } from '../../../src/queries/read.ts';
import { joinRadiation } from '../../../src/steps/join-radiation.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { type LaneController, openLane } from '../../support/http/lane-controller.ts';
import { actor, movableClock, promisedRecords, send } from '../../support/stage.ts';
import { n42Document, nuclideFound, type Passage, portalLines } from '../../support/vendors/portal.ts';
import { story } from '../../support/vitest/story.ts';

let service: Harness;
let controller: LaneController;
let told: IssuedLaneInstruction[];
const clock = movableClock('2026-03-04T06:00:00.000Z');
const officer = { actor: actor('radiation-officer', 'rita') };
const ann = { actor: actor('supervisor', 'ann') };
let seed = 0;
/** When the test began, ms; everything is received then, unless the clock is moved. */
let begin = 0;

beforeAll(async () => {
  controller = await openLane();
  ({ told } = controller);
  service = await openHarness({ deps: { clock, lane: controller.lane } });
});
afterAll(async () => {
  await service.close();
  controller.close();
});
// A week apart, what one test sends is near to nothing of another
beforeEach(() => {
  clock.advance(7 * 24 * 3600);
  begin = clock.now().getTime();
});

const time = (second: number) => new Date(begin + second * 1000).toISOString();

async function sent(name: string, bytes: Uint8Array, meta = {}): Promise<string> {
  const [accepted] = await send(service.deps, [{ name, bytes }], meta);
  await service.work();
  return accepted!.scanId;
}

function xray(second: number, containers = 'MSKU1234565', meta = {}): Promise<string> {
  seed += 1;
  const order = { seed, containers, ...(second < 0 ? {} : { acquired: time(second) }) };
  return sent(`${seed}.fake`, fakeScan(order), meta);
}

/** That no alarm of another test names: an alarm holds its containers until it is ended. */
function newContainer(): string {
  seed += 1;
  return withCheckDigit(`CSQU${String(600_000 + seed)}`);
}

function portal(passages: readonly Passage[], meta = {}): Promise<string> {
  seed += 1;
  return sent(`${seed}.csv`, portalLines(passages), meta);
}

const passage = (second: number, more: Partial<Passage> = {}): Passage => ({
  from: time(second),
  to: time(second + 10),
  number: second,
  ...more,
});
const alarm = (second: number) => passage(second, { alarm: 'gamma' });

const secondOfficer = { actor: actor('radiation-officer', 'rolf') };
const identified = {
  decision: 'false',
  secondaryInspection: 'nothing-found',
  identification: { nuclides: [], by: 'riid', expert: 'the laboratory' },
} satisfies Adjudication;

/** As the system of customs states it. */
const declare = (ref: string, body: DeclarationBody) =>
  putDeclaration(service.deps, { actor: actor('lane', 'customs') }, ref, body, false);

/** Two officers, as a neutron alarm needs. */
async function settle(holdId: string): Promise<void> {
  for (const command of [officer, secondOfficer])
    await adjudicateHold(service.deps, command, holdId, identified);
  await service.work();
}

const inTx = <T>(work: Parameters<Harness['deps']['records']['transaction']>[0]): Promise<T> =>
  service.deps.records.transaction(work) as Promise<T>;
const lane = (scanId: string): Promise<IssuedLaneInstruction> =>
  getLaneInstruction(service.deps, actor('lane'), scanId);
const holdsOn = (scanId: string) => service.deps.records.transaction((tx) => tx.holdsOn(scanId));
const linksOf = async (scanId: string) => (await getScan(service.deps, ann.actor, scanId)).radiation;

async function decideNormal(scanId: string): Promise<void> {
  const [value] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  await claimCase(service.deps, ann, value!.id);
  await decideCase(service.deps, ann, value!.id, { kind: 'normal', reason: 'nothing-unusual' });
}

story('one service and its portal', () => {
  describe('a radiation record', () => {
    it('opens no image case, is looked at by no model, and has no go of its own', async () => {
      const scanId = await portal([passage(0)]);
      const { scan, revisions } = await getScan(service.deps, ann.actor, scanId);
      expect([scan.state, revisions[0]?.scan?.radiation?.length]).toEqual(['analysed', 1]);
      expect(await inTx((tx) => tx.casesOfScan(scanId))).toEqual([]);
      expect(await inTx((tx) => tx.analyses(scanId))).toEqual([]);
      expect(await holdsOn(scanId)).toEqual([]);
      expect(await lane(scanId)).toMatchObject({ instruction: 'hold', final: false });
      const kinds = (await service.deps.records.transaction((tx) => tx.objectsOf(scanId))).map(
        ({ kind }) => kind,
      );
      expect(new Set(kinds)).toEqual(new Set(['original', 'manifest', 'scan-json']));
    });

    it.each(['before', 'after'] as const)(
      '%s the X-ray scan joins it by time, and both show it',
      async (order) => {
        const first = order === 'before' ? await portal([alarm(0)]) : await xray(20);
        const second = order === 'before' ? await xray(20) : await portal([alarm(0)]);
        const [record, scan] = order === 'before' ? [first, second] : [second, first];
        const joined = { kind: 'joined', scanId: scan, by: 'time', secondsApart: 10, timeFrom: 'file' };
        for (const id of [record, scan]) {
          expect(await linksOf(id)).toMatchObject([
            {
              link: { scanId: record, alarms: ['gamma'], join: joined },
              hold: { state: 'open', join: joined },
            },
          ]);
        }
        expect((await holdsOn(scan)).map(({ scanId }) => scanId)).toEqual([record]);
      },
    );

    it('of many occupancies joins each to its own scan, and a nearer scan that comes late takes its own over', async () => {
      const record = await portal([passage(0), alarm(60), passage(1000)]);
      const early = await xray(75);
      expect((await linksOf(early)).map(({ link }) => link.recordId)).toEqual(['occupancy-1', 'occupancy-2']);
      const late = await xray(12);
      expect((await linksOf(late)).map(({ link }) => link.recordId)).toEqual(['occupancy-1']);
      expect((await linksOf(early)).map(({ link }) => link.recordId)).toEqual(['occupancy-2']);
      const own = await linksOf(record);
      expect(own.map(({ link }) => link.join.kind)).toEqual(['joined', 'joined', 'none']);
      const { reasons } = await lane(late);
      const alarms = reasons?.filter(({ text }) => text.includes('radiation alarm'));
      expect(alarms, 'a time alone is no proof').toMatchObject([{ code: 'alarm-near' }]);
    });

    it('joins by the container number rather than by time', async () => {
      const byTime = await xray(12, 'MSKU1234565');
      const byNumber = await xray(3000, 'CSQU3054383');
      await sent('p.n42', n42Document('CSQU 305438 3', time(0)));
      expect((await linksOf(byNumber)).map(({ link }) => link.join)).toMatchObject([{ by: 'container' }]);
      expect(await linksOf(byTime)).toEqual([]);
    });

    it('that is as near to two scans joins none, says so, and holds both', async () => {
      const scans = [await xray(3), await xray(8)].sort((a, b) => (a < b ? -1 : 1));
      const record = await portal([alarm(0)]);
      expect(await linksOf(record)).toMatchObject([
        { link: { join: { kind: 'ambiguous', scanIds: scans } } },
      ]);
      for (const scanId of scans) {
        await decideNormal(scanId);
        expect(await lane(scanId)).toMatchObject({ instruction: 'hold', final: false });
      }
    });

    it('without a time joins by its receipt, marked so, unless it holds several occupancies', async () => {
      const scan = await xray(-1);
      const record = await portal([{ alarm: 'neutron' }]);
      expect(await linksOf(scan)).toMatchObject([
        { link: { timeFrom: 'receipt', join: { timeFrom: 'receipt' } } },
      ]);
      const { revisions } = await getScan(service.deps, ann.actor, record);
      expect(revisions[0]?.scan?.warnings.map(({ code }) => code)).toContain('NII_W_TIME_ABSENT');
      const several = await portal([{ alarm: 'neutron' }, { number: 2 }]);
      expect((await linksOf(several)).map(({ link }) => link.join.kind)).toEqual(['none', 'none']);
      expect(await lane(several)).toMatchObject({
        instruction: 'hold',
        reasons: [
          { text: expect.stringContaining('neutron') },
          { code: 'alarm-near' },
          { code: 'nothing-to-decide' },
        ],
      });
    });

    it('of another lane, another site or another window joins nothing', async () => {
      const scan = await xray(12, 'MSKU1234565', { lane: 'a' });
      await portal([alarm(0)], { lane: 'b' });
      await portal([alarm(400)], { lane: 'a' });
      expect(await linksOf(scan)).toEqual([]);
    });

    it('that is no operation opens no hold', async () => {
      expect(await holdsOn(await portal([alarm(0)], { purpose: 'calibration' }))).toEqual([]);
    });
  });

  describe('the hold', () => {
    it('stops a vehicle whose image was judged normal before the alarm came, until an officer lets it go', async () => {
      const visit = { visit: 'V-tiles' };
      await declare('D-tiles', { containers: ['MSKU1234565'], hsCodes: ['690721'] });
      const scan = await xray(12, 'MSKU1234565', visit);
      await decideNormal(scan);
      expect(await lane(scan)).toMatchObject({ instruction: 'proceed', final: true });
      await portal([alarm(0)], visit);
      expect(await lane(scan)).toMatchObject({
        instruction: 'hold',
        final: false,
        holds: [{ state: 'open' }],
      });
      const [hold] = await holdsOn(scan);
      await adjudicateHold(service.deps, officer, hold!.id, {
        decision: 'innocent',
        basis: 'norm',
        goodsHs: '6907',
        identification: { nuclides: ['K-40'], by: 'riid' },
      });
      expect(await lane(scan)).toMatchObject({
        instruction: 'proceed',
        final: true,
        holds: [{ state: 'innocent' }],
      });
      await reopenHold(service.deps, officer, hold!.id, { why: 'the papers were of another box' });
      expect(await lane(scan)).toMatchObject({ instruction: 'hold', final: false });
    });

    it('is not moved by any verdict, and goes on when confirmed until it is closed', async () => {
      await portal([alarm(0)]);
      const scan = await xray(12);
      const [hold] = await holdsOn(scan);
      await decideNormal(scan);
      expect(await holdsOn(scan)).toEqual([hold]);
      await adjudicateHold(service.deps, officer, hold!.id, {
        decision: 'real',
        authority: 'Nuclear safety',
      });
      expect(await lane(scan)).toMatchObject({
        instruction: 'hold',
        final: false,
        holds: [{ state: 'confirmed' }],
      });
      await decideNormal(await xray(5));
      expect((await holdsOn(scan)).map(({ id }) => id)).toEqual([hold!.id]);
      await closeHold(service.deps, secondOfficer, hold!.id, { kind: 'released', reference: 'NS-1' });
      expect(await lane(scan)).toMatchObject({ instruction: 'proceed', final: true });
    });

    it('of a portal in another zone holds every scan that came with it, whatever its lane, until an officer settles it', async () => {
      const nearby = await xray(30 * 60, newContainer(), { lane: 'a' });
      const elsewhere = await xray(30 * 60, newContainer(), { lane: 'b' });
      for (const scanId of [nearby, elsewhere]) await decideNormal(scanId);
      expect(await lane(nearby)).toMatchObject({ instruction: 'proceed' });
      await service.work();
      told.splice(0);
      const there = time(3 * 3600).replace('Z', '');
      const record = await portal([{ from: there, number: 7, alarm: 'neutron' }], { lane: 'a' });
      const [hold] = await holdsOn(record);
      expect(hold).toMatchObject({ join: { kind: 'none' }, passage: { isZoneStated: false, lane: 'a' } });
      expect(await lane(nearby)).toMatchObject({
        instruction: 'hold',
        final: false,
        reasons: [{ code: 'alarm-near', holdId: hold!.id }, { code: 'normal' }],
      });
      expect(told.filter(({ scanId }) => scanId === nearby)).toMatchObject([{ instruction: 'hold' }]);
      expect(await lane(elsewhere)).toMatchObject({
        instruction: 'hold',
        reasons: [{ code: 'alarm-near' }, {}],
      });
      const nextDay = 24 * 3600;
      clock.advance(nextDay);
      const later = await xray(nextDay, newContainer(), { lane: 'a' });
      await decideNormal(later);
      expect(await lane(later)).toMatchObject({ instruction: 'proceed' });
      await settle(hold!.id);
      for (const scanId of [nearby, elsewhere])
        expect(await lane(scanId)).toMatchObject({ instruction: 'proceed', final: true });
      expect(told.filter(({ scanId }) => scanId === nearby).at(-1)).toMatchObject({ instruction: 'proceed' });
    });

    it('of a neutron alarm ends by two officers who say what was identified, and never by cargo or a patient', async () => {
      const [hold] = await holdsOn(await portal([passage(0, { alarm: 'neutron' })]));
      const by = (command: typeof officer, given: Adjudication) =>
        adjudicateHold(service.deps, command, hold!.id, given);
      const innocent = { decision: 'innocent' } as const;
      const excuses: readonly Adjudication[] = [
        { ...innocent, basis: 'norm', goodsHs: '6907', identification: { nuclides: ['K-40'], by: 'riid' } },
        { ...innocent, basis: 'medical', person: 'x', identification: { nuclides: ['I-131'], by: 'riid' } },
      ];
      for (const excuse of excuses)
        await expect(by(officer, excuse)).rejects.toMatchObject({ field: 'basis' });
      const { identification, ...unidentified } = identified;
      await expect(by(officer, unidentified)).rejects.toMatchObject({ field: 'identification' });
      expect((await by(officer, identified)).hold).toMatchObject({
        state: 'open',
        proposal: { officer: 'rita' },
      });
      expect((await by(officer, identified)).hold.state).toBe('open');
      const fault: Adjudication = {
        decision: 'tamper-or-fault',
        workOrder: 'W-1',
        newMeasurement: { kind: 'inspected', by: 'rolf', with: 'hand-held neutron detector' },
        identification: { nuclides: [], by: 'riid', expert: 'the laboratory' },
      };
      expect((await by(secondOfficer, fault)).hold.state).toBe('open');
      const ended = (await by(officer, fault)).hold;
      expect(ended).toMatchObject({
        state: 'measured-again',
        adjudication: { officer: 'rita', second: 'rolf' },
      });
      expect(ended).not.toHaveProperty('proposal');
    });

    it('of a nuclide that the portal names without an alarm holds the vehicle, unless it occurs in nature', async () => {
      for (const [name, identified, instruction] of [
        ['Pu-239', true, 'hold'],
        ['Cs-137', true, 'hold'],
        ['K-40', true, 'proceed'],
        ['Pu-239', false, 'proceed'],
      ] as const) {
        clock.advance(7 * 24 * 3600);
        begin = clock.now().getTime();
        const container = newContainer();
        await sent('p.n42', n42Document(container, time(0), nuclideFound(name, identified)));
        const scan = await xray(20, container);
        await decideNormal(scan);
        expect([name, (await lane(scan)).instruction]).toEqual([name, instruction]);
      }
    });

    it('of nuclear material needs two officers and an expert, whether the portal or an officer found it, and never passes as cargo or a patient', async () => {
      await sent('p.n42', n42Document('CSQU3054383', time(0), nuclideFound('HEU')));
      const [byPortal] = await holdsOn(await xray(20, 'CSQU3054383'));
      clock.advance(7 * 24 * 3600);
      begin = clock.now().getTime();
      const [byOfficer] = await holdsOn(await sent('q.n42', n42Document('CSQU3054383', time(0))));
      const dangerousGoods = [{ unNumber: '3327', nuclides: ['HEU', 'U-235', 'Cs-137'] }];
      for (const ref of ['L-7', 'L-8']) await declare(ref, { containers: ['CSQU3054383'], dangerousGoods });
      const source = { decision: 'innocent', basis: 'declared-source', reference: 'L-7' } as const;
      const found = { nuclides: ['U235'], by: 'riid' as const, expert: 'the laboratory' };
      const { expert: _, ...withoutExpert } = found;
      for (const { id } of [byPortal!, byOfficer!]) {
        const by = (command: typeof officer, given: Adjudication) =>
          adjudicateHold(service.deps, command, id, given);
        await expect(by(officer, { ...source, identification: withoutExpert })).rejects.toMatchObject({
          field: 'identification',
        });
        const norm = { ...source, basis: 'norm' as const, goodsHs: '6907', identification: found };
        await expect(by(officer, norm)).rejects.toMatchObject({ code: 'NII_BAD_REQUEST' });
        expect((await by(officer, { ...source, identification: found })).hold.state).toBe('open');
        // a colleague who leaves the nuclide out does not make it a matter of one
        const other = { ...source, reference: 'L-8', identification: { ...found, nuclides: ['Cs-137'] } };
        expect((await by(secondOfficer, other)).hold).toMatchObject({
          state: 'innocent',
          adjudication: { second: 'rita' },
        });
      }
    });

    it('is opened once, however often the step runs', async () => {
      const record = await portal([alarm(0)]);
      const scan = await xray(12);
      const before = await promisedRecords(service);
      const changes = await listChanges(service.deps, ann.actor, 200);
      for (const scanId of [record, scan, record]) {
        const payload = { scanId, administration: 'utopia', site: 'harbour' };
        const job = { id: `again:${scanId}`, kind: 'join-radiation', payload } as const;
        await service.deps.records.transaction((tx) => tx.enqueue(job));
        const claimed = await service.deps.jobs.claim(['join-radiation'], 'test', 60);
        await joinRadiation(service.deps, claimed!, scanId);
      }
      expect(await promisedRecords(service)).toEqual(before);
      expect(await listChanges(service.deps, ann.actor, 200)).toEqual(changes);
    });

    it('is there after all when the step was cut off between its object and its record', async () => {
      const record = await portal([passage(0)]);
      const scan = await xray(12);
      const [accepted] = await send(service.deps, [{ name: 'cut.csv', bytes: portalLines([alarm(0)]) }]);
      let puts = 0;
      const objects = {
        ...service.deps.objects,
        put: async (...args: Parameters<typeof service.deps.objects.put>) => {
          await service.deps.objects.put(...args);
          if (args[0].startsWith('holds/') && puts++ === 0) throw new Error('killed here');
        },
        get: service.deps.objects.get.bind(service.deps.objects),
        stream: service.deps.objects.stream.bind(service.deps.objects),
      };
      const deps = { ...service.deps, objects };
      await eventually('there is a hold', 10, async () => {
        await drainJobs(deps, 'test');
        return (await holdsOn(scan)).length > 0;
      });
      expect(puts).toBe(2);
      expect((await holdsOn(scan)).map(({ scanId, history }) => [scanId, history.length])).toEqual([
        [accepted!.scanId, 1],
      ]);
      expect((await linksOf(record)).map(({ link }) => link.join.kind)).toEqual(['joined']);
      expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
    });

    it('survives reindex and a restored backup, equal to what it was, and verify covers it', async () => {
      const record = await portal([alarm(0), alarm(300), passage(2000)]);
      const scan = await xray(12);
      await xray(303);
      await xray(306);
      const [first] = await holdsOn(scan);
      await adjudicateHold(service.deps, officer, first!.id, {
        decision: 'real',
        authority: 'Nuclear safety',
      });
      await reconvert(service.deps, ann, record);
      await service.work();
      const before = await promisedRecords(service);
      const holds = new Set(before.whole.flatMap((one) => one.holds.map(({ id }) => id))).size;
      expect(holds).toBeGreaterThanOrEqual(2);
      expect(await reindex(service.deps)).toMatchObject({ scans: before.whole.length, holds, damaged: [] });
      expect(await lane(scan)).toMatchObject({ instruction: 'hold', final: false });
      await service.work();
      expect(await promisedRecords(service)).toEqual(before);
      expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
      const folder = await mkdtemp(join(tmpdir(), 'nii-radiation-'));
      const other = await openHarness({ deps: { clock }, isEmpty: true });
      try {
        await backup(service.deps, folder, clock.now());
        await restore(other.deps, folder);
        await other.work();
        expect(await promisedRecords(other)).toEqual(before);
        await writeFile(join(service.objectsDir, `holds/${record}/${first!.id}/000001.json`), 'x');
        expect((await verifyAll(service.deps)).corrupt).toHaveLength(1);
      } finally {
        await other.close();
        await rm(folder, { recursive: true, force: true });
      }
    });

    it('tells the lane of every scan that it bears on, each time that it moves', async () => {
      const scan = await xray(12);
      told.splice(0);
      const record = await portal([alarm(0)]);
      const both = new Set([`${scan} hold`, `${record} hold`]);
      expect(new Set(told.splice(0).map(({ scanId, instruction }) => `${scanId} ${instruction}`))).toEqual(
        both,
      );
      const [hold] = await holdsOn(scan);
      await settle(hold!.id);
      expect(new Set(told.map(({ scanId }) => scanId))).toEqual(new Set([scan, record]));
    });
  });
});
