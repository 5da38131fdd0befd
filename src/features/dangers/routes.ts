import Type, { type Static } from 'typebox';
import type { MoveCaseDeps } from '../../commands/with-case.ts';
import { type Case, Danger } from '../../core/case/case.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf } from '../../http/commands.ts';
import { moveErrors, route } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CaseParams, CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import { listDangers } from '../../queries/lists.ts';
import type { Viewing } from '../../queries/read.ts';
import { acknowledgeDangerOf, raiseDangerOf } from './decide.ts';

const Words = Type.String({ minLength: 1, maxLength: 4096 });
const DangerOfCase = Type.Object(
  {
    caseId: Type.String(),
    scanId: Type.String(),
    site: Type.String(),
    container: Type.Optional(Type.String()),
    ...Danger.properties,
  },
  closed,
);

/** Persons in danger: raised beside the queue, shown until somebody sees to it. */
export const dangerRoutes = [
  route({
    id: 'listDangers',
    method: 'GET',
    url: '/v1/dangers',
    tag: 'triage',
    right: 'see dangers',
    summary: 'List unacknowledged persons in danger, oldest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: pageOf(DangerOfCase) } },
    handler: (deps: Viewing<Tx<'dangers'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listDangers(deps, actorOf(request), limit, cursor);
      return { items: rows.map(dangerOf), ...defined({ next }) };
    },
  }),
  route({
    id: 'raiseDanger',
    method: 'POST',
    url: '/v1/cases/:caseId/danger',
    tag: 'triage',
    right: 'decide cases',
    safety: 'tightens',
    summary: 'Raise an alarm for a person in danger; the lane holds the vehicle',
    errors: moveErrors,
    example: { note: 'Two persons behind the boxes' },
    answers: { 200: 'The case as it is now' },
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: Type.Object({ note: Type.Optional(Words) }, closed),
      response: { 200: DangerOfCase },
    },
    handler: (deps: MoveCaseDeps) => async (request) => {
      const command = commandOf(request, request.headers);
      return dangerOf((await raiseDangerOf(deps, command, request.params.caseId, request.body)).case);
    },
  }),
  route({
    id: 'acknowledgeDanger',
    method: 'POST',
    url: '/v1/cases/:caseId/danger-acknowledgement',
    tag: 'triage',
    right: 'acknowledge dangers',
    safety: {
      class: 'loosens',
      secondPerson: 'A supervisor or radiation officer, other than the people who raised the alarm',
    },
    summary: 'Acknowledge a person in danger, and state the response',
    errors: moveErrors,
    example: { why: 'The crew of lane 3 opens the vehicle' },
    answers: { 200: 'The case as it is now' },
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: Type.Object({ why: Words }, closed),
      response: { 200: DangerOfCase },
    },
    handler: (deps: MoveCaseDeps) => async (request) => {
      const command = commandOf(request, request.headers);
      return dangerOf((await acknowledgeDangerOf(deps, command, request.params.caseId, request.body)).case);
    },
  }),
];

function dangerOf({ id: caseId, scanId, site, container, danger }: Case): Static<typeof DangerOfCase> {
  if (danger === undefined) throw new NiiError('NII_INTERNAL', `The case ${caseId} has no danger`);
  return { caseId, scanId, site, ...defined({ container }), ...danger };
}
