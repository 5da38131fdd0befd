import { randomBytes } from 'node:crypto';
import { NiiError } from '../../../core/errors.ts';
import type { IdentityProvider, SignInRequest } from '../../../core/ports/identity-provider.ts';
import type { Clock } from '../../../core/ports/process.ts';
import { type GroupMap, placeOfGroups } from '../../../core/sign-in/groups.ts';
import { SIGN_IN_SECONDS } from '../../../core/sign-in/session.ts';
import { sha256OfFields } from '../../../stored/identity.ts';
import { type BeginSessionDeps, type BegunSession, beginSession } from './begin-session.ts';
import { sealSignIn, unsealSignIn } from './sealed-sign-in.ts';

/** By whom people sign in, and what their groups are here. */
export interface SignInRules {
  readonly provider: IdentityProvider;
  readonly groups: GroupMap;
  /** Seals the cookies of sign-ins; the same in every process of an installation. */
  readonly cookieSecret: string;
}

/** A sign-in that goes to the provider. */
export interface BegunSignIn {
  /** For a cookie of the browser, so that no other can end it. */
  readonly cookie: string;
  /** Where the browser goes. */
  readonly url: string;
}

/**
 * @param way - where the browser comes back from the provider, and where it goes on after that
 * @throws NII_PROVIDER_UNREACHABLE
 */
export async function beginSignIn(
  { clock }: { readonly clock: Clock },
  { provider, cookieSecret }: Pick<SignInRules, 'provider' | 'cookieSecret'>,
  way: { readonly returnUrl: string; readonly to: string },
): Promise<BegunSignIn> {
  const request: SignInRequest = { state: random(), nonce: random(), verifier: random() };
  const url = await provider.signInUrl(request, way.returnUrl);
  const endsAt = new Date(clock.now().getTime() + SIGN_IN_SECONDS * 1000).toISOString();
  return { cookie: sealSignIn(cookieSecret, { ...request, to: way.to, endsAt }), url };
}

/** Of 256 random bits; a verifier of PKCE has at least 43 characters (RFC 7636, section 4.1). */
function random(): string {
  return randomBytes(32).toString('base64url');
}

const SESSION_ID_DIGITS = 16;

/** How a browser comes back. */
export interface Returned {
  /** Undefined where it sent none. */
  readonly cookie: string | undefined;
  readonly url: URL;
  /** Where the request came from. */
  readonly address: string;
}

/**
 * Begins the session of who came back from the provider. A sign-in begins at most one session: the id of the session
 * follows from the state of the sign-in, and the records take each id once.
 * @throws NII_SIGN_IN_FAILED, NII_PROVIDER_UNREACHABLE
 */
export async function finishSignIn(
  deps: BeginSessionDeps,
  { provider, groups, cookieSecret }: SignInRules,
  { cookie, url, address }: Returned,
): Promise<BegunSession & { readonly to: string }> {
  const begun = cookie === undefined ? undefined : unsealSignIn(cookieSecret, cookie, deps.clock.now());
  if (begun === undefined)
    throw new NiiError(
      'NII_SIGN_IN_FAILED',
      'This sign-in started in another browser or has expired; start again at /sign-in',
    );
  const { subject, name, groups: named } = await provider.claimsOf(url, begun);
  const session = await beginSession(deps, {
    ...placeOfGroups(named, groups),
    identity: { issuer: provider.issuer, subject },
    status: 'unlinked',
    sessionId: sha256OfFields('session', begun.state).slice(0, SESSION_ID_DIGITS),
    ...{ name, address },
  });
  return { ...session, to: begun.to };
}
