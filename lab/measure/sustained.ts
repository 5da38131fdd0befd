/**
 * `npm run measure -- sustained [--minutes 10] [--per-hour 1200] [--workers 1] [--json]`: scans of 25 MB come at an even
 * pace, whether or not those before are in the queue, to the built service with its own database. Says how long each
 * takes, what all processes take of the processors for one, whether the backlog grows, and how much memory they have
 * before, under load and a while after.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Case } from '../../src/core/case/case.ts';
import { treeCpuMs, treeMemoryBytes } from '../../src/runtime/process-tree.ts';
import { openClient } from '../../src/tools/client.ts';
import { optionsOf } from './options.ts';
import { startBuilt } from './service/built.ts';
import { lorry } from './service/lorries.ts';

const values = optionsOf(import.meta.url, {
  minutes: { type: 'string', default: '10' },
  'per-hour': { type: 'string', default: '1200' },
  workers: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
});
const minutes = Number(values.minutes);
const perHour = Number(values['per-hour']);
const everyMs = 3_600_000 / perHour;
const total = Math.max(1, Math.round((minutes * perHour) / 60));
/** What has not come by then is told as missing. */
const PATIENCE_MS = 120_000;
/** First scans start processes, fill caches and load the model; they are not counted. */
const WARM_UP = 3;
/** Processes that wait for the next scan have ended by then (src/adapters/onnx/runner.ts: after a minute). */
const CALM_MS = 75_000;

const shareOf = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);

function spread(times: readonly number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: shareOf(sorted, 0.5), p95: shareOf(sorted, 0.95), most: shareOf(sorted, 1) };
}

const service = await startBuilt({ NII_WORKERS: values.workers });
const signal = new AbortController().signal;
const scanner = openClient(service.address, service.keyOf('scanner'), signal);
const supervisor = openClient(service.address, service.keyOf('supervisor'), signal);
const auditor = service.keyOf('auditor');

interface ChangesPage {
  readonly items: readonly { readonly kind: string; readonly subject: string; readonly at: string }[];
  readonly cursor: string;
}

interface Sent {
  readonly scanId: string;
  readonly at: number;
  readonly acknowledgedMs: number;
}

async function send(number: number): Promise<Sent> {
  const files = lorry(number);
  const at = Date.now();
  const [accepted] = await scanner.upload(files);
  if (accepted === undefined) throw new Error('an upload became no scan');
  return { scanId: accepted.scanId, at, acknowledgedMs: Date.now() - at };
}

/** The cases that wait, by their scan. */
async function opened(): Promise<ReadonlyMap<string, Case>> {
  return new Map((await supervisor.queue(['queued'])).map((one) => [one.scanId, one]));
}

async function allOpened(sent: readonly Sent[]): Promise<ReadonlyMap<string, Case>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const cases = await opened();
    if (Date.now() > deadline || sent.every(({ scanId }) => cases.has(scanId))) return cases;
    await wait(500);
  }
}

/** When each case was opened, as the record of changes says. */
async function whenOpened(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let cursor = ''; ; ) {
    const url = `${service.address}/v1/changes?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${auditor}` } });
    const page: ChangesPage = JSON.parse(await answer.text());
    for (const { kind, subject, at } of page.items)
      if (kind === 'case.opened') found.set(subject, Date.parse(at));
    if (page.items.length === 0) return found;
    cursor = page.cursor;
  }
}

const memoryMiB = async () => Math.round(((await treeMemoryBytes(service.roots)) ?? 0) / 2 ** 20);
await wait(CALM_MS);
const idleMiB = await memoryMiB();

let warmUp: Sent[] = [];
for (let i = 0; i < WARM_UP; i++) warmUp = [...warmUp, await send(1_000_000 + i)];
await allOpened(warmUp);

const cpuBefore = (await treeCpuMs(service.roots)) ?? 0;
const began = Date.now();
const sending: Promise<Sent>[] = [];
let peakMiB = 0;
let told = began;
for (let number = 0; number < total; number++) {
  await wait(Math.max(0, began + number * everyMs - Date.now()));
  sending.push(send(number));
  peakMiB = Math.max(peakMiB, await memoryMiB());
  if (Date.now() - told < 30_000) continue;
  told = Date.now();
  process.stderr.write(`${number + 1} of ${total} scans sent\n`);
}
const sent = await Promise.all(sending);
const cases = await allOpened(sent);
const ended = Date.now();
const cpuMs = ((await treeCpuMs(service.roots)) ?? 0) - cpuBefore;

await wait(CALM_MS);
const afterMiB = await memoryMiB();

const openedAt = await whenOpened();
const queuedMs = sent.flatMap(({ scanId, at }) => {
  const when = openedAt.get(cases.get(scanId)?.id ?? '');
  return when === undefined ? [] : [when - at];
});
const half = Math.floor(queuedMs.length / 2);
const figures = {
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`,
  workers: Number(values.workers),
  perHour,
  scans: total,
  missing: total - queuedMs.length,
  acknowledgedMs: spread(sent.map(({ acknowledgedMs }) => acknowledgedMs)),
  queuedMs: spread(queuedMs),
  // a backlog that grows makes the second half wait longer than the first
  queuedP50OfHalvesMs: [spread(queuedMs.slice(0, half)).p50, spread(queuedMs.slice(half)).p50],
  doneAfterLastMs: Math.max(0, ended - Math.max(...sent.map(({ at }) => at))),
  cpuSecondsAScan: Math.round(cpuMs / total) / 1000,
  memoryMiB: { idle: idleMiB, peak: peakMiB, after: afterMiB },
};
if (values.json) console.log(JSON.stringify(figures, null, 2));
else for (const [name, value] of Object.entries(figures)) console.log(name.padEnd(24), JSON.stringify(value));
if (figures.missing > 0) process.exitCode = 1;

await service.stop();
