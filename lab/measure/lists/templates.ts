import { setTimeout as wait } from 'node:timers/promises';
import type { Case } from '../../../src/core/case/case.ts';
import { defined } from '../../../src/core/defined.ts';
import { simulateWithFiles } from '../../../src/simulate/files.ts';
import { query } from '../../../test/support/postgres-server.ts';
import { portalLines } from '../../../test/support/vendors/portal.ts';
import type { MeasuredService } from './service.ts';

/** What the service wrote of one scan, to be multiplied. */
export interface Template {
  readonly name: 'closed' | 'again' | 'waiting' | 'searched' | 'alarm';
  readonly scanId: string;
  readonly caseId?: string;
  readonly holdId?: string;
  readonly passageId?: string;
  readonly passagePath?: string;
  readonly declaration?: string;
}

const MOST_TURNS = 4000;
const MOST_DRAWN = 10;
const TURN_MS = 25;
/** A verdict can be taken back for ten seconds; then it stands. */
const STANDS_MS = 12_000;

/**
 * Sends one scan of each kind to the service, and lets people do with it what they would: closed after a normal verdict
 * and its release, the same with a second revision, waiting in the queue, sent to a search, and a record of a radiation
 * portal whose alarm an officer adjudicated. Each vehicle has a declaration; the one that is searched passed the lane
 * without an instruction.
 */
export async function makeTemplates(service: MeasuredService): Promise<readonly Template[]> {
  const closed = await readNormal(service, 1);
  const again = await readNormal(service, 2, async ({ scanId }) => {
    // before its verdict: a case of a scan that changes later waits once more
    await service.ask('administrator', 'POST', `/v1/scans/${scanId}/convert`, {});
    await settled(service);
  });
  const searched = await vehicle(service, 3);
  const waiting = await vehicle(service, 4);
  await giveVerdict(service, searched.id, 'suspect');
  await wait(STANDS_MS);
  for (const one of [closed, again]) {
    await service.ask('lane', 'POST', `/v1/cases/${one.id}/customs-release`, { reference: 'R-1' });
    await service.ask('supervisor', 'POST', `/v1/cases/${one.id}/close`, {});
  }
  await service.ask('supervisor', 'POST', `/v1/cases/${searched.id}/refer`, { note: 'behind the door' });
  const of = (name: Template['name'], value: Case): Template => ({
    name,
    scanId: value.scanId,
    caseId: value.id,
    ...defined({ declaration: value.declarations?.[0] }),
  });
  return [
    of('closed', closed),
    of('again', again),
    of('waiting', waiting),
    { ...of('searched', searched), ...(await passed(service, searched)) },
    await alarm(service),
  ];
}

/**
 * The case of a vehicle after its only verdict, which is normal. A share of such verdicts is drawn for a second reading:
 * then another vehicle comes.
 * @throws Error where each of many was drawn
 */
async function readNormal(
  service: MeasuredService,
  first: number,
  before: (value: Case) => Promise<void> = async () => {},
): Promise<Case> {
  for (let seed = first; seed < first + 100 * MOST_DRAWN; seed += 100) {
    const value = await vehicle(service, seed);
    await before(value);
    await giveVerdict(service, value.id, 'normal');
    if ((await caseOf(service, value.scanId)).state === 'decided') return value;
  }
  throw new Error(`${MOST_DRAWN} normal verdicts in turn were drawn for a second reading`);
}

/** Its case, once it is in the queue. */
async function vehicle(service: MeasuredService, seed: number): Promise<Case> {
  const { scan, files } = simulated(seed);
  const containers = scan.units.map(({ container }) => container);
  const declared = { containers, hsCodes: ['840991'] };
  await service.ask('administrator', 'PUT', `/v1/declarations/${referenceOf(seed)}`, declared);
  return caseOf(service, await send(service, files, visitOf(scan.units)));
}

/** Names its container, which copies of the rows replace. */
const visitOf = ([unit]: readonly { readonly container?: string }[]) => `V-${unit?.container}`;

/**
 * Sends one more scan, another one for each seed.
 * @returns milliseconds from its first byte until its case waits in the queue
 */
export async function arrive(service: MeasuredService, seed: number): Promise<number> {
  const { scan, files } = simulated(seed);
  const began = performance.now();
  await caseOf(service, await send(service, files, visitOf(scan.units)));
  const ms = performance.now() - began;
  await settled(service);
  return ms;
}

const referenceOf = (seed: number) => `DECLARED-${seed}`;

/** One small simulated scan, another one for each seed. */
function simulated(seed: number) {
  const wish = { layout: 'numpy', container: '20ft', cargo: 'drums', anomalies: [], pitchMm: 30 } as const;
  return simulateWithFiles({ seed, ...wish });
}

async function send(
  service: MeasuredService,
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  visit?: string,
): Promise<string> {
  const form = new FormData();
  if (visit !== undefined) form.append('visit', visit);
  for (const { name, bytes } of files) form.append('files', new Blob([new Uint8Array(bytes)]), name);
  const { text } = await service.ask('scanner', 'POST', '/v1/scans', form);
  return JSON.parse(text).scans[0].scanId;
}

/** The case of a scan, once it waits. @throws Error after some two minutes */
async function caseOf(service: MeasuredService, scanId: string): Promise<Case> {
  const found = await once(async () => {
    const [row] = await query(service.ownerUrl, `select body from cases where scan_id = '${scanId}'`);
    return row?.body;
  });
  return found as Case; // as the service wrote it
}

/** Until no job is waiting or running. */
async function settled(service: MeasuredService): Promise<void> {
  await once(async () => {
    const [row] = await query(
      service.ownerUrl,
      `select count(*) = 0 as done from jobs where state <> 'dead'`,
    );
    return row?.done === true ? true : undefined;
  });
}

async function once<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(TURN_MS);
  }
  throw new Error('The service did not end its work in time');
}

async function giveVerdict(service: MeasuredService, id: string, kind: 'normal' | 'suspect'): Promise<void> {
  await service.ask('supervisor', 'POST', `/v1/cases/${id}/claim`, {});
  const reason = kind === 'normal' ? 'nothing-unusual' : 'density';
  await service.ask('supervisor', 'POST', `/v1/cases/${id}/verdict`, { kind, reason, note: 'as seen' });
}

/** Its passage through the lane. */
async function passed(
  service: MeasuredService,
  value: Case,
): Promise<Pick<Template, 'passageId' | 'passagePath'>> {
  const report = { id: value.scanId, at: new Date().toISOString(), scanId: value.scanId };
  const { text } = await service.ask('lane', 'POST', '/v1/passages', {
    site: value.site,
    passages: [report],
  });
  const { passageId } = JSON.parse(text).passages[0];
  const [row] = await query(
    service.ownerUrl,
    `select path from documents where kind = 'passage' and path like '%${passageId}'`,
  );
  return { passageId, passagePath: String(row?.path) };
}

async function alarm(service: MeasuredService): Promise<Template> {
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const lines = portalLines([{ from, number: 7, alarm: 'gamma' }]);
  const scanId = await send(service, [{ name: 'portal.csv', bytes: lines }]);
  await settled(service);
  const [hold] = await query(service.ownerUrl, `select id from holds where scan_id = '${scanId}'`);
  const holdId = String(hold?.id);
  const decision = { decision: 'real', authority: 'Nuclear safety', note: 'in the load' };
  const join = { vehicle: { kind: 'plate', value: 'MEASURE 7' }, why: 'read off the vehicle' };
  for (const officer of ['radiation-officer', 'second radiation-officer'] as const)
    await service.ask(officer, 'POST', `/v1/holds/${holdId}/join`, join);
  await service.ask('radiation-officer', 'POST', `/v1/holds/${holdId}/adjudication`, decision);
  await service.ask('radiation-officer', 'POST', `/v1/holds/${holdId}/close`, { kind: 'returned' });
  await settled(service);
  return { name: 'alarm', scanId, holdId };
}
