import * as oidc from 'openid-client';
import { NiiError } from '../core/errors.ts';
import type { Claims, IdentityProvider, SignInRequest } from '../core/ports/identity-provider.ts';
import { isLoopback } from '../runtime/plain-connections.ts';

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  /** Of the ID token, or of what the provider says of the user. */
  readonly groupsClaim: string;
}

/** A person waits in the browser meanwhile. */
const TIMEOUT_SECONDS = 10;
/** So often the provider is asked anew where its endpoints are. */
const REDISCOVER_MS = 3_600_000;
const MOST_GROUPS = 2_000;
const LONGEST_NAME = 128;

/** A provider that speaks OpenID Connect: code flow with PKCE; the signature of each ID token is checked. */
export function openOidcProvider(settings: OidcSettings): IdentityProvider {
  const { issuer, scopes, groupsClaim } = settings;
  const discovered = discoverOnce(settings);
  return {
    issuer,
    ready: async () => {
      await discovered();
    },
    async signInUrl({ state, nonce, verifier }, returnUrl) {
      const parameters = {
        redirect_uri: returnUrl,
        scope: scopes,
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      };
      return oidc.buildAuthorizationUrl(await discovered(), parameters).href;
    },
    async claimsOf(returned, request) {
      const config = await discovered();
      return read(config, groupsClaim, returned, request).catch((error: unknown) => {
        throw asOurs(error, issuer);
      });
    },
    async signOutUrl(returnUrl) {
      const config = await discovered();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: returnUrl }).href;
    },
  };
}

/** What the provider says of itself, asked for when it is first needed, and again after an hour. */
function discoverOnce(settings: OidcSettings): () => Promise<oidc.Configuration> {
  let last: { readonly config: Promise<oidc.Configuration>; readonly until: number } | undefined;
  return () => {
    if (last !== undefined && last.until > performance.now()) return last.config;
    const config = discover(settings);
    last = { config, until: performance.now() + REDISCOVER_MS };
    config.catch(() => {
      last = undefined;
    });
    return config;
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcSettings): Promise<oidc.Configuration> {
  const url = new URL(issuer);
  const isPlain = url.protocol === 'http:' && isLoopback(url.hostname);
  const execute = [
    oidc.enableNonRepudiationChecks,
    // Nothing goes over a wire; the settings take http for this machine alone
    ...(isPlain ? [oidc.allowInsecureRequests] : []),
  ];
  try {
    return await oidc.discovery(url, clientId, undefined, byClientSecret(clientSecret), {
      execute,
      timeout: TIMEOUT_SECONDS,
    });
  } catch (error) {
    throw away(error, issuer);
  }
}

/** In the header unless the provider takes it in the body alone (OpenID Connect Discovery 1.0, section 3). */
function byClientSecret(clientSecret: string): oidc.ClientAuth {
  const inHeader = oidc.ClientSecretBasic(clientSecret);
  const inBody = oidc.ClientSecretPost(clientSecret);
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const send = methods.includes('client_secret_basic') ? inHeader : inBody;
    send(server, client, body, headers);
  };
}

async function read(
  config: oidc.Configuration,
  groupsClaim: string,
  returned: URL,
  { state, nonce, verifier }: SignInRequest,
): Promise<Claims> {
  const tokens = await oidc.authorizationCodeGrant(config, returned, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw failed('it returned no ID token');
  const isWhole =
    claims[groupsClaim] !== undefined || config.serverMetadata().userinfo_endpoint === undefined;
  const more = isWhole ? {} : await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  const all: Readonly<Record<string, unknown>> = { ...more, ...claims };
  return { subject: claims.sub, name: nameIn(all), groups: groupsIn(all[groupsClaim], groupsClaim) };
}

/** The first that says something, without control characters. */
function nameIn({ name, preferred_username, email, sub }: Readonly<Record<string, unknown>>): string {
  const said = [name, preferred_username, email, sub].map((one) =>
    typeof one === 'string' ? one.replaceAll(/\p{C}/gu, '').trim() : '',
  );
  return (said.find((one) => one !== '') ?? 'unknown').slice(0, LONGEST_NAME);
}

function groupsIn(said: unknown, claim: string): readonly string[] {
  const groups: readonly unknown[] = Array.isArray(said) ? said : said === undefined ? [] : [said];
  if (groups.length > MOST_GROUPS) throw failed(`the claim "${claim}" has more than ${MOST_GROUPS} groups`);
  return groups.filter((group) => typeof group === 'string');
}

function failed(what: string, cause?: unknown): NiiError {
  return new NiiError('NII_SIGN_IN_FAILED', {
    detail: `The identity provider's response was rejected: ${what}`,
    cause,
  });
}

function away(cause: unknown, issuer: string): NiiError {
  const why = reasonOf(cause);
  return new NiiError('NII_PROVIDER_UNREACHABLE', {
    detail: `${URL.parse(issuer)?.host ?? 'The provider'} in NII_OIDC_ISSUER did not respond correctly${why}`,
    cause,
  });
}

/** By a code of the system or of the library; never by what a stranger wrote. */
function reasonOf(error: unknown): string {
  const { code, cause } = Object(error);
  const below: unknown = Object(cause).code;
  const known = [below, code].find((one) => typeof one === 'string');
  return known === undefined ? '' : ` (${String(known)})`;
}

function asOurs(error: unknown, issuer: string): NiiError {
  if (error instanceof NiiError) return error;
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return failed(`it returned "${plain(error.error)}"`, error);
  if (isUnreachable(error)) return away(error, issuer);
  return failed(`its response is invalid${reasonOf(error)}`, error);
}

/** No answer, or one of a server that is broken. */
function isUnreachable(error: unknown): boolean {
  const { code, cause } = Object(error);
  if (cause instanceof Response) return cause.status >= 500;
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_ABORT') return true;
  const below: unknown = Object(cause).code;
  return error instanceof TypeError && typeof below === 'string' && /^(E[A-Z_]+|UND_ERR_.*)$/.test(below);
}

/** Codes of OAuth are of these characters; anything else is no code (RFC 6749, section 4.1.2.1). */
function plain(code: string): string {
  return /^[a-z_]{1,64}$/.test(code) ? code : 'an unknown code';
}
