import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOidcProvider } from '../../../../src/adapters/oidc-provider.ts';
import type { IdentityProvider } from '../../../../src/core/ports/identity-provider.ts';
import type { AuditRow } from '../../../../src/core/ports/records/audit.ts';
import { readGroups } from '../../../../src/core/sign-in/groups.ts';
import { beginSignIn, finishSignIn } from '../../../../src/features/persons/sign-in/by-provider.ts';
import {
  type SignIn,
  sealSignIn,
  unsealSignIn,
} from '../../../../src/features/persons/sign-in/sealed-sign-in.ts';
import { eventually } from '../../../support/eventually.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { client, type OidcServer, startOidcServer } from '../../../support/http/oidc-server.ts';

/** People sign in by a real provider of OpenID Connect, over HTTP, as a browser does. */

const publicUrl = 'http://127.0.0.1:9';
const cookieSecret = 'a secret of this installation';
const groups = readGroups(
  JSON.stringify({
    analysts: { roles: ['analyst'], administration: ADMINISTRATION, site: SITE },
    supervisors: { roles: ['supervisor'], administration: ADMINISTRATION, site: SITE },
    inspectors: { roles: ['auditor'], administration: ADMINISTRATION, site: '*' },
  }),
);

let service: Harness;
let idp: OidcServer;
let now = () => new Date();

beforeAll(async () => {
  idp = await startOidcServer(publicUrl);
  idp.accounts.set('ann', { name: 'Ann Example', groups: ['analysts', 'unknown to us'] });
  service = await openHarness({
    deps: {
      clock: { now: () => now() },
      publicUrl,
      sessions: { source: 'a test', idleMinutes: 15, hours: 12 },
      signIn: { provider: providerAt(idp.issuer), groups, cookieSecret },
    },
  });
});
afterAll(async () => {
  await service?.close();
  await idp?.stop();
  expect(service.wrongAnswers).toEqual([]);
});

function providerAt(issuer: string) {
  return openOidcProvider({ issuer, ...client, scopes: 'openid profile', groupsClaim: 'groups' });
}

/** The browser, at the service: where it is sent, and the cookie that it got. */
async function begin(query: Record<string, string> = {}) {
  const answer = await service.app.inject({ url: '/sign-in', query });
  const [, cookie = ''] = /^nii-sign-in=([^;]+)/.exec(String(answer.headers['set-cookie'])) ?? [];
  return { answer, cookie, url: String(answer.headers.location) };
}

const comeBack = ({ pathname, search }: URL, cookie: string) =>
  service.app.inject({ url: `${pathname}${search}`, headers: { cookie: `nii-sign-in=${cookie}` } });

function sessionIn(answer: { readonly headers: Record<string, unknown> }): string {
  const set = [answer.headers['set-cookie']].flat().map(String);
  return /^nii-session=([^;]+)/.exec(set.find((one) => one.startsWith('nii-session=')) ?? '')?.[1] ?? '';
}

async function signIn(account: string, query: Record<string, string> = {}) {
  const { cookie, url } = await begin(query);
  return comeBack(await idp.signIn(url, account), cookie);
}

const asSession = (session: string, url: string) =>
  service.app.inject({ url, headers: { cookie: `nii-session=${session}` } });

describe('a person signs in', () => {
  test('by the provider, with PKCE, returns to the earlier page with the roles of the groups', async () => {
    const { answer, cookie, url } = await begin({ to: '/queue?band=high' });
    expect(answer.statusCode).toBe(303);
    const asked = new URL(url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid profile',
      redirect_uri: `${publicUrl}/sign-in/callback`,
    });
    const returned = await comeBack(await idp.signIn(url, 'ann'), cookie);
    expect([returned.statusCode, returned.headers.location]).toEqual([303, '/queue?band=high']);
    const set = [returned.headers['set-cookie']].flat().map(String);
    expect(set).toContain('nii-sign-in=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
    expect(set.find((one) => one.startsWith('nii-session='))).toMatch(
      /^nii-session=nii_[0-9a-f]{16}_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const who = await asSession(sessionIn(returned), '/v1/session');
    expect(who.json()).toMatchObject({
      by: 'session',
      person: { name: 'Ann Example', status: 'unlinked' },
      roles: ['analyst'],
      administration: ADMINISTRATION,
      site: SITE,
    });
  });

  test('and waits for an administrator; a linked person works, and is the same at each sign-in', async () => {
    // nobody else signs in as her, in whatever order tests run
    idp.accounts.set('lin', { name: 'Lin Example', groups: ['analysts'] });
    const first = sessionIn(await signIn('lin'));
    expect((await asSession(first, '/v1/scans')).json().code).toBe('NII_NOT_LINKED');
    const { person } = (await asSession(first, '/v1/session')).json();
    const link = await service.as('administrator', {
      method: 'PUT',
      url: `/v1/persons/${person.id}`,
      headers: { 'if-match': '"1"' },
      payload: { name: 'Lin Example' },
    });
    expect(link.json()).toMatchObject({
      status: 'linked',
      identities: [{ issuer: idp.issuer, subject: 'lin' }],
    });
    now = () => new Date(Date.now() + 10_000);
    expect((await asSession(first, '/v1/scans')).statusCode).toBe(200);
    const again = sessionIn(await signIn('lin'));
    expect((await asSession(again, '/v1/session')).json().person).toEqual({ ...person, status: 'linked' });
  });

  test.each([
    [
      'several groups of one place give all their roles',
      ['analysts', 'supervisors'],
      ['analyst', 'supervisor'],
      SITE,
    ],
    ['a group of every site gives every site', ['inspectors'], ['auditor'], '*'],
  ])('%s', async (_, named, roles, site) => {
    idp.accounts.set('gus', { name: 'Gus', groups: named });
    const session = sessionIn(await signIn('gus'));
    expect((await asSession(session, '/v1/session')).json()).toMatchObject({ roles, site });
  });

  test.each([
    ['no group that may', ['unknown to us'], /None of your groups/],
    ['groups of two places', ['analysts', 'inspectors'], /several places \(utopia\/harbour, utopia\/\*\)/],
  ])('not with %s', async (_, named, detail) => {
    idp.accounts.set('guest', { name: 'Guest', groups: named });
    const answer = await signIn('guest');
    expect(answer.json()).toMatchObject({ status: 403, code: 'NII_SIGN_IN_FAILED' });
    expect(answer.json().detail).toMatch(detail);
    expect(sessionIn(answer)).toBe('');
  });

  test('also where the provider says the groups in the ID token', async () => {
    const other = await startOidcServer(publicUrl, { areClaimsInIdToken: true });
    other.accounts.set('ida', { name: 'Ida', groups: ['analysts'] });
    const provider = providerAt(other.issuer);
    const request = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) };
    const url = await provider.signInUrl(request, `${publicUrl}/sign-in/callback`);
    const claims = await provider.claimsOf(await other.signIn(url, 'ida'), request);
    await other.stop();
    expect(claims).toEqual({ subject: 'ida', name: 'Ida', groups: ['analysts'] });
  });

  test('and out, at the provider too', async () => {
    const session = sessionIn(await signIn('ann'));
    const answer = await service.app.inject({
      method: 'POST',
      url: '/v1/session/end',
      headers: { cookie: `nii-session=${session}`, 'nii-page': '1' },
    });
    const out = new URL(answer.json().signOutUrl);
    expect(out.origin).toBe(idp.issuer);
    expect(Object.fromEntries(out.searchParams)).toEqual({
      client_id: client.clientId,
      post_logout_redirect_uri: `${publicUrl}/`,
    });
    expect((await fetch(out)).status).toBe(200);
  });
});

describe('a sign-in is rejected', () => {
  const rejected = { status: 403, code: 'NII_SIGN_IN_FAILED' };

  const withParameter = (url: URL, name: string, value: string) => {
    const changed = new URL(url);
    changed.searchParams.set(name, value);
    return changed;
  };

  /** The cookie of a sign-in, as the service would have sealed it with other content. */
  function changed(cookie: string, over: Partial<SignIn>): string {
    const kept = unsealSignIn(cookieSecret, cookie, now());
    if (kept === undefined) throw new Error('no sign-in');
    return sealSignIn(cookieSecret, { ...kept, ...over });
  }

  test.each<[string, (url: URL) => URL, RegExp]>([
    ['with another state', (url) => withParameter(url, 'state', 'another'), /response is invalid/],
    [
      'without a state',
      (url) => new URL(`${url.pathname}?code=${url.searchParams.get('code')}`, url),
      /response is invalid/,
    ],
    ['of another issuer', (url) => withParameter(url, 'iss', 'https://evil.example'), /response is invalid/],
    ['with another code', (url) => withParameter(url, 'code', 'guessed'), /"invalid_grant"/],
    [
      'that the provider turned down',
      (url) => withParameter(url, 'error', 'access_denied'),
      /"access_denied"/,
    ],
  ])('%s', async (_, change, detail) => {
    const { cookie, url } = await begin();
    const answer = await comeBack(change(await idp.signIn(url, 'ann')), cookie);
    expect(answer.json()).toMatchObject(rejected);
    expect(answer.json().detail).toMatch(detail);
  });

  test.each([
    ['with another nonce', { nonce: 'another' }, /response is invalid/],
    ['with another verifier of PKCE', { verifier: 'v'.repeat(43) }, /"invalid_grant"/],
    ['that took too long', { endsAt: '2020-01-01T00:00:00.000Z' }, /has expired/],
  ])('%s', async (_, over, detail) => {
    const { cookie, url } = await begin();
    const returned = await idp.signIn(url, 'ann');
    const answer = await comeBack(returned, changed(cookie, over));
    expect(answer.json()).toMatchObject(rejected);
    expect(answer.json().detail).toMatch(detail);
  });

  test('with a cookie of another installation, or with any byte of it changed', async () => {
    const { cookie, url } = await begin();
    const returned = await idp.signIn(url, 'ann');
    const kept = unsealSignIn(cookieSecret, cookie, now());
    const strange = kept && sealSignIn('another secret', kept);
    expect((await comeBack(returned, String(strange))).json()).toMatchObject(rejected);
    const bytes = Buffer.from(cookie, 'base64url');
    for (const at of [0, 15, 16, bytes.length >> 1, bytes.length - 17, bytes.length - 1]) {
      const other = Buffer.from(bytes);
      other.writeUInt8(other.readUInt8(at) ^ 1, at);
      const answer = await comeBack(returned, other.toString('base64url'));
      expect(answer.json(), String(at)).toMatchObject(rejected);
    }
    expect(Buffer.from(cookie, 'base64url').includes(String(kept?.verifier))).toBe(false);
    expect((await comeBack(returned, cookie)).statusCode).toBe(303);
  });

  test('the second time also if the provider accepts a code twice, and after sign-out', async () => {
    const claims = { subject: 'rae', name: 'Rae', groups: ['analysts'] };
    const careless: IdentityProvider = {
      issuer: 'https://careless.example',
      ready: async () => {},
      signInUrl: async ({ state }) => `https://careless.example/?state=${state}`,
      claimsOf: async () => claims,
      signOutUrl: async () => undefined,
    };
    const rules = { provider: careless, groups, cookieSecret };
    const way = { returnUrl: publicUrl, to: '/' };
    const { cookie } = await beginSignIn(service.deps, rules, way);
    const returned = { cookie, url: new URL(publicUrl), address: '192.0.2.1' };
    const finish = () => finishSignIn(service.deps, rules, returned);
    const [first, second] = await Promise.allSettled([finish(), finish()]);
    const used = { code: 'NII_SIGN_IN_FAILED', message: expect.stringContaining('already used') };
    const begun = [first, second].find((one) => one.status === 'fulfilled');
    expect(new Set([first.status, second.status])).toEqual(new Set(['fulfilled', 'rejected']));
    await expect(finish()).rejects.toMatchObject(used);
    const at = now().toISOString();
    await service.deps.records.transaction((tx) => tx.endSession(begun?.value.session.id ?? '', at));
    await expect(finish()).rejects.toMatchObject(used);
  });

  test('in another browser than the one in which it began', async () => {
    const { url } = await begin();
    const { cookie } = await begin();
    const returned = await idp.signIn(url, 'ann');
    expect((await comeBack(returned, 'none')).json()).toMatchObject(rejected);
    expect((await comeBack(returned, cookie)).json()).toMatchObject(rejected);
  });

  test('that comes back a second time, and a code that is used in another sign-in', async () => {
    const { cookie, url } = await begin();
    const returned = await idp.signIn(url, 'ann');
    expect((await comeBack(returned, cookie)).statusCode).toBe(303);
    expect((await comeBack(returned, cookie)).json()).toMatchObject(rejected);
    const other = await begin();
    const state = new URL(other.url).searchParams.get('state') ?? '';
    const stolen = await comeBack(withParameter(returned, 'state', state), other.cookie);
    expect(stolen.json()).toMatchObject({ ...rejected, detail: expect.stringContaining('"invalid_grant"') });
  });

  test('that would go on at another site', async () => {
    for (const to of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '',
    ]) {
      const { answer } = await begin({ to });
      expect([answer.statusCode, answer.json().field], to).toEqual([400, 'to']);
    }
  });

  test('and is in the audit, without a person, and with why', async () => {
    const { cookie, url } = await begin();
    await comeBack(withParameter(await idp.signIn(url, 'ann'), 'state', 'another'), cookie);
    let failed: AuditRow | undefined;
    await eventually('the failed sign-in is in the audit', 10, async () => {
      const { rows } = await service.deps.records.transaction((tx) =>
        tx.auditTrail({ administration: '', site: '*' }, 200),
      );
      failed = rows.find(({ action }) => action === 'security: sign-in failed');
      return failed !== undefined;
    });
    expect(failed).toMatchObject({
      actor: { keyId: 'none', role: 'peer' },
      detail: { code: 'NII_SIGN_IN_FAILED' },
    });
  });
});

describe('without a provider that answers', () => {
  test('nobody signs in, is told to retry, and signs in once it is back; who is signed in works on', async () => {
    const session = sessionIn(await signIn('ann'));
    const down = await startOidcServer(publicUrl);
    down.accounts.set('ann', { name: 'Ann Example', groups: ['analysts'] });
    const provider = providerAt(down.issuer);
    await down.stop();
    const away = { code: 'NII_PROVIDER_UNREACHABLE', status: 503 };
    await expect(provider.ready()).rejects.toMatchObject(away);
    await down.start();
    await provider.ready();
    const request = { state: 's'.repeat(43), nonce: 'n'.repeat(43), verifier: 'v'.repeat(43) };
    const url = await provider.signInUrl(request, `${publicUrl}/sign-in/callback`);
    const returned = await down.signIn(url, 'ann');
    await down.stop();
    await expect(provider.claimsOf(returned, request)).rejects.toMatchObject(away);
    expect((await asSession(session, '/v1/session')).statusCode).toBe(200);
  });

  test('of the name in the settings nobody is believed: another issuer than it says', async () => {
    const provider = providerAt(idp.issuer.replace('127.0.0.1', 'localhost'));
    await expect(provider.ready()).rejects.toMatchObject({ code: 'NII_PROVIDER_UNREACHABLE' });
  });

  test('the addresses of sign-in are not there where none is set', async () => {
    const plain = await openHarness();
    for (const url of ['/sign-in', '/sign-in/callback?code=a&state=b'])
      expect((await plain.app.inject({ url })).json().code, url).toBe('NII_NOT_FOUND');
    await plain.close();
  });
});
