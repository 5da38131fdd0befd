import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import {
  type Authenticate,
  type AuthenticateTx,
  authenticator,
  RejectedKey,
  type Sent,
} from '../commands/authenticate.ts';
import { type AccessKey, type Actor, type Role, roles } from '../core/access.ts';
import { isNiiError, NiiError } from '../core/errors.ts';
import type { TimedRecords } from '../core/ports/stores.ts';
import type { Session, SessionTerms } from '../core/sign-in/session.ts';
import { COUNTED_NETWORKS, networkOf } from './connections/addresses.ts';
import { readCookie } from './sign-in/cookies.ts';
import { isBackground, requireSameOrigin } from './sign-in/same-origin.ts';

/** Who may call a route: holders of a key with one of these roles, or anyone at all, key or none. */
export type Access = readonly Role[] | 'anyone';

const ACTOR = 'actor';
const SESSION = 'session';
const HELD_ROLES = 'heldRoles';
const REJECTED_KEY = 'rejectedKey';
const ADMIT_AGAIN = 'admitAgain';

export interface GuardOptions {
  readonly rejectedKeysPerMinute: number;
  /** Undefined: keys alone are taken. */
  readonly sessions?: { readonly terms: SessionTerms; readonly isSecure: boolean };
}

/**
 * Knows each caller by key and lets through only roles that the route names. A route that names none stops the
 * start: nothing is reachable by omission.
 */
export function guardRoutes(
  app: FastifyInstance,
  deps: TimedRecords<AuthenticateTx>,
  { rejectedKeysPerMinute, sessions }: GuardOptions,
): void {
  const known: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    known.push(route);
  });
  app.addHook('onReady', async () => rejectUnlisted(known));
  app.decorateRequest(ACTOR, null);
  app.decorateRequest(SESSION, null);
  app.decorateRequest(HELD_ROLES, null);
  app.decorateRequest(REJECTED_KEY, null);
  app.decorateRequest(ADMIT_AGAIN, null);
  const authenticate = authenticator(deps, sessions?.terms);
  const sentBy = (request: FastifyRequest) => sentWith(request, sessions);
  const failures = countFailures(app, rejectedKeysPerMinute);
  app.addHook('onRequest', async (request) => {
    try {
      await admit(authenticate, sentBy, request);
    } catch (error) {
      if (error instanceof RejectedKey) request.setDecorator(REJECTED_KEY, error.key ?? null);
      if (isNiiError(error, 'NII_UNAUTHENTICATED')) await rejectTooMany(failures(), request);
      throw error;
    }
  });
}

type Failures = ReturnType<FastifyInstance['createRateLimit']>;

/** Counts keys that were rejected, by network; once the rate limiter is there. */
function countFailures(app: FastifyInstance, max: number): () => Failures | undefined {
  let failures: Failures | undefined;
  app.addHook('onReady', async () => {
    if (!app.hasDecorator('createRateLimit')) return;
    const options = {
      max,
      timeWindow: 60_000,
      cache: COUNTED_NETWORKS,
      keyGenerator: (request: FastifyRequest) => `failed:${networkOf(request.ip)}`,
    };
    failures = app.createRateLimit(options);
  });
  return () => failures;
}

/** Limits clients that try keys; a client with a valid key is not limited, even in the same network. */
async function rejectTooMany(failures: Failures | undefined, request: FastifyRequest): Promise<void> {
  const limit = await failures?.(request);
  if (limit === undefined || limit.isAllowed || !limit.isExceeded) return;
  throw new NiiError('NII_RATE_LIMITED', `At most ${limit.max} invalid keys per minute from one network`);
}

/** The caller, on a route that takes a key. */
export function actorOf(request: FastifyRequest): Actor {
  const actor = knownActor(request);
  if (actor === undefined) throw new NiiError('NII_UNAUTHENTICATED', 'This endpoint needs a key');
  return actor;
}

/** The caller if one was recognised; none on routes open to anyone. */
export function knownActor(request: FastifyRequest): Actor | undefined {
  return request.getDecorator<Actor | null>(ACTOR) ?? undefined;
}

/** For an answer that goes on and on. @throws NII_UNAUTHENTICATED once the key or the session is over */
export async function admitAgain(request: FastifyRequest): Promise<void> {
  await request.getDecorator<(() => Promise<unknown>) | null>(ADMIT_AGAIN)?.();
}

/** The session through which the caller acts; undefined where it sent a key. */
export function sessionOf(request: FastifyRequest): Session | undefined {
  return request.getDecorator<Session | null>(SESSION) ?? undefined;
}

/** Every role of the key or the session by which the caller acts. */
export function heldRolesOf(request: FastifyRequest): readonly Role[] {
  return request.getDecorator<readonly Role[] | null>(HELD_ROLES) ?? [];
}

/** The key whose id was sent with a secret that is not its own, or that is revoked. */
export function rejectedKey(request: FastifyRequest): AccessKey | undefined {
  return request.getDecorator<AccessKey | null>(REJECTED_KEY) ?? undefined;
}

export function isOpenToAnyone(request: FastifyRequest): boolean {
  return accessOf(request.routeOptions.config) === 'anyone';
}

/** What a route's configuration says of who may call it. */
function accessOf(config: unknown): Access | undefined {
  if (typeof config !== 'object' || config === null || !('roles' in config)) return undefined;
  const declared = config.roles;
  if (declared === 'anyone') return declared;
  if (!Array.isArray(declared) || declared.length === 0) return undefined;
  return declared.every(isRole) ? declared : undefined;
}

function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value);
}

function rejectUnlisted(known: readonly RouteOptions[]): void {
  const open = known.filter((route) => accessOf(route.config) === undefined);
  if (open.length === 0) return;
  const names = open.map((route) => `${String(route.method)} ${route.url}`).join(', ');
  throw new NiiError('NII_CONFIG', `Routes without roles: ${names}`);
}

async function admit(
  authenticate: Authenticate,
  sentBy: (request: FastifyRequest) => Sent,
  request: FastifyRequest,
): Promise<void> {
  if (request.is404) return;
  const access = accessOf(request.routeOptions.config);
  if (access === 'anyone') return;
  const sent = sentBy(request);
  const { roles: held, session, ...caller } = await authenticate(sent);
  request.setDecorator(ADMIT_AGAIN, () => authenticate({ ...sent, isBackground: true }));
  const mayAct = roles.filter((role) => held.includes(role) && access?.includes(role));
  // Of several roles that may, the first acts: those that see less stand before those that see more.
  const [role = 'peer'] = [...mayAct, ...held];
  request.setDecorator(ACTOR, { ...caller, role, address: request.ip });
  request.setDecorator(SESSION, session ?? null);
  request.setDecorator(HELD_ROLES, held);
  if (session !== undefined && caller.person?.isLinked !== true && !isForUnlinked(request))
    throw new NiiError(
      'NII_NOT_LINKED',
      'You are signed in. Ask an administrator to link your account to a person; then reload',
    );
  if (mayAct.length === 0)
    throw new NiiError('NII_FORBIDDEN', `The role ${held.join(' or ')} is not allowed to do this`);
}

/** Routes that tell a person that they must wait for an administrator. */
function isForUnlinked({ routeOptions: { config } }: FastifyRequest): boolean {
  return 'isForUnlinked' in config && config.isForUnlinked === true;
}

function isAlwaysBackground({ routeOptions: { config } }: FastifyRequest): boolean {
  return 'isBackground' in config && config.isBackground === true;
}

/** A key where a key is sent, else the session of the cookie. @throws NII_CROSS_SITE, NII_UNAUTHENTICATED */
function sentWith(request: FastifyRequest, sessions: GuardOptions['sessions']): Sent {
  const { authorization } = request.headers;
  const cookie =
    authorization === undefined && sessions !== undefined
      ? readCookie(request, 'session', sessions.isSecure)
      : undefined;
  if (cookie === undefined) return { token: bearerToken(authorization), as: 'key' };
  requireSameOrigin(request);
  return { token: cookie, as: 'session', isBackground: isBackground(request) || isAlwaysBackground(request) };
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header ?? '')?.[1];
  if (token === undefined)
    throw new NiiError('NII_UNAUTHENTICATED', 'Send the key as Authorization: Bearer nii_...');
  return token;
}
