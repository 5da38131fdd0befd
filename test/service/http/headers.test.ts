import { readFileSync } from 'node:fs';
import type { RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Wire } from '../../../lab/siege/wire.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** What every answer says to browsers and caches, and whose address a request is said to come from. */

const routes: RouteOptions[] = [];
let service: Harness;
let port: number;
let behind: Harness;

beforeAll(async () => {
  service = await openHarness({ enableDocs: true, onRoute: (route) => routes.push(route) });
  port = Number(new URL(await service.listen()).port);
  behind = await openHarness({ trustedProxies: ['127.0.0.1', '10.1.0.0/16'] });
});
afterAll(async () => {
  await service.close();
  await behind.close();
});

const strict = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

test('every route answers with the headers that keep browsers from guessing, framing and keeping', async () => {
  expect(routes.length).toBeGreaterThan(60);
  for (const { method, url } of routes) {
    for (const one of [method].flat()) {
      const path = url.replaceAll(/:[A-Za-z]+|\*/g, 'x').replace(/\/events$/, '$&?wait=0');
      const answer = await service.as('administrator', { method: one as 'GET', url: path });
      const { headers } = answer;
      expect(headers, `${one} ${url}`).toMatchObject({
        ...strict,
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      const policy = String(headers['content-security-policy']);
      for (const part of ["base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"])
        expect(policy, `${one} ${url}`).toContain(part);
      expect(String(headers['cache-control']), `${one} ${url}`).toMatch(/^private|^no-store|max-age=0/);
      expect(
        Object.keys(headers).filter((name) => name.startsWith('access-control-')),
        url,
      ).toEqual([]);
    }
  }
});

describe('an answer that no route gives', () => {
  test.each([
    ['bytes that are no HTTP', '\x16\x03\x01\r\n\r\n', 400],
    ['TRACE', 'TRACE /v1/health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', 404],
    ['an expectation', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: wonders\r\nconnection: close\r\n\r\n', 417],
  ])('has them, too: %s', async (_what, bytes, status) => {
    const wire = new Wire(port);
    wire.socket.write(bytes);
    await wire.closed();
    expect(wire.status).toBe(status);
    for (const [name, value] of Object.entries({ ...strict, 'cache-control': 'private, no-store' }))
      expect(wire.received.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}`);
  });
});

describe('X-Forwarded-For', () => {
  /** The address that the audit has of a look at something, sent from `from` with what it says of itself. */
  async function addressOf(at: Harness, from: string, said: string): Promise<unknown> {
    const headers = { 'x-forwarded-for': said, authorization: `Bearer ${at.token('supervisor')}` };
    await at.app.inject({ url: '/v1/scans', headers, remoteAddress: from });
    const trail = await at.deps.records.transaction((tx) =>
      tx.auditTrail({ administration: 'utopia', site: '*' }, 500),
    );
    return trail.rows.at(-1)?.actor.address;
  }

  test('is believed of a proxy that is trusted, and of nobody else', async () => {
    expect(await addressOf(behind, '127.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
    expect(await addressOf(behind, '10.1.7.7', '203.0.113.8')).toBe('203.0.113.8');
    expect(await addressOf(behind, '10.2.0.1', '203.0.113.9')).toBe('10.2.0.1');
  });

  test('names the last address that no trusted proxy has, whatever the client wrote before it', async () => {
    expect(await addressOf(behind, '127.0.0.1', '198.51.100.1, 203.0.113.9, 10.1.2.3')).toBe('203.0.113.9');
  });

  test('changes nothing where no proxy is trusted', async () => {
    expect(await addressOf(service, '127.0.0.1', '203.0.113.9')).toBe('127.0.0.1');
  });
});

test('the draws that decide who looks at what come from the randomness of the system', () => {
  const source = (path: string) => readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8');
  expect(source('commands/cases.ts')).not.toContain('Math.random');
  expect(source('adapters/postgres/records/cases.ts')).not.toMatch(/[^_]random\(\)/);
});
