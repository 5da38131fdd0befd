import { readFile } from 'node:fs/promises';
import type { Config } from './config.ts';
import { NiiError } from './core/errors.ts';
import type { Tx } from './core/ports/records.ts';
import type { Transactions } from './core/ports/transactions.ts';
import { readGroups } from './core/sign-in/groups.ts';
import type { SessionTerms } from './core/sign-in/session.ts';
import type { SignInRules } from './features/persons/sign-in/by-provider.ts';
import { sha256OfFields } from './stored/identity.ts';

/** How people sign in, and which sessions count. */
export interface SignInParts {
  readonly sessions: SessionTerms;
  readonly signIn: SignInRules | undefined;
}

/**
 * The provider of the settings, which is not asked yet. Sessions that began with another provider or by another file of
 * groups are over.
 * @throws NII_CONFIG naming a file that cannot be read, or what is wrong in it
 */
export async function openSignIn(
  { oidc, sessions }: Pick<Config, 'oidc' | 'sessions'>,
  records: Transactions<Tx<'signInSecret'>>,
): Promise<SignInParts> {
  if (oidc === undefined) return { sessions: { ...sessions, source: undefined }, signIn: undefined };
  const { issuer, clientId, scopes, groupsClaim } = oidc;
  const clientSecret = (await textIn('NII_OIDC_CLIENT_SECRET_FILE', oidc.clientSecretFile)).trim();
  if (clientSecret === '')
    throw new NiiError(
      'NII_CONFIG',
      `The file "${oidc.clientSecretFile}" in NII_OIDC_CLIENT_SECRET_FILE is empty`,
    );
  const groups = readGroups(await textIn('NII_OIDC_ROLES', oidc.rolesFile));
  const source = sha256OfFields(issuer, clientId, groupsClaim, JSON.stringify([...groups]));
  const { openOidcProvider } = await import('./adapters/oidc-provider.ts');
  const provider = openOidcProvider({ issuer, clientId, clientSecret, scopes, groupsClaim });
  const cookieSecret = await records.transaction((tx) => tx.signInSecret());
  return { sessions: { ...sessions, source }, signIn: { provider, groups, cookieSecret } };
}

async function textIn(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const detail = `The file "${path}" in ${setting} cannot be read: name one that this user may read`;
    throw new NiiError('NII_CONFIG', { detail, cause });
  }
}
