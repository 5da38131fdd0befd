import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import {
  acceptSearch,
  closeCase,
  decideCase,
  recordCustomsRelease,
  recordSearchOutcome,
  referCase,
  reopenCase,
  requestOpinion,
  reviewRelease,
  settleCase,
} from '../../commands/cases.ts';
import { claimCase, handBackCase, type NextCaseDeps, nextCase, renewClaim } from '../../commands/claims.ts';
import { takeBackVerdict } from '../../commands/undo-window.ts';
import { Case, QueueBand, Reading, ReasonCode, SearchOutcome, VerdictKind } from '../../core/case/case.ts';
import { CaseState, caseStatesThat } from '../../core/case/case-states.ts';
import { Regions } from '../../core/case/region.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type PrepareSamplesDeps, prepareSamples } from '../../queries/pixels/prepare.ts';
import { countQueue, getCase, listQueue, loadOfCases, type Viewing } from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { commandOf, sendCase } from '../commands.ts';
import { route, versioned } from '../route.ts';
import { pageOf } from '../schemas/answers.ts';
import { CaseParams, CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../schemas/requests.ts';
import { isOfPage } from '../sign-in/same-origin.ts';
import { move } from './move.ts';

const Note = Type.String({ maxLength: 4096 });
const Why = Type.Object({ why: Type.String({ minLength: 1, maxLength: 4096 }) }, closed);
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
      description: 'Repeat for several. Default: queued and claimed',
    }),
  ),
  container: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  escalated: Type.Optional(Type.Boolean({ description: 'true: only those past their due time' })),
});

const Waiting = Type.Integer({ minimum: 0 });
const QueueCounts = Type.Object(
  {
    bands: Type.Object({ high: Waiting, raised: Waiting, routine: Waiting }, closed),
    pastDue: Type.Integer({ minimum: 0, description: 'Of these, those past their due time' }),
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
          pastDue: Type.Integer({ minimum: 0, description: 'Of these, those already due' }),
          firstDueAt: Type.String({ format: 'date-time', description: 'Due time of the first one' }),
        },
        closed,
      ),
      { description: 'States and bands with cases; closed cases are not counted' },
    ),
  },
  closed,
);

type Timed = Pick<NextCaseDeps, 'clock'>;

/** Decodes the samples of a case that the page opens next; the answer does not wait for it. */
function prepare(deps: PrepareSamplesDeps, request: FastifyRequest, { scanId, claim, revision }: Case): void {
  prepareSamples(deps, actorOf(request), scanId, claim?.revision ?? revision).catch((err: unknown) =>
    request.log.info({ scanId, err }, 'samples not made ready'),
  );
}

export const queueRoutes = [
  route({
    id: 'listQueue',
    method: 'GET',
    url: '/v1/queue',
    tag: 'triage',
    right: 'list the queue',
    summary: 'List cases in queue order, with reasons in words',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: QueueQuery, response: { 200: pageOf(Case) } },
    handler: (deps: Viewing<Tx<'queue'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, state = inQueue, container, escalated } = request.query;
      const filter = { states: state, ...defined({ container, escalated }) };
      const { rows, next } = await listQueue(deps, actorOf(request), filter, limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  }),
  route({
    id: 'countQueue',
    method: 'GET',
    url: '/v1/queue/counts',
    tag: 'triage',
    right: 'read cases',
    summary: 'Count waiting and past-due cases by band',
    schema: { response: { 200: QueueCounts } },
    handler: (deps: Parameters<typeof countQueue>[0] & Timed) => (request) =>
      countQueue(deps, actorOf(request), deps.clock.now()),
  }),
  route({
    id: 'getLoad',
    method: 'GET',
    url: '/v1/load',
    tag: 'triage',
    right: 'oversee',
    summary: 'Count open cases by state and band, with the number past due and the first due time',
    schema: { response: { 200: Load } },
    handler: (deps: Parameters<typeof loadOfCases>[0] & Timed) => async (request) => ({
      items: [...(await loadOfCases(deps, actorOf(request), deps.clock.now()))],
    }),
  }),
  route({
    id: 'takeNextCase',
    method: 'POST',
    url: '/v1/cases/next',
    tag: 'triage',
    right: 'decide cases',
    safety: 'neutral',
    summary:
      "Get the caller's current case, or the next one: drawn from the urgent cases, otherwise from the highest band with a case",
    errors: ['NII_PRECONDITION_FAILED', 'NII_IDEMPOTENCY_MISMATCH'],
    example: {},
    headers: versioned,
    answers: { 200: 'The case as it is now' },
    schema: {
      headers: CommandHeaders,
      body: Nothing,
      response: { 200: Case, 204: Type.Null({ description: 'No case is waiting' }) },
    },
    handler: (deps: NextCaseDeps & PrepareSamplesDeps) => async (request, reply) => {
      const answer = await nextCase(deps, commandOf(request, request.headers));
      if (answer !== undefined && isOfPage(request)) prepare(deps, request, answer.case);
      return answer === undefined ? reply.code(204).send(null) : sendCase(reply, answer);
    },
  }),
  route({
    id: 'getCase',
    method: 'GET',
    url: '/v1/cases/:caseId',
    tag: 'triage',
    right: 'read cases',
    summary: 'Get a case with its history',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: CaseParams, response: { 200: Case } },
    handler: (deps: Viewing<Tx<'case'>>) => async (request, reply) =>
      sendCase(reply, {
        case: await getCase(deps, actorOf(request), request.params.caseId),
        replayed: false,
      }),
  }),
];

/** The moves of the state table, each an address. */
export const caseRoutes = [
  move(
    {
      id: 'claimCase',
      url: '/v1/cases/:caseId/claim',
      right: 'choose cases',
      safety: {
        class: 'loosens',
        secondPerson:
          'A reader who gets the case in turn, before it is cleared; at a small border post, nobody else',
      },
      summary: 'Claim a specific case; analysts use the next case instead',
      example: {},
    },
    Nothing,
    claimCase,
  ),
  move(
    {
      id: 'renewClaim',
      url: '/v1/cases/:caseId/renewal',
      right: 'decide cases',
      safety: 'neutral',
      summary: 'Renew the claim on a case',
      example: {},
    },
    Nothing,
    renewClaim,
  ),
  move(
    {
      id: 'handBackCase',
      url: '/v1/cases/:caseId/hand-back',
      right: 'decide cases',
      safety: {
        class: 'loosens',
        onePerson:
          'The reader, as many times a day as the policy allows, or a supervisor; the case goes to a different reader',
      },
      summary:
        'Hand back the claimed case undecided, with the reason; a supervisor can also hand back another person’s case',
      example: { why: 'The end of the shift' },
    },
    Why,
    handBackCase,
  ),
  move(
    {
      id: 'decideCase',
      url: '/v1/cases/:caseId/verdict',
      right: 'decide cases',
      safety: {
        class: 'loosens',
        secondPerson: 'A second reader, if the policy lists the verdict or the case is drawn at random',
      },
      summary: 'Give a verdict on the claimed case',
      example: {
        kind: 'suspect',
        reason: 'shape',
        note: 'A block behind the door',
        regions: [{ view: 'main', x: 120, y: 40, width: 60, height: 45 }],
      },
    },
    Decision,
    decideCase,
  ),
  move(
    {
      id: 'takeBackVerdict',
      url: '/v1/cases/:caseId/verdict-taken-back',
      right: 'decide cases',
      safety: { class: 'loosens', onePerson: 'The reader who gave the verdict, within the undo window' },
      summary:
        'Take back the caller’s own verdict that does not hold the vehicle, within the site’s undo window; the caller then has the case again',
      example: {},
    },
    Nothing,
    takeBackVerdict,
  ),
  move(
    {
      id: 'requestOpinion',
      url: '/v1/cases/:caseId/second-opinion',
      right: 'decide cases',
      safety: { class: 'loosens', secondPerson: 'A reader who has not read the case' },
      summary: 'Request a second reading; the reader does not see the first verdict',
      example: { why: 'Training' },
    },
    Why,
    requestOpinion,
  ),
  move(
    {
      id: 'settleCase',
      url: '/v1/cases/:caseId/settlement',
      right: 'choose cases',
      safety: {
        class: 'loosens',
        secondPerson: 'The readers; the supervisor who settles the case must not have read or observed it',
      },
      summary: 'Settle a disputed or undecided case',
      example: { kind: 'normal', reason: 'nothing-unusual' },
    },
    Decision,
    settleCase,
  ),
  move(
    {
      id: 'referCase',
      url: '/v1/cases/:caseId/refer',
      right: 'decide cases',
      safety: 'neutral',
      summary: 'Send a decided case to a search, even if it was decided normal',
      example: { note: 'Open the left door first' },
    },
    Referral,
    referCase,
  ),
  move(
    {
      id: 'recordOutcome',
      url: '/v1/cases/:caseId/outcome',
      right: 'record outcomes',
      safety: {
        class: 'loosens',
        secondPerson:
          'To report that nothing was found: a person who neither read the image nor ordered the search; at a small border post, anyone',
      },
      summary: 'Record the outcome of a search',
      example: { kind: 'nothing-found', method: 'unloaded', extent: 'full' },
    },
    SearchOutcome,
    recordSearchOutcome,
  ),
  move(
    {
      id: 'acceptSearch',
      url: '/v1/cases/:caseId/search-acceptance',
      right: 'choose cases',
      safety: {
        class: 'loosens',
        secondPerson:
          'A supervisor who neither read the image nor ordered or reported the search; at a small border post, one who did not report a find',
      },
      summary:
        'Accept a partial search that found nothing, or release the vehicle after a find, with the reason',
      example: { why: 'The rest was seen by the dog' },
    },
    Why,
    acceptSearch,
  ),
  move(
    {
      id: 'closeCase',
      url: '/v1/cases/:caseId/close',
      right: 'decide cases',
      safety: 'neutral',
      summary: 'Close a decided case; an inconclusive one needs a reason',
      example: { why: 'Nothing is left to do' },
    },
    Closing,
    closeCase,
  ),
  move(
    {
      id: 'reopenCase',
      url: '/v1/cases/:caseId/reopen',
      right: 'choose cases',
      // what was said against the vehicle counts on, and what let it go does not
      safety: 'neutral',
      summary: 'Reopen a case, with the reason',
      example: { why: 'The seal was replaced on the way' },
    },
    Why,
    reopenCase,
  ),
  move(
    {
      id: 'recordCustomsRelease',
      url: '/v1/cases/:caseId/customs-release',
      right: 'record releases',
      safety: 'neutral',
      summary: 'Record that the customs system released the goods',
      example: { reference: 'R-2026-17' },
    },
    Released,
    recordCustomsRelease,
  ),
  move(
    {
      id: 'reviewRelease',
      url: '/v1/cases/:caseId/release-review',
      right: 'choose cases',
      safety: 'neutral',
      summary: 'Review a release of goods while something was open',
      example: { why: 'It was found at the exit and searched' },
    },
    Why,
    reviewRelease,
  ),
];
