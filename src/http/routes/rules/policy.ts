import type { Documents } from '../../../core/ports/records/documents.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../../core/defined.ts';
import { PolicyTerms, type StoredPolicy } from '../../../core/rules/policy.ts';
import { type Standing, versionProperties } from '../../../core/rules/version.ts';
import { confirmPolicy, type DecidePolicyDeps, putPolicy } from '../../../decide/policy.ts';
import { getPolicy, getPolicyVersion } from '../../../look/policy.ts';
import type { Viewing } from '../../../look/read.ts';
import { actorOf } from '../../access.ts';
import { commandOf, versionTag } from '../../commands.ts';
import { typed } from '../../context.ts';
import { CommandHeaders, closed } from '../../schemas/requests.ts';
import { at } from '../table.ts';

const { at: writtenAt, by, proposedBy, version } = versionProperties;

const PolicyVersion = Type.Object({ ...versionProperties, terms: PolicyTerms }, closed);

const Policy = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: 'Decisions name it; 0: the defaults' }),
    at: Type.Optional(writtenAt),
    by: Type.Optional(by),
    proposedBy,
    terms: PolicyTerms,
    proposal: Type.Optional(
      Type.Object(
        { version, at: writtenAt, by, terms: PolicyTerms },
        { ...closed, description: 'It loosens something, and waits for another person' },
      ),
    ),
  },
  closed,
);
type Policy = Static<typeof Policy>;

const PolicyParams = Type.Object({
  version: Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'As decisions name it' }),
});

const Nothing = Type.Object({}, closed);

/** What an administration decides about its queue and its lanes. */
export function policyRoutes(app: FastifyInstance, deps: Viewing<Pick<Documents, 'documentStanding' | 'documentVersion'>> & DecidePolicyDeps): void {
  const routes = typed(app);
  const { policy } = deps;
  routes.route({
    ...at('getPolicy'),
    schema: { response: { 200: Policy } },
    handler: async (request, reply) => send(reply, policy, await getPolicy(deps, actorOf(request))),
  });
  routes.route({
    ...at('getPolicyVersion'),
    schema: { params: PolicyParams, response: { 200: PolicyVersion } },
    handler: async (request) => {
      const found = await getPolicyVersion(deps, actorOf(request), Number(request.params.version));
      const { administration, ...shown } = found;
      return shown;
    },
  });
  routes.route({
    ...at('putPolicy'),
    schema: { headers: CommandHeaders, body: PolicyTerms, response: { 200: Policy, 202: Policy } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      const standing = await putPolicy(deps, command, request.body);
      return send(reply.code(standing.newest?.state === 'proposed' ? 202 : 200), policy, standing);
    },
  });
  routes.route({
    ...at('confirmPolicy'),
    schema: { headers: CommandHeaders, body: Nothing, response: { 200: Policy } },
    handler: async (request, reply) =>
      send(reply, policy, await confirmPolicy(deps, commandOf(request, request.headers))),
  });
}

/** What counts now, and what is proposed; the ETag is of whichever was written last. */
function send(
  reply: FastifyReply,
  unless: DecidePolicyDeps['policy'],
  { inForce, newest }: Standing<StoredPolicy>,
): Policy {
  reply.header('etag', versionTag(newest?.version ?? 0)).header('cache-control', 'private, no-cache');
  const proposal = newest?.state === 'proposed' ? proposalOf(newest) : undefined;
  if (inForce === undefined) {
    const { version: unwritten, secondThoughtsSeconds: _, dangerDueMinutes: __, ...terms } = unless;
    return { version: unwritten, terms, ...defined({ proposal }) };
  }
  const { administration, state, ...shown } = inForce;
  return { ...shown, ...defined({ proposal }) };
}

function proposalOf({ version: proposed, at: proposedAt, by: proposer, terms }: StoredPolicy) {
  return { version: proposed, at: proposedAt, by: proposer, terms };
}
