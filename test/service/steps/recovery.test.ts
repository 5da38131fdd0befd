import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decideCase, recordSearchOutcome, referCase, requestOpinion } from '../../../src/commands/cases.ts';
import { claimCase } from '../../../src/commands/claims.ts';
import { keys } from '../../../src/core/keys.ts';
import { putDeclaration } from '../../../src/features/declarations/decide.ts';
import { reconvert } from '../../../src/maintenance/reconvert.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { planSweep, removePlanned } from '../../../src/maintenance/sweep.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { listQueue } from '../../../src/queries/read.ts';
import { simulateToFiles } from '../../../src/simulate/index.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, movableClock, promisedRecords, send } from '../../support/stage.ts';

const clock = movableClock('2026-05-01T08:00:00.000Z');
let service: Harness;

beforeEach(async () => {
  service = await openHarness({ deps: { clock } });
});
afterEach(async () => {
  await service.close();
});

async function fake(seed: number, containers: string): Promise<string> {
  const [accepted] = await send(service.deps, [
    { name: `${seed}.fake`, bytes: fakeScan({ seed, containers }) },
  ]);
  await service.work();
  return accepted!.scanId;
}

/** Of any age: the clock of these tests is not that of the store. */
async function sweep(): Promise<readonly string[]> {
  return removePlanned(service.deps, await planSweep(service.deps, new Date(Date.now() + 60_000)));
}

async function caseOf(scanId: string) {
  const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  return found!;
}

const ann = { actor: actor('supervisor', 'ann') };
const bob = { actor: actor('supervisor', 'bob') };

describe('reindex', () => {
  it('brings back every record that it promises, equal to the one before, from the objects alone', async () => {
    const suspect = await caseOf(await fake(1, 'MSKU1234565'));
    await claimCase(service.deps, ann, suspect.id);
    await decideCase(service.deps, ann, suspect.id, { kind: 'suspect', reason: 'shape', note: 'a block' });
    await referCase(service.deps, bob, suspect.id, {});
    await recordSearchOutcome(service.deps, bob, suspect.id, {
      kind: 'found',
      what: 'a block',
      where: 'behind the door',
    });
    const second = await caseOf(await fake(2, 'CSQU3054383'));
    await claimCase(service.deps, ann, second.id);
    await decideCase(service.deps, ann, second.id, { kind: 'normal', reason: 'nothing-unusual' });
    await requestOpinion(service.deps, bob, second.id, { why: 'training' });
    await fake(3, 'MSKU1234565');
    await putDeclaration(
      service.deps,
      bob,
      'MRN-1',
      {
        containers: ['CSQU3054383'],
        selectivity: { score: 90, reasons: ['first import'] },
      },
      true,
    );
    await putDeclaration(
      service.deps,
      { ...bob, ifMatch: '1' },
      'MRN-1',
      {
        containers: ['CSQU3054383'],
        selectivity: { score: 80 },
      },
      true,
    );
    await service.work();
    const files = simulateToFiles({
      layout: 'nuctech-fs6000',
      seed: 1,
      stem: 'x',
      pitchMm: 40,
      container: '20ft',
    });
    await send(
      service.deps,
      files.filter((file) => !file.name.endsWith('material.img')),
    );
    await service.work();
    clock.advance(30);
    await send(
      service.deps,
      files.filter((file) => file.name.endsWith('material.img')),
    );
    await service.work();
    const broken = await send(service.deps, [
      { name: 'broken.fake', bytes: fakeScan({ behaviour: 'crash' }) },
    ]);
    await service.work();
    const before = await promisedRecords(service);
    expect(before.whole).toHaveLength(5);
    expect(before.whole.filter(({ scan }) => scan.state === 'failed').map(({ scan }) => scan.id)).toEqual([
      broken[0]!.scanId,
    ]);
    const counts = await reindex(service.deps);
    await service.work();
    expect(counts).toEqual({ scans: 5, revisions: 6, cases: 4, holds: 0, declarations: 1, damaged: [] });
    expect(await promisedRecords(service)).toEqual(before);
    const { missing, corrupt, unnamed } = await verifyAll(service.deps);
    expect({ missing, corrupt, unnamed }).toEqual({ missing: [], corrupt: [], unnamed: [] });
  });

  it('keeps size and hash of what another version wrote in other bytes', async () => {
    const { id } = await caseOf(await fake(1, 'MSKU1234565'));
    await claimCase(service.deps, ann, id);
    await putDeclaration(service.deps, bob, 'MRN-1', { containers: ['MSKU1234565'] }, true);
    await service.work();
    const before = await promisedRecords(service);
    const rewritten = ['received.json', 'converted.json', 'analysed.json', '/000001.json', '/000002.json'];
    const files = await readdir(service.objectsDir, { recursive: true });
    const changed = files.filter((name) => rewritten.some((ending) => name.endsWith(ending)));
    for (const name of changed) {
      const path = join(service.objectsDir, name);
      await writeFile(path, JSON.stringify(JSON.parse(await readFile(path, 'utf8')), null, 2));
    }
    expect(changed.filter((name) => !name.startsWith('persons/'))).toHaveLength(6);
    expect((await verifyAll(service.deps)).corrupt).toHaveLength(changed.length);
    expect((await reindex(service.deps)).damaged).toEqual([]);
    await service.work();
    expect(await verifyAll(service.deps)).toMatchObject({ missing: [], corrupt: [], unnamed: [] });
    const after = await promisedRecords(service);
    expect(after.declarations).toEqual(before.declarations);
    expect(after.whole.map(({ cases }) => cases)).toEqual(before.whole.map(({ cases }) => cases));
  });

  it('brings back what it can past damaged objects, and converts again what a damaged step had made', async () => {
    const whole = await fake(1, 'MSKU1234565');
    const hurt = await fake(2, 'CSQU3054383');
    const lost = await fake(3, 'MSKU1234565');
    const before = await promisedRecords(service);
    await writeFile(join(service.objectsDir, keys.scanJson(hurt, 1)), 'not json');
    await writeFile(join(service.objectsDir, keys.received(lost, 1)), '{"part":');
    const { scans, damaged } = await reindex(service.deps);
    await service.work();
    expect(scans).toBe(2);
    expect(damaged).toHaveLength(2);
    expect(damaged.join()).toContain(hurt);
    expect(damaged.join()).toContain(lost);
    const after = await promisedRecords(service);
    const kept = before.whole.filter(({ scan }) => scan.id === whole || scan.id === hurt);
    expect(after.whole.map(({ scan, revisions, cases }) => ({ scan, revisions, cases }))).toEqual(
      kept.map(({ scan, revisions, cases }) => ({ scan, revisions, cases })),
    );
  });

  it('queues again what had not ended, so that a scan acknowledged before is not left behind', async () => {
    await send(service.deps, [{ name: 'a.fake', bytes: fakeScan({ seed: 9 }) }]);
    await reindex(service.deps);
    expect((await promisedRecords(service)).whole[0]?.scan.state).toBe('received');
    await service.work();
    expect((await promisedRecords(service)).whole[0]?.scan.state).toBe('analysed');
  });

  it('keeps keys and the audit', async () => {
    const before = await service.deps.records.transaction((tx) =>
      tx.auditTrail({ administration: 'utopia', site: '*' }, 100),
    );
    const keysBefore = await service.deps.records.transaction((tx) => tx.keys());
    await reindex(service.deps);
    const after = await service.deps.records.transaction((tx) =>
      tx.auditTrail({ administration: 'utopia', site: '*' }, 100),
    );
    expect(after.rows.slice(-before.rows.length)).toEqual(before.rows);
    expect(await service.deps.records.transaction((tx) => tx.keys())).toEqual(keysBefore);
  });
});

describe('two at the same moment', () => {
  it('with the same content under different names are one scan, and nobody is refused', async () => {
    for (const seed of [77, 78, 79, 80, 81]) {
      const bytes = fakeScan({ seed });
      const names = ['a', 'b', 'c', 'd'].map((name) => `${name}-${seed}.fake`);
      const answers = await Promise.all(names.map((name) => send(service.deps, [{ name, bytes }])));
      expect(new Set(answers.flat().map((scan) => scan.scanId)).size).toBe(1);
    }
    await service.work();
    const { missing, corrupt, unnamed } = await verifyAll(service.deps);
    expect({ missing, corrupt, unnamed }).toEqual({ missing: [], corrupt: [], unnamed: [] });
  });

  it('that convert one scan again make one revision each or are refused, and the store stays right', async () => {
    const scanId = await fake(5, 'MSKU1234565');
    const tries = await Promise.allSettled([1, 2, 3].map(() => reconvert(service.deps, bob, scanId)));
    expect(tries.filter((one) => one.status === 'fulfilled').length).toBeGreaterThan(0);
    await service.work();
    const { missing, corrupt, unnamed } = await verifyAll(service.deps);
    expect({ missing, corrupt, unnamed }).toEqual({ missing: [], corrupt: [], unnamed: [] });
  });
});

describe('verify', () => {
  it('names an object whose bytes changed, one that is gone, and one that no record names', async () => {
    const scanId = await fake(1, 'MSKU1234565');
    await writeFile(join(service.objectsDir, keys.scanJson(scanId, 1)), 'something else');
    await service.deps.objects.remove(keys.preview(scanId, 1));
    await service.deps.objects.put('scans/left/r1/over', new Uint8Array([1]), 'application/octet-stream');
    expect(await verifyAll(service.deps)).toMatchObject({
      corrupt: [keys.scanJson(scanId, 1)],
      missing: [keys.preview(scanId, 1)],
      unnamed: ['scans/left/r1/over'],
    });
  });

  it('calls nothing unnamed that is stored with its record while it reads', async () => {
    await fake(1, 'MSKU1234565');
    const decided = await caseOf(await fake(2, 'CSQU3054383'));
    let meanwhile: Promise<unknown> | undefined;
    const { unnamed } = await verifyAll({
      ...service.deps,
      objects: {
        ...service.deps.objects,
        list: async function* (prefix) {
          meanwhile ??= claimCase(service.deps, ann, decided.id);
          await meanwhile;
          yield* service.deps.objects.list(prefix);
        },
        head: (key) => service.deps.objects.head(key),
        stream: (key) => service.deps.objects.stream(key),
      },
    });
    await expect(meanwhile).resolves.toBeDefined();
    expect(unnamed).toEqual([]);
  });

  it('a sweep removes what no record names, and only that', async () => {
    await fake(1, 'MSKU1234565');
    const before = await verifyAll(service.deps);
    await service.deps.objects.put('scans/left/r1/over', new Uint8Array([1]), 'application/octet-stream');
    expect(await sweep()).toEqual(['scans/left/r1/over']);
    expect(await verifyAll(service.deps)).toEqual(before);
  });

  it('a sweep beside uploads removes nothing that they name', async () => {
    const uploads = Array.from({ length: 12 }, (_, i) => fake(100 + i, 'MSKU1234565'));
    for (let i = 0; i < 5; i += 1) await sweep();
    await Promise.all(uploads);
    await service.work();
    const { missing, unnamed } = await verifyAll(service.deps);
    expect({ missing, unnamed }).toEqual({ missing: [], unnamed: [] });
  });
});

describe('a declaration', () => {
  it('puts its risk and the reason into the queue, whether it comes before the scan or after', async () => {
    await putDeclaration(
      service.deps,
      bob,
      'MRN-before',
      {
        containers: ['MSKU 123456-5'],
        selectivity: { score: 85, reasons: ['new trader'] },
      },
      true,
    );
    await service.work();
    const before = await caseOf(await fake(1, 'MSKU1234565'));
    expect(before).toMatchObject({ declaredRisk: 85, band: 'high' });
    const after = await caseOf(await fake(2, 'CSQU3054383'));
    expect(after.declaredRisk).toBeUndefined();
    await putDeclaration(
      service.deps,
      bob,
      'MRN-after',
      {
        containers: ['CSQU3054383'],
        selectivity: { score: 95 },
      },
      true,
    );
    await service.work();
    const joined = await caseOf(after.scanId);
    expect(joined.declaredRisk).toBe(95);
    expect(joined.history.map((event) => event.kind)).toEqual(['opened', 'risk-changed']);
    const queue = await listQueue(service.deps, actor('supervisor'), { states: ['queued'] }, 10);
    expect(queue.rows.map((value) => value.declaredRisk)).toEqual([95, 85]);
    expect(queue.rows[1]?.reasons.map((reason) => reason.text)).toContain(
      'declared risk 85 of 100 (new trader)',
    );
  });

  it('that no longer names a container takes its risk away again', async () => {
    const value = await caseOf(await fake(1, 'MSKU1234565'));
    await putDeclaration(
      service.deps,
      bob,
      'MRN-1',
      {
        containers: ['MSKU1234565'],
        selectivity: { score: 70 },
      },
      true,
    );
    await service.work();
    await putDeclaration(
      service.deps,
      { ...bob, ifMatch: '1' },
      'MRN-1',
      { containers: [], selectivity: { score: 70 } },
      true,
    );
    await service.work();
    expect((await caseOf(value.scanId)).declaredRisk).toBeUndefined();
  });

  it('of goods presented more than two weeks away from the scan does not join it', async () => {
    await putDeclaration(
      service.deps,
      bob,
      'MRN-1',
      {
        containers: ['MSKU1234565'],
        selectivity: { score: 70 },
        presentedAt: '2020-01-01T00:00:00Z',
      },
      true,
    );
    expect((await caseOf(await fake(1, 'MSKU1234565'))).declaredRisk).toBeUndefined();
  });
});

describe('the lane', () => {
  it('is told of a verdict with a signature, again until it acknowledges', async () => {
    const received: { headers: Record<string, string>; body: string }[] = [];
    const lane = createServer(async (request, response) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
      received.push({ headers, body: await textOf(request) });
      response.writeHead(received.length < 3 ? 500 : 204).end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => lane.once('listening', resolve));
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const url = `http://127.0.0.1:${(lane.address() as AddressInfo).port}/told`;
    const told: Harness = await openHarness({
      deps: { lane: { url, secrets: [secret] }, clock: { now: () => new Date() } },
    });
    try {
      const [accepted] = await send(told.deps, [{ name: 'a.fake', bytes: fakeScan({ seed: 1 }) }]);
      await told.work();
      const [value] = await told.deps.records.transaction((tx) => tx.casesOfScan(accepted!.scanId));
      await claimCase(told.deps, ann, value!.id);
      await decideCase(told.deps, ann, value!.id, { kind: 'normal', reason: 'nothing-unusual' });
      await eventually('the lane is told three times', 20, async () => {
        await told.work();
        return received.length >= 3;
      });
      await told.work();
      expect(received).toHaveLength(3);
      const [first, ...more] = received.map(({ headers }) => headers['webhook-id']);
      expect(more, 'an attempt more is the same announcement').toEqual([first, first]);
      for (const { headers, body } of received) {
        expect(new Webhook(secret).verify(body, headers)).toMatchObject({
          scanId: accepted!.scanId,
          instruction: 'proceed',
          final: true,
        });
      }
      expect(await told.deps.jobs.counts()).toMatchObject({
        'notify-lane': { waiting: 0, running: 0, dead: 0 },
        'watch-passages': { waiting: 0, running: 0, dead: 0 },
      });
    } finally {
      await told.close();
      lane.close();
    }
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
