import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import {
  CHECK_INS_AT_ONCE,
  CheckInProgress,
  CheckInReport,
  CheckInState,
  CheckInTerms,
  Counting,
  StoredCheckIn,
} from '../../core/rules/check-in.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery, SiteParams } from '../../http/schemas/requests.ts';
import type { Viewing } from '../../queries/read.ts';
import { checkInsOfCsv, columns } from './csv.ts';
import { type ChangeCheckInDeps, confirmCheckIn, putCheckIn } from './decide.ts';
import {
  type CheckInView,
  type CheckInViewDeps,
  type GetCheckInTx,
  getCheckIn,
  type ListCheckInsTx,
  listCheckIns,
} from './read.ts';
import { type TakeCheckInsDeps, type TakenCheckIn, takeCheckIns } from './take.ts';

const CheckInParams = Type.Object({
  checkInId: Type.String({ minLength: 1, maxLength: 64, description: 'Id of the check-in' }),
});

const CheckInQuery = pageQuery({
  state: Type.Optional(CheckInState),
  site: Type.Optional(SiteParams.properties.site),
  from: Type.Optional(
    Type.String({ format: 'date-time', description: 'Of the expected time. Default: 14 days ago' }),
  ),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Of the expected time' })),
});

const Stated = Type.Object(
  { checkIns: Type.Array(CheckInReport, { minItems: 1, maxItems: CHECK_INS_AT_ONCE }) },
  closed,
);

const { id, sender, senderId, version, at, by, proposedBy, waits } = StoredCheckIn.properties;

const CheckIn = Type.Object(
  {
    checkInId: id,
    site: Type.String(),
    sender,
    id: senderId,
    version,
    at,
    by,
    proposedBy,
    terms: CheckInTerms,
    counting: Counting,
    waits,
    ...CheckInProgress.properties,
  },
  closed,
);
type CheckIn = Static<typeof CheckIn>;

const Kept = Type.Object(
  {
    checkIns: Type.Array(
      Type.Object(
        {
          id: senderId,
          checkInId: id,
          result: Type.Enum(['new', 'already-here', 'changed']),
          waits: Type.Optional(
            Type.Literal(true, { description: 'More counts than is stated, until another person confirms' }),
          ),
        },
        closed,
      ),
      { description: 'In the order of the message' },
    ),
  },
  closed,
);

const Nothing = Type.Object({}, closed);
const url = '/v1/check-ins/:checkInId';

/** Vehicles that are expected: stated by senders, listed with what has come of them, corrected by persons. */
export const checkInRoutes = [
  route({
    id: 'sendCheckIns',
    method: 'POST',
    url: '/v1/sites/:site/check-ins',
    tag: 'triage',
    right: 'check vehicles in',
    safety: 'tightens',
    summary:
      'Announce expected vehicles, or replace earlier announcements; the message is accepted or rejected as a whole',
    errors: ['NII_NOT_FOUND', 'NII_CONFLICT'],
    example: {
      checkIns: [
        {
          id: 'gate-004711',
          plates: ['AB-123-C'],
          containers: ['CSQU3054383'],
          visit: 'V-26-0001',
          reference: 'BOOKING 17',
          expectedAt: '2026-11-27T08:00:00Z',
          controls: ['portal', 'image'],
        },
      ],
    },
    answers: { 200: 'The check-ins of the message as they are kept' },
    schema: { params: SiteParams, body: Stated, response: { 200: Kept } },
    handler: (deps: TakeCheckInsDeps) => async (request) => {
      const sent = request.body.checkIns.map((report, i) => ({ report, where: `checkIns.${i}` }));
      const taken = await takeCheckIns(deps, actorOf(request), request.params.site, sent);
      return { checkIns: taken.map(toKept) };
    },
  }),
  route({
    id: 'listCheckIns',
    method: 'GET',
    url: '/v1/check-ins',
    tag: 'triage',
    right: 'read check-ins',
    summary: 'List expected vehicles with what has come of them, the earliest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: CheckInQuery, response: { 200: pageOf(CheckIn) } },
    handler: (deps: Viewing<ListCheckInsTx> & CheckInViewDeps) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...filter } = request.query;
      const { rows, next } = await listCheckIns(deps, actorOf(request), filter, limit, cursor);
      return { items: rows.map(shown), ...defined({ next }) };
    },
  }),
  route({
    id: 'getCheckIn',
    method: 'GET',
    url,
    tag: 'triage',
    right: 'read check-ins',
    summary: 'Get an expected vehicle, with what has come of it',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: CheckInParams, response: { 200: CheckIn } },
    handler: (deps: CorrectDeps) => async (request, reply) =>
      send(reply, await getCheckIn(deps, actorOf(request), request.params.checkInId)),
  }),
];

type CorrectDeps = Viewing<GetCheckInTx> & CheckInViewDeps;

/** They may come without a body. */
export const checkInMoves = [
  route({
    id: 'putCheckIn',
    method: 'PUT',
    url,
    tag: 'triage',
    right: 'hold vehicles',
    safety: 'tightens',
    summary:
      'Correct a check-in; removed entries still count (202) until another person confirms the removal',
    errors: ['NII_NOT_FOUND', ...versionErrors],
    example: { containers: ['CSQU3054383'], expectedAt: '2026-11-27T08:00:00Z', controls: ['portal'] },
    headers: versioned,
    answers: { 200: 'The check-in as it counts now', 202: 'More counts than is stated; it waits' },
    schema: {
      params: CheckInParams,
      headers: CommandHeaders,
      body: CheckInTerms,
      response: { 200: CheckIn, 202: CheckIn },
    },
    handler: (deps: ChangeCheckInDeps & CorrectDeps) => async (request, reply) => {
      const { checkInId } = request.params;
      const changed = await putCheckIn(deps, commandOf(request, request.headers), checkInId, request.body);
      const view = await getCheckIn(deps, actorOf(request), checkInId);
      return send(reply.code(changed.waits === undefined ? 200 : 202), view);
    },
  }),
  route({
    id: 'confirmCheckIn',
    method: 'POST',
    url: `${url}/confirmation`,
    tag: 'triage',
    right: 'hold vehicles',
    safety: {
      class: 'loosens',
      secondPerson:
        'The person who removed something, by PUT /v1/check-ins/{checkInId}; if a machine did, another person who also confirms it',
    },
    summary:
      'Confirm that only the newest version of a check-in counts; if a machine removed something, two people confirm it',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: {
      200: 'The check-in as it counts now',
      202: 'A machine stated less; it waits for another person',
    },
    schema: {
      params: CheckInParams,
      headers: CommandHeaders,
      body: Nothing,
      response: { 200: CheckIn, 202: CheckIn },
    },
    handler: (deps: ChangeCheckInDeps & CorrectDeps) => async (request, reply) => {
      const { checkInId } = request.params;
      const changed = await confirmCheckIn(deps, commandOf(request, request.headers), checkInId);
      const view = await getCheckIn(deps, actorOf(request), checkInId);
      return send(reply.code(changed.waits === undefined ? 200 : 202), view);
    },
  }),
];

/** For a scope of its own: it takes no JSON. */
export function takeCheckInFiles(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, body, done) => done(null, body));
}

export const checkInFileRoutes = [
  route({
    id: 'sendCheckInFile',
    method: 'POST',
    url: '/v1/sites/:site/check-in-files',
    tag: 'triage',
    right: 'check vehicles in',
    safety: 'tightens',
    summary: 'Announce expected vehicles in a CSV file, with the same meaning as in JSON',
    errors: ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_MEDIA_TYPE', 'NII_MALFORMED'],
    unchecked: {
      content: {
        'text/csv': {
          schema: Type.String({
            description: `A header line (${columns.join(', ')}), then one line for each vehicle; several values in a cell are separated by |`,
          }),
        },
      },
    },
    answers: { 200: 'The check-ins of the file as they are kept' },
    schema: { params: SiteParams, response: { 200: Kept } },
    handler: (deps: TakeCheckInsDeps) => async (request) => {
      if (typeof request.body !== 'string')
        throw new NiiError('NII_MEDIA_TYPE', 'Unsupported content type: use text/csv');
      const sent = checkInsOfCsv(request.body);
      const taken = await takeCheckIns(deps, actorOf(request), request.params.site, sent);
      return { checkIns: taken.map(toKept) };
    },
  }),
];

function toKept({ checkIn, result }: TakenCheckIn) {
  const isWaiting = checkIn.waits === undefined ? undefined : (true as const);
  return { id: checkIn.senderId, checkInId: checkIn.id, result, ...defined({ waits: isWaiting }) };
}

function send(reply: FastifyReply, view: CheckInView): CheckIn {
  reply.header('etag', versionTag(view.checkIn.version)).header('cache-control', 'private, no-cache');
  return shown(view);
}

function shown({ checkIn, progress }: CheckInView): CheckIn {
  const { administration: _, state: _state, id: checkInId, senderId: own, ...rest } = checkIn;
  return { checkInId, id: own, ...rest, ...progress };
}
