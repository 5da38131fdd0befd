import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Wire } from '../../../lab/siege/wire.ts';
import type { Role } from '../../../src/core/access.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** The real bounds with smaller numbers. */
const bounds = {
  total: 12,
  perAddress: 8,
  headMs: 4_000,
  bodyWindowMs: 1_000,
  bodyBytesPerSecond: 200,
  checkMs: 100,
};
const OTHER = '127.0.0.2';

const log: string[] = [];
let service: Harness;
let port: number;

beforeAll(async () => {
  const logger = { level: 'warn', stream: { write: (line: string) => log.push(line) } };
  service = await openHarness({ connections: bounds, logger });
  port = Number(new URL(await service.listen()).port);
});
afterAll(() => service.close());

async function metric(name: string): Promise<number> {
  const { body } = await service.as('peer', { url: '/metrics' });
  const value = body.split('\n').find((line) => line.startsWith(`${name} `));
  return Number(value?.split(' ')[1] ?? 0);
}

async function idle(count: number, from?: string): Promise<readonly Wire[]> {
  const wires = Array.from({ length: count }, () => new Wire(port, from));
  await Promise.all(wires.map((wire) => wire.opened()));
  return wires;
}

function leave(wires: readonly Wire[]): void {
  for (const { socket } of wires) socket.destroy();
}

async function noneOpen(): Promise<void> {
  await eventually('every connection is closed', 5, async () => (await metric('nii_connections')) === 0);
}

async function asks(from?: string): Promise<Wire> {
  const wire = new Wire(port, from);
  wire.send('GET /v1/health/live HTTP/1.1', 'host: x', 'connection: close');
  await wire.closed();
  return wire;
}

describe('connections', () => {
  test('above those of one address are answered 503, and another address is served', async () => {
    const before = await metric('nii_connections_refused_total{reason="address"}');
    const wires = await idle(bounds.perAddress);
    const one = new Wire(port);
    await one.closed();
    expect([one.status, JSON.parse(one.body).code]).toEqual([503, 'NII_LIMIT_CONNECTIONS']);
    expect((await asks(OTHER)).status).toBe(200);
    expect(await metric('nii_connections_refused_total{reason="address"}')).toBe(before + 1);
    leave(wires);
    await noneOpen();
    expect((await asks()).status).toBe(200);
  });

  test('above all that the service holds are answered 503 whoever asks, and write one line a second', async () => {
    log.length = 0;
    const wires = [...(await idle(7)), ...(await idle(5, OTHER))];
    const refused = await idle(20, '127.0.0.3');
    await Promise.all(refused.map((wire) => wire.closed()));
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    expect(log.filter((line) => line.includes('connections closed')).length).toBeLessThanOrEqual(3);
    expect(await metric('nii_connections')).toBe(12);
    leave(wires);
    await noneOpen();
  });

  test('that say nothing, or their head byte by byte, are answered 408 and closed', async () => {
    const silent = new Wire(port);
    const slow = new Wire(port);
    const dripping = slow.drip(Buffer.from(`GET /v1/health/live HTTP/1.1\r\nhost: ${'x'.repeat(200)}`), 50);
    await Promise.all([silent.closed(15), slow.closed(15)]);
    await dripping;
    for (const wire of [silent, slow]) {
      expect([wire.status, JSON.parse(wire.body).code]).toEqual([408, 'NII_REQUEST_TIMEOUT']);
    }
  });
});

const bodies: readonly (readonly [string, Role, readonly string[]])[] = [
  ['a single body', 'scanner', ['POST /v1/scans HTTP/1.1', 'content-type: application/octet-stream']],
  ['a form', 'scanner', ['POST /v1/scans HTTP/1.1', 'content-type: multipart/form-data; boundary=edge']],
  ['JSON', 'analyst', ['POST /v1/cases/x/close HTTP/1.1', 'content-type: application/json', 'if-match: "1"']],
  [
    'instances of STOW',
    'scanner',
    [
      'POST /dicomweb/studies HTTP/1.1',
      'content-type: multipart/related; type="application/dicom"; boundary=edge',
    ],
  ],
  ['a GET', 'scanner', ['GET /v1/health/live HTTP/1.1']],
];

describe('a body of ten bytes a second', () => {
  test.each(bodies)('(%s) is ended, and nothing of it is left', async (_what, role, head) => {
    const before = await metric('nii_connections_refused_total{reason="slow-body"}');
    const wire = new Wire(port);
    const token = `authorization: Bearer ${service.token(role)}`;
    wire.send(...head, 'host: x', token, 'content-length: 4000');
    await wire.drip(Buffer.alloc(80, 0x2d), 100);
    await wire.closed(5);
    expect(await metric('nii_connections_refused_total{reason="slow-body"}')).toBe(before + 1);
    expect([200, 408]).toContain(wire.status);
    await noneOpen();
  });

  test('(a PATCH of a resumable upload) is ended, and what arrived is kept', async () => {
    const created = await service.as('scanner', {
      method: 'POST',
      url: '/v1/uploads/tus',
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '4000' },
    });
    expect(created.statusCode).toBe(201);
    const location = String(created.headers.location);
    const head = [
      `PATCH ${location} HTTP/1.1`,
      'host: x',
      `authorization: Bearer ${service.token('scanner')}`,
      'tus-resumable: 1.0.0',
      'upload-offset: 0',
      'content-type: application/offset+octet-stream',
      'content-length: 4000',
    ];
    const wire = new Wire(port);
    wire.send(...head);
    await wire.drip(Buffer.alloc(80, 0x2d), 100);
    await wire.closed(5);
    expect([wire.status, JSON.parse(wire.body).code]).toEqual([408, 'NII_REQUEST_TIMEOUT']);
    await eventually('the offset says what arrived', 5, async () => {
      const asked = await service.as('scanner', {
        method: 'HEAD',
        url: location,
        headers: { 'tus-resumable': '1.0.0' },
      });
      return Number(asked.headers['upload-offset']) > 0;
    });
  });
});

test('a body over a thin line takes as long as it needs', async () => {
  const body = Buffer.concat([fakeScan({ seed: 77 }), Buffer.alloc(8_000, ' ')]);
  const wire = new Wire(port);
  wire.send(
    'POST /v1/scans HTTP/1.1',
    'host: x',
    `authorization: Bearer ${service.token('scanner')}`,
    'content-type: application/octet-stream',
    `content-length: ${body.length}`,
    'connection: close',
  );
  const begun = Date.now();
  // ten times the slowest rate, so that a machine that halts for a moment is no thin line; over several windows
  await wire.drip(body, 100, 200);
  await wire.closed();
  expect(Date.now() - begun).toBeGreaterThan(3 * bounds.bodyWindowMs);
  expect(wire.status).toBe(202);
});
