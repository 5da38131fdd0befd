import Type, { type Static } from 'typebox';
import { CaseState } from '../../core/case/case-states.ts';
import { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { defined } from '../../core/defined.ts';
import { askedMark, Mark, MarkKind } from '../../core/rules/vehicle-hold.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { type Right, rolesWho } from '../../http/routes/rights.ts';
import { closed, SiteParams } from '../../http/schemas/requests.ts';
import { getTimeline, type Timeline, type TimelineDeps } from './timeline.ts';

const Time = Type.String({ format: 'date-time' });

const VehicleCase = Type.Object(
  {
    id: Type.String(),
    scanId: Type.String(),
    state: CaseState,
    container: Type.Optional(Type.String()),
    isFound: Type.Boolean({ description: 'A search found something, and nobody has released the vehicle' }),
    tag: Type.Optional(Type.String({ description: 'For If-Match' })),
  },
  closed,
);

const Entry = Type.Object(
  {
    at: Time,
    about: Type.Enum(['scan', 'radiation-record', 'case', 'alarm', 'passage', 'hand-hold', 'marks']),
    event: Type.String({
      description:
        'Kind of the event in the history of the case or hold; received, passed, settled, held, let-go, held-proposed or let-go-proposed of the others',
    }),
    id: Type.String({
      description: 'Of the scan, case, hold or passage; the mark for a hold by hand',
    }),
    by: Type.Optional(Type.String({ description: 'Id of a person, of the key of a machine, or system' })),
    detail: Type.Record(Type.String(), Type.String()),
  },
  closed,
);

const Vehicle = Type.Object(
  {
    site: Type.String(),
    mark: Mark,
    instruction: Type.Optional({
      ...IssuedLaneInstruction,
      description:
        'The current instruction; absent if no scan lies within the days of the policy, and at a site in parallel mode',
    }),
    cases: Type.Array(VehicleCase, { description: 'For roles that may read cases' }),
    entries: Type.Array(Entry, { description: 'Oldest first; the newest 200' }),
    isCut: Type.Boolean({ description: 'true: older entries are left out' }),
  },
  closed,
);
type Vehicle = Static<typeof Vehicle>;

const VehicleParams = Type.Object({
  ...SiteParams.properties,
  kind: MarkKind,
  mark: Type.String({ minLength: 1, maxLength: 64, description: 'Container number or visit id' }),
});

export const timelineRoutes = [
  route({
    id: 'getVehicle',
    method: 'GET',
    url: '/v1/sites/:site/vehicles/:kind/:mark',
    tag: 'triage',
    right: 'read holds',
    summary:
      'Get the timeline of a vehicle: the instruction now, then scans, alarms, readings, searches, passages and holds by hand',
    errors: ['NII_BAD_REQUEST', 'NII_NOT_FOUND'],
    schema: { params: VehicleParams, response: { 200: Vehicle } },
    handler: (deps: TimelineDeps) => async (request, reply) => {
      const { site, kind, mark } = request.params;
      const actor = actorOf(request);
      const may = (right: Right) => rolesWho(right).includes(actor.role);
      const sight = { cases: may('read cases'), instruction: may('ask for the lane') };
      reply.header('cache-control', 'private, no-store');
      return presented(await getTimeline(deps, actor, site, askedMark(kind, mark), sight));
    },
  }),
];

function presented({ site, mark, instruction, cases, entries, isCut }: Timeline): Vehicle {
  return {
    site,
    mark,
    ...defined({ instruction }),
    cases: cases.map(({ id, scanId, state, container, outcome, acceptance, find, tag }) => ({
      id,
      scanId,
      state,
      isFound: find !== undefined || (outcome?.kind === 'found' && acceptance === undefined),
      ...defined({ container, tag }),
    })),
    entries: entries.map((entry) => ({ ...entry, detail: { ...entry.detail } })),
    isCut,
  };
}
