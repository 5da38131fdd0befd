import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import { defined } from '../../core/defined.ts';
import type { Holds } from '../../core/ports/records/holds.ts';
import { Adjudication } from '../../core/radiation/adjudication.ts';
import { Hold, HoldOutcome } from '../../core/radiation/hold.ts';
import { HoldState, holdStatesThat } from '../../core/radiation/hold-states.ts';
import type { Command } from '../../decide/command.ts';
import {
  type AdjudicateHoldDeps,
  adjudicateHold,
  closeHold,
  duplicateHold,
  getHold,
  type HoldAnswer,
  type JoinHoldDeps,
  joinHold,
  listHolds,
  reopenHold,
  unjoinHold,
} from '../../decide/holds.ts';
import type { Viewing } from '../../look/read.ts';
import { actorOf } from '../access.ts';
import { commandOf, versionTag } from '../commands.ts';
import { typed } from '../context.ts';
import { pageOf } from '../schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../schemas/requests.ts';
import { at, type OperationId } from './table.ts';

const HoldParams = Type.Object({ holdId: Type.String({ minLength: 1, maxLength: 64 }) });
const Why = Type.Object({ why: Type.String({ minLength: 1, maxLength: 4096 }) }, closed);

const DuplicateOf = Type.Object(
  {
    of: Type.String({ minLength: 1, maxLength: 64, description: 'Hold of the same occupancy' }),
    why: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);
const JoinTo = Type.Object(
  {
    scanId: Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'A scan with an image, of the same site',
    }),
    why: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);

const holding = [...holdStatesThat(({ isHolding }) => isHolding)];

/** An officer has still to adjudicate them. */
const waiting = [...holdStatesThat(({ canBe }) => canBe.includes('escalated'))];

const HoldQuery = pageQuery({
  state: Type.Optional(
    Type.Array(HoldState, {
      maxItems: HoldState.enum.length,
      description: 'Repeat for several; open and confirmed unless given, open where escalated is true',
    }),
  ),
  escalated: Type.Optional(
    Type.Boolean({ description: 'true: only those that no officer had adjudicated when they were due' }),
  ),
  site: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
});

/** Radiation holds: read, and the moves of an officer, each an address. */
export function holdRoutes(
  app: FastifyInstance,
  deps: Viewing<Holds> & AdjudicateHoldDeps & JoinHoldDeps,
): void {
  const routes = typed(app);
  routes.route({
    ...at('listHolds'),
    schema: { querystring: HoldQuery, response: { 200: pageOf(Hold) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor, site, escalated } = request.query;
      const { state = escalated === true ? waiting : holding } = request.query;
      const filter = { states: state, ...defined({ site, escalated }) };
      const { rows, next } = await listHolds(deps, actorOf(request), filter, limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getHold'),
    schema: { params: HoldParams, response: { 200: Hold } },
    handler: async (request, reply) => {
      const hold = await getHold(deps, actorOf(request), request.params.holdId);
      return sendHold(reply, { hold, replayed: false });
    },
  });
  move(app, deps, 'adjudicateHold', Adjudication, adjudicateHold);
  move(app, deps, 'closeHold', HoldOutcome, closeHold);
  move(app, deps, 'reopenHold', Why, reopenHold);
  move(app, deps, 'joinHold', JoinTo, joinHold);
  move(app, deps, 'unjoinHold', Why, unjoinHold);
  move(app, deps, 'duplicateHold', DuplicateOf, duplicateHold);
}

function move<Own, Body extends TSchema>(
  app: FastifyInstance,
  deps: Own,
  operationId: OperationId,
  body: Body,
  apply: (deps: Own, command: Command, id: string, body: Static<Body>) => Promise<HoldAnswer>,
): void {
  typed(app).route({
    ...at(operationId),
    schema: { params: HoldParams, headers: CommandHeaders, body, response: { 200: Hold } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      // The route has checked it against this very schema.
      const checked = request.body as Static<Body>;
      return sendHold(reply, await apply(deps, command, request.params.holdId, checked));
    },
  });
}

/** The hold as it is now; its version is the length of its history. */
function sendHold(reply: FastifyReply, { hold, replayed }: HoldAnswer): Hold {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.header('etag', versionTag(hold.history.length)).header('cache-control', 'private, no-cache');
  return hold;
}
