import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../src/config.ts';
import type { Case } from '../../src/core/case/case.ts';
import type { NiiScan } from '../../src/core/scan/scan.ts';
import { issueKey } from '../../src/features/persons/keys.ts';
import { simulateTrainInto } from '../../src/local/simulate.ts';
import { openService } from '../../src/wiring.ts';
import { eventually } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { type RunningService, runService } from '../support/running-service.ts';
import { type Peaks, watchMemory } from './memory.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const MiB = 1024 * 1024;
const site = { administration: 'utopia', site: 'harbour' };

/** A train that has gone through a running service. */
export interface TrainRun {
  readonly scanId: string;
  readonly scan: NiiScan;
  readonly state: string;
  readonly cases: readonly Case[];
  /** The array as it was sent. */
  readonly array: string;
  readonly peaks: Peaks;
  readonly seconds: {
    readonly simulate: number;
    readonly upload: number;
    readonly work: number;
    readonly read: number;
  };
  /** SHA-256 of the samples as the service gives them out, by channel. */
  readonly samples: Readonly<Record<string, string>>;
  /** Names of the DICOS instances. */
  readonly instances: readonly string[];
  readonly fetch: (path: string) => Promise<Uint8Array>;
}

export interface TrainWish {
  readonly wagons: number;
  readonly loads: number;
}

/** Simulates a train, sends it to a service of its own, waits until it is analysed, and reads the samples back. */
export async function runTrain<T>(wish: TrainWish, use: (run: TrainRun) => Promise<T>): Promise<T> {
  const data = await postgresFolder();
  const files = join(data, 'train');
  // Twice the default, which a train of 200,000 columns just exceeds
  const settings = { NII_DATA: data, NII_LIMIT_UPLOAD_BYTES: String(1024 * MiB) };
  try {
    const [{ seconds: simulate, result: made }, token] = [
      await timed(() => simulateTrainInto(files, { seed: 7, ...wish })),
      await issueToken(settings),
    ];
    const service = await runService(settings);
    try {
      await eventually(
        'the service answers',
        120,
        async () => (await get(service, token, '/v1/health/ready')).ok,
      );
      const memory = watchMemory(() => service.apiPid());
      const sent = await timed(() =>
        send(
          service,
          token,
          made.files.map(({ name }) => join(files, name)),
        ),
      );
      const { scanId } = sent.result;
      const worked = await timed(() => ended(service, token, scanId));
      const fetched = async (path: string) =>
        new Uint8Array(await (await get(service, token, path)).arrayBuffer());
      const home = `/v1/scans/${scanId}/revisions/1`;
      const scan = (await (await get(service, token, `${home}/scan.json`)).json()) as NiiScan;
      const read = await timed(() => hashesOf(service, token, home));
      const cases = await queueOf(service, token);
      const listed = (await (await get(service, token, `${home}/dicos`)).json()) as {
        readonly items: readonly { readonly name: string }[];
      };
      const peaks = memory.stop();
      return await use({
        scanId,
        scan,
        state: worked.result,
        cases,
        array: join(files, made.files[0]?.name ?? ''),
        peaks,
        seconds: { simulate, upload: sent.seconds, work: worked.seconds, read: read.seconds },
        samples: read.result,
        instances: listed.items.map(({ name }) => name),
        fetch: fetched,
      });
    } catch (error) {
      throw new Error(`the train did not get through; the service says: ${service.log()}`, { cause: error });
    } finally {
      await service.stop();
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}

async function issueToken(settings: Readonly<Record<string, string>>): Promise<string> {
  const service = await openService(readConfig(settings), silent);
  try {
    return (await issueKey(service.deps, { roles: ['administrator'], ...site, name: 'train' })).token;
  } finally {
    await service.close();
  }
}

function get(service: RunningService, token: string, path: string): Promise<Response> {
  return fetch(`${service.address}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

async function send(service: RunningService, token: string, paths: readonly string[]) {
  const form = new FormData();
  for (const path of paths) form.append('file', await openAsBlob(path), path.split('/').at(-1));
  const response = await fetch(`${service.address}/v1/scans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  const answer = (await response.json()) as { readonly scans?: readonly { readonly scanId: string }[] };
  const scanId = answer.scans?.[0]?.scanId;
  if (scanId === undefined) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return { scanId };
}

async function ended(service: RunningService, token: string, scanId: string): Promise<string> {
  let state = '';
  await eventually('the train is analysed, or failed', 3600, async () => {
    const answer = (await (await get(service, token, `/v1/scans/${scanId}`)).json()) as { state?: string };
    state = answer.state ?? '';
    return state === 'failed' || (state === 'analysed' && (await page(service, token)).items.length > 0);
  });
  return state;
}

async function hashesOf(service: RunningService, token: string, home: string) {
  const hashes: Record<string, string> = {};
  for (const channel of ['high', 'low']) {
    const response = await get(service, token, `${home}/channels/main/${channel}/samples`);
    if (!response.ok || response.body === null) throw new Error(`samples: ${response.status}`);
    const hash = createHash('sha256');
    for await (const chunk of response.body) hash.update(chunk);
    hashes[channel] = hash.digest('hex');
  }
  return hashes;
}

async function page(service: RunningService, token: string, cursor?: string) {
  const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const response = await get(service, token, `/v1/queue?limit=200${query}`);
  return (await response.json()) as { readonly items: readonly Case[]; readonly next?: string };
}

async function queueOf(service: RunningService, token: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await page(service, token, cursor);
    cases.push(...items);
    if (next === undefined) return cases;
    cursor = next;
  }
}

/** Peaks and times in one line a train. */
export function tableOf(runs: readonly TrainRun[]): string {
  const parts = ['service', 'worker', 'converter', 'model'] as const;
  const head = ['columns', ...parts.map((part) => `${part} MiB`), 'upload s', 'work s', 'samples s'];
  const lines = runs.map(({ scan, peaks, seconds }) => [
    scan.views[0]?.channels[0]?.columns ?? 0,
    ...parts.map((part) => Math.round((peaks[part] ?? 0) / MiB)),
    ...[seconds.upload, seconds.work, seconds.read].map((value) => value.toFixed(1)),
  ]);
  return [head, ...lines].map((cells) => cells.map((cell) => String(cell).padStart(13)).join('')).join('\n');
}
