import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NiiError } from '../../../src/core/errors.ts';
import type { ObjectStore } from '../../../src/core/ports/objects.ts';
import type { Records } from '../../../src/core/ports/records.ts';
import { findContainment } from '../../../src/runtime/contain/containment.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

const log: string[] = [];
let service: Harness;
let failure: Error | undefined;

/** The real parts, which can be told to fail as a store or a database that is away does. */
beforeAll(async () => {
  service = await openHarness({ logger: { level: 'info', stream: { write: (line) => log.push(line) } } });
  failing(service.deps.records, 'transaction');
  failing(service.deps.records, 'ready');
  failing(service.deps.objects, 'ready');
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

function failing<Part extends Records | ObjectStore>(part: Part, name: keyof Part & string): void {
  const real = (part[name] as (...args: unknown[]) => Promise<unknown>).bind(part);
  Object.assign(part, {
    [name]: (...args: unknown[]) => (failure === undefined ? real(...args) : Promise.reject(failure)),
  });
}

async function whileFailing<T>(error: Error, work: () => Promise<T>): Promise<T> {
  failure = error;
  try {
    return await work();
  } finally {
    failure = undefined;
  }
}

const json = { 'content-type': 'application/json' };

describe('a refusal', () => {
  test.each([
    ['an address that does not exist', { url: '/v1/nothing' }, 404, 'NII_NOT_FOUND'],
    ['a method that an address does not take', { method: 'DELETE', url: '/v1/scans' }, 404, 'NII_NOT_FOUND'],
    ['a query that is not in the description', { url: '/v1/scans?x=1' }, 400, 'NII_BAD_REQUEST'],
    ['a page of no rows', { url: '/v1/scans?limit=0' }, 400, 'NII_BAD_REQUEST'],
    ['a query given twice', { url: '/v1/scans?limit=1&limit=2' }, 400, 'NII_BAD_REQUEST'],
    ['a revision that is no number', { url: '/v1/scans/x/revisions/first' }, 400, 'NII_BAD_REQUEST'],
    [
      'an If-Match that is no version',
      { method: 'POST', url: '/v1/cases/x/close', headers: { 'if-match': 'x' } },
      400,
      'NII_BAD_REQUEST',
    ],
    [
      'JSON that is none',
      { method: 'POST', url: '/v1/cases/x/close', payload: '{', headers: json },
      400,
      'NII_BAD_REQUEST',
    ],
    [
      'JSON that reaches for a prototype',
      { method: 'POST', url: '/v1/cases/x/close', payload: '{"__proto__":{}}', headers: json },
      400,
      'NII_BAD_REQUEST',
    ],
    [
      'a body of 2 MiB',
      { method: 'POST', url: '/v1/cases/x/close', payload: `"${'x'.repeat(2 ** 21)}"`, headers: json },
      413,
      'NII_LIMIT_BYTES',
    ],
    [
      'a body that is text',
      { method: 'POST', url: '/v1/cases/x/close', payload: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'NII_MEDIA_TYPE',
    ],
    ['percent signs that encode nothing', { url: '/v1/scans/%zz' }, 400, 'NII_BAD_REQUEST'],
  ] as const)('of %s is a problem document', async (_what, request, status, code) => {
    const answer = await service.as('supervisor', request);
    expect(answer.json()).toMatchObject({ status, code, type: `https://nii-hub.org/problems/${code}` });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json().instance).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  });

  test.each([
    ['/v1/scans?limit=x', 'Invalid limit "x"'],
    ['/v1/scans?state=lost', 'Invalid state "lost": use received, '],
    ['/v1/scans/none', 'Unknown scan "none"'],
    ['/v1/cases/none', 'Unknown case "none"'],
    ['/v1/nowhere?name=secret', 'Unknown endpoint GET /v1/nowhere'],
  ])('names the wrong value and what is allowed: %s', async (url, detail) => {
    const answer = await service.as('supervisor', { url });
    expect(answer.json().detail).toMatch(new RegExp(`^${detail.replace(/[?]/g, '.')}`));
    expect(answer.json().detail).not.toContain('secret');
  });

  test('without a key says how to present one', async () => {
    const answer = await service.app.inject({ url: '/v1/scans' });
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="nii-hub"']);
  });

  test('by a fault of the service says nothing of it, and the log has it under the id', async () => {
    const answer = await whileFailing(new Error('secret path /etc/x'), () =>
      service.as('supervisor', { url: '/v1/scans' }),
    );
    expect(answer.json()).toMatchObject({ status: 500, code: 'NII_INTERNAL' });
    expect(answer.body).not.toContain('secret');
    const id = answer.json().instance.replace('urn:uuid:', '');
    expect(log.some((line) => line.includes(id) && line.includes('secret path'))).toBe(true);
  });

  test('while the database is away is 503 with Retry-After', async () => {
    const error = new NiiError('NII_DATABASE_UNREACHABLE', 'gone');
    const answer = await whileFailing(error, () => service.as('supervisor', { url: '/v1/scans' }));
    expect(answer.json().code).toBe('NII_DATABASE_UNREACHABLE');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('health', () => {
  test('is live always and ready while store and database answer', async () => {
    const error = new NiiError('NII_STORE_UNREACHABLE', 'gone');
    expect((await service.app.inject('/v1/health/ready')).json()).toEqual({
      ready: true,
      store: 'ok',
      database: 'ok',
      contained: (await findContainment()).kind,
    });
    const away = await whileFailing(error, () => service.app.inject('/v1/health/ready'));
    expect(away.json()).toMatchObject({
      status: 503,
      code: 'NII_STORE_UNREACHABLE',
      store: 'away',
      database: 'away',
    });
    expect(away.headers['retry-after']).toBeDefined();
    const live = await whileFailing(error, () => service.app.inject('/v1/health/live'));
    expect(live.json()).toEqual({ live: true, version: '0.0.0-test' });
  });
});

test('the log has one line for each answer, with who asked, and never a key or a query', async () => {
  log.length = 0;
  await service.as('auditor', { url: '/v1/scans?container=MSKU1234565' });
  const lines = log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'answered');
  expect(lines).toHaveLength(1);
  const keyId = service.token('auditor').split('_')[1];
  expect(lines[0]).toMatchObject({ method: 'GET', route: '/v1/scans', status: 200, keyId });
  expect(log.join()).not.toContain(service.token('auditor').split('_').slice(2).join('_'));
  expect(log.join()).not.toContain('MSKU1234565');
});

test('OPTIONS names the methods of an address, for anyone', async () => {
  const answer = await service.app.inject({ method: 'OPTIONS', url: '/v1/declarations/D-1' });
  expect([answer.statusCode, answer.headers.allow]).toEqual([204, 'OPTIONS, GET, HEAD, PUT']);
});

test('metrics count requests by route, jobs by kind, scans by state, and say how late the event loop is', async () => {
  await service.as('supervisor', { url: '/v1/scans' });
  const { body } = await service.as('peer', { url: '/metrics' });
  expect(body).toMatch(
    /nii_http_request_duration_seconds_count\{method="GET",route="\/v1\/scans",status="200"\} [1-9]/,
  );
  expect(body).toMatch(/nii_jobs\{kind="convert",state="waiting"\} 0/);
  expect(body).toMatch(/nii_scans\{state="failed"\} 0/);
  expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(body).toContain('process_resident_memory_bytes');
});

test('a key that asks too often is told to wait, and no other key', async () => {
  const limited = await openHarness({ requestsPerMinute: 5 });
  const ask = async (role: 'supervisor' | 'auditor') => limited.as(role, { url: '/v1/models' });
  const answers = [];
  for (let i = 0; i < 6; i += 1) answers.push(await ask('supervisor'));
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200, 429]);
  expect(answers[5]!.json().code).toBe('NII_RATE_LIMITED');
  expect(Number(answers[5]!.headers['retry-after'])).toBeGreaterThan(0);
  expect((await ask('auditor')).statusCode).toBe(200);
  expect(limited.wrongAnswers).toEqual([]);
  await limited.close();
});

test('an address that tries keys is told to wait, while who has one is let through', async () => {
  const limited = await openHarness({ rejectedKeysPerMinute: 60 });
  const statuses = new Set<number>();
  for (let i = 0; i < 70; i += 1) statuses.add((await limited.app.inject({ url: '/v1/models' })).statusCode);
  expect([...statuses]).toEqual([401, 429]);
  expect((await limited.as('supervisor', { url: '/v1/models' })).statusCode).toBe(200);
  await limited.close();
});
