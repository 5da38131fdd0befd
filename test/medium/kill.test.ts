import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../src/config.ts';
import type { Case } from '../../src/core/case/case.ts';
import type { Log } from '../../src/core/ports/process.ts';
import { planSweep, removePlanned } from '../../src/maintenance/sweep.ts';
import { verifyAll } from '../../src/maintenance/verify.ts';
import type { Service } from '../../src/wiring.ts';
import { openService } from '../../src/wiring.ts';
import { eventually, pause } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { seededRandom } from '../support/random.ts';
import { processesOf, type RunningService, runService } from '../support/running-service.ts';
import { leftOut, testS3 } from '../support/s3-server.ts';
import { searchSeed, searchSize } from '../support/search-size.ts';
import { everyScan, issueScannerKey, sendForEver, type Uploads } from '../support/small-scans.ts';

/**
 * Kill -9 at random moments of the service, its worker and its database while clients upload: nothing that was
 * acknowledged is lost and nothing is there twice. `npm run long` (parts kill-folder and
 * kill-s3) continues with other seeds.
 */
const KILLS = searchSize.kills;
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

interface Setup {
  readonly settings: Readonly<Record<string, string>>;
  readonly databasePid: () => number | undefined;
  /** Puts the database back where the service does not do so itself. */
  readonly heal: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function folderAndEmbedded(): Promise<Setup> {
  const data = await postgresFolder();
  return {
    settings: { NII_DATA: data },
    databasePid: () => postmaster(join(data, 'postgres', 'cluster', 'pgdata')),
    heal: async () => {},
    stop: () => rm(data, { recursive: true, force: true }),
  };
}

async function s3AndServer(s3: NonNullable<ReturnType<typeof testS3>>): Promise<Setup> {
  const folder = await postgresFolder();
  const data = await mkdtemp(join(tmpdir(), 'nii-data-'));
  const server = await openEmbeddedPostgres(join(folder, 'db'), () => {});
  return {
    settings: {
      NII_DATA: data,
      NII_DATABASE_URL: server.url,
      NII_S3_URL: s3.endPoint,
      NII_S3_ACCESS_KEY: s3.accessKey,
      NII_S3_SECRET_KEY: s3.secretKey,
      NII_S3_BUCKET: `kill-${searchSeed}-${process.pid}`,
    },
    databasePid: () => postmaster(join(folder, 'db', 'cluster', 'pgdata')),
    heal: () => server.ensureRunning(),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      await rm(data, { recursive: true, force: true });
    },
  };
}

function postmaster(cluster: string): number | undefined {
  try {
    return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

async function killAtRandom(
  service: RunningService,
  setup: Setup,
  next: () => number,
): Promise<Record<string, number>> {
  const killed: Record<string, number> = { service: 0, worker: 0, database: 0 };
  for (let kills = 0; kills < KILLS; ) {
    // Four in five kills meet a service at work, the others whatever it is doing, starting included.
    if (next() < 0.8) await eventually('the service answers and works', 180, () => atWork(service));
    await pause(next() * 1_000, 'moment');
    const targets = {
      service: service.apiPid(),
      worker: service.workerPids()[0],
      database: setup.databasePid(),
    };
    const names = ['service', 'worker', 'database'] as const;
    const name = names[Math.floor(next() * names.length)] ?? 'service';
    const pid = targets[name];
    if (pid === undefined || !kill(pid)) continue;
    killed[name] = (killed[name] ?? 0) + 1;
    kills += 1;
    if (name === 'database') await setup.heal();
  }
  return killed;
}

async function atWork(service: RunningService): Promise<boolean> {
  const response = await fetch(`${service.address}/v1/health/ready`, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok && service.workerPids().length > 0;
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

async function casesOf(service: Service, scanIds: readonly string[]): Promise<readonly Case[]> {
  return service.deps.records.transaction(async (tx) => {
    const cases: Case[] = [];
    for (const id of scanIds) cases.push(...(await tx.casesOfScan(id)));
    return cases;
  });
}

async function survives(setup: Setup): Promise<void> {
  const token = await issueScannerKey(setup.settings);
  const service = await runService(setup.settings);
  const uploads: Uploads = { acknowledged: new Map(), attempts: 0 };
  const sending = sendForEver(service, token, uploads);
  const started = Date.now();
  const killed = await killAtRandom(service, setup, seededRandom(searchSeed)).catch((error: unknown) => {
    throw new Error(`${String(error)}; the service said last: ${service.log().slice(-4000)}`, {
      cause: error,
    });
  });
  await sending.stop();
  await setup.heal();
  const check = await openService(readConfig(setup.settings), silent);
  try {
    await eventually('every job done', 420, async () => {
      const counts = Object.values(await check.deps.jobs.counts());
      return counts.every(({ waiting, running }) => waiting === 0 && running === 0);
    });
    await service.stop();
    await eventually(
      'no process of the service is left',
      60,
      async () => processesOf(setup.settings.NII_DATA ?? '').length === 0,
    );
    const scans = await everyScan(check.deps.records);
    const acknowledged = [...uploads.acknowledged.values()];
    const lost = acknowledged.filter((id) => !scans.some((scan) => scan.id === id));
    expect(lost, 'lost').toEqual([]);
    expect(new Set(acknowledged).size, 'acknowledged under one id each').toBe(acknowledged.length);
    expect(scans.length, 'doubled').toBe(acknowledged.length);
    expect(scans.filter((scan) => scan.state !== 'analysed').map((scan) => [scan.id, scan.state])).toEqual(
      [],
    );
    expect(scans.filter((scan) => scan.revision !== 1)).toEqual([]);
    const cases = await casesOf(
      check,
      scans.map((scan) => scan.id),
    );
    expect(cases.length, 'one case a unit').toBe(scans.length);
    expect(
      cases.flatMap((value) => value.history.map((event) => event.kind)).every((kind) => kind === 'opened'),
    ).toBe(true);
    const swept = await removePlanned(check.deps, await planSweep(check.deps, new Date(Date.now() + 60_000)));
    const { missing, corrupt, unknown, unnamed, objects } = await verifyAll(check.deps);
    const faults = { missing, corrupt, unknown, unnamed };
    expect(faults).toEqual({ missing: [], corrupt: [], unknown: [], unnamed: [] });
    console.log(
      `${KILLS} kills (${Object.entries(killed)
        .map(([name, n]) => `${name} ${n}`)
        .join(', ')}) in ${Math.round((Date.now() - started) / 1000)} s: ` +
        `${acknowledged.length} scans acknowledged in ${uploads.attempts} attempts, 0 lost, 0 doubled, ${objects} objects verified, ${swept.length} leftovers swept; seed ${searchSeed}`,
    );
  } finally {
    await check.close();
    await service.stop();
  }
}

describe.concurrent('under random kills of service, worker and database', () => {
  it('a folder and embedded PostgreSQL lose and double nothing', { timeout: 900_000 }, async () => {
    const setup = await folderAndEmbedded();
    try {
      await survives(setup);
    } finally {
      await setup.stop();
    }
  });

  const s3 = testS3();
  if (s3 === undefined)
    leftOut('kills on S3 and PostgreSQL', 'start one with scripts/ceph-s3.sh and set NII_TEST_S3_URL');
  else {
    it('S3 and a PostgreSQL server lose and double nothing', { timeout: 900_000 }, async () => {
      const setup = await s3AndServer(s3);
      try {
        await survives(setup);
      } finally {
        await setup.stop();
      }
    });
  }
});
