import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDescription } from '../../../lab/http-fuzz/description.ts';
import type { FuzzOptions } from '../../../lab/http-fuzz/fuzz-http.ts';
import { type LifeSign, lifeOf } from '../../../lab/http-fuzz/life.ts';
import type { Key } from '../../../lab/http-fuzz/request.ts';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded.ts';
import { readConfig } from '../../../src/config.ts';
import { type Role, roles } from '../../../src/core/access.ts';
import { issueKey } from '../../../src/features/persons/keys.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { fixturesOfAll } from '../../../src/tools/contract/contract.ts';
import type { NamedBytes } from '../../../src/tools/contract/fixtures.ts';
import { openService } from '../../../src/wiring.ts';
import { eventually } from '../eventually.ts';
import { fakeScan } from '../fake-scan.ts';
import { postgresFolder } from '../postgres-server.ts';
import { runService } from '../running-service.ts';

/** A service of its own that is there to be fuzzed, over an embedded database and a folder that go away with it. */
export interface FuzzedService
  extends Pick<FuzzOptions, 'description' | 'host' | 'port' | 'keys' | 'files' | 'dicomFiles'> {
  readonly life: () => Promise<LifeSign | undefined>;
  /** Sends a good scan. @returns the status of the answer */
  sendScan(seed: number): Promise<number>;
  readonly log: () => string;
  stop(): Promise<void>;
}

/** Larger files say nothing more of the interface, and take the time of others. */
const FILE_CEILING = 64 * 1024;
/** Enough cases that none has a history of hundreds of entries. */
const FAKES = 300;
const FIRST_SCANS = 3;
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** So that uploads are not refused for what earlier ones left. */
const raised: Readonly<Record<string, string>> = {
  NII_LIMIT_QUEUED_JOBS: '1000000',
  NII_LIMIT_OPEN_UPLOADS: '100000',
  NII_LIMIT_CONVERT_SECONDS: '10',
};

/** @param isOneKey - of a supervisor, who meets the default limit of 6000 requests a minute; no setting is raised then */
export async function openFuzzedService({
  isOneKey,
}: {
  readonly isOneKey: boolean;
}): Promise<FuzzedService> {
  const data = await postgresFolder();
  const settings = {
    ...(isOneKey ? {} : raised),
    ...{ NII_DATA: data, NII_ENABLE_FAKE: '1', NII_WORKERS: '1' },
  };
  const keys = await issueKeys(
    settings,
    isOneKey ? ['supervisor'] : roles.flatMap((role) => [role, role, role]),
  );
  const running = await runService(settings);
  const stop = async () => {
    await running.stop();
    await (await openEmbeddedPostgres(join(data, 'postgres'), () => {})).stop();
    await rm(data, { recursive: true, force: true });
  };
  try {
    const { address, log } = running;
    const reached = await reachService(address, keys);
    if (!isOneKey) await storeFirstScans(address, keys);
    return { ...reached, life: () => lifeOf(running.apiPid()), log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A service that runs already; how its process is cannot be seen. */
export async function reachService(address: string, keys: readonly Key[]): Promise<FuzzedService> {
  await eventually('the service is ready', 120, async () => (await fetch(`${address}/v1/health/ready`)).ok);
  const { hostname: host, port } = new URL(address);
  return {
    description: readDescription(await (await fetch(`${address}/openapi.json`)).json()),
    host,
    port: Number(port),
    keys,
    ...(await scans()),
    sendScan: (seed) => sendScan(address, keys, seed),
    life: async () => undefined,
    log: () => '',
    stop: async () => {},
  };
}

async function issueKeys(settings: Record<string, string>, wanted: readonly Role[]): Promise<readonly Key[]> {
  const own = await openService(readConfig(settings), silent);
  try {
    const keys: Key[] = [];
    for (const [i, role] of wanted.entries()) {
      const key = {
        roles: [role],
        administration: 'utopia',
        site: i % 3 === 2 ? '*' : 'harbour',
        name: `fuzz ${i}`,
      };
      keys.push({ role, token: (await issueKey(own.deps, key)).token });
    }
    return keys;
  } finally {
    await own.close();
  }
}

/** So that what is stored can be asked for from the first request on, however slow the worker is. */
async function storeFirstScans(address: string, keys: readonly Key[]): Promise<void> {
  for (let seed = 0; seed < FIRST_SCANS; seed += 1) {
    const status = await sendScan(address, keys, 1000 + seed);
    if (status !== 202) throw new Error(`a first scan was answered ${status}`);
  }
  await eventually('the first scans are analysed', 120, async () => {
    const answer = await fetch(`${address}/v1/scans`, { headers: authorization(keys, 'supervisor') });
    const { items } = (await answer.json()) as { items: readonly { state: string }[] };
    return items.length === FIRST_SCANS && items.every(({ state }) => state === 'analysed');
  });
}

/** @returns the status of the answer */
async function sendScan(address: string, keys: readonly Key[], seed: number): Promise<number> {
  const { status } = await fetch(`${address}/v1/scans?name=${seed}.fake`, {
    method: 'POST',
    headers: { ...authorization(keys, 'scanner'), 'content-type': 'application/octet-stream' },
    body: new Uint8Array(fakeScan({ seed })),
  });
  return status;
}

function authorization(keys: readonly Key[], role: Role) {
  return { authorization: `Bearer ${keys.find((key) => key.role === role)?.token ?? ''}` };
}

async function scans() {
  const fixtures = await fixturesOfAll(await loadConverters({ enableFake: true }));
  const small = (files: readonly NamedBytes[]) => files.filter(({ bytes }) => bytes.length <= FILE_CEILING);
  const fakes = Array.from({ length: FAKES }, (_, seed) => ({
    name: `scan-${seed}.fake`,
    bytes: new Uint8Array(fakeScan({ seed, containers: [`MSCU${1234560 + seed}`] })),
  }));
  const all = [...fixtures.values()].flat().flatMap(({ files }) => small(files));
  const dicom = (fixtures.get('dicom') ?? []).flatMap(({ files }) => small(files));
  return { files: [...fakes, ...all], dicomFiles: dicom };
}
