import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { openSyslog } from '../../../src/adapters/syslog-link.ts';
import { sealAudit } from '../../../src/audit/seal.ts';
import { AuditStream } from '../../../src/audit/siem/stream.ts';
import { readConfig } from '../../../src/config.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { writeAudit } from '../../support/audit/entries.ts';
import { eventually } from '../../support/eventually.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';
import { runs } from '../../support/search-size.ts';

/** Takes messages by their number of bytes; breaks the next connections on demand. */
class Receiver {
  readonly messages: string[] = [];
  readonly #open = new Set<Socket>();
  readonly #server: Server;
  /** Bytes of the next connection after which it is broken. */
  breakAfter = Number.POSITIVE_INFINITY;

  constructor() {
    this.#server = createServer((socket) => this.#take(socket));
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  breakAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #take(socket: Socket): void {
    this.#open.add(socket);
    const limit = this.breakAfter;
    this.breakAfter = Number.POSITIVE_INFINITY;
    let bytes = 0;
    let left = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > limit) {
        socket.destroy();
        return;
      }
      left = Buffer.concat([left, chunk]);
      for (;;) {
        const [, digits = ''] = /^(\d+) /.exec(left.subarray(0, 8).toString('latin1')) ?? [];
        const end = digits.length + 1 + Number(digits);
        if (digits === '' || left.byteLength < end) return;
        this.messages.push(left.subarray(digits.length + 1, end).toString('utf8'));
        left = left.subarray(end);
      }
    });
  }
}

let database: Awaited<ReturnType<typeof freshDatabase>>;
let records: Records;
const receiver = new Receiver();
let port = 0;
beforeAll(async () => {
  port = await receiver.listen();
});
beforeEach(async () => {
  database = await freshDatabase();
  records = openRecords(await openDatabase(database.url));
  receiver.messages.length = 0;
  return async () => {
    await records.close();
    await database.drop();
  };
});
afterAll(() => receiver.close());

/** A sender whose clock the test sets. */
function sender() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (_: object, event: string) => warnings.push(event), error: () => {} };
  const siem = openSyslog({ host: '127.0.0.1', port, tls: undefined });
  const stream = new AuditStream({ records, siem, clock: { now: () => new Date(now) }, log });
  return {
    warnings,
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
    sendNew: () => stream.sendNew(),
    end: () => stream.end(),
  };
}
const subjects = () => receiver.messages.flatMap((text) => / subject="([^"]*)"/.exec(text)?.[1] ?? []);
const seals = () => receiver.messages.flatMap((text) => / number="(\d+)"/.exec(text)?.[1] ?? []);
const kept = () => records.transaction((tx) => tx.streamPosition());
const behind = async () => (await records.transaction((tx) => tx.backlog())).streamBehindSeconds;
const arrived = (count: number) =>
  eventually(`${count} messages are there`, 20, () => receiver.messages.length >= count);

test('rows go in the order of their seals, each seal after its rows, and nothing that has no seal', async () => {
  expect(await behind()).toBeUndefined();
  await writeAudit(records, ['a', 'b', 'c']);
  await sealAudit(records, 2);
  await writeAudit(records, ['d']);
  const { sendNew, end } = sender();
  await sendNew();
  await arrived(5);
  expect(receiver.messages.map((text) => /(?:subject|number)="([^"]*)"/.exec(text)?.[1])).toEqual([
    'a',
    'b',
    '1',
    'c',
    '2',
  ]);
  expect(await behind()).toBeGreaterThanOrEqual(0);
  await sealAudit(records);
  await sendNew();
  await arrived(7);
  expect([subjects().at(-1), seals().at(-1)]).toEqual(['d', '3']);
  expect(await behind()).toBe(0);
  await end();
});

test('what was read a minute ago is never sent again, what is younger is, after a break and by another process', async () => {
  const one = sender();
  await writeAudit(records, ['old']);
  await sealAudit(records);
  await one.sendNew();
  expect(await kept()).toEqual({ seal: 1, seq: 0 });
  one.wait(61);
  await one.sendNew(); // ends the connection: it was read
  expect(await kept()).toEqual({ seal: 1, seq: 0 });
  one.wait(61);
  await writeAudit(records, ['young']);
  await sealAudit(records);
  await one.sendNew();
  expect(await kept()).toEqual({ seal: 2, seq: 0 });
  await arrived(4);
  receiver.breakAll();
  await eventually('it notices', 20, async () => {
    await one.sendNew();
    return one.warnings.length > 0;
  });
  one.wait(2);
  await one.sendNew();
  await arrived(6);
  expect(subjects()).toEqual(['old', 'young', 'young']);
  await one.end();
  const other = sender();
  await other.sendNew();
  await arrived(8);
  expect(subjects()).toEqual(['old', 'young', 'young', 'young']);
  await other.end();
});

test('wherever connections break, every row and every seal arrives at last', async () => {
  const breaks = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 5 });
  let rounds = 0;
  await fc.assert(
    fc.asyncProperty(breaks, fc.integer({ min: 1, max: 40 }), async (limits, size) => {
      rounds += 1;
      const names = Array.from({ length: 60 }, (_, i) => `round ${rounds} row ${i}`);
      await writeAudit(records, names);
      const before = (await records.transaction((tx) => tx.auditSeals(0, 10_000))).length;
      await sealAudit(records, size);
      const made = await records.transaction((tx) => tx.auditSeals(before, 10_000));
      receiver.messages.length = 0;
      const one = sender();
      for (const limit of limits) {
        receiver.breakAfter = limit;
        await one.sendNew();
        receiver.breakAll();
        one.wait(3600);
      }
      await eventually('everything is there', 20, async () => {
        one.wait(120);
        await one.sendNew();
        return seals().includes(String(made.at(-1)?.number));
      });
      await one.end();
      expect(names.filter((name) => !subjects().includes(name))).toEqual([]);
      expect(made.filter(({ number }) => !seals().includes(String(number)))).toEqual([]);
    }),
    { numRuns: runs(6) },
  );
}, 120_000);

test('a receiver that is not there is said once, and tried again later and later', async () => {
  const closed = new Receiver();
  const nobody = await closed.listen();
  closed.close();
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (_: object, event: string) => warnings.push(event), error: () => {} };
  let now = 0;
  let tries = 0;
  const { connect } = openSyslog({ host: '127.0.0.1', port: nobody, tls: undefined });
  const siem = {
    connect: () => {
      tries += 1;
      return connect();
    },
  };
  const stream = new AuditStream({ records, siem, clock: { now: () => new Date(now) }, log });
  await writeAudit(records, ['a']);
  await sealAudit(records);
  for (let second = 0; second < 200; second += 1) {
    await stream.sendNew();
    now += 1000;
  }
  expect(warnings).toHaveLength(1);
  // after 1, 2, 4, 8, 16, 32 seconds, then each minute
  expect(tries).toBe(9);
  expect(await behind()).toBeGreaterThan(0);
});

test.each([
  ['syslog+tls://siem.example:6514', { host: 'siem.example', port: 6514, tls: {} }],
  ['syslog+tls://siem.example', { host: 'siem.example', port: 6514, tls: {} }],
  ['syslog+tls://[2001:db8::1]:7000/', { host: '2001:db8::1', port: 7000, tls: {} }],
  ['syslog+tcp://127.0.0.1:514', { host: '127.0.0.1', port: 514, tls: undefined }],
])('%s is an address of a SIEM', (url, expected) => {
  expect(readConfig({ NII_SYSLOG_URL: url }).syslog).toEqual(expected);
});

test.each([
  'syslog+tcp://192.0.2.1:514',
  'syslog+tcp://127.0.0.1.example:514',
  'syslog://siem.example',
  'tls://siem.example:6514',
  'syslog+tls://user:secret@siem.example',
  'syslog+tls://siem.example/path',
  'syslog+tls://siem.example:99999',
  '',
])('%j is no address of a SIEM', (url) => {
  expect(() => readConfig({ NII_SYSLOG_URL: url })).toThrow('Invalid NII_SYSLOG_URL');
});

test('files of certificates need an address, and a certificate its key', () => {
  const url = 'syslog+tls://siem.example';
  expect(() => readConfig({ NII_SYSLOG_CA: 'a' })).toThrow('Missing NII_SYSLOG_URL: NII_SYSLOG_CA needs it');
  const cert = { NII_SYSLOG_URL: url, NII_SYSLOG_CERT: 'a' };
  expect(() => readConfig(cert)).toThrow('Missing NII_SYSLOG_KEY: NII_SYSLOG_CERT needs it');
  expect(readConfig({ ...cert, NII_SYSLOG_KEY: 'b' }).syslog?.tls).toEqual({ cert: 'a', key: 'b' });
});
