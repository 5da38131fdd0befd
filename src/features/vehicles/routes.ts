import Type from 'typebox';
import { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { askedMark, MarkKind } from '../../core/rules/vehicle-hold.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { SiteParams } from '../../http/schemas/requests.ts';
import { instructionOf } from './read.ts';

const MarkParams = Type.Object({
  ...SiteParams.properties,
  kind: MarkKind,
  mark: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'Container number or visit id, in any spelling',
  }),
});

/** Vehicles by what they are known by. */
export const vehicleRoutes = [
  route({
    id: 'getVehicleInstruction',
    method: 'GET',
    url: '/v1/sites/:site/vehicles/:kind/:mark/lane-instruction',
    tag: 'triage',
    right: 'ask for the lane',
    summary: 'Get the lane instruction for the vehicle with this mark: that on its newest scan',
    errors: ['NII_BAD_REQUEST', 'NII_NOT_FOUND', 'NII_NO_INSTRUCTION'],
    schema: { params: MarkParams, response: { 200: IssuedLaneInstruction } },
    handler: (deps: Parameters<typeof instructionOf>[0]) => async (request, reply) => {
      const { site, kind, mark } = request.params;
      reply.header('cache-control', 'private, no-store');
      return instructionOf(deps, actorOf(request), site, askedMark(kind, mark));
    },
  }),
];
