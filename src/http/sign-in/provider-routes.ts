import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { NiiError, problemOf } from '../../core/errors.ts';
import { SIGN_IN_SECONDS } from '../../core/sign-in/session.ts';
import type { BeginSessionDeps } from '../../features/persons/sign-in/begin-session.ts';
import { beginSignIn, finishSignIn, type SignInRules } from '../../features/persons/sign-in/by-provider.ts';
import { COUNTED_NETWORKS, networkOf } from '../connections/addresses.ts';
import { HTML } from '../pages/html.ts';
import { prefers } from '../prefers.ts';
import { noteFailedSignIn } from '../rejected-calls.ts';
import { route } from '../route.ts';
import { closed } from '../schemas/requests.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';
import { wayBack } from './way-back.ts';

/** Of one network, behind which all of a site may be. */
const SIGN_INS_PER_MINUTE = 120;
const config = {
  rateLimit: {
    max: SIGN_INS_PER_MINUTE,
    timeWindow: 60_000,
    cache: COUNTED_NETWORKS,
    keyGenerator: ({ ip }: FastifyRequest) => networkOf(ip, 48),
  },
};
const CALLBACK = '/sign-in/callback';

const Begin = Type.Object(
  {
    to: Type.Optional(Type.String({ description: 'Path of this service to open next. Default: /' })),
  },
  closed,
);
/** What the provider adds is checked by who asked it. */
const Back = Type.Object({
  code: Type.Optional(Type.String({ description: 'Code from the provider, for one use' })),
  state: Type.Optional(Type.String({ description: 'As sent to the provider' })),
  iss: Type.Optional(Type.String({ description: 'The responding provider' })),
  error: Type.Optional(Type.String({ description: 'Reason why the sign-in failed' })),
});
const Onward = (description: string) => ({ 303: Type.Null({ description }) });

interface Place {
  readonly signIn: SignInRules | undefined;
  readonly publicUrl: string | undefined;
}

/** To the identity provider and back. */
export const providerRoutes = [
  route({
    id: 'beginSignIn',
    method: 'GET',
    url: '/sign-in',
    tag: 'persons',
    right: 'anyone',
    summary: 'Sign in: the browser goes to the identity provider',
    errors: ['NII_NOT_FOUND', 'NII_PROVIDER_UNREACHABLE'],
    headers: { 303: ['Location', 'Set-Cookie'] },
    config,
    schema: { querystring: Begin, response: Onward('To the identity provider') },
    handler: (deps: Parameters<typeof beginSignIn>[0] & Place) => async (request, reply) => {
      const { rules, origin, isSecure } = placeOf(deps);
      const way = { returnUrl: `${origin}${CALLBACK}`, to: wayBack(request.query.to) };
      const begun = await orFailure(request, beginSignIn(deps, rules, way));
      if ('failed' in begun) return reply.redirect(begun.failed, 303);
      const { cookie, url } = begun;
      setCookie(reply, 'signIn', cookie, { isSecure, seconds: SIGN_IN_SECONDS });
      return reply.redirect(url, 303);
    },
  }),
  route({
    id: 'acceptSignIn',
    method: 'GET',
    url: CALLBACK,
    tag: 'persons',
    right: 'anyone',
    summary: 'The browser comes back from the identity provider, and a session begins',
    errors: ['NII_NOT_FOUND', 'NII_SIGN_IN_FAILED', 'NII_PROVIDER_UNREACHABLE'],
    headers: { 303: ['Location', 'Set-Cookie'] },
    config,
    schema: { querystring: Back, response: Onward('Signed in: to the path that the sign-in named') },
    handler: (deps: BeginSessionDeps & Place) => async (request, reply) => {
      const { rules, origin, isSecure } = placeOf(deps);
      clearCookie(reply, 'signIn', isSecure);
      const returned = {
        cookie: readCookie(request, 'signIn', isSecure),
        url: new URL(request.url, origin),
        address: request.ip,
      };
      const finished = await orFailure(request, noted(request, finishSignIn(deps, rules, returned)));
      if ('failed' in finished) return reply.redirect(finished.failed, 303);
      const { token, to } = finished;
      setCookie(reply, 'session', token, { isSecure });
      return reply.redirect(to, 303);
    },
  }),
];

/** @throws NII_NOT_FOUND where people sign in by no provider */
function placeOf({ signIn: rules, publicUrl: origin }: Place) {
  if (rules === undefined || origin === undefined)
    throw new NiiError(
      'NII_NOT_FOUND',
      'Sign-in is not configured: set NII_OIDC_ISSUER to an identity provider',
    );
  return { rules, origin, isSecure: origin.startsWith('https:') };
}

/** A browser that was led here is led to the page, which says it in words of the reader; a program gets the problem. */
async function orFailure<T extends object>(
  request: FastifyRequest,
  work: Promise<T>,
): Promise<T | { readonly failed: string }> {
  try {
    return await work;
  } catch (error) {
    if (!prefers(request, HTML)) throw error;
    return { failed: `/?failed=${problemOf(error).code}` };
  }
}

/** Who failed to sign in is in the audit, with why. */
async function noted<T>(request: FastifyRequest, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { code, detail } = problemOf(error);
    noteFailedSignIn(request, { code, detail });
    throw error;
  }
}
