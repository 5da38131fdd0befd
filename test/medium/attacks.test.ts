import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary, text } from '../../src/codec/dicom/write/build.ts';
import { encodePart10 } from '../../src/codec/dicom/write/part10.ts';
import { encodeDataSet } from '../../src/codec/dicom/write/write.ts';
import { readConfig } from '../../src/config.ts';
import { issueKey } from '../../src/decide/keys.ts';
import { openService } from '../../src/wiring.ts';
import { eventually, pause } from '../support/eventually.ts';
import { relatedBody } from '../support/http/dicomweb-parts.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/**
 * What was done to the service from outside, in smaller numbers: each attack once by every way in, while somebody else
 * asks. Measured: memory of the API's process, the answers to the others, and life.
 */

const MiB = 1024 * 1024;
/** The attack that ended the service inflated to four times as much. */
const INFLATED_BYTES = 60 * MiB;
/** Less than what is inflated, of which the API is to see nothing. */
const MEMORY_BYTES = 48 * MiB;
/** Less than half of the samples that the pictures are drawn from. */
const PICTURES_BYTES = 128 * MiB;
const SIDE = 2048;
const PICTURES = 40;
const SITE = 'harbour';

const sopClass = '1.2.840.10008.5.1.4.1.1.501.2.2';
const about = (instance: number, transferSyntax: string) => ({
  sopClass,
  sopInstance: `1.2.3.${instance}`,
  transferSyntax,
  implementationClass: '1.2.3',
  implementationVersion: 'ATTACK',
});
const names = (instance: number) => [
  text('00080016', 'UI', sopClass),
  text('00080018', 'UI', `1.2.3.${instance}`),
];
const series = [text('0020000d', 'UI', '1.2.3.4'), text('0020000e', 'UI', '1.2.3.5')];

/** A small file whose one element has as many values as it has bytes, once it is inflated (PS3.5 A.5). */
function bomb(instance: number): Uint8Array {
  const values = '\\'.repeat(INFLATED_BYTES);
  const long = [{ tag: '00100010', vr: 'UC' as const, value: [values] }];
  const meta = encodePart10([], about(instance, '1.2.840.10008.1.2.1.99'));
  const dataSet = encodeDataSet([...names(instance), ...long, ...series]);
  return Buffer.concat([meta, deflateRawSync(dataSet)]);
}

function picture(instance: number): Uint8Array {
  const pixels = new Uint16Array(SIDE * SIDE).map((_, i) => (i * 7919) % 65_536);
  const number = (tag: string, value: number) => ({ tag, vr: 'US' as const, value: [value] });
  const image = [
    ...names(instance),
    text('00080060', 'CS', 'DX'),
    ...series,
    number('00280002', 1),
    text('00280004', 'CS', 'MONOCHROME2'),
    number('00280010', SIDE),
    number('00280011', SIDE),
    number('00280100', 16),
    number('00280101', 16),
    number('00280102', 15),
    number('00280103', 0),
    binary('7fe00010', 'OW', new Uint8Array(pixels.buffer)),
  ];
  return encodePart10(image, about(instance, '1.2.840.10008.1.2.1'));
}

let data: string;
let service: RunningService;
let pid: number;
let headers: Readonly<Record<string, string>>;
let reader: Readonly<Record<string, string>>;

beforeAll(async () => {
  data = await postgresFolder();
  const settings = { NII_DATA: data, NII_WORKERS: '0' };
  const own = await openService(readConfig(settings), { info: () => {}, warn: () => {}, error: () => {} });
  const key = async (role: 'scanner' | 'supervisor') => {
    const { token } = await issueKey(own.deps, { role, administration: 'utopia', site: SITE, name: role });
    return { authorization: `Bearer ${token}` };
  };
  headers = await key('scanner');
  reader = await key('supervisor');
  await own.close();
  service = await runService(settings);
  await eventually('the service is ready', 90, async () => (await fetch(live())).status === 200);
  pid = service.apiPid() ?? 0;
  await send(picture(1)); // its parts are loaded before memory is measured
}, 180_000);
afterAll(async () => {
  await service?.stop();
  await rm(data, { recursive: true, force: true });
});

const live = () => `${service.address}/v1/health/live`;

const send = (body: Uint8Array) =>
  fetch(`${service.address}/v1/scans?name=a.dcm`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: Buffer.from(body),
  });

const store = (body: Uint8Array) => {
  const { payload, headers: type } = relatedBody([body]);
  return fetch(`${service.address}/dicomweb/studies`, {
    method: 'POST',
    headers: { ...headers, ...type },
    body: Buffer.from(payload),
  });
};

async function resume(body: Uint8Array): Promise<Response> {
  const tus = { ...headers, 'tus-resumable': '1.0.0' };
  const made = await fetch(`${service.address}/v1/uploads/tus`, {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(body.length), 'upload-metadata': `filename ${btoa('a.dcm')}` },
  });
  return fetch(new URL(made.headers.get('location') ?? '', service.address), {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: Buffer.from(body),
  });
}

/** Most memory that the process has had resident. */
function peakBytes(): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

/** From here on the peak counts anew (proc(5): clear_refs). */
async function forgetPeak(): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

interface Seen {
  readonly statuses: readonly number[];
  readonly slowestMs: number;
  readonly answers: number;
  readonly grownBytes: number;
}

/** The attack, while somebody else asks again and again. */
async function underAttack(attack: () => Promise<readonly Response[]>): Promise<Seen> {
  await forgetPeak();
  const before = peakBytes();
  let isOver = false;
  const waits: number[] = [];
  const asking = async () => {
    while (!isOver) {
      const begun = performance.now();
      expect((await fetch(live())).status).toBe(200);
      waits.push(performance.now() - begun);
      await pause(100, 'pace');
    }
  };
  const attacking = attack().finally(() => {
    isOver = true;
  });
  const [answers] = await Promise.all([attacking, asking()]);
  const statuses = answers.map(({ status }) => status);
  for (const answer of answers) await answer.arrayBuffer();
  return {
    statuses,
    slowestMs: Math.max(...waits),
    answers: waits.length,
    grownBytes: peakBytes() - before,
  };
}

function requireCalm(what: string, { slowestMs, answers, grownBytes }: Seen, mostBytes = MEMORY_BYTES): void {
  const grown = Math.round(grownBytes / MiB);
  console.log(
    `${what}: ${answers} others answered, the slowest in ${Math.round(slowestMs)} ms; API grew ${grown} MiB`,
  );
  expect(service.apiPid(), service.log()).toBe(pid);
  expect(grownBytes).toBeLessThan(mostBytes);
  expect(slowestMs).toBeLessThan(2_000);
}

describe('a small file that inflates to many values', () => {
  test.each([
    ['an upload', send, 2],
    ['STOW-RS', store, 3],
    ['a resumable upload', resume, 4],
  ] as const)('sent by %s costs the API no memory and the others no time', async (way, by, instance) => {
    const file = bomb(instance);
    expect(file.length).toBeLessThan(INFLATED_BYTES / 100);
    const seen = await underAttack(async () => [await by(file)]);
    requireCalm(way, seen);
    expect(seen.statuses[0]).toBeLessThan(500);
  });
});

test('many pictures at once of one large instance are drawn within bounds, or told to come later', async () => {
  const url = `${service.address}/dicomweb/studies/1.2.3.4/series/1.2.3.5/instances/1.2.3.1/rendered`;
  const draw = () => fetch(url, { headers: { ...reader, accept: 'image/png' } });
  const seen = await underAttack(() => Promise.all(Array.from({ length: PICTURES }, draw)));
  requireCalm(`${PICTURES} pictures`, seen, PICTURES_BYTES);
  expect(seen.statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(seen.statuses.filter((status) => status === 200).length).toBeGreaterThan(PICTURES / 4);
});
