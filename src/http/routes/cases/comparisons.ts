import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { ComparisonPicture, comparisonsOf } from '../../../look/beside/comparisons.ts';
import { actorOf } from '../../access.ts';
import { typed } from '../../context.ts';
import { CaseParams, closed } from '../../schemas/requests.ts';
import { at } from '../table.ts';

const Pictures = Type.Object(
  { items: Type.Array(ComparisonPicture, { maxItems: 12, description: 'The nearest first' }) },
  closed,
);

/** Pictures to look at beside that of a case. */
export function besideRoutes(app: FastifyInstance, deps: Parameters<typeof comparisonsOf>[0]): void {
  typed(app).route({
    ...at('listComparisons'),
    schema: { params: CaseParams, response: { 200: Pictures } },
    handler: async (request) => ({
      items: [...(await comparisonsOf(deps, actorOf(request), request.params.caseId))],
    }),
  });
}
