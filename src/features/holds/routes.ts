import type { FastifyReply } from 'fastify';
import Type, { type Static, type TSchema } from 'typebox';
import type { Command } from '../../commands/command.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import { Adjudication } from '../../core/radiation/adjudication.ts';
import { Hold, HoldOutcome } from '../../core/radiation/hold.ts';
import { HoldState, holdStatesThat } from '../../core/radiation/hold-states.ts';
import { Mark } from '../../core/rules/vehicle-hold.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { type MoveFacts, moveErrors, route, versioned } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import type { Viewing } from '../../queries/read.ts';
import {
  adjudicateHold,
  closeHold,
  duplicateHold,
  getHold,
  type HoldAnswer,
  joinHold,
  listHolds,
  reopenHold,
  unjoinHold,
} from './decide.ts';

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
    scanId: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'A scan with an image, of the same site',
      }),
    ),
    vehicle: Type.Optional({
      ...Mark,
      description: 'Container, visit or plate of the vehicle',
    }),
    why: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);
const NotOf = Type.Object(
  {
    scanId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Scan that it is not of' }),
    ),
    vehicle: Type.Optional({ ...Mark, description: 'Vehicle that it is not of' }),
    why: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  {
    ...closed,
    description: 'Name the scan or the vehicle if the alarm is joined to more than one',
  },
);
const holding = [...holdStatesThat(({ isHolding }) => isHolding)];

/** An officer has still to adjudicate them. */
const waiting = [...holdStatesThat(({ canBe }) => canBe.includes('escalated'))];

const HoldQuery = pageQuery({
  state: Type.Optional(
    Type.Array(HoldState, {
      maxItems: HoldState.enum.length,
      description: 'Repeat for several. Default: open and confirmed; open if escalated is true',
    }),
  ),
  escalated: Type.Optional(
    Type.Boolean({ description: 'true: only those that no officer adjudicated in time' }),
  ),
  site: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
});

/** Radiation holds: read, and the moves of an officer, each an address. */
export const holdRoutes = [
  route({
    id: 'listHolds',
    method: 'GET',
    url: '/v1/holds',
    tag: 'radiation',
    right: 'read holds',
    summary: 'List radiation holds, oldest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: HoldQuery, response: { 200: pageOf(Hold) } },
    handler: (deps: Viewing<Tx<'holds'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, site, escalated } = request.query;
      const { state = escalated === true ? waiting : holding } = request.query;
      const filter = { states: state, ...defined({ site, escalated }) };
      const { rows, next } = await listHolds(deps, actorOf(request), filter, limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  }),
  route({
    id: 'getHold',
    method: 'GET',
    url: '/v1/holds/:holdId',
    tag: 'radiation',
    right: 'read holds',
    summary: 'Get a radiation hold with its history',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: HoldParams, response: { 200: Hold } },
    handler: (deps: Viewing<Tx<'hold'>>) => async (request, reply) => {
      const hold = await getHold(deps, actorOf(request), request.params.holdId);
      return sendHold(reply, { hold, replayed: false });
    },
  }),
  move(
    {
      id: 'adjudicateHold',
      url: '/v1/holds/:holdId/adjudication',
      right: 'adjudicate holds',
      safety: {
        class: 'loosens',
        secondPerson:
          'A second officer, for neutrons, nuclear material and evidence that rests only on an officer’s statement, unless the alarm is real; one officer can end a gamma alarm with declared goods, a declared source, a measured nuclide of medical use or a new passage',
      },
      summary:
        'Adjudicate an alarm: real, innocent with the reason, false, a test, or a fault with a new measurement',
      example: {
        decision: 'innocent',
        basis: 'norm',
        goodsHs: '6907',
        identification: { nuclides: ['K-40'], by: 'riid' },
        note: 'Tiles',
      },
    },
    Adjudication,
    adjudicateHold,
  ),
  move(
    {
      id: 'closeHold',
      url: '/v1/holds/:holdId/close',
      right: 'adjudicate holds',
      safety: {
        class: 'loosens',
        secondPerson: 'To release the vehicle: an officer other than the one who confirmed the alarm',
      },
      summary: 'Record the result of a confirmed alarm; only the result released frees the vehicle',
      example: { kind: 'detained', reference: 'A-17' },
    },
    HoldOutcome,
    closeHold,
  ),
  move(
    {
      id: 'reopenHold',
      url: '/v1/holds/:holdId/reopen',
      right: 'adjudicate holds',
      // one that was real takes two officers to end from then on
      safety: 'neutral',
      summary: 'Reopen a hold, with the reason',
      example: { why: 'The seal was replaced on the way' },
    },
    Why,
    reopenHold,
  ),
  move(
    {
      id: 'joinHold',
      url: '/v1/holds/:holdId/join',
      right: 'adjudicate holds',
      safety: {
        class: 'loosens',
        secondPerson: 'A second officer, who says the same',
      },
      summary: 'Join an alarm to a scan, to a vehicle by its mark, or to both; two officers must agree',
      example: { scanId: 'nh45dpg7qfwp1vh3e4peqw6m4q', why: 'The officer at the portal saw the truck' },
    },
    JoinTo,
    joinHold,
  ),
  move(
    {
      id: 'unjoinHold',
      url: '/v1/holds/:holdId/unjoin',
      right: 'adjudicate holds',
      safety: {
        class: 'loosens',
        secondPerson: 'A second officer, who says the same',
      },
      summary: 'Separate an alarm from its scan or vehicle; two officers must agree',
      example: { scanId: 'nh45dpg7qfwp1vh3e4peqw6m4q', why: 'Another truck stood between' },
    },
    NotOf,
    unjoinHold,
  ),
  move(
    {
      id: 'duplicateHold',
      url: '/v1/holds/:holdId/duplicate-of',
      right: 'adjudicate holds',
      safety: {
        class: 'loosens',
        secondPerson: 'A second officer, who says the same',
      },
      summary: 'Mark a hold as a duplicate of another open hold; two officers must agree',
      example: { of: 'm1q5ahk2x3c4v5b6n7m8k9j0h1', why: 'The file was sent twice' },
    },
    DuplicateOf,
    duplicateHold,
  ),
];

/** A move of a hold by an officer; the body is what is said of it. */
function move<const Id extends string, Deps, Body extends TSchema>(
  facts: MoveFacts<Id>,
  body: Body,
  apply: (deps: Deps, command: Command, id: string, body: Static<Body>) => Promise<HoldAnswer>,
) {
  return route({
    ...facts,
    method: 'POST',
    tag: 'radiation',
    errors: moveErrors,
    headers: versioned,
    answers: { 200: 'The hold as it is now' },
    schema: { params: HoldParams, headers: CommandHeaders, body, response: { 200: Hold } },
    handler: (deps: Deps) => async (request, reply) => {
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
