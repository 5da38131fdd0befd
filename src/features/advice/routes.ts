import Type from 'typebox';
import { Advice, AdviceWords } from '../../core/case/advice.ts';
import { defined } from '../../core/defined.ts';
import { actorOf } from '../../http/access.ts';
import { route } from '../../http/route.ts';
import { move } from '../../http/routes/move.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CaseParams, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import { answerAdvice, askForAdvice, observeCase } from './decide.ts';
import { getAdvice, listAdvice } from './read.ts';

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
    container: Type.Optional(Type.String({ description: 'Hidden from analysts before they observe' })),
    ...named,
    since: Time,
    question: AdviceWords,
    looksAlong: Type.Boolean({ description: 'The caller already observes' }),
    colleagues: Type.Array(
      Type.Object({ ...named, at: Time, answers: Type.Integer({ minimum: 0 }) }, closed),
      { description: 'Observers, and the number of answers from each' },
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

const Question = Type.Object({ question: AdviceWords }, closed);
const Answer = Type.Object({ words: AdviceWords }, closed);
const Nothing = Type.Object({}, closed);

/** Who asks for advice, and what is said. */
export const adviceRoutes = [
  route({
    id: 'listAdvice',
    method: 'GET',
    url: '/v1/advice',
    tag: 'triage',
    right: 'see advice',
    summary:
      'List claimed cases whose reader asks for advice, oldest first; analysts get those that they may observe',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: pageOf(AdviceAsked) } },
    handler: (deps: Parameters<typeof listAdvice>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listAdvice(deps, actorOf(request), limit, cursor);
      const items = rows.map(({ colleagues, ...row }) => ({ ...row, colleagues: [...colleagues] }));
      return { items, ...defined({ next }) };
    },
  }),
  route({
    id: 'getAdvice',
    method: 'GET',
    url: '/v1/cases/:caseId/advice',
    tag: 'triage',
    right: 'see advice',
    summary: 'Get the questions, observers and answers of a case',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
    schema: { params: CaseParams, response: { 200: AdviceGiven } },
    handler: (deps: Parameters<typeof getAdvice>[0]) => async (request) => {
      const { questions, colleagues } = await getAdvice(deps, actorOf(request), request.params.caseId);
      return { questions, colleagues: [...colleagues] };
    },
  }),
  move(
    {
      id: 'requestAdvice',
      url: '/v1/cases/:caseId/advice',
      right: 'decide cases',
      safety: 'neutral',
      summary: 'Ask colleagues for advice on the claimed case',
      example: { question: 'What is between the pallets?' },
    },
    Question,
    askForAdvice,
  ),
  move(
    {
      id: 'joinAdvice',
      url: '/v1/cases/:caseId/advice/look-along',
      right: 'decide cases',
      safety: 'neutral',
      summary:
        'Observe a case whose reader asked for advice; the caller is recorded and can no longer read the case',
      example: {},
    },
    Nothing,
    observeCase,
  ),
  move(
    {
      id: 'sendAdvice',
      url: '/v1/cases/:caseId/advice/answer',
      right: 'decide cases',
      safety: 'neutral',
      summary: "Send an observer's answer; the reader sees it at once",
      example: { words: 'Frozen fish; the edges are ice' },
    },
    Answer,
    answerAdvice,
  ),
];
