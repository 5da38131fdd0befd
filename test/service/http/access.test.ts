import { readFileSync } from 'node:fs';
import type { InjectOptions, RouteOptions } from 'fastify';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Role, roles } from '../../../src/core/access.ts';
import { guardRoutes } from '../../../src/http/access.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

/** The matrix as it is written down, apart from the code. */
const rows = readFileSync(new URL('./access-matrix.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^[A-Z]/.test(line))
  .map((line) => {
    const [method = '', url = '', ...marks] = line.split(/ +/);
    return { method: method as Method, url, marks: marks[0] === 'anyone' ? ('anyone' as const) : marks };
  });

type Method = NonNullable<InjectOptions['method']>;

let service: Harness;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  service = await openHarness({ enableDocs: true, onRoute: (route) => routes.push(route) });
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function address(url: string): string {
  return url
    .replace(':sha256', 'a'.repeat(64))
    .replace(':n', '1')
    .replaceAll(/:[A-Za-z]+/g, 'none')
    .replace(/\/events$/, '$&?wait=0');
}

function status(method: Method, url: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return service.app.inject({ method, url: address(url), headers }).then((answer) => answer.statusCode);
}

describe('every route', () => {
  test('is in the matrix, and the matrix names no other', () => {
    const isListed = ({ method, url }: RouteOptions) =>
      method !== 'HEAD' && method !== 'OPTIONS' && !url.startsWith('/docs/');
    const found = routes.filter(isListed).map(({ method, url }) => `${String(method)} ${url}`);
    const listed = rows.filter(({ url }) => url !== '/docs/').map(({ method, url }) => `${method} ${url}`);
    expect(new Set(found)).toEqual(new Set(listed));
    expect(rows.every(({ marks }) => marks === 'anyone' || marks.length === roles.length)).toBe(true);
  });

  test('answers each role as the matrix says', async () => {
    const differs: string[] = [];
    for (const { method, url, marks } of rows) {
      for (const [i, role] of roles.entries()) {
        const got = await status(method, url, service.token(role));
        const may = marks === 'anyone' || marks[i] === 'x';
        if (may ? got === 401 || got === 403 : got !== 403) differs.push(`${role} ${method} ${url}: ${got}`);
      }
    }
    expect(differs).toEqual([]);
  });

  test('asks for a key unless it is open to anyone, and takes none that is unknown', async () => {
    const differs: string[] = [];
    for (const { method, url, marks } of rows) {
      for (const token of [
        undefined,
        'nii_0000000000000000_0000000000000000000000000000000000000000000',
        'x',
      ]) {
        const got = await status(method, url, token);
        if ((got === 401) !== (marks !== 'anyone')) differs.push(`${method} ${url}: ${got}`);
      }
    }
    expect(differs).toEqual([]);
  });

  test('answers HEAD to whom it answers GET', async () => {
    const differs: string[] = [];
    for (const { url, marks } of rows.filter(({ method }) => method === 'GET')) {
      for (const [i, role] of roles.entries()) {
        const got = await status('HEAD', url, service.token(role));
        const may = marks === 'anyone' || marks[i] === 'x';
        if (may ? got === 401 || got === 403 : got !== 403) differs.push(`${role} HEAD ${url}: ${got}`);
      }
    }
    expect(differs).toEqual([]);
  });
});

test('a route that does not say who may call it stops the start', async () => {
  const app = fastify();
  guardRoutes(app, service.deps, { rejectedKeysPerMinute: 1 });
  app.get('/open', async () => 'x');
  await expect(app.ready()).rejects.toThrow(/GET \/open/);
});

test('a key that is revoked is refused within seconds', async () => {
  const { revokeKey } = await import('../../../src/features/persons/keys.ts');
  const token = await service.newToken('analyst', 'utopia', 'harbour');
  expect(await status('GET', '/v1/scans', token)).toBe(200);
  await revokeKey(service.deps, token.split('_')[1]!);
  await expect.poll(() => status('GET', '/v1/scans', token), { timeout: 10_000, interval: 500 }).toBe(401);
});

describe('what belongs to another', () => {
  test('administration or site is not there', async () => {
    const sent = await service.as('scanner', {
      method: 'POST',
      url: '/v1/scans?name=a.fake',
      payload: fakeScan({ containers: 'MSKU1234565' }),
      headers: { 'content-type': 'application/octet-stream' },
    });
    await service.work();
    const { href, revisionHref, laneInstructionHref } = sent.json().scans[0];
    const queue = await service.as('supervisor', { url: '/v1/queue' });
    const caseId = queue.json().items[0].id;
    const reads = [
      href,
      revisionHref,
      laneInstructionHref,
      `${revisionHref}/scan.json`,
      `${revisionHref}/dicos/main/high`,
      `${revisionHref}/channels/main/high/samples`,
      `${revisionHref}/originals`,
      `/v1/cases/${caseId}`,
    ];
    const others: readonly [string, string][] = [
      ['elsewhere', 'harbour'],
      ['utopia', 'airport'],
      ['elsewhere', '*'],
    ];
    for (const [administration, site] of others) {
      const token = await service.newToken('supervisor', administration, site);
      for (const url of reads) expect([url, await status('GET', url, token)]).toEqual([url, 404]);
      for (const url of ['/v1/scans', '/v1/queue', '/v1/changes']) {
        const list = await service.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
        expect(list.json().items).toEqual([]);
      }
      expect(await status('POST', `/v1/cases/${caseId}/claim`, token)).toBe(404);
    }
    const own = await service.newToken('supervisor', 'utopia', '*');
    for (const url of reads) expect([url, await status('GET', url, own)]).toEqual([url, 200]);
  });
});

test('a scanner is told the state of what it sent, not what models say of it', async () => {
  const href = `/v1/scans/${await service.sendFake({ seed: 118, containers: 'MSKU1234565' })}/revisions/latest`;
  const seen = async (role: Role) => (await service.as(role, { url: href })).json();
  expect(await seen('scanner')).not.toHaveProperty('analyses');
  expect(await seen('supervisor')).toHaveProperty('analyses');
});
