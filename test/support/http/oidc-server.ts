import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { freePort } from '../running-service.ts';

/** What the provider says of a person. */
export interface Account {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A real provider of OpenID Connect on this machine, with a form for the name and no password. */
export interface OidcServer {
  readonly issuer: string;
  /** By the name that the person types in. A test may change it. */
  readonly accounts: Map<string, Account>;
  /** Signs in at the address to which the service sent the browser. @returns the address that the browser is sent back to */
  signIn(url: string, account: string): Promise<URL>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const client = { clientId: 'nii-hub', clientSecret: 'a secret: with +/% and more' } as const;
const MOST_STEPS = 12;

/** @param areClaimsInIdToken - otherwise it says them to who asks what it knows of the user */
export async function startOidcServer(
  publicUrl: string,
  { areClaimsInIdToken = false }: { readonly areClaimsInIdToken?: boolean } = {},
): Promise<OidcServer> {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const accounts = new Map<string, Account>();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [`${publicUrl}/sign-in/callback`],
        post_logout_redirect_uris: [`${publicUrl}/`],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'groups'] },
    conformIdTokenClaims: !areClaimsInIdToken,
    cookies: { keys: ['a key of the test'] },
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'k', use: 'sig', alg: 'RS256' }] },
    pkce: { required: () => true },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts.get(id) }),
    }),
  });
  const handle = provider.callback();
  let server: Server | undefined;
  const start = async () => {
    server = createServer(handle).listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const stop = async () => {
    server?.close();
    server?.closeAllConnections();
    if (server !== undefined) await once(server, 'close');
    server = undefined;
  };
  await start();
  return {
    issuer,
    accounts,
    start,
    stop,
    signIn: (url, account) => browse(url, issuer, account),
  };
}

/** A browser of a few lines: it follows, keeps cookies, and fills in the provider's forms. */
async function browse(first: string, issuer: string, account: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = new URL(first);
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const answer: Response = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    const text = await answer.text();
    form = undefined;
    if (location !== null) next = new URL(location, next);
    else form = filled(text, account);
    if (next.origin !== issuer) return next;
  }
  throw new Error(`the provider did not send the browser back; it stayed at ${next.href}`);
}

function filled(page: string, account: string): URLSearchParams {
  const [, prompt] = /name="prompt" value="([a-z]+)"/.exec(page) ?? [];
  if (prompt === undefined) throw new Error(`no form of the provider: ${page.slice(0, 500)}`);
  return new URLSearchParams(prompt === 'login' ? { prompt, login: account, password: 'any' } : { prompt });
}
