import type { FastifyInstance } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import type { Actor } from '../../../core/access.ts';
import { AdviceWords } from '../../../core/case/advice.ts';
import { Case, QueueBand, Reading, ReasonCode, SearchOutcome, VerdictKind } from '../../../core/case/case.ts';
import { CaseState, caseStatesThat } from '../../../core/case/case-states.ts';
import { Regions } from '../../../core/case/region.ts';
import { defined } from '../../../core/defined.ts';
import type { Cases } from '../../../core/ports/records/cases.ts';
import { answerAdvice, askForAdvice, lookAlongAt } from '../../../decide/advice/advice.ts';
import {
  acceptSearch,
  closeCase,
  decideCase,
  type RecordOutcomeDeps,
  type RecordReleaseDeps,
  recordCustomsRelease,
  recordSearchOutcome,
  referCase,
  reopenCase,
  requestOpinion,
  reviewRelease,
  settleCase,
} from '../../../decide/cases.ts';
import {
  claimCase,
  handBackCase,
  type NextCaseDeps,
  nextCase,
  type ReleaseDeps,
  renewClaim,
} from '../../../decide/claims.ts';
import type { CaseAnswer, Command } from '../../../decide/command.ts';
import { type DecideCaseDeps, takeBackVerdict } from '../../../decide/verdict/second-thoughts.ts';
import { type PrepareSamplesDeps, prepareSamples } from '../../../look/pixels/prepare.ts';
import { countQueue, getCase, listQueue, loadOfCases, type Viewing } from '../../../look/read.ts';
import { actorOf } from '../../access.ts';
import { commandOf, sendCase } from '../../commands.ts';
import { typed } from '../../context.ts';
import { pageOf } from '../../schemas/answers.ts';
import { CaseParams, CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../schemas/requests.ts';
import { isOfPage } from '../../sign-in/same-origin.ts';
import { at, type OperationId } from '../table.ts';

const Note = Type.String({ maxLength: 4096 });
const Why = Type.Object({ why: Type.String({ minLength: 1, maxLength: 4096 }) }, closed);
const Question = Type.Object({ question: AdviceWords }, closed);
const Answer = Type.Object({ words: AdviceWords }, closed);
const Nothing = Type.Object({}, closed);
const Decision = Type.Object(
  {
    kind: VerdictKind,
    reason: ReasonCode,
    note: Type.Optional(Note),
    regions: Type.Optional(Regions),
    reading: Type.Optional(Reading),
  },
  closed,
);
const Closing = Type.Object({ why: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) }, closed);
const Referral = Type.Object({ note: Type.Optional(Note) }, closed);
const Released = Type.Object({ reference: Type.Optional(Type.String({ maxLength: 128 })) }, closed);
const inQueue = [...caseStatesThat((facts) => facts.isInQueue)];

const QueueQuery = pageQuery({
  state: Type.Optional(
    Type.Array(CaseState, {
      maxItems: CaseState.enum.length,
      description: 'Repeat for several; queued and claimed unless given',
    }),
  ),
  container: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  escalated: Type.Optional(
    Type.Boolean({ description: 'true: only those that were not settled when they were due' }),
  ),
});

const Waiting = Type.Integer({ minimum: 0 });
const QueueCounts = Type.Object(
  {
    bands: Type.Object({ high: Waiting, raised: Waiting, routine: Waiting }, closed),
    pastDue: Type.Integer({ minimum: 0, description: 'Of them, those whose time to be settled is over' }),
  },
  closed,
);

const Load = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          state: CaseState,
          band: QueueBand,
          cases: Type.Integer({ minimum: 1 }),
          pastDue: Type.Integer({ minimum: 0, description: 'Of them, those that were due before now' }),
          firstDueAt: Type.String({ format: 'date-time', description: 'Of the one that is due first' }),
        },
        closed,
      ),
      { description: 'States and bands that have any; closed cases are not counted' },
    ),
  },
  closed,
);

export function queueRoutes(
  app: FastifyInstance,
  deps: Viewing<Cases> & NextCaseDeps & PrepareSamplesDeps,
): void {
  const routes = typed(app);
  const prepare = (actor: Actor, { scanId, claim, revision }: Case) => {
    prepareSamples(deps, actor, scanId, claim?.revision ?? revision).catch((err: unknown) =>
      app.log.info({ scanId, err }, 'samples not made ready'),
    );
  };
  routes.route({
    ...at('listQueue'),
    schema: { querystring: QueueQuery, response: { 200: pageOf(Case) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor, state = inQueue, container, escalated } = request.query;
      const filter = { states: state, ...defined({ container, escalated }) };
      const { rows, next } = await listQueue(deps, actorOf(request), filter, limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  });
  routes.route({
    ...at('countQueue'),
    schema: { response: { 200: QueueCounts } },
    handler: (request) => countQueue(deps, actorOf(request), deps.clock.now()),
  });
  routes.route({
    ...at('getLoad'),
    schema: { response: { 200: Load } },
    handler: async (request) => ({
      items: [...(await loadOfCases(deps, actorOf(request), deps.clock.now()))],
    }),
  });
  routes.route({
    ...at('takeNextCase'),
    schema: {
      headers: CommandHeaders,
      body: Nothing,
      response: { 200: Case, 204: Type.Null({ description: 'No case is waiting' }) },
    },
    handler: async (request, reply) => {
      const answer = await nextCase(deps, commandOf(request, request.headers));
      if (answer !== undefined && isOfPage(request)) prepare(actorOf(request), answer.case);
      return answer === undefined ? reply.code(204).send(null) : sendCase(reply, answer);
    },
  });
  routes.route({
    ...at('getCase'),
    schema: { params: CaseParams, response: { 200: Case } },
    handler: async (request, reply) =>
      sendCase(reply, {
        case: await getCase(deps, actorOf(request), request.params.caseId),
        replayed: false,
      }),
  });
}

/** The moves of the state table, each an address. */
export function caseRoutes(
  app: FastifyInstance,
  deps: NextCaseDeps & ReleaseDeps & RecordReleaseDeps & RecordOutcomeDeps & DecideCaseDeps,
): void {
  move(app, deps, 'claimCase', Nothing, claimCase);
  move(app, deps, 'renewClaim', Nothing, renewClaim);
  move(app, deps, 'handBackCase', Why, handBackCase);
  move(app, deps, 'decideCase', Decision, decideCase);
  move(app, deps, 'takeBackVerdict', Nothing, takeBackVerdict);
  move(app, deps, 'requestAdvice', Question, askForAdvice);
  move(app, deps, 'joinAdvice', Nothing, lookAlongAt);
  move(app, deps, 'sendAdvice', Answer, answerAdvice);
  move(app, deps, 'requestOpinion', Why, requestOpinion);
  move(app, deps, 'settleCase', Decision, settleCase);
  move(app, deps, 'referCase', Referral, referCase);
  move(app, deps, 'recordOutcome', SearchOutcome, recordSearchOutcome);
  move(app, deps, 'acceptSearch', Why, acceptSearch);
  move(app, deps, 'closeCase', Closing, closeCase);
  move(app, deps, 'reopenCase', Why, reopenCase);
  move(app, deps, 'recordCustomsRelease', Released, recordCustomsRelease);
  move(app, deps, 'reviewRelease', Why, reviewRelease);
}

function move<Own, Body extends TSchema>(
  app: FastifyInstance,
  deps: Own,
  operationId: OperationId,
  body: Body,
  apply: (deps: Own, command: Command, id: string, body: Static<Body>) => Promise<CaseAnswer>,
): void {
  typed(app).route({
    ...at(operationId),
    schema: { params: CaseParams, headers: CommandHeaders, body, response: { 200: Case } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      // The route has checked it against this very schema.
      const checked = request.body as Static<Body>;
      return sendCase(reply, await apply(deps, command, request.params.caseId, checked));
    },
  });
}
