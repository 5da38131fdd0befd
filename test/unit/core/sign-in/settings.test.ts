import { expect, test } from 'vitest';
import { readConfig, settings } from '../../../../src/config.ts';
import { serve } from '../../../../src/serve.ts';

const demoSignIn = { token: 'a token', administration: 'demo', site: 'gate-1' };
const oidc = {
  NII_OIDC_ISSUER: 'https://login.example',
  NII_OIDC_CLIENT_ID: 'nii-hub',
  NII_OIDC_CLIENT_SECRET_FILE: 'secret',
  NII_OIDC_ROLES: 'groups.json',
  NII_PUBLIC_URL: 'https://scans.example',
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
