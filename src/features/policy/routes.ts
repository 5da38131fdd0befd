import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { PolicyTerms, type StoredPolicy } from '../../core/rules/policy.ts';
import {
  presentStanding,
  type Standing,
  standingProperties,
  versionProperties,
} from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed } from '../../http/schemas/requests.ts';
import { defaultPolicy, type TriagePolicy } from '../../triage/policy.ts';
import { confirmPolicy, type DecidePolicyDeps, putPolicy } from './decide.ts';
import { getPolicy, getPolicyVersion } from './read.ts';

const PolicyVersion = Type.Object({ ...versionProperties, terms: PolicyTerms }, closed);

const Policy = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: 'Number that decisions refer to; 0: the defaults' }),
    ...standingProperties(PolicyTerms, 'It loosens a rule and waits for confirmation by another person'),
  },
  closed,
);
type Policy = Static<typeof Policy>;

const PolicyParams = Type.Object({
  version: Type.String({ pattern: '^[1-9][0-9]{0,8}$', description: 'As named in decisions' }),
});

const Nothing = Type.Object({}, closed);

/** What an administration decides about its queue and its lanes. */
export const policyRoutes = [
  route({
    id: 'getPolicy',
    method: 'GET',
    url: '/v1/policy',
    tag: 'rules',
    right: 'read rules',
    summary: 'Get the policy and its proposal',
    headers: versioned,
    schema: { response: { 200: Policy } },
    handler:
      (deps: Parameters<typeof getPolicy>[0] & Pick<DecidePolicyDeps, 'policy'>) => async (request, reply) =>
        send(reply, deps.policy, await getPolicy(deps, actorOf(request))),
  }),
  route({
    id: 'getPolicyVersion',
    method: 'GET',
    url: '/v1/policy/versions/:version',
    tag: 'rules',
    right: 'read rules',
    summary: 'Get a version of the policy',
    errors: ['NII_NOT_FOUND'],
    schema: { params: PolicyParams, response: { 200: PolicyVersion } },
    handler: (deps: Parameters<typeof getPolicyVersion>[0]) => async (request) => {
      const found = await getPolicyVersion(deps, actorOf(request), Number(request.params.version));
      const { administration, ...shown } = found;
      return shown;
    },
  }),
  route({
    id: 'putPolicy',
    method: 'PUT',
    url: '/v1/policy',
    tag: 'rules',
    right: 'decide rules',
    safety: { class: 'loosens', secondPerson: 'POST /v1/policy/confirmation' },
    summary:
      'Change the policy; a change that loosens it is a proposal (202) until another person confirms it',
    errors: versionErrors,
    example: termsOf(defaultPolicy),
    headers: versioned,
    answers: { 200: 'The policy as it is now', 202: 'A proposal, in force once another person confirms it' },
    schema: { headers: CommandHeaders, body: PolicyTerms, response: { 200: Policy, 202: Policy } },
    handler: (deps: DecidePolicyDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const standing = await putPolicy(deps, command, request.body);
      return send(reply.code(standing.newest?.state === 'proposed' ? 202 : 200), deps.policy, standing);
    },
  }),
  route({
    id: 'confirmPolicy',
    method: 'POST',
    url: '/v1/policy/confirmation',
    tag: 'rules',
    right: 'decide rules',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/policy' },
    summary: 'Confirm the policy that another person proposed',
    errors: ['NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'The policy as it is now' },
    schema: { headers: CommandHeaders, body: Nothing, response: { 200: Policy } },
    handler: (deps: DecidePolicyDeps) => async (request, reply) =>
      send(reply, deps.policy, await confirmPolicy(deps, commandOf(request, request.headers))),
  }),
];

/** What counts now, and what is proposed; the ETag is of whichever was written last. */
function send(
  reply: FastifyReply,
  unless: DecidePolicyDeps['policy'],
  standing: Standing<StoredPolicy>,
): Policy {
  const newest = standing.newest?.version ?? 0;
  reply.header('etag', versionTag(newest)).header('cache-control', 'private, no-cache');
  const version = standing.inForce?.version ?? unless.version;
  return { version, ...presentStanding(standing, termsOf(unless)) };
}

/** Returns the terms alone, without the version and the defaults for sites. */
function termsOf({
  version: _,
  undoWindowSeconds: __,
  dangerDueMinutes: ___,
  ...terms
}: TriagePolicy): PolicyTerms {
  return terms;
}
