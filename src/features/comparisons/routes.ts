import Type from 'typebox';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { CaseParams, closed } from '../../http/schemas/requests.ts';
import { ComparisonPicture, comparisonsOf } from './read.ts';

const Pictures = Type.Object(
  { items: Type.Array(ComparisonPicture, { maxItems: 12, description: 'The closest first' }) },
  closed,
);

/** Pictures to look at beside that of a case. */
export const besideRoutes = [
  route({
    id: 'listComparisons',
    method: 'GET',
    url: '/v1/cases/:caseId/comparisons',
    tag: 'triage',
    right: 'read cases',
    summary:
      'List pictures to compare with the case: other views, earlier scans of the container, references of the same kind',
    errors: ['NII_NOT_FOUND'],
    schema: { params: CaseParams, response: { 200: Pictures } },
    handler: (deps: Parameters<typeof comparisonsOf>[0]) => async (request) => ({
      items: [...(await comparisonsOf(deps, actorOf(request), request.params.caseId))],
    }),
  }),
];
