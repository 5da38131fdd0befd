import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { openingProperties, ServiceHoldTerms } from '../../core/rules/service-hold.ts';
import { presentStanding, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed, SiteParams } from '../../http/schemas/requests.ts';
import { confirmEnd, type EndServiceHoldDeps, proposeEnd } from './decide.ts';
import { getServiceHold, listServiceHolds, type ServiceHoldView } from './read.ts';

const ServiceHold = Type.Object(
  {
    id: Type.String(),
    site: Type.String(),
    ...openingProperties,
    openedAt: Type.String({ format: 'date-time' }),
    version: Type.Integer({ minimum: 0, description: '0: nobody has ended it' }),
    ...standingProperties(ServiceHoldTerms, 'It ends the hold and waits for another person'),
  },
  closed,
);
type ServiceHold = Static<typeof ServiceHold>;

const HoldParams = Type.Object({
  ...SiteParams.properties,
  serviceHold: Type.String({ pattern: '^[0-9a-z-]{1,64}$', description: 'As in GET /v1/service-holds' }),
});
const End = Type.Object({ reason: ServiceHoldTerms.properties.reason }, closed);
const Nothing = Type.Object({}, closed);
const url = '/v1/sites/:site/service-holds/:serviceHold';

/** What the service holds itself: after it was restored, and while its clock cannot be believed. */
export const serviceHoldRoutes = [
  route({
    id: 'listServiceHolds',
    method: 'GET',
    url: '/v1/service-holds',
    tag: 'rules',
    right: 'read sites',
    summary: 'List what the service itself holds: since it was restored, or because its clock jumped',
    schema: { response: { 200: Type.Object({ items: Type.Array(ServiceHold) }, closed) } },
    handler: (deps: Parameters<typeof listServiceHolds>[0]) => async (request) => ({
      items: (await listServiceHolds(deps, actorOf(request))).map(shown),
    }),
  }),
  route({
    id: 'getServiceHold',
    method: 'GET',
    url,
    tag: 'rules',
    right: 'read sites',
    summary: 'Get a hold of the service as it stands at a site, and the proposal to end it',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: HoldParams, response: { 200: ServiceHold } },
    handler: (deps: Parameters<typeof getServiceHold>[0]) => async (request, reply) => {
      const { site, serviceHold } = request.params;
      return send(reply, await getServiceHold(deps, actorOf(request), site, serviceHold));
    },
  }),
  route({
    id: 'endServiceHold',
    method: 'PUT',
    url,
    tag: 'rules',
    right: 'end service holds',
    safety: {
      class: 'loosens',
      secondPerson: 'POST /v1/sites/{site}/service-holds/{serviceHold}/confirmation',
    },
    summary: 'Propose to end a service hold at a site, with the reason',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: { reason: 'The portals and the declarations of the gap were sent again' },
    headers: versioned,
    answers: { 202: 'A proposal; the vehicles are still held' },
    schema: { params: HoldParams, headers: CommandHeaders, body: End, response: { 202: ServiceHold } },
    handler: (deps: EndServiceHoldDeps) => async (request, reply) => {
      const { site, serviceHold } = request.params;
      const command = commandOf(request, request.headers);
      const ended = await proposeEnd(deps, command, site, serviceHold, request.body.reason);
      return send(reply.code(202), { site, ...ended });
    },
  }),
  route({
    id: 'confirmServiceHold',
    method: 'POST',
    url: `${url}/confirmation`,
    tag: 'rules',
    right: 'end service holds',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/sites/{site}/service-holds/{serviceHold}' },
    summary: 'Confirm the end of a service hold at a site; another person must have proposed it',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'The hold, which has ended at this site' },
    schema: { params: HoldParams, headers: CommandHeaders, body: Nothing, response: { 200: ServiceHold } },
    handler: (deps: EndServiceHoldDeps) => async (request, reply) => {
      const { site, serviceHold } = request.params;
      const command = commandOf(request, request.headers);
      return send(reply, { site, ...(await confirmEnd(deps, command, site, serviceHold)) });
    },
  }),
];

/** The ETag is of whichever version was written last at the site, a proposal as well. */
function send(reply: FastifyReply, view: ServiceHoldView): ServiceHold {
  const newest = view.standing.newest?.version ?? 0;
  reply.header('etag', versionTag(newest)).header('cache-control', 'private, no-cache');
  return shown(view);
}

function shown({ site, opened, standing }: ServiceHoldView): ServiceHold {
  const { id, cause, since, until, at: openedAt, terms } = opened;
  const version = standing.inForce?.version ?? 0;
  const opening = { id, site, cause, until, openedAt, ...defined({ since }) };
  return { ...opening, version, ...presentStanding(standing, terms) };
}
