import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditRow } from '../../../../src/core/ports/records/audit.ts';
import {
  type BegunSession,
  beginSession,
  type SignedIn,
} from '../../../../src/features/persons/sign-in/begin-session.ts';
import { buildApp } from '../../../../src/http/app.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';

/** What a session opens, and when it ends. The clock is the test's own. */

let service: Harness;
let now = new Date('2027-05-01T08:00:00.000Z');
const terms = { source: 'a test', idleMinutes: 15, hours: 12 };

beforeAll(async () => {
  service = await openHarness({ deps: { clock: { now: () => now }, sessions: terms } });
});
afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

const minutesLater = (minutes: number) => {
  now = new Date(now.getTime() + minutes * 60_000);
};
/** What is remembered of a session is forgotten. */
const secondsLater = (seconds: number) => minutesLater(seconds / 60);

const anybody: SignedIn = {
  identity: { issuer: 'https://idp.example', subject: 'ann' },
  name: 'Ann Example',
  status: 'linked',
  roles: ['analyst'],
  administration: ADMINISTRATION,
  site: SITE,
  address: '127.0.0.1',
};
let count = 0;

/** Somebody who nobody else in this file is, signed in. */
async function signIn(over: Partial<SignedIn> = {}) {
  count += 1;
  const identity = { issuer: 'https://idp.example', subject: `person-${count}` };
  return actingBy(await beginSession(service.deps, { ...anybody, identity, ...over }));
}

function actingBy({ session, token }: BegunSession) {
  const ask = (request: InjectOptions, cookie = token) =>
    service.app.inject({ ...request, headers: { cookie: `nii-session=${cookie}`, ...request.headers } });
  const post = (url: string, headers: Record<string, string> = { 'nii-page': '1' }) =>
    ask({ method: 'POST', url, headers });
  const whoAmI = async () => (await ask({ url: '/v1/session' })).json();
  return { session, token, ask, post, whoAmI };
}

const put = (id: string, version: number, payload: object, token = service.token('administrator')) =>
  service.ask(token, {
    method: 'PUT',
    url: `/v1/persons/${id}`,
    headers: { 'if-match': `"${version}"` },
    payload,
  });

describe('a session', () => {
  test('says who the person is and when it ends, and opens what its roles open', async () => {
    const ann = await signIn();
    expect(await ann.whoAmI()).toEqual({
      by: 'session',
      person: { id: ann.session.person, name: 'Ann Example', status: 'linked' },
      roles: ['analyst'],
      administration: ADMINISTRATION,
      site: SITE,
      begunAt: now.toISOString(),
      endsAt: new Date(now.getTime() + 12 * 3_600_000).toISOString(),
      idleMinutes: 15,
    });
    expect((await ann.ask({ url: '/v1/scans' })).statusCode).toBe(200);
    expect((await ann.ask({ url: '/v1/queue' })).json().code).toBe('NII_FORBIDDEN');
  });

  test('acts as its person, under its own id, in cases and in the audit', async () => {
    await service.sendFake({ seed: 4401, containers: 'MSKU4401001' });
    const ann = await signIn();
    const taken = (await ann.post('/v1/cases/next')).json();
    expect(taken.claim.analyst).toBe(ann.session.person);
    const trail = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
    const row = trail.items.find(({ subject }: AuditRow) => subject === taken.id);
    expect(row.actor).toMatchObject({ keyId: ann.session.id, person: ann.session.person, role: 'analyst' });
    await ann.ask({
      method: 'POST',
      url: `/v1/cases/${taken.id}/hand-back`,
      payload: { why: 'the test is over' },
      headers: { 'nii-page': '1' },
    });
  });

  test('is taken from the cookie alone, once, and a key from the header alone', async () => {
    const ann = await signIn();
    const header = { authorization: `Bearer ${ann.token}` };
    expect((await service.app.inject({ url: '/v1/session', headers: header })).statusCode).toBe(401);
    expect((await ann.ask({ url: '/v1/session' }, service.token('analyst'))).statusCode).toBe(401);
    const twice = { cookie: `nii-session=${ann.token}; nii-session=${ann.token}` };
    expect((await service.app.inject({ url: '/v1/session', headers: twice })).statusCode).toBe(401);
    const both = { ...header, cookie: `nii-session=${ann.token}` };
    expect((await service.app.inject({ url: '/v1/session', headers: both })).statusCode).toBe(401);
    const changed = `${ann.token.slice(0, -1)}${ann.token.endsWith('A') ? 'B' : 'A'}`;
    expect((await ann.ask({ url: '/v1/session' }, changed)).json()).toMatchObject({
      code: 'NII_UNAUTHENTICATED',
      detail: expect.stringContaining('/sign-in'),
    });
  });

  test('of other rules than those in force opens nothing', async () => {
    const ann = await signIn();
    const deps = { ...service.deps, sessions: { ...terms, source: 'another file of groups' } };
    const other = buildApp(deps, { version: '0.0.0-test' });
    const answer = await other.inject({
      url: '/v1/session',
      headers: { cookie: `nii-session=${ann.token}` },
    });
    await other.close();
    expect(answer.statusCode).toBe(401);
  });
});

describe('a change by cookie', () => {
  test.each([
    ['without the header of the page', {}, 403],
    ['with another value in it', { 'nii-page': '2' }, 403],
    ['from another site', { 'nii-page': '1', 'sec-fetch-site': 'cross-site' }, 403],
    ['from another host of the same site', { 'nii-page': '1', 'sec-fetch-site': 'same-site' }, 403],
    ['typed into the browser', { 'nii-page': '1', 'sec-fetch-site': 'none' }, 403],
    ['from the page', { 'nii-page': '1', 'sec-fetch-site': 'same-origin' }, 200],
    ['from the page, in a browser that does not say where from', { 'nii-page': '1' }, 200],
    ['from the page by itself', { 'nii-page': 'background' }, 200],
  ])('%s', async (_, headers: Record<string, string>, status) => {
    const ann = await signIn();
    const answer = await ann.post('/v1/session/end', headers);
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json().code).toBe('NII_CROSS_SITE');
    secondsLater(6);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(status === 403 ? 200 : 401);
  });

  test('needs nothing of it where a key is sent', async () => {
    const answer = await service.as('analyst', {
      method: 'POST',
      url: '/v1/cases/next',
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.statusCode).toBeLessThan(300);
  });
});

describe('a session ends', () => {
  test('without use, never before its idle time and at most a minute after it', async () => {
    const ann = await signIn();
    for (let i = 0; i < 3; i += 1) {
      minutesLater(15);
      expect((await ann.ask({ url: '/v1/session' })).statusCode, `use ${i}`).toBe(200);
    }
    minutesLater(16);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(401);
  });

  test('without use by the person: what the page asks by itself does not count', async () => {
    const ann = await signIn();
    for (let i = 0; i < 4; i += 1) {
      minutesLater(4);
      await ann.ask({ url: '/v1/session', headers: { 'nii-page': 'background' } });
    }
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(401);
  });

  test('after its longest time, also where it is used', async () => {
    const ann = await signIn();
    for (let i = 0; i < 71; i += 1) {
      minutesLater(10);
      await ann.ask({ url: '/v1/session' });
    }
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(200);
    minutesLater(10);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(401);
  });

  test('by sign-out, which ends no other and takes the cookie away', async () => {
    const identity = { issuer: 'https://idp.example', subject: 'two-browsers' };
    const [here, there] = [await signIn({ identity }), await signIn({ identity })];
    const answer = await here.post('/v1/session/end');
    expect(answer.json()).toEqual({ sessions: 1 });
    expect(answer.headers['set-cookie']).toBe('nii-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
    secondsLater(6);
    expect((await here.ask({ url: '/v1/session' })).statusCode).toBe(401);
    expect((await there.ask({ url: '/v1/session' })).statusCode).toBe(200);
  });

  test('by sign-out everywhere, and nobody else is signed out', async () => {
    const identity = { issuer: 'https://idp.example', subject: 'three-browsers' };
    const mine = [await signIn({ identity }), await signIn({ identity }), await signIn({ identity })];
    const other = await signIn();
    expect((await mine[0]?.post('/v1/session/end-all'))?.json()).toEqual({ sessions: 3 });
    secondsLater(6);
    for (const one of mine) expect((await one.ask({ url: '/v1/session' })).statusCode).toBe(401);
    expect((await other.ask({ url: '/v1/session' })).statusCode).toBe(200);
  });

  test('where a later sign-in brings other roles or another place, and not where it brings the same', async () => {
    const identity = { issuer: 'https://idp.example', subject: 'promoted' };
    const first = await signIn({ identity });
    const same = await signIn({ identity });
    secondsLater(6);
    expect((await first.ask({ url: '/v1/session' })).statusCode).toBe(200);
    const moved = await signIn({ identity, site: 'airport' });
    const promoted = await signIn({ identity, site: 'airport', roles: ['supervisor'] });
    secondsLater(6);
    for (const one of [first, same, moved])
      expect((await one.ask({ url: '/v1/session' })).statusCode).toBe(401);
    expect((await promoted.ask({ url: '/v1/session' })).statusCode).toBe(200);
  });

  test('with its person, within ten seconds, and so do the keys; one who has ended signs in no more', async () => {
    const identity = { issuer: 'https://idp.example', subject: 'leaver' };
    const ann = await signIn({ identity });
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(200);
    const ended = await put(ann.session.person, 1, { name: 'Ann Example', ended: true });
    expect(ended.json()).toMatchObject({ ended: true, version: 2 });
    secondsLater(10);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(401);
    await expect(signIn({ identity })).rejects.toMatchObject({ code: 'NII_SIGN_IN_FAILED' });
    await put(ann.session.person, 2, { name: 'Ann Example', ended: false });
    secondsLater(10);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(200);
  });

  test('with the identity by which it began', async () => {
    const ann = await signIn();
    await put(ann.session.person, 1, { name: 'Ann Example', identities: [] });
    secondsLater(10);
    expect((await ann.ask({ url: '/v1/session' })).statusCode).toBe(401);
  });

  test('where one person has more than twenty: the oldest', async () => {
    const identity = { issuer: 'https://idp.example', subject: 'many-browsers' };
    const all: Awaited<ReturnType<typeof signIn>>[] = [];
    for (let i = 0; i < 21; i += 1) {
      all.push(await signIn({ identity }));
      secondsLater(0.001);
    }
    secondsLater(6);
    const alive = await Promise.all(
      all.map(async (one) => (await one.ask({ url: '/v1/session' })).statusCode),
    );
    expect(alive).toEqual([401, ...Array(20).fill(200)]);
  });
});

describe('whom nobody has linked', () => {
  test('must wait everywhere except at the session and the sign-out', async () => {
    const ann = await signIn({ status: 'unlinked', roles: ['administrator'] });
    expect((await ann.whoAmI()).person.status).toBe('unlinked');
    for (const url of ['/v1/scans', '/v1/persons', '/v1/models', '/v1/audit', '/metrics'])
      expect((await ann.ask({ url })).json().code, url).toBe('NII_NOT_LINKED');
    expect((await ann.post('/v1/session/end')).statusCode).toBe(200);
  });

  test('acts as the person whom an administrator names, in the same session', async () => {
    const made = await service.as('administrator', {
      method: 'POST',
      url: '/v1/persons',
      payload: { name: 'Ann' },
    });
    const known = made.json().id;
    const ann = await signIn({ status: 'unlinked' });
    expect((await ann.ask({ url: '/v1/scans' })).statusCode).toBe(403);
    const { issuer, subject } = ann.session;
    const linked = await put(known, 1, { name: 'Ann', identities: [{ issuer, subject }] });
    expect(linked.json()).toMatchObject({
      formerIds: [ann.session.person],
      identities: [{ issuer, subject }],
    });
    secondsLater(10);
    expect((await ann.whoAmI()).person).toEqual({ id: known, name: 'Ann', status: 'linked' });
    expect((await ann.ask({ url: '/v1/scans' })).statusCode).toBe(200);
    const again = await signIn({ identity: { issuer, subject }, status: 'unlinked' });
    expect(again.session.person).toBe(known);
  });

  test('is not made another linked person, nor is an identity taken from one', async () => {
    const [ann, ben] = [await signIn(), await signIn()];
    const { issuer, subject } = ben.session;
    const answer = await put(ann.session.person, 1, { name: 'Ann', identities: [{ issuer, subject }] });
    expect(answer.json()).toMatchObject({ status: 409, code: 'NII_STATE_CONFLICT' });
    expect((await ben.whoAmI()).person.id).toBe(ben.session.person);
  });

  test('is known at the first sign-in where an administrator named the identity before', async () => {
    const made = await service.as('administrator', {
      method: 'POST',
      url: '/v1/persons',
      payload: { name: 'Early' },
    });
    const identity = { issuer: 'https://idp.example', subject: 'expected' };
    await put(made.json().id, 1, { name: 'Early', identities: [identity] });
    const ann = await signIn({ identity, status: 'unlinked' });
    expect((await ann.whoAmI()).person).toEqual({ id: made.json().id, name: 'Early', status: 'linked' });
  });

  test('is nobody whom an administrator of another site can name, end or keep from signing in', async () => {
    const made = await service.as('administrator', {
      method: 'POST',
      url: '/v1/persons',
      payload: { name: 'Decoy' },
    });
    const identity = { issuer: 'https://idp.example', subject: 'of the airport' };
    const { id } = made.json();
    const named = await put(id, 1, { name: 'Decoy', identities: [identity], ended: true });
    expect(named.json().identities).toEqual([{ ...identity, namedAt: SITE }]);
    const ben = await signIn({ identity, site: 'airport', name: 'Ben' });
    expect((await ben.whoAmI()).person).toMatchObject({ name: 'Ben', status: 'linked' });
    const decoy = await service.as('administrator', { url: `/v1/persons/${id}` });
    expect(decoy.json()).not.toHaveProperty('identities');
    expect(
      (await put(id, decoy.json().version, { name: 'Decoy', identities: [identity] })).json(),
    ).toMatchObject({ status: 403, code: 'NII_FORBIDDEN' });
  });

  test('is kept out of every site once an administrator of all sites has ended their access', async () => {
    const made = await service.as('administrator', {
      method: 'POST',
      url: '/v1/persons',
      payload: { name: 'Leaver' },
    });
    const identity = { issuer: 'https://idp.example', subject: 'leaves before the first sign-in' };
    const { id } = made.json();
    await put(id, 1, { name: 'Leaver', identities: [identity] });
    const ofAllSites = await service.newToken('administrator', ADMINISTRATION, '*');
    const renamed = await put(id, 2, { name: 'Leaver B' }, ofAllSites);
    expect(renamed.json().identities, 'a new name says nothing of who signs in').toEqual([
      { ...identity, namedAt: SITE },
    ]);
    const ended = await put(id, 3, { name: 'Leaver', ended: true }, ofAllSites);
    expect(ended.json()).toMatchObject({ ended: true, identities: [{ ...identity, namedAt: '*' }] });
    for (const site of [SITE, 'airport'])
      await expect(signIn({ identity, site }), site).rejects.toMatchObject({ code: 'NII_SIGN_IN_FAILED' });
  });
});

test('sign-ins and sign-outs are events of security in the audit, with the person', async () => {
  const ann = await signIn();
  await ann.post('/v1/session/end');
  const trail = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
  const mine = trail.items.filter(({ actor }: AuditRow) => actor.keyId === ann.session.id);
  expect(mine.map(({ action, subject }: AuditRow) => [action, subject]).sort()).toEqual([
    ['security: signed in', ann.session.person],
    ['security: signed out', ann.session.person],
  ]);
});

test('a key is told who it is, too, and has no session to end', async () => {
  const answer = await service.as('scanner', { url: '/v1/session' });
  expect(answer.json()).toEqual({
    by: 'key',
    roles: ['scanner'],
    administration: ADMINISTRATION,
    site: SITE,
  });
  const ended = await service.as('analyst', { method: 'POST', url: '/v1/session/end' });
  expect(ended.json()).toMatchObject({ status: 409 });
});

describe('the cookie', () => {
  test('over TLS is of this host alone, and one with another name is none', async () => {
    const deps = { ...service.deps, publicUrl: 'https://scans.example' };
    const app = buildApp(deps, { version: '0.0.0-test' });
    const ann = await signIn();
    const by = (name: string) => ({ cookie: `other=1; ${name}=${ann.token}`, 'nii-page': '1' });
    expect((await app.inject({ url: '/v1/session', headers: by('nii-session') })).statusCode).toBe(401);
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/session/end',
      headers: by('__Host-nii-session'),
    });
    await app.close();
    expect(answer.headers['set-cookie']).toBe(
      '__Host-nii-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0',
    );
  });
});

describe('the sign-in of the demo', () => {
  const demo = { token: 'a token of this run', administration: ADMINISTRATION, site: SITE };

  test('is not there where the demo is not', () => {
    expect(service.app.hasRoute({ method: 'GET', url: '/demo-sign-in' })).toBe(false);
  });

  test('lets in who has the token, as the role of the link, and goes on inside', async () => {
    const app = buildApp(service.deps, { version: '0.0.0-test', demoSignIn: demo });
    const open = (query: Record<string, string>) => app.inject({ url: '/demo-sign-in', query });
    const wrong = await open({ token: 'a token of another run', role: 'analyst' });
    expect(wrong.json()).toMatchObject({ status: 403, code: 'NII_SIGN_IN_FAILED' });
    for (const to of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'queue',
    ])
      expect((await open({ token: demo.token, role: 'analyst', to })).json().field, to).toBe('to');
    const opened = await open({ token: demo.token, role: 'supervisor', to: '/queue?band=high' });
    expect([opened.statusCode, opened.headers.location]).toEqual([303, '/queue?band=high']);
    const [, cookie = ''] = /^nii-session=([^;]+)/.exec(String(opened.headers['set-cookie'])) ?? [];
    const who = await app.inject({ url: '/v1/session', headers: { cookie: `nii-session=${cookie}` } });
    expect(who.json()).toMatchObject({ roles: ['supervisor'], person: { status: 'linked' } });
    await app.close();
  });
});
