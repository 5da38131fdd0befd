import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { noteNewestSeal } from '../../../src/audit/newest-seal.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import type { Role } from '../../../src/core/access.ts';
import { withCheckDigit } from '../../../src/core/check-digits.ts';
import { defined } from '../../../src/core/defined.ts';
import type { Clock } from '../../../src/core/ports/process.ts';
import { createPerson } from '../../../src/features/persons/decide.ts';
import { atCommandLine, issueKey } from '../../../src/features/persons/keys.ts';
import { buildApp } from '../../../src/http/app.ts';
import { checkClockAtStart } from '../../../src/maintenance/keep-clock.ts';
import { reportRollbacks } from '../../../src/maintenance/rollback.ts';
import { drainJobs } from '../../../src/steps/worker.ts';
import type { Service } from '../../../src/wiring.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, SITE } from '../../support/harness.ts';
import { n42Document } from '../../support/vendors/portal.ts';
import { openWorld, type World } from '../../support/world.ts';

/** What the lane is told after the service was restored to an earlier state by its commands, or started with a wrong clock. */

type Stores = Omit<World, 'at' | 'close'>;

/** The service over stores, as its clients see it. */
class Running {
  readonly service: Service;
  readonly #app: FastifyInstance;
  readonly #tokens: ReadonlyMap<string, string>;

  constructor(service: Service, tokens: ReadonlyMap<string, string>) {
    this.service = service;
    this.#tokens = tokens;
    this.#app = buildApp(service.deps, { version: 'test', requestsPerMinute: 1_000_000 });
  }

  async close(): Promise<void> {
    await this.#app.close();
    await this.service.close();
  }

  async ask(by: string, request: InjectOptions) {
    const headers = { authorization: `Bearer ${this.#tokens.get(by)}`, ...request.headers };
    return this.#app.inject({ ...request, headers });
  }

  async post(by: string, url: string, payload: object = {}) {
    const answer = await this.ask(by, { method: 'POST', url, payload });
    await drainJobs(this.service.deps, 'test');
    return answer;
  }

  async send(name: string, payload: Buffer): Promise<string> {
    const headers = { 'content-type': 'application/octet-stream' };
    const answer = await this.ask('scanner', {
      method: 'POST',
      url: `/v1/scans?name=${name}`,
      payload,
      headers,
    });
    await drainJobs(this.service.deps, 'test');
    return answer.json().scans[0].scanId;
  }

  /** Scanned, and read by a supervisor as normal. */
  async cleared(containers: string): Promise<string> {
    seed += 1;
    const scanId = await this.send(`${seed}.fake`, fakeScan({ seed, containers }));
    const [found] = await this.service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
    await this.post('supervisor', `/v1/cases/${found?.id}/claim`);
    await this.post('supervisor', `/v1/cases/${found?.id}/verdict`, { kind: 'normal', reason: 'other' });
    return scanId;
  }

  async told(scanId: string): Promise<string> {
    const answer = await this.ask('lane', { url: `/v1/scans/${scanId}/lane-instruction` });
    const { instruction, reasons } = answer.json();
    return `${instruction}: ${reasons.map(({ code }: { readonly code: string }) => code).join(' ')}`;
  }

  async open(by = 'administrator') {
    return (await this.ask(by, { url: '/v1/service-holds' })).json().items;
  }

  /** By two persons: a supervisor closes the gap, and a second administrator confirms the clock. */
  async endAll(): Promise<void> {
    for (const { id, site, cause } of await this.open()) {
      const url = `/v1/sites/${site}/service-holds/${id}`;
      const match = async () => ({ 'if-match': String((await this.ask('lane', { url })).headers.etag) });
      const payload = { reason: 'everything was sent again' };
      const put = await this.ask('administrator', { method: 'PUT', url, payload, headers: await match() });
      expect(put.statusCode).toBe(202);
      const confirm = { method: 'POST' as const, url: `${url}/confirmation`, payload: {} };
      const second = cause === 'clock' ? 'second' : 'supervisor';
      const ended = await this.ask(second, { ...confirm, headers: await match() });
      expect(ended.statusCode).toBe(200);
    }
  }
}

let seed = 0;
let world: World;
let live: Running;
let tokens: ReadonlyMap<string, string>;
let box: string;
let copies = 0;

/** Of what a person at the border is asked to give reasons for, and how long their verdict may be taken back. */
const terms = { secondOpinionShare: 0, undoWindowSeconds: 0, separation: 'small-post' } as const;

async function openAt(stores: Stores): Promise<Running> {
  const service = await stores.open();
  const { policy } = service.deps;
  // what a restore has queued again
  await drainJobs(service.deps, 'test');
  return new Running({ ...service, deps: { ...service.deps, policy: { ...policy, ...terms } } }, tokens);
}

beforeAll(async () => {
  world = await openWorld({ NII_ENABLE_FAKE: '1' });
  const service = await world.open();
  const made = new Map<string, string>();
  const roles: Readonly<Record<string, Role>> = {
    scanner: 'scanner',
    lane: 'lane',
    supervisor: 'supervisor',
    administrator: 'administrator',
    second: 'administrator',
  };
  for (const [name, role] of Object.entries(roles)) {
    const isPerson = role !== 'scanner' && role !== 'lane';
    const actor = atCommandLine(ADMINISTRATION);
    const person = isPerson ? (await createPerson(service.deps, { actor }, name)).id : undefined;
    const wanted = { roles: [role], administration: ADMINISTRATION, site: SITE, name };
    made.set(name, (await issueKey(service.deps, { ...wanted, ...defined({ person }) })).token);
  }
  tokens = made;
  await service.close();
  live = await openAt(world);
});
beforeEach(() => {
  box = withCheckDigit(`MSKU3${String(seed).padStart(5, '0')}`);
});
afterAll(async () => {
  await live.close();
  await world.close();
});

async function backedUp(): Promise<string> {
  const folder = join(world.dir, `backup-${seed}`);
  expect((await world.nii('backup', '--out', folder)).code).toBe(0);
  return folder;
}

/** An installation of its own, filled from the backup. */
async function restoredFrom(folder: string) {
  copies += 1;
  const stores = world.at(`restored-${copies}`);
  const { code, out } = await stores.nii('restore', folder);
  expect(code).toBe(0);
  return { stores, out };
}

const inGap = 'hold: recovery-gap normal';

test('a backup older than the alarm is restored: the vehicle holds until two persons close the gap', async () => {
  const scanId = await live.cleared(box);
  expect(await live.told(scanId)).toBe('proceed: normal');
  const folder = await backedUp();
  const alarm = n42Document(box, new Date().toISOString());
  await live.send('alarm.n42', alarm);
  expect(await live.told(scanId)).toBe('hold: alarm-waits normal');
  const { stores, out } = await restoredFrom(folder);
  const { createdAt } = JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8'));
  expect(out).toContain(
    `Recovery point: ${createdAt}. Vehicles that were scanned before now are on hold until two`,
  );
  const restored = await openAt(stores);
  expect(await restored.told(scanId)).toBe(inGap);
  expect(await restored.open()).toMatchObject([{ cause: 'recovery', site: SITE, since: createdAt }]);
  await restored.send('alarm.n42', alarm);
  await restored.endAll();
  expect(await restored.told(scanId)).toBe('hold: alarm-waits normal');
  await restored.close();
});

test('a vehicle that was recalled after the backup holds after the restore, also when it is scanned again', async () => {
  const scanId = await live.cleared(box);
  const folder = await backedUp();
  const hold = { method: 'PUT' as const, url: `/v1/sites/${SITE}/vehicle-holds/container/${box}` };
  const recall = { isHeld: true, reason: 'recalled by the neighbour' };
  await live.ask('supervisor', { ...hold, payload: recall, headers: { 'if-match': '"0"' } });
  expect(await live.told(scanId)).toBe('hold: held-by-hand normal');
  const { stores } = await restoredFrom(folder);
  const restored = await openAt(stores);
  expect(await restored.told(scanId)).toBe(inGap);
  const again = await restored.cleared(box);
  const another = await restored.cleared(withCheckDigit('MSKU777777'));
  expect([await restored.told(again), await restored.told(another)]).toEqual([inGap, 'proceed: normal']);
  await restored.endAll();
  expect(await restored.told(again)).toBe('proceed: normal');
  await restored.close();
});

test('a restore that was cut off and is run again opens one gap, and a drill opens none in the installation', async () => {
  await live.cleared(box);
  const folder = await backedUp();
  const { stores } = await restoredFrom(folder);
  await stores.asOwner('delete from keys');
  expect((await stores.nii('restore', folder)).code).toBe(0);
  const restored = await openAt(stores);
  expect(await restored.open()).toHaveLength(1);
  await restored.close();
  expect((await world.nii('drill', folder)).code).toBe(0);
  expect(await live.open()).toEqual([]);
});

test('a database that went back holds from the next start on, once, and also where somebody accepts it first', async () => {
  const scanId = await live.cleared(box);
  const folder = await backedUp();
  for (const starts of [2, 0]) {
    const { stores } = await restoredFrom(folder);
    const before = await openAt(stores);
    await before.endAll();
    await seal(before.service);
    expect(await before.told(scanId)).toBe('proceed: normal');
    // the notes are of seals that are gone
    await stores.asOwner('truncate audit_seals');
    for (let i = 0; i < starts; i += 1) await reportRollbacks(before.service.deps, 'report');
    expect((await stores.nii('verify', '--accept')).out).toContain('The current state is accepted');
    expect(await before.told(scanId)).toBe(inGap);
    expect(await before.open()).toHaveLength(1);
    await before.endAll();
    await reportRollbacks(before.service.deps, 'report');
    expect(await before.told(scanId)).toBe('proceed: normal');
    await before.close();
  }
});

/** Seals with their notes, as the worker that keeps the audit makes them. */
async function seal({ deps: { records, witnesses } }: Service): Promise<void> {
  const note = async () => {
    for (const witness of witnesses) await noteNewestSeal(records, witness);
  };
  await sealAudit(records, undefined, note);
}

test('a reindex that loses nothing holds nothing, and one that forgets a portal record holds what was scanned', async () => {
  const scanId = await live.cleared(box);
  const recordId = await live.send('later.n42', n42Document(box, new Date().toISOString()));
  const { stores } = await restoredFrom(await backedUp());
  const restored = await openAt(stores);
  await restored.endAll();
  expect(JSON.parse((await stores.nii('reindex', '--yes', '--json')).out)).toMatchObject({ isHeld: false });
  await drainJobs(restored.service.deps, 'test');
  expect(await restored.told(scanId)).toBe('hold: alarm-waits normal');
  await rm(join(world.dir, `restored-${copies}`, 'objects', 'scans', recordId), { recursive: true });
  await rm(join(world.dir, `restored-${copies}`, 'objects', 'holds', recordId), { recursive: true });
  const forgotten = await stores.nii('reindex', '--yes', '--forget-missing');
  expect(forgotten.out).toContain(
    'Recovery point: unknown. Vehicles that were scanned before now are on hold',
  );
  await drainJobs(restored.service.deps, 'test');
  expect(await restored.told(scanId)).toBe(inGap);
  await restored.close();
});

test('a start with a clock behind the newest entry of the audit holds until it is confirmed, and then no more', async () => {
  const scanId = await live.cleared(box);
  const startAt = (secondsBehind: number) => {
    const clock: Clock = { now: () => new Date(Date.now() - secondsBehind * 1000) };
    return checkClockAtStart({ ...live.service.deps, clock });
  };
  await startAt(30);
  expect(await live.told(scanId)).toBe('proceed: normal');
  await startAt(3600);
  await startAt(0);
  await startAt(7200);
  expect(await live.told(scanId)).toBe('hold: clock-unsure normal');
  expect(await live.open()).toMatchObject([{ cause: 'clock' }]);
  await live.endAll();
  await startAt(0);
  expect(await live.told(scanId)).toBe('proceed: normal');
});
