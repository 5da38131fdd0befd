import { randomBytes } from 'node:crypto';
import { NiiError } from '../../../core/errors.ts';
import type { IdentityProvider, SignInRequest } from '../../../core/ports/identity-provider.ts';
import type { Tx } from '../../../core/ports/records.ts';
import type { TimedRecords } from '../../../core/ports/stores.ts';
import type { Locks, Transactions } from '../../../core/ports/transactions.ts';
import { type GroupMap, placeOfGroups } from '../../../core/sign-in/groups.ts';
import { sha256Hex } from '../../../stored/identity.ts';
import {
  type BeginSessionDeps,
  type BeginSessionTx,
  type BegunSession,
  beginSession,
} from './begin-session.ts';

/** By whom people sign in, and what their groups are here. */
export interface SignInRules {
  readonly provider: IdentityProvider;
  readonly groups: GroupMap;
}

/** A person who is asked for a password, and for a second factor, is back by then. */
export const SIGN_IN_SECONDS = 600;
/** On their way at once; whoever only begins them fills no database. */
const MOST_SIGN_INS = 10_000;

/** A sign-in that goes to the provider. */
export interface BegunSignIn {
  /** For a cookie of the browser, so that no other can end it. */
  readonly cookie: string;
  /** Where the browser goes. */
  readonly url: string;
}

/**
 * @param way - where the browser comes back from the provider, and where it goes on after that
 * @throws NII_PROVIDER_UNREACHABLE, NII_BUSY
 */
export async function beginSignIn(
  { records, clock }: TimedRecords<Tx<'beginSignIn'>>,
  { provider }: Pick<SignInRules, 'provider'>,
  way: { readonly returnUrl: string; readonly to: string },
): Promise<BegunSignIn> {
  const request: SignInRequest = { state: random(), nonce: random(), verifier: random() };
  const url = await provider.signInUrl(request, way.returnUrl);
  const cookie = random();
  const endsAt = new Date(clock.now().getTime() + SIGN_IN_SECONDS * 1000).toISOString();
  const row = { ...request, cookieSha256: sha256Hex(cookie), to: way.to, endsAt };
  const isKept = await records.transaction((tx) => tx.beginSignIn(row, MOST_SIGN_INS));
  if (!isKept) throw new NiiError('NII_BUSY', 'Too many sign-ins are in progress; retry in a minute');
  return { cookie, url };
}

/** Of 256 random bits; a verifier of PKCE has at least 43 characters (RFC 7636, section 4.1). */
function random(): string {
  return randomBytes(32).toString('base64url');
}

export interface FinishSignInDeps extends BeginSessionDeps {
  readonly records: Transactions<BeginSessionTx & Tx<'takeSignIn'>> & Locks;
}

/** How a browser comes back. */
export interface Returned {
  /** Undefined where it sent none. */
  readonly cookie: string | undefined;
  readonly url: URL;
  /** Where the request came from. */
  readonly address: string;
}

/**
 * Begins the session of who came back from the provider. A sign-in is taken once, whatever becomes of it.
 * @throws NII_SIGN_IN_FAILED, NII_PROVIDER_UNREACHABLE
 */
export async function finishSignIn(
  deps: FinishSignInDeps,
  { provider, groups }: SignInRules,
  { cookie, url, address }: Returned,
): Promise<BegunSession & { readonly to: string }> {
  const begun =
    cookie === undefined
      ? undefined
      : await deps.records.transaction((tx) => tx.takeSignIn(sha256Hex(cookie)));
  if (begun === undefined || Date.parse(begun.endsAt) <= deps.clock.now().getTime())
    throw new NiiError(
      'NII_SIGN_IN_FAILED',
      'This sign-in started in another browser, has expired or was already used; start again at /sign-in',
    );
  const { subject, name, groups: named } = await provider.claimsOf(url, begun);
  const session = await beginSession(deps, {
    ...placeOfGroups(named, groups),
    identity: { issuer: provider.issuer, subject },
    status: 'unlinked',
    ...{ name, address },
  });
  return { ...session, to: begun.to };
}
