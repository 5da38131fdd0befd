import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { askedMark, Mark, MarkKind, noVehicleHold, VehicleHoldTerms } from '../../core/rules/vehicle-hold.ts';
import { presentStanding, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed, SiteParams } from '../../http/schemas/requests.ts';
import { confirmVehicleHold, type HoldVehicleDeps, putVehicleHold } from './decide.ts';
import { getVehicleHold, listVehicleHolds, type VehicleHoldView } from './read.ts';

const VehicleHold = Type.Object(
  {
    site: Type.String(),
    mark: Mark,
    version: Type.Integer({ minimum: 0, description: '0: nobody has held it' }),
    ...standingProperties(VehicleHoldTerms, 'It lets the vehicle go and waits for another person'),
  },
  closed,
);
type VehicleHold = Static<typeof VehicleHold>;

const StopList = Type.Object(
  {
    items: Type.Array(VehicleHold),
    isCut: Type.Optional(Type.Boolean({ description: 'true: more vehicles are held than these' })),
  },
  closed,
);

const MarkParams = Type.Object({
  ...SiteParams.properties,
  kind: MarkKind,
  mark: Type.String({ minLength: 1, maxLength: 128, description: 'Container number, visit id or plate' }),
});

const Nothing = Type.Object({}, closed);
const url = '/v1/sites/:site/vehicle-holds/:kind/:mark';

/** Vehicles that people hold by hand. */
export const vehicleHoldRoutes = [
  route({
    id: 'listVehicleHolds',
    method: 'GET',
    url: '/v1/sites/:site/vehicle-holds',
    tag: 'rules',
    right: 'hold vehicles',
    summary: 'List the vehicles that people of the site hold by hand: its stop list',
    errors: ['NII_NOT_FOUND'],
    schema: {
      params: SiteParams,
      response: { 200: StopList },
    },
    handler: (deps: Parameters<typeof listVehicleHolds>[0]) => async (request) => {
      const { items, isCut } = await listVehicleHolds(deps, actorOf(request), request.params.site);
      return { items: items.map(shown), ...defined({ isCut: isCut ? isCut : undefined }) };
    },
  }),
  route({
    id: 'getVehicleHold',
    method: 'GET',
    url,
    tag: 'rules',
    right: 'hold vehicles',
    summary: 'Get the hold by hand of one vehicle, and the proposal to end it',
    errors: ['NII_BAD_REQUEST', 'NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: MarkParams, response: { 200: VehicleHold } },
    handler: (deps: Parameters<typeof getVehicleHold>[0]) => async (request, reply) => {
      const { site, kind, mark } = request.params;
      return send(reply, await getVehicleHold(deps, actorOf(request), site, askedMark(kind, mark)));
    },
  }),
  route({
    id: 'putVehicleHold',
    method: 'PUT',
    url,
    tag: 'rules',
    right: 'hold vehicles',
    safety: {
      class: 'loosens',
      secondPerson:
        'POST /v1/sites/{site}/vehicle-holds/{kind}/{mark}/confirmation; one person is enough to hold a vehicle',
    },
    summary:
      'Hold a vehicle by hand, effective immediately; letting it go is a proposal (202) until another person confirms it',
    errors: ['NII_BAD_REQUEST', 'NII_NOT_FOUND', ...versionErrors],
    example: { isHeld: true, reason: 'Customs of the neighbour asks for it' },
    headers: versioned,
    answers: { 200: 'What counts for the vehicle now', 202: 'A proposal; the vehicle is still held' },
    schema: {
      params: MarkParams,
      headers: CommandHeaders,
      body: VehicleHoldTerms,
      response: { 200: VehicleHold, 202: VehicleHold },
    },
    handler: (deps: HoldVehicleDeps) => async (request, reply) => {
      const { site, kind, mark: written } = request.params;
      const mark = askedMark(kind, written);
      const command = commandOf(request, request.headers);
      const standing = await putVehicleHold(deps, command, site, mark, request.body);
      const status = standing.newest?.state === 'proposed' ? 202 : 200;
      return send(reply.code(status), { site, mark, standing });
    },
  }),
  route({
    id: 'confirmVehicleHold',
    method: 'POST',
    url: `${url}/confirmation`,
    tag: 'rules',
    right: 'hold vehicles',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/sites/{site}/vehicle-holds/{kind}/{mark}' },
    summary: 'Confirm that a vehicle is let go; another person must have proposed it',
    errors: ['NII_BAD_REQUEST', 'NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'What counts for the vehicle now' },
    schema: { params: MarkParams, headers: CommandHeaders, body: Nothing, response: { 200: VehicleHold } },
    handler: (deps: HoldVehicleDeps) => async (request, reply) => {
      const { site, kind, mark: written } = request.params;
      const mark = askedMark(kind, written);
      const command = commandOf(request, request.headers);
      return send(reply, { site, mark, standing: await confirmVehicleHold(deps, command, site, mark) });
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, view: VehicleHoldView): VehicleHold {
  const newest = view.standing.newest?.version ?? 0;
  reply.header('etag', versionTag(newest)).header('cache-control', 'private, no-cache');
  return shown(view);
}

function shown({ site, mark, standing }: VehicleHoldView): VehicleHold {
  const version = standing.inForce?.version ?? 0;
  return { site, mark, version, ...presentStanding(standing, noVehicleHold) };
}
