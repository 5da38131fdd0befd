/**
 * `npm run measure -- peers [--rounds 3] [--seconds 6] [--only store|frame]... [--json]`: the built service beside Orthanc (Debian), in turns in
 * one run, both on loopback with empty stores: how fast they take DX files of 6.3 MB and give them back. Ours takes them
 * with its checks and its durability; Orthanc as it comes. Ratios above 1 are in our favour.
 */
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeDx } from '../../src/format/dicos/dx.ts';
import { treeCpuMs } from '../../src/runtime/process-tree.ts';
import { startOrthanc } from '../../test/medium/orthanc-server.ts';
import { channelOf, ids, scanOf, smooth } from '../../test/support/scan.ts';
import { optionsOf } from './options.ts';
import { startBuilt } from './service/built.ts';

const values = optionsOf(import.meta.url, {
  rounds: { type: 'string', default: '3' },
  seconds: { type: 'string', default: '6' },
  only: { type: 'string', multiple: true, default: ['store', 'frame'] },
  json: { type: 'boolean', default: false },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const SIDES = { rows: 1378, columns: 2295 };

const channel = channelOf(SIDES);
const scan = scanOf([channel], {
  views: [{ id: 'side', display: { flipRows: false, rotate: 0, flipColumns: false }, channels: [channel] }],
});
const plane = smooth(channel);
let made = 0;

interface File {
  readonly bytes: Uint8Array;
  readonly uid: string;
}

/** An uncompressed DX instance of a study of its own. */
async function nextFile(): Promise<File> {
  made += 1;
  const scanId = `0195a2b4-7c1e-7d33-9f21-${String(made).padStart(12, '0')}`;
  const input = { scan, ids: { ...ids, scanId }, viewId: 'side', channelId: channel.id, plane };
  const { bytes, sopInstanceUid } = await encodeDx(input, { codec: 'none' });
  return { bytes, uid: sopInstanceUid };
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
}

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly text: string;
}

/** @param keep - how much of the answer is read as text; the rest is counted */
function ask({ method, url, headers, body = [] }: Asked, keep = 0): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body.reduce((sum, part) => sum + part.length, 0);
    const sent = { ...headers, ...(method === 'POST' ? { 'content-length': String(length) } : {}) };
    const asked = request(url, { method, agent, headers: sent }, (answer) => {
      let bytes = 0;
      let text = '';
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (text.length < keep) text += chunk.toString();
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes, text }));
    });
    asked.on('error', reject);
    for (const part of body) asked.write(part);
    asked.end();
  });
}

/** A server of either kind, and how it is asked. */
interface Peer {
  readonly name: 'ours' | 'Orthanc';
  readonly roots: readonly number[];
  readonly plain: (file: File) => Asked;
  readonly stow: (file: File) => Asked;
  readonly frame: (path: string) => Asked;
  /** Path of an instance below the root of its DICOMweb. */
  readonly instances: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

const BOUNDARY = 'a-boundary-that-no-file-has';
const closing = Buffer.from(`\r\n--${BOUNDARY}--\r\n`);
const stowHead = Buffer.from(`--${BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n`);
const formHead = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="a.dcm"\r\nContent-Type: application/dicom\r\n\r\n`,
);
const related = {
  'content-type': `multipart/related; type="application/dicom"; boundary=${BOUNDARY}`,
  accept: 'application/dicom+json',
};
const rawFrames = { accept: 'multipart/related; type="application/octet-stream"' };

interface Found {
  readonly [tag: string]: { readonly Value?: readonly (string | number)[] } | undefined;
}

/** Instances with samples as large as those that were sent. */
function pathsOf(json: string): readonly string[] {
  const found: readonly Found[] = JSON.parse(json);
  const value = (one: Found, tag: string) => one[tag]?.Value?.[0];
  return found
    .filter((one) => value(one, '00280010') === SIDES.rows || value(one, '00280010') === undefined)
    .map(
      (one) =>
        `/studies/${value(one, '0020000D')}/series/${value(one, '0020000E')}/instances/${value(one, '00080018')}`,
    );
}

async function openOurs(workers: number): Promise<Peer> {
  const service = await startBuilt({ NII_WORKERS: String(workers) });
  const scanner = { authorization: `Bearer ${service.keyOf('scanner')}` };
  const supervisor = { authorization: `Bearer ${service.keyOf('supervisor')}` };
  const root = `${service.address}/dicomweb`;
  const list = {
    method: 'GET',
    url: `${root}/instances?limit=50`,
    headers: { ...supervisor, accept: 'application/dicom+json' },
  } as const;
  return {
    name: 'ours',
    roots: service.roots,
    plain: ({ bytes }) => ({
      method: 'POST',
      url: `${service.address}/v1/scans`,
      headers: { ...scanner, 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
      body: [formHead, bytes, closing],
    }),
    stow: ({ bytes }) => ({
      method: 'POST',
      url: `${root}/studies`,
      headers: { ...scanner, ...related },
      body: [stowHead, bytes, closing],
    }),
    frame: (path) => ({
      method: 'GET',
      url: `${root}${path}/frames/1`,
      headers: { ...supervisor, ...rawFrames },
    }),
    instances: async () => pathsOf((await ask(list, 2 ** 22)).text),
    stop: service.stop,
  };
}

async function openTheirs(): Promise<Peer> {
  const orthanc = await startOrthanc({});
  const root = `${orthanc.address}/dicom-web`;
  const json = { accept: 'application/dicom+json' };
  return {
    name: 'Orthanc',
    roots: [orthanc.pid],
    plain: ({ bytes }) => ({
      method: 'POST',
      url: `${orthanc.address}/instances`,
      headers: { 'content-type': 'application/dicom' },
      body: [bytes],
    }),
    stow: ({ bytes }) => ({
      method: 'POST',
      url: `${root}/studies`,
      headers: related,
      body: [stowHead, bytes, closing],
    }),
    frame: (path) => ({ method: 'GET', url: `${root}${path}/frames/1`, headers: rawFrames }),
    instances: async () =>
      pathsOf((await ask({ method: 'GET', url: `${root}/instances?limit=50`, headers: json }, 2 ** 22)).text),
    stop: orthanc.stop,
  };
}

interface Row {
  readonly megabytesASecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpuMsEach: number;
}

/** So many clients, each with its next request as soon as the last is answered. */
async function load(peer: Peer, clients: number, next: () => Asked | Promise<Asked>): Promise<Row> {
  const times: number[] = [];
  let bytes = 0;
  const cpuBefore = (await treeCpuMs(peer.roots)) ?? 0;
  const began = performance.now();
  const client = async () => {
    while (performance.now() - began < seconds * 1000) {
      const asked = await next();
      const from = performance.now();
      const answer = await ask(asked, 400);
      if (answer.status >= 300) throw new Error(`${peer.name} answered ${answer.status}: ${answer.text}`);
      times.push(performance.now() - from);
      bytes += Math.max(answer.bytes, asked.body?.reduce((sum, part) => sum + part.length, 0) ?? 0);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const took = (performance.now() - began) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return {
    megabytesASecond: bytes / took / 1e6,
    p50: at(0.5),
    p99: at(0.99),
    cpuMsEach: (((await treeCpuMs(peer.roots)) ?? 0) - cpuBefore) / times.length,
  };
}

/** Files are made before they are timed. */
async function stored(peer: Peer, way: 'plain' | 'stow', clients: number): Promise<Row> {
  const ready: File[] = [];
  for (let i = 0; i < 24 * seconds; i++) ready.push(await nextFile());
  let at = 0;
  return load(peer, clients, async () => peer[way](ready[at++] ?? (await nextFile())));
}

async function framed(peer: Peer, clients: number): Promise<Row> {
  const paths = await peer.instances();
  let at = 0;
  return load(peer, clients, () => peer.frame(paths[at++ % paths.length] ?? ''));
}

const FRAMES_OF = 8;
const PATIENCE_MS = 120_000;

/** Some files, all of which can be asked for. */
async function withFiles(open: () => Promise<Peer>): Promise<Peer> {
  const peer = await open();
  for (let i = 0; i < FRAMES_OF; i++) await ask(peer.plain(await nextFile()));
  const deadline = Date.now() + PATIENCE_MS;
  while ((await peer.instances()).length < FRAMES_OF) {
    if (Date.now() > deadline) throw new Error(`${peer.name} lists too few instances`);
    await wait(500);
  }
  return peer;
}

interface Measured {
  readonly name: string;
  readonly open: (who: 'ours' | 'Orthanc') => Promise<Peer>;
  readonly run: (peer: Peer) => Promise<Row>;
}

const storing = (name: string, way: 'plain' | 'stow', clients: number): Measured => ({
  name,
  open: (who) => (who === 'ours' ? openOurs(0) : openTheirs()),
  run: (peer) => stored(peer, way, clients),
});
const framing = (name: string, clients: number): Measured => ({
  name,
  open: (who) => withFiles(() => (who === 'ours' ? openOurs(1) : openTheirs())),
  run: (peer) => framed(peer, clients),
});
const measures: readonly Measured[] = [
  storing('store, plain, 4 clients', 'plain', 4),
  storing('store, plain, 1 client', 'plain', 1),
  storing('store, STOW-RS, 4 clients', 'stow', 4),
  framing('raw frame, 4 clients', 4),
  framing('raw frame, 1 client', 1),
];

const medianOf = (rows: readonly Row[], of: keyof Row) =>
  rows.map((row) => row[of]).toSorted((a, b) => a - b)[Math.floor(rows.length / 2)] ?? Number.NaN;

const found: Record<string, unknown> = {
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  rounds,
};
for (const { name, open, run } of measures.filter((one) =>
  values.only.some((part) => one.name.includes(part)),
)) {
  const rows: Record<'ours' | 'Orthanc', Row[]> = { ours: [], Orthanc: [] };
  for (let round = 0; round < rounds; round++)
    for (const who of ['Orthanc', 'ours'] as const) {
      const peer = await open(who);
      try {
        rows[who].push(await run(peer));
      } finally {
        await peer.stop();
      }
    }
  const of = (key: keyof Row) => ({
    ours: Math.round(10 * medianOf(rows.ours, key)) / 10,
    Orthanc: Math.round(10 * medianOf(rows.Orthanc, key)) / 10,
  });
  const rate = of('megabytesASecond');
  found[name] = {
    ratio: Math.round((100 * rate.ours) / rate.Orthanc) / 100,
    megabytesASecond: rate,
    p50: of('p50'),
    p99: of('p99'),
    cpuMsEach: of('cpuMsEach'),
  };
  if (!values.json) console.log(name.padEnd(28), JSON.stringify(found[name]));
}
if (values.json) console.log(JSON.stringify(found, null, 2));
process.exit();
