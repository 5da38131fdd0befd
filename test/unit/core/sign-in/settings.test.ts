import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, settings } from '../../../../src/config.ts';
import type { Tx } from '../../../../src/core/ports/records.ts';
import { serve } from '../../../../src/serve.ts';
import { openSignIn } from '../../../../src/sign-in-wiring.ts';
import { personDocument } from '../../../../src/stored/document-kinds.ts';
import { readDocument } from '../../../../src/stored/read-object.ts';

const demoSignIn = { token: 'a token', administration: 'demo', site: 'gate-1' };
const oidc = {
  NII_OIDC_ISSUER: 'https://login.example',
  NII_OIDC_CLIENT_ID: 'nii-hub',
  NII_OIDC_CLIENT_SECRET_FILE: 'secret',
  NII_OIDC_ROLES: 'groups.json',
  NII_PUBLIC_URL: 'https://scans.example',
};
const records = {
  transaction: <T>(work: (tx: Tx<'signInSecret'>) => Promise<T>) =>
    work({ signInSecret: async () => 'a secret' }),
};
const started = (env: Readonly<Record<string, string>>) =>
  serve(readConfig({ NII_LOG_LEVEL: 'silent', ...env }), AbortSignal.abort(), '0.0.0', demoSignIn);

test.each([
  ['with an identity provider', oidc, /NII_OIDC_ISSUER "https:\/\/login.example"/],
  ['on an address of other machines', { NII_HOST: '0.0.0.0' }, /NII_HOST "0.0.0.0"/],
])('the sign-in of the demo stops the start %s', async (_, env, detail) => {
  await expect(started(env)).rejects.toThrow(detail);
});

test('no setting names the sign-in of the demo', () => {
  expect(Object.keys(settings).filter((name) => /DEMO/.test(name))).toEqual([]);
});

test.each([
  [
    'without the public address',
    { NII_PUBLIC_URL: undefined },
    /Missing NII_PUBLIC_URL: NII_OIDC_ISSUER needs it/,
  ],
  ['with a public address without TLS', { NII_PUBLIC_URL: 'http://scans.example' }, /Invalid NII_PUBLIC_URL/],
  ['with a provider without TLS', { NII_OIDC_ISSUER: 'http://login.example' }, /Invalid NII_OIDC_ISSUER/],
  ['without the client', { NII_OIDC_CLIENT_ID: undefined }, /Missing NII_OIDC_CLIENT_ID/],
  ['without the file of groups', { NII_OIDC_ROLES: undefined }, /Missing NII_OIDC_ROLES/],
  ['without openid among the scopes', { NII_OIDC_SCOPES: 'profile' }, /Invalid NII_OIDC_SCOPES "profile"/],
  ['without the provider', { NII_OIDC_ISSUER: undefined }, /Missing NII_OIDC_ISSUER: NII_OIDC_/],
])('settings of sign-in are rejected %s', (_, over, detail) => {
  expect(() => readConfig({ ...oidc, ...over })).toThrow(detail);
});

test('files of sign-in that cannot be read, are empty or malformed stop the start, and the setting is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'nii-sign-in-'));
  const file = async (name: string, text: string) => {
    await writeFile(join(dir, name), text);
    return join(dir, name);
  };
  const groups = { analysts: { roles: ['analyst'], administration: 'utopia', site: 'harbour' } };
  const [secret, roles] = [await file('secret', 'abc\n'), await file('groups.json', JSON.stringify(groups))];
  const opened = (over: Readonly<Record<string, string>>) =>
    openSignIn(
      readConfig({ ...oidc, NII_OIDC_CLIENT_SECRET_FILE: secret, NII_OIDC_ROLES: roles, ...over }),
      records,
    );
  const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ NII_OIDC_ROLES: join(dir, 'none') }, /none" in NII_OIDC_ROLES cannot be read/],
    [
      { NII_OIDC_ROLES: await file('bad.json', '{"analysts": {}}') },
      /Invalid file of NII_OIDC_ROLES: .*"analysts"/,
    ],
    [{ NII_OIDC_CLIENT_SECRET_FILE: join(dir, 'none') }, /in NII_OIDC_CLIENT_SECRET_FILE cannot be read/],
    [{ NII_OIDC_CLIENT_SECRET_FILE: await file('empty', '\n') }, /in NII_OIDC_CLIENT_SECRET_FILE is empty/],
  ];
  for (const [over, detail] of wrong) await expect(opened(over)).rejects.toThrow(detail);
  const { sessions, signIn } = await opened({});
  expect(signIn?.groups.get('analysts')).toEqual(groups.analysts);
  // Sessions that began with other groups do not count
  const fewer = await file('other.json', JSON.stringify({ others: groups.analysts }));
  expect((await opened({ NII_OIDC_ROLES: fewer })).sessions.source).not.toBe(sessions.source);
  expect((await opened({})).sessions.source).toBe(sessions.source);
  await rm(dir, { recursive: true });
});

test('nobody signs in where no provider is set: no session counts', async () => {
  expect(await openSignIn(readConfig({}), records)).toMatchObject({
    sessions: { source: undefined },
    signIn: undefined,
  });
});

test('a person that an earlier version stored is read as it is', () => {
  const person = {
    ...{ id: '0123456789abcdef', administration: 'utopia', name: 'Ann', status: 'linked', version: 3 },
    ...{ keys: ['fedcba9876543210'], formerIds: [], conflicts: [] },
  };
  expect(readDocument(personDocument, Buffer.from(JSON.stringify(person)), 'persons/utopia/x.json')).toEqual(
    person,
  );
});
