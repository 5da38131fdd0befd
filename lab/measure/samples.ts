/**
 * `npm run measure -- samples [--rounds 3] [--seconds 6] [--json]`: how many ranges of 1 MB of the samples of a scan of 25 MB
 * the built service answers in a second, over HTTP with one client and with four. Medians of the rounds.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { treeCpuMs } from '../../src/runtime/process-tree.ts';
import { openClient } from '../../src/tools/client.ts';
import { optionsOf, wholeNumber } from './options.ts';
import { startBuilt } from './service/built.ts';
import { lorry } from './service/lorries.ts';

const values = optionsOf(import.meta.url, {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '6' },
  json: { type: 'boolean', default: false },
});
const rounds = wholeNumber('rounds', values.rounds, 1, 100);
const seconds = wholeNumber('seconds', values.seconds, 1, 600);
const RANGE_BYTES = 1_000_000;
const PATIENCE_MS = 60_000;

const service = await startBuilt({ NII_WORKERS: '1' });
const signal = AbortSignal.timeout(PATIENCE_MS);
/** One key may ask a hundred times a second. */
const KEYS = 4;
const keys = Array.from({ length: KEYS }, () => ({ authorization: `Bearer ${service.keyOf('supervisor')}` }));
const headers = { authorization: `Bearer ${service.keyOf('supervisor')}` };
const [accepted] = await openClient(service.address, service.keyOf('scanner'), signal).upload(lorry(0));
const revision = `${service.address}/v1/scans/${accepted?.scanId}/revisions/1`;

interface Record {
  readonly views: readonly {
    readonly id: string;
    readonly channels: readonly { readonly id: string; readonly kind: string }[];
  }[];
}

async function recordOf(): Promise<Record> {
  for (;;) {
    const answer = await fetch(`${revision}/scan.json`, { headers, signal });
    if (answer.ok) return JSON.parse(await answer.text());
    await answer.arrayBuffer();
    await wait(200);
  }
}

const [path] = (await recordOf()).views.flatMap(({ id, channels }) =>
  channels.filter(({ kind }) => kind === 'transmission').map((channel) => `${id}/${channel.id}`),
);
const samples = `${revision}/channels/${path}/samples`;
const whole = Number((await fetch(samples, { method: 'HEAD', headers })).headers.get('content-length'));

async function ask(number: number): Promise<void> {
  const first = (number * RANGE_BYTES) % (whole - RANGE_BYTES);
  const range = `bytes=${first}-${first + RANGE_BYTES - 1}`;
  const answer = await fetch(samples, { headers: { ...keys[number % KEYS], range } });
  const { byteLength } = await answer.arrayBuffer();
  if (answer.status !== 206 || byteLength !== RANGE_BYTES)
    throw new Error(`${range} was answered ${answer.status} with ${byteLength} bytes`);
}

async function round(clients: number) {
  const cpuBefore = (await treeCpuMs(service.roots)) ?? 0;
  const began = performance.now();
  let asked = 0;
  const client = async () => {
    while (performance.now() - began < seconds * 1000) await ask(asked++);
  };
  await Promise.all(Array.from({ length: clients }, client));
  const cpuMs = ((await treeCpuMs(service.roots)) ?? 0) - cpuBefore;
  return { perSecond: (1000 * asked) / (performance.now() - began), cpuMsEach: cpuMs / asked };
}

const medianOf = (all: readonly number[]) =>
  Math.round(10 * (all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN)) / 10;

const found: { clients: number; perSecond: number; cpuMsEach: number }[] = [];
for (const clients of [1, 4]) {
  const runs = [];
  for (let i = 0; i < rounds; i++) runs.push(await round(clients));
  found.push({
    clients,
    perSecond: medianOf(runs.map(({ perSecond }) => perSecond)),
    cpuMsEach: medianOf(runs.map(({ cpuMsEach }) => cpuMsEach)),
  });
}
await service.stop();
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`;
if (values.json) console.log(JSON.stringify({ machine, rounds, seconds, rows: found }, null, 2));
else console.table(found);
