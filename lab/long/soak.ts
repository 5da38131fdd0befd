import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../src/config.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { verifyAll } from '../../src/maintenance/verify.ts';
import { treeMemoryBytes } from '../../src/runtime/process-tree.ts';
import { openService, type Service } from '../../src/wiring.ts';
import { eventually, pause } from '../../test/support/eventually.ts';
import { fakeScan } from '../../test/support/fake-scan.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import { type RunningService, runService } from '../../test/support/running-service.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';

const PACE_MS = 200;
const TELL_MS = 10_000;
const MiB = 1024 * 1024;
/** Memory may grow by half, and by so much, from the first third of a slice to the last. */
const GROWTH = 1.5;
const GROWTH_BYTES = 100 * MiB;
const site = { administration: 'utopia', site: 'harbour' };
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** The same data folder for all slices, so that it grows as that of a service does. */
interface Cursor {
  readonly data: string;
  /** Scans that were acknowledged so far. */
  readonly scans: number;
}

export const soak: Part = {
  name: 'soak',
  summary: 'uploads at a steady pace into one data folder that lives on from slice to slice',
  unit: 'uploads',
  slice: soakSlice,
};

async function soakSlice(task: SliceTask): Promise<SliceResult> {
  const before = await readCursor(task.cursor);
  const settings = { NII_DATA: before.data, NII_ENABLE_FAKE: '1' };
  const token = await withService(settings, async ({ deps }) => {
    const { token: issued } = await issueKey(deps, { roles: ['scanner'], ...site, name: 'soak' });
    return issued;
  });
  const running = await runService(settings);
  let load: Load;
  try {
    await eventually('the service is ready', 120, async () => (await ready(running)).ok);
    load = await upload(running, { task, token, from: before.scans });
    await withService(settings, ({ deps }) => eventually('every job is done', 300, () => isIdle(deps.jobs)));
  } finally {
    await running.stop();
  }
  const scans = before.scans + load.acknowledged;
  const found = await withService(settings, (service) => judgeStores(service, scans));
  await (await openEmbeddedPostgres(join(before.data, 'postgres'), () => {})).stop();
  const faults = [...load.faults, ...memoryFaults(load.memory), ...found];
  return { count: load.acknowledged, faults, cursor: { data: before.data, scans } };
}

async function readCursor(value: unknown): Promise<Cursor> {
  const { data, scans } = (value ?? {}) as Partial<Cursor>;
  if (data !== undefined && scans !== undefined && existsSync(data)) return { data, scans };
  return { data: await postgresFolder(), scans: 0 };
}

async function withService<T>(settings: Record<string, string>, work: (service: Service) => Promise<T>) {
  const service = await openService(readConfig(settings), silent);
  try {
    return await work(service);
  } finally {
    await service.close();
  }
}

function ready({ address }: RunningService): Promise<Response> {
  return fetch(`${address}/v1/health/ready`);
}

interface Load {
  readonly acknowledged: number;
  readonly faults: readonly string[];
  /** Resident bytes of the service and its processes, after each upload. */
  readonly memory: readonly number[];
}

interface Plan {
  readonly task: SliceTask;
  readonly token: string;
  readonly from: number;
}

async function upload(running: RunningService, { task, token, from }: Plan): Promise<Load> {
  const end = Date.now() + task.seconds * 1000;
  const faults: string[] = [];
  const memory: number[] = [];
  let acknowledged = 0;
  let toldAt = Date.now();
  while (Date.now() < end && faults.length === 0) {
    const body = new Uint8Array(fakeScan({ seed: task.seed + from + acknowledged }));
    const response = await fetch(`${running.address}/v1/scans?name=soak.fake`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
      body,
    });
    const text = await response.text();
    if (response.status === 202) acknowledged += 1;
    else if (response.status !== 429 && response.status !== 503)
      faults.push(`upload ${from + acknowledged} was answered ${response.status}: ${text.slice(0, 200)}`);
    memory.push((await treeMemoryBytes([running.apiPid() ?? 0])) ?? 0);
    if (Date.now() - toldAt > TELL_MS) {
      toldAt = Date.now();
      task.progress(`${acknowledged} uploads, ${Math.round((memory.at(-1) ?? 0) / MiB)} MiB`);
    }
    await pause(PACE_MS, 'pace');
  }
  return { acknowledged, faults, memory };
}

function memoryFaults(memory: readonly number[]): readonly string[] {
  const third = Math.floor(memory.length / 3);
  // the first third is the start, and the caches that fill
  const [early, late] = [median(memory.slice(third, 2 * third)), median(memory.slice(2 * third))];
  if (late <= early * GROWTH + GROWTH_BYTES) return [];
  return [`memory grew from ${Math.round(early / MiB)} to ${Math.round(late / MiB)} MiB`];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function isIdle(jobs: Service['deps']['jobs']): Promise<boolean> {
  const counts = Object.values(await jobs.counts());
  return counts.every(({ waiting, running }) => waiting === 0 && running === 0);
}

/** Every acknowledged scan is there, no job was given up, every object is whole. */
async function judgeStores(service: Service, scans: number): Promise<readonly string[]> {
  const dead = Object.entries(await service.deps.jobs.counts()).filter(([, counts]) => counts.dead > 0);
  const { missing, corrupt, unknown, unnamed } = await verifyAll(service.deps);
  const found = [
    ...dead.map(([kind, counts]) => `${counts.dead} jobs of kind ${kind} were given up`),
    ...missing.map((key) => `missing: ${key}`),
    ...corrupt.map((key) => `corrupt: ${key}`),
    ...unknown.map((key) => `unknown: ${key}`),
    ...unnamed.map((key) => `unnamed: ${key}`),
  ];
  const there = await countScans(service);
  return there === scans ? found : [`${scans} scans were acknowledged and ${there} are there`, ...found];
}

async function countScans({ deps }: Service): Promise<number> {
  return deps.records.transaction(async (tx) => {
    let count = 0;
    for (let cursor: string | undefined; ; ) {
      const page = await tx.scans({ administration: site.administration, site: '*' }, {}, 200, cursor);
      count += page.rows.length;
      if (page.next === undefined) return count;
      cursor = page.next;
    }
  });
}
