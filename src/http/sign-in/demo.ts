import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { isRoleOfPeople, roles } from '../../core/access.ts';
import { NiiError } from '../../core/errors.ts';
import { type BeginSessionDeps, beginSession } from '../../features/persons/sign-in/begin-session.ts';
import { sha256Hex } from '../../stored/identity.ts';
import { typed } from '../route.ts';
import { closed } from '../schemas/requests.ts';
import { setCookie } from './cookies.ts';
import { wayBack } from './way-back.ts';

/** A sign-in without a provider, for the demo alone: by a link that the demo prints. */
export interface DemoSignIn {
  /** Random, anew for each run of the demo. */
  readonly token: string;
  readonly administration: string;
  readonly site: string;
}

const Query = Type.Object(
  {
    token: Type.String({ minLength: 1, maxLength: 128 }),
    role: Type.Enum(roles.filter(isRoleOfPeople)),
    to: Type.Optional(Type.String()),
  },
  closed,
);

export function demoSignInRoute(app: FastifyInstance, deps: BeginSessionDeps, demo: DemoSignIn): void {
  typed(app).route({
    method: 'GET',
    url: '/demo-sign-in',
    config: { roles: 'anyone' },
    schema: { hide: true, querystring: Query },
    handler: async (request, reply) => {
      const { token, role, to } = request.query;
      const next = wayBack(to);
      if (!isEqual(token, demo.token))
        throw new NiiError('NII_SIGN_IN_FAILED', 'Invalid token: use the address that the demo printed last');
      const { administration, site } = demo;
      const identity = { issuer: 'urn:nii-hub:demo', subject: role };
      const name = `Demo ${role}`;
      const who = { identity, name, roles: [role], status: 'linked' as const, administration, site };
      const begun = await beginSession(deps, { ...who, address: request.ip });
      setCookie(reply, 'session', begun.token, { isSecure: false });
      return reply.redirect(next, 303);
    },
  });
}

function isEqual(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256Hex(a), 'hex'), Buffer.from(sha256Hex(b), 'hex'));
}
