import Type from 'typebox';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { bytesOf } from '../../http/schemas/answers.ts';
import { CaseParams, closed } from '../../http/schemas/requests.ts';
import { OrderLanguage, type SearchOrderDeps, searchOrderOf } from './read.ts';

const Query = Type.Object(
  { language: Type.Optional({ ...OrderLanguage, description: 'Language of the page. Default: en' }) },
  closed,
);

/** What a searcher takes along on paper. */
export const searchOrderRoutes = [
  route({
    id: 'getSearchOrder',
    method: 'GET',
    url: '/v1/cases/:caseId/search-order.pdf',
    tag: 'triage',
    right: 'read cases',
    summary: 'Get a search order to print: one page with the picture, its regions and a code to scan',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
    headers: { 200: ['Content-Disposition'] },
    schema: {
      params: CaseParams,
      querystring: Query,
      response: { 200: bytesOf('application/pdf', 'One page of A4') },
    },
    handler: (deps: SearchOrderDeps) => async (request, reply) => {
      const { caseId } = request.params;
      const { language = 'en' } = request.query;
      const page = await searchOrderOf(deps, actorOf(request), caseId, language);
      reply
        .header('content-disposition', `inline; filename="search-${caseId}.pdf"`)
        .header('cache-control', 'private, no-store')
        .type('application/pdf');
      // The route checks what it answers, and these are bytes
      return reply.send(Buffer.from(page) as unknown as string);
    },
  }),
];
