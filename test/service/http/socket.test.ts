import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import { closeGracefully } from '../../../src/http/app.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { filesOnTheirWay } from '../../support/staging.ts';

const MiB = 2 ** 20;
let service: Harness;

let port: number;

async function start(): Promise<void> {
  service = await openHarness();
  port = Number(new URL(await service.listen()).port);
}

async function stop(): Promise<void> {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
}

async function refusesConnections(): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

function stagedUploads(): readonly string[] {
  return filesOnTheirWay(service.stagingDir);
}

/** Objects of uploads: persons are there from the start. */
async function stored(): Promise<number> {
  let count = 0;
  for await (const { key } of service.deps.objects.list('')) if (!key.startsWith('persons/')) count += 1;
  return count;
}

/** A raw connection: what it received so far, and whether the other side has ended it. */
class Wire {
  readonly socket: Socket;
  received = '';
  closedAt: number | undefined;
  answeredAt: number | undefined;

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.answeredAt ??= Date.now();
      this.received += chunk.toString('latin1');
    });
    this.socket.on('close', () => {
      this.closedAt = Date.now();
    });
    this.socket.on('error', () => {});
  }

  head(headers: readonly string[]): void {
    const authorization = `authorization: Bearer ${service.token('scanner')}`;
    this.socket.write([...headers, 'host: localhost', authorization, '', ''].join('\r\n'));
  }

  /** Sends until the other side answers or closes, or the amount is through; tells how much went out. */
  async pour(bytes: number, piece: Buffer): Promise<number> {
    let sent = 0;
    while (sent < bytes && this.answeredAt === undefined && this.closedAt === undefined) {
      const chunk = Buffer.concat([
        Buffer.from(`${piece.length.toString(16)}\r\n`),
        piece,
        Buffer.from('\r\n'),
      ]);
      if (!this.socket.write(chunk)) await this.#drainedOrEnded();
      sent += piece.length;
    }
    return sent;
  }

  async #drainedOrEnded(): Promise<void> {
    const over = new AbortController();
    const { signal } = over;
    const events = ['drain', 'data', 'close'].map((name) => once(this.socket, name, { signal }));
    await Promise.race(events);
    over.abort();
    await Promise.allSettled(events);
  }

  async closed(): Promise<void> {
    await expect.poll(() => this.closedAt, { timeout: 10_000, interval: 20 }).toBeDefined();
  }
}

const formHead = 'content-type: multipart/form-data; boundary=edge';
const partHead = '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.fake"\r\n\r\n';

describe('over a real connection', () => {
  beforeAll(start);
  afterAll(stop);

  describe('an upload of 1 GB that does not say how long it is', () => {
    test.each([
      ['as a single body', 'content-type: application/octet-stream', ''],
      ['as a form', formHead, partHead],
    ])(
      '%s is answered 413 as soon as the limit is passed, in flat memory, and nothing is kept',
      async (_what, type, first) => {
        const wire = new Wire(port);
        wire.head(['POST /v1/scans HTTP/1.1', type, 'transfer-encoding: chunked']);
        if (first !== '') await wire.pour(1, Buffer.from(first));
        const before = process.memoryUsage().rss;
        let peak = before;
        const watch = setInterval(() => {
          peak = Math.max(peak, process.memoryUsage().rss);
        }, 20);
        const sent = await wire.pour(1024 * MiB, Buffer.alloc(MiB, 0x41));
        await wire.closed();
        clearInterval(watch);
        const grown = Math.round((peak - before) / MiB);
        console.log(
          `sent ${sent / MiB} MiB of 1024, resident memory of client and service grew by ${grown} MiB`,
        );
        expect(wire.received).toMatch(/^HTTP\/1\.1 413 /);
        expect(wire.received.toLowerCase()).toContain('connection: close');
        expect(wire.received).toContain('"code":"NII_LIMIT_BYTES"');
        expect(sent).toBeLessThan(defaultLimits.uploadBytes + 32 * MiB);
        expect(grown).toBeLessThan(150);
        await expect.poll(stagedUploads).toEqual([]);
        expect(await stored()).toBe(0);
      },
    );

    test('is answered 413 without a byte read where it says how long it is', async () => {
      const wire = new Wire(port);
      wire.head([
        'POST /v1/scans HTTP/1.1',
        'content-type: application/octet-stream',
        `content-length: ${1024 * MiB}`,
      ]);
      await wire.closed();
      expect(wire.received).toMatch(/^HTTP\/1\.1 413 /);
      expect(await stored()).toBe(0);
    });
  });

  describe('an upload cut short', () => {
    const whole = fakeScan({ seed: 5 });
    const octets = 'content-type: application/octet-stream';
    test.each([
      ['a body shorter than its length', [octets, `content-length: ${whole.length + 1}`], whole],
      [
        'a chunked body without its end',
        [octets, 'transfer-encoding: chunked'],
        Buffer.from(`${whole.length.toString(16)}\r\n${whole}\r\n`),
      ],
      [
        'a form in the middle of a part',
        [formHead, 'content-length: 5000'],
        Buffer.from(`${partHead}${whole}`),
      ],
      [
        'a form between two parts',
        [formHead, 'content-length: 5000'],
        Buffer.from(`${partHead}${whole}\r\n--edge\r\n`),
      ],
      [
        'a form before its last line',
        [formHead, 'content-length: 5000'],
        Buffer.from(`${partHead}${whole}\r\n--edge`),
      ],
    ])('(%s) keeps nothing and is never acknowledged', async (_what, headers, bytes) => {
      const wire = new Wire(port);
      wire.head(['POST /v1/scans HTTP/1.1', ...headers]);
      await new Promise((sent) => wire.socket.write(bytes, sent));
      await expect.poll(() => stagedUploads().length, { timeout: 5000 }).toBeGreaterThan(0);
      wire.socket.destroy();
      await expect.poll(stagedUploads, { timeout: 5000 }).toEqual([]);
      expect(wire.received).not.toMatch(/ 20[0-9] /);
      expect(await stored()).toBe(0);
      const { rows } = await service.deps.records.transaction((tx) =>
        tx.scans({ administration: 'utopia', site: '*' }, {}, 10),
      );
      expect(rows).toEqual([]);
    });

    test('(a form whose end is missing, though its length is kept) is refused as cut', async () => {
      const bytes = Buffer.from(`${partHead}${whole}\r\n`);
      const wire = new Wire(port);
      wire.head(['POST /v1/scans HTTP/1.1', formHead, `content-length: ${bytes.length}`]);
      wire.socket.write(bytes);
      await expect.poll(() => wire.received, { timeout: 5000 }).toContain('NII_UPLOAD_CUT');
      expect(wire.received).toMatch(/^HTTP\/1\.1 400 /);
      expect(await stored()).toBe(0);
      wire.socket.destroy();
    });
  });

  test('without a key a body is not read, and the sender is told so at once', async () => {
    const wire = new Wire(port);
    wire.socket.write(
      [
        'POST /v1/scans HTTP/1.1',
        'host: localhost',
        'content-type: application/octet-stream',
        `content-length: ${100 * MiB}`,
        '',
        '',
      ].join('\r\n'),
    );
    await expect.poll(() => wire.received, { timeout: 5000 }).toMatch(/^HTTP\/1\.1 401 /);
    expect(stagedUploads()).toEqual([]);
    wire.socket.destroy();
  });
});

describe('a service that is told to stop', () => {
  beforeEach(start);
  afterEach(stop);

  test('finishes an upload that is under way, though a connection is kept alive beside it', async () => {
    const body = fakeScan({ seed: 9 });
    const idle = new Wire(port);
    idle.socket.write('GET /v1/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await expect.poll(() => idle.received).toContain('200 OK');
    const wire = new Wire(port);
    wire.head([
      'POST /v1/scans HTTP/1.1',
      'content-type: application/octet-stream',
      `content-length: ${body.length}`,
    ]);
    wire.socket.write(body.subarray(0, 10));
    await expect.poll(() => stagedUploads().length).toBeGreaterThan(0);
    const begun = Date.now();
    const closing = closeGracefully(service.app, 20);
    await eventually('nobody new is let in', 10, refusesConnections);
    wire.socket.write(body.subarray(10));
    expect(await closing).toBe(true);
    expect(Date.now() - begun).toBeLessThan(8000);
    // the service is done with the answer, and the reader of it may not be
    await expect.poll(() => wire.received).toMatch(/^HTTP\/1\.1 202 /);
    expect(await stored()).toBeGreaterThan(0);
  });

  test('cuts what does not end in time', async () => {
    const wire = new Wire(port);
    wire.head(['POST /v1/scans HTTP/1.1', 'content-type: application/octet-stream', 'content-length: 1000']);
    wire.socket.write('NIIFAKE1');
    await expect.poll(() => stagedUploads().length).toBeGreaterThan(0);
    const begun = Date.now();
    expect(await closeGracefully(service.app, 1)).toBe(false);
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(wire.received).not.toMatch(/ 20[0-9] /);
    await expect.poll(stagedUploads).toEqual([]);
  });

  test('answers readers who wait for changes with what there is', async () => {
    const headers = { authorization: `Bearer ${service.token('lane')}` };
    const asked = once(service.app.server, 'request');
    const waiting = fetch(`http://127.0.0.1:${port}/v1/changes?wait=30`, { headers });
    await asked;
    const begun = Date.now();
    expect(await closeGracefully(service.app, 20)).toBe(true);
    expect(Date.now() - begun).toBeLessThan(8000);
    expect((await (await waiting).json()).items).toEqual([]);
  });
});
