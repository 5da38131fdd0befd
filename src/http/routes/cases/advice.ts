import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { Advice, AdviceWords } from '../../../core/case/advice.ts';
import { defined } from '../../../core/defined.ts';
import { getAdvice, listAdvice } from '../../../look/advice.ts';
import { actorOf } from '../../access.ts';
import { typed } from '../../context.ts';
import { pageOf } from '../../schemas/answers.ts';
import { CaseParams, closed, DEFAULT_PAGE, pageQuery } from '../../schemas/requests.ts';
import { at } from '../table.ts';

const named = {
  by: Type.String({ description: 'Id of the person' }),
  name: Type.Optional(Type.String()),
};
const Time = Type.String({ format: 'date-time' });
const Colleague = Advice.properties.colleagues.items.properties;

const AdviceAsked = Type.Object(
  {
    caseId: Type.String(),
    site: Type.String(),
    container: Type.Optional(Type.String({ description: 'Not told to an analyst before he looks along' })),
    ...named,
    since: Time,
    question: AdviceWords,
    looksAlong: Type.Boolean({ description: 'The caller looks along already' }),
    colleagues: Type.Array(
      Type.Object({ ...named, at: Time, answers: Type.Integer({ minimum: 0 }) }, closed),
      { description: 'Who looks along, and how often each answered' },
    ),
  },
  closed,
);

const AdviceGiven = Type.Object(
  {
    questions: Advice.properties.questions,
    colleagues: Type.Array(Type.Object({ ...Colleague, ...named }, closed)),
  },
  closed,
);

/** Who asks for advice, and what is said. The moves are with those of cases. */
export function adviceRoutes(
  app: FastifyInstance,
  deps: Parameters<typeof listAdvice>[0] & Parameters<typeof getAdvice>[0],
): void {
  const routes = typed(app);
  routes.route({
    ...at('listAdvice'),
    schema: { querystring: pageQuery({}), response: { 200: pageOf(AdviceAsked) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listAdvice(deps, actorOf(request), limit, cursor);
      const items = rows.map(({ colleagues, ...row }) => ({ ...row, colleagues: [...colleagues] }));
      return { items, ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getAdvice'),
    schema: { params: CaseParams, response: { 200: AdviceGiven } },
    handler: async (request) => {
      const { questions, colleagues } = await getAdvice(deps, actorOf(request), request.params.caseId);
      return { questions, colleagues: [...colleagues] };
    },
  });
}
