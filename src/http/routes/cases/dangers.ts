import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { type Case, Danger } from '../../../core/case/case.ts';
import { defined } from '../../../core/defined.ts';
import { NiiError } from '../../../core/errors.ts';
import type { CaseLists } from '../../../core/ports/records/cases.ts';
import { acknowledgeDangerOf, raiseDangerOf } from '../../../decide/verdict/danger.ts';
import type { DecideCaseDeps } from '../../../decide/verdict/second-thoughts.ts';
import { listDangers } from '../../../look/lists.ts';
import type { Viewing } from '../../../look/read.ts';
import { actorOf } from '../../access.ts';
import { commandOf } from '../../commands.ts';
import { typed } from '../../context.ts';
import { pageOf } from '../../schemas/answers.ts';
import { CaseParams, CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../schemas/requests.ts';
import { at } from '../table.ts';

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
export function dangerRoutes(app: FastifyInstance, deps: Viewing<CaseLists> & DecideCaseDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('listDangers'),
    schema: { querystring: pageQuery({}), response: { 200: pageOf(DangerOfCase) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listDangers(deps, actorOf(request), limit, cursor);
      return { items: rows.map(dangerOf), ...defined({ next }) };
    },
  });
  routes.route({
    ...at('raiseDanger'),
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: Type.Object({ note: Type.Optional(Words) }, closed),
      response: { 200: DangerOfCase },
    },
    handler: async (request) => {
      const command = commandOf(request, request.headers);
      return dangerOf((await raiseDangerOf(deps, command, request.params.caseId, request.body)).case);
    },
  });
  routes.route({
    ...at('acknowledgeDanger'),
    schema: {
      params: CaseParams,
      headers: CommandHeaders,
      body: Type.Object({ why: Words }, closed),
      response: { 200: DangerOfCase },
    },
    handler: async (request) => {
      const command = commandOf(request, request.headers);
      return dangerOf((await acknowledgeDangerOf(deps, command, request.params.caseId, request.body)).case);
    },
  });
}

function dangerOf({ id: caseId, scanId, site, container, danger }: Case): Static<typeof DangerOfCase> {
  if (danger === undefined) throw new NiiError('NII_INTERNAL', `The case ${caseId} has no danger`);
  return { caseId, scanId, site, ...defined({ container }), ...danger };
}
