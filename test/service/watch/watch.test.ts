import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  machineClock,
  type WatchEvent,
  type WatchOptions,
  type WatchStatus,
  watchFolder,
  watchStatus,
} from '../../../src/watch/index.ts';
import type { WatchClock } from '../../../src/watch/options.ts';
import { Tracker } from '../../../src/watch/tracker.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { channel, picture, xml } from '../../support/vendors/fs6000.ts';
import { portalLines } from '../../support/vendors/portal.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

let service: Harness;
let address: string;
let dir: string;
let folder: string;

beforeAll(async () => {
  service = await openHarness({ limits: { uploadBytes: 1024 * 1024 } });
  address = await service.listen();
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-watch-'));
  folder = join(dir, 'share');
  await mkdir(folder);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function drop(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
}

/** Time that passes when the watcher sleeps, and at no other moment; `at` is called on the way. */
class FastClock implements WatchClock {
  #now = Date.now();
  readonly #begun = this.#now;
  readonly #at: (ms: number) => Promise<void>;

  constructor(at: (ms: number) => Promise<void> = async () => {}) {
    this.#at = at;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#now += ms;
    await this.#at(this.#now - this.#begun);
  }
}

interface Watched {
  readonly status: WatchStatus;
  readonly events: readonly WatchEvent[];
  readonly of: <E extends WatchEvent['event']>(event: E) => readonly Extract<WatchEvent, { event: E }>[];
}

interface Wish extends Partial<WatchOptions> {
  readonly url?: string;
  readonly key?: () => string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly clock?: WatchClock;
  readonly signal?: AbortSignal;
}

async function watch({
  url = address,
  key = () => service.token('scanner'),
  fields = {},
  clock,
  signal,
  ...over
}: Wish = {}): Promise<Watched> {
  const events: WatchEvent[] = [];
  const stateDir = join(dir, 'state');
  const status = await watchFolder({
    options: {
      folder,
      stateDir,
      quarantineDir: join(dir, 'quarantine'),
      moveTo: undefined,
      keep: false,
      settleMs: 2 * SECOND,
      groupWaitMs: 10 * SECOND,
      maxWaitMs: 60 * SECOND,
      pollMs: SECOND,
      heartbeatMs: HOUR,
      once: true,
      thin: 'auto',
      resumableOverBytes: 8_000_000,
      sendUnknown: false,
      ...over,
    },
    target: { url: new URL(`${url}/`), key: async () => key(), fields },
    recognising: { converters: service.deps.converters, limits: service.deps.limits },
    report: (event) => events.push(event),
    signal: signal ?? new AbortController().signal,
    clock: clock ?? new FastClock(),
    random: () => 0,
  });
  const of = <E extends WatchEvent['event']>(event: E) =>
    events.filter((one): one is Extract<WatchEvent, { event: E }> => one.event === event);
  return { status, events, of };
}

const filesOf = ({ of }: Watched) => of('sent').map(({ files }) => files);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const sorted = (texts: readonly string[]) => texts.toSorted((a, b) => (a < b ? -1 : 1));

async function originalsOf(scanId: string): Promise<readonly string[]> {
  const answer = await service.as('supervisor', { url: `/v1/scans/${scanId}/revisions/latest` });
  return answer
    .json()
    .originals.map((file: { sha256: string }) => file.sha256)
    .toSorted();
}

describe('files that are dropped into a folder', () => {
  test('become one scan of all its files, and are not sent by the next run', async () => {
    const parts = [channel(1), channel(2), xml('a1')];
    await drop('day/a1high.img', parts[0]!);
    await drop('day/a1low.img', parts[1]!);
    await drop('day/a1.xml', parts[2]!);
    const first = await watch();
    const [sent] = first.of('sent');
    expect(sorted(sent?.files ?? [])).toEqual(['day/a1.xml', 'day/a1high.img', 'day/a1low.img']);
    expect(sent?.scans).toMatchObject([{ revision: 1, result: 'new-scan' }]);
    expect(await originalsOf(sent!.scans[0]!.scanId)).toEqual(sorted(parts.map(sha256)));
    expect(first.status).toMatchObject({
      sent: 1,
      quarantined: 0,
      waiting: { files: 0 },
      line: { state: 'up' },
    });
    const second = await watch();
    expect(second.of('sent')).toEqual([]);
    expect(await watchStatus(join(dir, 'state'))).toMatchObject({ sent: 1, same: 0, running: false });
  });

  test('are sent once, however often and under whatever name they come', async () => {
    await drop('b1high.img', channel(11));
    await drop('b1low.img', channel(12));
    await watch();
    await drop('copy of b1high.img', channel(11));
    await drop('other/b1low.img', channel(12));
    const again = await watch();
    expect(again.of('sent')).toEqual([]);
    expect(again.status).toMatchObject({ sent: 1, same: 2, waiting: { files: 0 } });
  });

  test('wait until nothing more is written to them', async () => {
    const whole = channel(21);
    await drop('c1high.img', whole.subarray(0, 100));
    await drop('c1low.img', channel(22));
    const clock = new FastClock(async (ms) => {
      if (ms % (5 * SECOND) === 0 && ms <= 40 * SECOND)
        await writeFile(join(folder, 'c1high.img'), whole.subarray(0, (whole.length * ms) / (40 * SECOND)));
    });
    const { of } = await watch({ clock });
    expect(of('sent')).toHaveLength(1);
    expect(await originalsOf(of('sent')[0]!.scans[0]!.scanId)).toEqual(
      sorted([sha256(whole), sha256(channel(22))]),
    );
  });

  test('that are logs of a portal go although lines are added to them all the time', async () => {
    const passages = Array.from({ length: 40 }, (_, i) => ({
      from: new Date(Date.UTC(2026, 2, 4, 5, i)).toISOString(),
      number: i + 1,
    }));
    const grown = (minutes: number) => portalLines(passages.slice(0, Math.max(1, minutes)));
    await drop('gate.csv', grown(1));
    const ending = new AbortController();
    const clock = new FastClock(async (ms) => {
      if (ms < 200 * SECOND) await writeFile(join(folder, 'gate.csv'), grown(Math.floor(ms / (5 * SECOND))));
      if (ms > 300 * SECOND) ending.abort();
    });
    const { of } = await watch({ clock, once: false, signal: ending.signal });
    expect(of('sent').length).toBeGreaterThanOrEqual(3);
    const scans = of('sent').flatMap(({ scans: some }) => some);
    expect(new Set(scans.map(({ scanId }) => scanId)).size).toBe(1);
    expect(await originalsOf(scans[0]!.scanId)).toEqual([sha256(grown(39))]);
  });

  test('are sent although the clock of the machine is set back meanwhile', async () => {
    await drop('c2high.img', channel(23));
    await drop('c2low.img', channel(24));
    const real = Date.now;
    let looks = 0;
    const clock: WatchClock = {
      ...machineClock,
      sleep: (ms, signal) => {
        looks += 1;
        Date.now = () => real() - HOUR;
        return machineClock.sleep(Math.min(ms, 20), signal);
      },
    };
    try {
      const { of } = await watch({
        clock,
        settleMs: 60,
        groupWaitMs: 120,
        signal: AbortSignal.timeout(10_000),
      });
      expect(of('sent')).toHaveLength(1);
      expect(looks).toBeGreaterThan(1);
    } finally {
      Date.now = real;
    }
  });

  test('that stay shorter than their header says go as they are, and again when the rest has come', async () => {
    const whole = channel(31);
    await drop('d1high.img', channel(32));
    await drop('d1low.img', whole.subarray(0, 200));
    const first = await watch();
    const { scanId } = first.of('sent')[0]!.scans[0]!;
    await drop('d1low.img', whole);
    const second = await watch();
    expect(second.of('sent')).toMatchObject([
      { files: ['d1low.img'], scans: [{ scanId, revision: 2, result: 'new-revision' }] },
    ]);
    expect(await originalsOf(scanId)).toEqual(sorted([sha256(whole), sha256(channel(32))]));
  });

  test('that come late join the scan: a channel, and a picture that only its name joins', async () => {
    await drop('e1high.img', channel(41));
    const { scanId } = (await watch()).of('sent')[0]!.scans[0]!;
    await drop('e1low.img', channel(42));
    expect((await watch()).of('sent')).toMatchObject([
      { files: ['e1low.img'], scans: [{ scanId, revision: 2 }] },
    ]);
    await drop('e1.xml', xml('e1'));
    expect((await watch()).of('sent')).toMatchObject([
      { files: ['e1.xml'], scans: [{ scanId, revision: 3 }] },
    ]);
  });

  test('go in the order in which they came', async () => {
    for (const [i, stem] of ['f3', 'f1', 'f2'].entries()) {
      await drop(`${stem}high.img`, channel(50 + i));
      const written = new Date(Date.now() - (10 - i) * SECOND);
      await utimes(join(folder, `${stem}high.img`), written, written);
    }
    expect(filesOf(await watch())).toEqual([['f3high.img'], ['f1high.img'], ['f2high.img']]);
  });

  test('that are hidden, unfinished by their name, or links are left alone', async () => {
    await writeFile(join(dir, 'outside.img'), channel(61));
    for (const name of [
      '.hidden.img',
      'g1high.img.part',
      'g1low.img.tmp',
      'g1.img.filepart',
      'g1.img~',
      '.git/x.img',
    ])
      await drop(name, channel(62));
    await symlink(join(dir, 'outside.img'), join(folder, 'g2high.img'));
    await mkdir(join(dir, 'elsewhere'));
    await writeFile(join(dir, 'elsewhere', 'g3high.img'), channel(63));
    await symlink(join(dir, 'elsewhere'), join(folder, 'linked'));
    const { events } = await watch();
    expect(events.map(({ event }) => event)).toEqual(['started', 'stopped']);
  });

  test('are moved after they were sent, and only then, where that is asked for', async () => {
    await drop('in/h1high.img', channel(71));
    const moveTo = join(dir, 'sent');
    await watch({ moveTo, key: () => 'nii_0000000000000000_0000000000000000000000000000000000000000000' });
    expect(await readdir(join(folder, 'in'))).toEqual(['h1high.img']);
    await watch({ moveTo });
    expect(await readdir(join(folder, 'in'))).toEqual([]);
    expect(await readFile(join(moveTo, 'in', 'h1high.img'))).toEqual(channel(71));
  });
});

describe('what cannot be read', () => {
  test('is set aside with the reason and what to do next', async () => {
    await drop('notes/todo.txt', Buffer.from('buy milk'));
    const { status } = await watch();
    expect(status).toMatchObject({ quarantined: 1, waiting: { files: 0 } });
    expect(await readdir(join(folder, 'notes'))).toEqual([]);
    expect(await readFile(join(dir, 'quarantine', 'notes', 'todo.txt'), 'utf8')).toBe('buy milk');
    const reason = JSON.parse(
      await readFile(join(dir, 'quarantine', 'notes', 'todo.txt.reason.json'), 'utf8'),
    );
    expect(reason).toMatchObject({
      code: 'NII_UNKNOWN_FORMAT',
      bytes: 8,
      sha256: sha256(Buffer.from('buy milk')),
    });
    expect(reason.next.length).toBeGreaterThan(20);
  });

  test('stays in its place with --keep, and is named once', async () => {
    await drop('todo.txt', Buffer.from('buy milk'));
    expect((await watch({ keep: true })).of('quarantined')).toHaveLength(1);
    expect((await watch({ keep: true })).of('quarantined')).toHaveLength(0);
    expect(await readdir(folder)).toEqual(['todo.txt']);
    expect(await readdir(join(dir, 'quarantine'))).toEqual(['todo.txt.reason.json']);
  });

  test('by the word of the service is set aside with that word', async () => {
    await drop('large.npy', Buffer.concat([npyHead(1200, 1200), Buffer.alloc(1200 * 1200)]));
    await drop('todo.txt', Buffer.from('buy milk'));
    const { of } = await watch({ sendUnknown: true });
    expect(
      of('quarantined')
        .map(({ file, code }) => [file, code])
        .toSorted(),
    ).toEqual([
      ['large.npy', 'NII_LIMIT_BYTES'],
      ['todo.txt', 'NII_UNKNOWN_FORMAT'],
    ]);
  });

  test('does not overwrite what was set aside before under its name', async () => {
    for (const text of ['one', 'two']) {
      await drop('x.txt', Buffer.from(text));
      await watch();
    }
    const names = (await readdir(join(dir, 'quarantine'))).toSorted();
    expect(names).toEqual(['x.2.txt', 'x.2.txt.reason.json', 'x.txt', 'x.txt.reason.json']);
  });
});

function npyHead(rows: number, columns: number): Buffer {
  const text = `${`{'descr': '|u1', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.from([118, 0]),
    Buffer.from(text),
  ]);
}

describe('a journal', () => {
  test('with half a line at its end loses that line only, and what it said is done again without doubling', async () => {
    await drop('j1high.img', channel(81));
    await drop('j2high.img', channel(82));
    const first = await watch();
    const path = join(dir, 'state', 'journal.jsonl');
    await truncate(path, (await stat(path)).size - 20);
    const again = await watch();
    expect(again.of('sent')).toMatchObject([{ scans: [{ result: 'already-here' }] }]);
    const ids = (watched: Watched) =>
      watched.of('sent').flatMap(({ scans }) => scans.map(({ scanId }) => scanId));
    expect(ids(first)).toContain(ids(again)[0]);
    await appendFile(path, 'nonsense\n');
    expect((await watch()).of('sent')).toEqual([]);
  });

  test('belongs to one watcher at a time', async () => {
    const stop = new AbortController();
    const waiting = watch({
      once: false,
      signal: stop.signal,
      clock: {
        ...machineClock,
        sleep: (ms, signal) => machineClock.sleep(Math.min(ms, 20), signal),
      },
    });
    await expect.poll(() => watchStatus(join(dir, 'state')).catch(() => undefined)).toBeDefined();
    await expect(watch()).rejects.toMatchObject({ code: 'NII_CONFIG' });
    stop.abort();
    expect((await waiting).status.running).toBe(false);
  });
});

describe('a service that does not answer', () => {
  test('for 72 hours loses nothing: everything goes afterwards, in order, once', async () => {
    const port = await freePort();
    const stop = new AbortController();
    const stems = Array.from({ length: 12 }, (_, i) => `k${i + 10}`);
    let back: Harness | undefined;
    const at = async (ms: number) => {
      const [i, rest] = [Math.floor(ms / (6 * HOUR)), ms % (6 * HOUR)];
      if (rest === 0 && i >= 1 && i <= stems.length) await drop(`${stems[i - 1]}high.img`, channel(100 + i));
      if (ms >= 72 * HOUR + 60 * SECOND && back === undefined) {
        back = await openHarness();
        await back.app.listen({ host: '127.0.0.1', port });
        key = back.token('scanner');
      }
      if (ms >= 74 * HOUR) stop.abort();
    };
    let key = 'nii_0000000000000000_0000000000000000000000000000000000000000000';
    const options = { once: false, pollMs: 60 * SECOND, settleMs: 60 * SECOND, groupWaitMs: 60 * SECOND };
    try {
      const { status, of, events } = await watch({
        ...options,
        url: `http://127.0.0.1:${port}`,
        key: () => key,
        signal: stop.signal,
        clock: new FastClock(at),
      });
      const tries = of('away');
      expect(tries.length).toBeGreaterThan(700);
      expect(Math.max(...tries.map(({ retryInMs }) => retryInMs))).toBe(300 * SECOND);
      expect(filesOf({ status, of, events })).toEqual(stems.map((stem) => [`${stem}high.img`]));
      expect(status).toMatchObject({
        sent: 12,
        waiting: { files: 0 },
        quarantined: 0,
        line: { state: 'up' },
      });
      const list = await back!.as('supervisor', { url: '/v1/scans?limit=200' });
      expect(list.json().items).toHaveLength(12);
    } finally {
      await back?.close();
    }
  });

  test('and asks for time gets it; one that refuses the key is asked again, and nothing is set aside', async () => {
    const answers = [
      [429, { 'retry-after': '100' }, 'NII_QUEUE_FULL'],
      [503, { 'retry-after': '200' }, 'NII_STORE_UNREACHABLE'],
      [401, {}, 'NII_UNAUTHENTICATED'],
      [403, {}, 'NII_FORBIDDEN'],
    ] as const;
    const server = createServer((request, response) => {
      request.resume();
      if (request.url !== '/v1/scans') return response.end();
      const [status, headers, code] = answers[asked++] ?? [500, {}, 'NII_INTERNAL'];
      return response.writeHead(status, headers).end(JSON.stringify({ code, title: code, detail: code }));
    });
    let asked = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await drop('l1high.img', channel(91));
      const stop = new AbortController();
      const clock = new FastClock(async () => {
        if (asked >= 4) stop.abort();
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { of, status } = await watch({ url, once: false, clock, signal: stop.signal });
      expect(of('away').map(({ retryInMs }) => retryInMs)).toEqual([100 * SECOND, 200 * SECOND]);
      expect(of('blocked').map(({ reason }) => reason.slice(0, 3))).toEqual(['401', '403']);
      expect(status).toMatchObject({ quarantined: 0, sent: 0, waiting: { files: 1 } });
    } finally {
      server.close();
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

describe('over a thin line', () => {
  test('small files go ahead, large ones by resumable upload make the second revision', async () => {
    const high = channel(95, { rows: 600, columns: 600 });
    await drop('m1high.img', high);
    await drop('m1.xml', xml('m1'));
    const { of } = await watch({ thin: 'always', resumableOverBytes: 100_000 });
    const [ahead, rest] = of('sent');
    expect(ahead).toMatchObject({
      files: ['m1.xml'],
      ahead: true,
      scans: [{ revision: 1, result: 'new-scan' }],
    });
    const { scanId } = ahead!.scans[0]!;
    expect(rest).toMatchObject({ files: ['m1high.img'], ahead: false, scans: [{ scanId, revision: 2 }] });
    expect(await originalsOf(scanId)).toEqual(sorted([sha256(high), sha256(xml('m1'))]));
  });

  test('an upload that was stopped in its middle goes on where the service has it', async () => {
    const wide = await openHarness();
    try {
      const url = await wide.listen();
      const high = channel(97, { rows: 4_000, columns: 6_000 });
      await drop('m3high.img', high);
      const arrived = async () => {
        const open = await wide.deps.records.transaction((tx) => tx.openUploads('', 10));
        return Math.max(0, ...open.map(({ offset }) => offset));
      };
      const stop = new AbortController();
      const wish = { url, key: () => wide.token('scanner') };
      const first = watch({ ...wish, signal: stop.signal });
      await expect.poll(arrived, { interval: 2, timeout: 60_000 }).toBeGreaterThan(1_000_000);
      stop.abort();
      expect((await first).status).toMatchObject({ sent: 0, waiting: { files: 1 } });
      const half = await arrived();
      expect(half).toBeLessThan(high.length);
      const { of } = await watch(wish);
      const [sent] = of('sent');
      const revision = await wide.as('supervisor', {
        url: `/v1/scans/${sent!.scans[0]!.scanId}/revisions/latest`,
      });
      expect(revision.json().originals).toMatchObject([{ sha256: sha256(high), complete: true }]);
      const journal = (await readFile(join(dir, 'state', 'journal.jsonl'), 'utf8')).split('\n');
      expect(journal.filter((line) => line.includes('"kind":"upload"'))).toHaveLength(1);
    } finally {
      await wide.close();
    }
  });

  test('a set that was half sent goes whole after a start that names another lane', async () => {
    await drop('m4high.img', channel(98));
    await drop('m4low.img', channel(99));
    let asked = 0;
    const untilSecond = () => {
      asked += 1;
      if (asked > 2) throw new Error('no key any more'); // begin and bytes of the first file
      return service.token('scanner');
    };
    const first = await watch({ resumableOverBytes: 0, key: untilSecond, fields: { lane: 'lane-3' } });
    expect(first.status).toMatchObject({ sent: 0, waiting: { files: 2 } });
    const { of, status } = await watch({ resumableOverBytes: 0, fields: { lane: 'lane-4' } });
    expect(of('quarantined')).toEqual([]);
    expect(status).toMatchObject({ sent: 1, waiting: { files: 0 } });
  });

  test('files that alone say nothing go with the others', async () => {
    await drop('m2high.img', channel(96, { rows: 600, columns: 600 }));
    await drop('m2.jpg', picture(96));
    const { of } = await watch({ thin: 'always' });
    expect(of('sent')).toMatchObject([{ files: ['m2high.img', 'm2.jpg'], ahead: false }]);
  });
});

test('a folder of 20,000 files that are done is looked over quickly and in little memory', async () => {
  const count = 20_000;
  for (let i = 0; i < count; i += 1000) {
    await mkdir(join(folder, `d${i}`));
    await Promise.all(
      Array.from({ length: 1000 }, (_, j) => writeFile(join(folder, `d${i}`, `${j}.img`), 'x')),
    );
  }
  const tracker = new Tracker(folder, [], () => true);
  await tracker.look(0);
  const before = process.memoryUsage().heapUsed;
  const begun = performance.now();
  expect(await tracker.look(1)).toEqual([]);
  const ms = performance.now() - begun;
  console.log(
    `${count} files looked over in ${Math.round(ms)} ms, heap ${Math.round((process.memoryUsage().heapUsed - before) / 1024)} KiB`,
  );
  expect(tracker.size).toBe(count);
  expect(ms).toBeLessThan(10_000);
});
