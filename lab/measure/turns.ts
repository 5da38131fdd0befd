/**
 * `npm run measure -- turns [--pictures 100] [--keys 10] [--poisoned 1000] [--seconds 60] [--json]`: whether somebody can
 * take the turns of others. An analyst views a good picture again and again, and a scanner sends a scan every five seconds:
 * first alone, then while keys view damaged pictures of each codec, then while one sender has files in the queue on which a
 * conversion never ends. Ends with 1 where a view takes more than twice its calm time, a scan is delayed by more than ten
 * seconds, or anybody else is answered 503.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { fakeScan } from '../../test/support/fake-scan.ts';
import { numberedPicture, pathOfPicture } from '../../test/support/inputs/endless-picture.ts';
import { codecSyntaxes } from '../fuzz/compressed-frames.ts';
import { inputOf } from '../fuzz/generate.ts';
import { loadSources } from '../fuzz/load-sources.ts';
import { optionsOf, wholeNumber } from './options.ts';
import { startBuilt } from './service/built.ts';

const values = optionsOf(import.meta.url, {
  pictures: { type: 'string', default: '100' },
  keys: { type: 'string', default: '10' },
  poisoned: { type: 'string', default: '1000' },
  seconds: { type: 'string', default: '60' },
  json: { type: 'boolean', default: false },
});
const pictures = wholeNumber('pictures', values.pictures, 1, 10_000);
const keys = wholeNumber('keys', values.keys, 1, 100);
const poisoned = wholeNumber('poisoned', values.poisoned, 1, 100_000);
const seconds = wholeNumber('seconds', values.seconds, 10, 3600);

const SCAN_EVERY_MS = 5_000;
/** Of a damaged picture; a service that is busy with them may be asked again. */
const TRIES = 50;
const FILES_AT_ONCE = 50;
const PATIENCE_MS = 120_000;
/** Between two views of the analyst. */
const LOOK_MS = 50;
const MOST_DELAY_MS = 10_000;

const service = await startBuilt({ NII_ENABLE_FAKE: '1', NII_WORKERS: '1' });
const scanner = service.keyOf('scanner');
const analyst = service.keyOf('supervisor');
const attackers = {
  sender: service.keyOf('scanner'),
  viewers: Array.from({ length: keys }, () => service.keyOf('supervisor')),
};

function ask(token: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...init.headers };
  return fetch(`${service.address}${path}`, { ...init, headers });
}

async function send(token: string, files: readonly { name: string; bytes: Uint8Array<ArrayBuffer> }[]) {
  const form = new FormData();
  for (const { name, bytes } of files) form.append('files', new Blob([bytes]), name);
  for (let tries = 1; ; tries += 1) {
    const answer = await ask(token, '/v1/scans', { method: 'POST', body: form });
    const body = await answer.json();
    const isBusy = answer.status === 503 || answer.status === 429;
    if (!isBusy || tries === TRIES) return { status: answer.status, body };
    await wait(1000);
  }
}

const fake = (order: Record<string, unknown>) => new Uint8Array(fakeScan(order));

async function stateOf(scanId: string): Promise<string> {
  return (await (await ask(analyst, `/v1/scans/${scanId}`)).json()).state;
}

/** Milliseconds until a scan was converted. */
async function timeOfScan(seed: number): Promise<number> {
  const began = performance.now();
  const { status, body } = await send(scanner, [{ name: `${seed}.fake`, bytes: fake({ seed }) }]);
  if (status !== 202) throw new Error(`a scan was answered ${status}: ${JSON.stringify(body)}`);
  while ((await stateOf(body.scans[0].scanId)) === 'received') {
    if (performance.now() - began > PATIENCE_MS) return performance.now() - began;
    await wait(100);
  }
  return performance.now() - began;
}

interface Phase {
  readonly phase: string;
  readonly views: number;
  readonly viewP50: number;
  readonly viewP99: number;
  readonly scans: number;
  readonly scanMost: number;
  /** Answers to others, by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

let seed = 1_000;

/** What the analyst and the scanner see for a while. */
async function observe(phase: string, good: string): Promise<Phase> {
  const until = performance.now() + seconds * 1000;
  const statuses: Record<string, number> = {};
  const views: number[] = [];
  const scans: number[] = [];
  const looking = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const answer = await ask(analyst, good, { headers: { accept: 'image/png' } });
      await answer.arrayBuffer();
      views.push(performance.now() - began);
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      await wait(LOOK_MS);
    }
  };
  const sending = async () => {
    while (performance.now() < until) {
      seed += 1;
      scans.push(await timeOfScan(seed));
      await wait(SCAN_EVERY_MS);
    }
  };
  await Promise.all([looking(), sending()]);
  const found = {
    ...{ phase, views: views.length, viewP50: shareOf(views, 0.5), viewP99: shareOf(views, 0.99) },
    ...{ scans: scans.length, scanMost: shareOf(scans, 1), statuses },
  };
  if (!values.json) console.log(JSON.stringify(found));
  return found;
}

function shareOf(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN);
}

/** Sends damaged pictures of each codec, and waits until none is left to convert. @returns the paths of those that are stored */
async function sendDamaged(): Promise<readonly string[]> {
  const paths: string[] = [];
  let last: string | undefined;
  for (const [at, target] of Object.keys(codecSyntaxes).entries()) {
    const { sources } = await loadSources({ target });
    for (let i = 0; i < pictures; i += 1) {
      const number = 1_000_000 * (at + 1) + i;
      const bytes = inputOf(sources, target, 1, i).files[0]?.bytes;
      if (bytes === undefined) throw new Error(`there is no good picture for ${target}`);
      const numbered = new Uint8Array(numberedPicture(bytes, number));
      const { status, body } = await send(attackers.sender, [{ name: `${number}.dcm`, bytes: numbered }]);
      if (status !== 202) continue;
      paths.push(`${pathOfPicture(number)}/rendered`);
      last = body.scans[0].scanId;
    }
  }
  // one sender's scans are converted in the order in which they came
  while (last !== undefined && (await stateOf(last)) === 'received') await wait(500);
  return paths;
}

/** Views damaged pictures with all keys. @returns a function that stops this and gives the answers by code */
function viewDamaged(paths: readonly string[]) {
  const answers: Record<string, number> = {};
  let isOver = false;
  const attack = async (token: string, from: number) => {
    for (let i = from; !isOver; i += 1) {
      const answer = await ask(token, paths[i % paths.length] ?? '', { headers: { accept: 'image/png' } });
      const text = answer.ok
        ? String((await answer.arrayBuffer()).byteLength > 0)
        : (await answer.json()).code;
      const name = answer.ok ? '200' : `${answer.status} ${text}`;
      answers[name] = (answers[name] ?? 0) + 1;
    }
  };
  const attacks = attackers.viewers.map((token, i) => attack(token, Math.floor((i * paths.length) / keys)));
  return async () => {
    isOver = true;
    await Promise.all(attacks);
    return answers;
  };
}

async function sendPoisoned(): Promise<void> {
  const never = { behaviour: 'slow', milliseconds: 3_600_000 };
  for (let from = 0; from < poisoned; from += FILES_AT_ONCE) {
    const files = Array.from({ length: Math.min(FILES_AT_ONCE, poisoned - from) }, (_, i) => ({
      name: `poisoned-${from + i}.fake`,
      bytes: fake({ seed: 10_000_000 + from + i, ...never }),
    }));
    const { status, body } = await send(attackers.sender, files);
    if (status !== 202) throw new Error(`poisoned files were answered ${status}: ${JSON.stringify(body)}`);
  }
}

async function goodPicture(): Promise<string> {
  await timeOfScan(1);
  const accept = { headers: { accept: 'application/dicom+json' } };
  const [instance] = await (await ask(analyst, '/dicomweb/instances?Modality=XRAY', accept)).json();
  return `${new URL(instance['00081190'].Value[0]).pathname}/rendered`;
}

try {
  const good = await goodPicture();
  const damaged = await sendDamaged();
  const calm = await observe('calm', good);
  const end = viewDamaged(damaged);
  const viewed = await observe(`${keys} keys view ${damaged.length} damaged pictures`, good);
  const answers = await end();
  await sendPoisoned();
  const behind = await observe(`${poisoned} poisoned files of one sender wait`, good);
  const phases = [calm, viewed, behind];
  const faults = [viewed, behind].flatMap(({ phase, viewP99, scanMost, statuses }) => [
    ...(viewP99 > 2 * calm.viewP99 ? [`${phase}: views took ${viewP99} ms, calm ${calm.viewP99} ms`] : []),
    ...(scanMost > calm.scanMost + MOST_DELAY_MS ? [`${phase}: a scan took ${scanMost} ms`] : []),
    ...Object.keys(statuses).flatMap((status) => (status === '200' ? [] : [`${phase}: answered ${status}`])),
  ]);
  console.log(JSON.stringify({ phases, answersToDamaged: answers, faults }, null, 2));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await service.stop();
}
