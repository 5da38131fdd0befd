import Type from 'typebox';
import { Role } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import { PersonStatus } from '../../core/person/person.ts';
import type { Session, SessionTerms } from '../../core/sign-in/session.ts';
import { ownPerson } from '../../features/persons/read.ts';
import type { SignInRules } from '../../features/persons/sign-in/by-provider.ts';
import { endAllSessions, endSession } from '../../features/persons/sign-in/end-sessions.ts';
import { actorOf, heldRolesOf, sessionOf } from '../access.ts';
import type { PublicPlace } from '../dicomweb/addresses.ts';
import { route } from '../route.ts';
import { closed } from '../schemas/requests.ts';
import { clearCookie, isSecurePlace } from './cookies.ts';

const Time = Type.String({ format: 'date-time' });
const WhoAmI = Type.Object(
  {
    by: Type.Enum(['session', 'key'], { description: 'How the caller was authenticated' }),
    person: Type.Optional(
      Type.Object(
        {
          id: Type.String(),
          name: Type.String(),
          status: Type.Enum(PersonStatus.enum, {
            description:
              'unlinked: an administrator must link the person; until then a session can only read this',
          }),
        },
        closed,
      ),
    ),
    roles: Type.Array(Role),
    administration: Type.String(),
    site: Type.String({ description: 'A site, or * for all' }),
    begunAt: Type.Optional(Time),
    endsAt: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'For a session: the time at which it ends, with or without activity',
      }),
    ),
    idleMinutes: Type.Optional(
      Type.Integer({ description: 'For a session: it ends after this time without activity' }),
    ),
  },
  closed,
);
const Ended = Type.Object(
  {
    sessions: Type.Integer({ minimum: 0, description: 'Number of ended sessions' }),
    signOutUrl: Type.Optional(
      Type.String({ description: 'Address at which the person also signs out of the identity provider' }),
    ),
  },
  closed,
);

interface SignOut extends PublicPlace {
  readonly signIn: Pick<SignInRules, 'provider'> | undefined;
}

/** Who the caller is, and the end of sessions. */
export const sessionRoutes = [
  route({
    id: 'getSession',
    method: 'GET',
    url: '/v1/session',
    tag: 'persons',
    right: 'any key',
    summary: 'Describe the caller: person, roles, administration, site, and end of the session',
    config: { isForUnlinked: true },
    schema: { response: { 200: WhoAmI } },
    handler:
      (deps: Parameters<typeof ownPerson>[0] & { readonly sessions: SessionTerms }) => async (request) => {
        const actor = actorOf(request);
        const session = sessionOf(request);
        return {
          by: session === undefined ? ('key' as const) : ('session' as const),
          roles: [...heldRolesOf(request)],
          administration: actor.administration,
          site: actor.site,
          ...defined({ person: await ownPerson(deps, actor) }),
          ...(session && { ...timesOf(session), idleMinutes: deps.sessions.idleMinutes }),
        };
      },
  }),
  route({
    id: 'endSession',
    method: 'POST',
    url: '/v1/session/end',
    tag: 'persons',
    right: 'any key',
    safety: 'neutral',
    summary: 'Sign out of this browser',
    errors: ['NII_STATE_CONFLICT'],
    headers: { 200: ['Set-Cookie'] },
    config: { isForUnlinked: true },
    answers: { 200: 'Signed out' },
    schema: { response: { 200: Ended } },
    handler: (deps: Parameters<typeof endSession>[0] & SignOut) => async (request, reply) => {
      const session = requireSession(sessionOf(request));
      await endSession(deps, actorOf(request), session);
      clearCookie(reply, 'session', isSecurePlace(deps));
      return { sessions: 1, ...(await providerSignOut(deps)) };
    },
  }),
  route({
    id: 'endAllSessions',
    method: 'POST',
    url: '/v1/session/end-all',
    tag: 'persons',
    right: 'any key',
    safety: 'neutral',
    summary: 'Sign out of every browser',
    errors: ['NII_STATE_CONFLICT'],
    headers: { 200: ['Set-Cookie'] },
    config: { isForUnlinked: true },
    answers: { 200: 'Signed out' },
    schema: { response: { 200: Ended } },
    handler: (deps: Parameters<typeof endAllSessions>[0] & SignOut) => async (request, reply) => {
      const session = requireSession(sessionOf(request));
      const sessions = await endAllSessions(deps, actorOf(request), session);
      clearCookie(reply, 'session', isSecurePlace(deps));
      return { sessions, ...(await providerSignOut(deps)) };
    },
  }),
];

/** Where the person signs out of the provider, too; an unreachable one makes no sign-out of ours fail. */
async function providerSignOut({ signIn, publicUrl }: SignOut) {
  if (signIn === undefined || publicUrl === undefined) return {};
  try {
    return defined({ signOutUrl: await signIn.provider.signOutUrl(`${publicUrl}/`) });
  } catch (error) {
    if (isNiiError(error, 'NII_PROVIDER_UNREACHABLE')) return {};
    throw error;
  }
}

function timesOf({ begunAt, endsAt }: Session) {
  return { begunAt, endsAt };
}

function requireSession(session: Session | undefined): Session {
  if (session !== undefined) return session;
  throw new NiiError('NII_STATE_CONFLICT', 'This request uses a key, and a key has no session to end');
}
