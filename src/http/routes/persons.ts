import type { FastifyInstance, FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { Role } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { ConflictAbout, Identity, MOST_IDENTITIES, Person } from '../../core/person/person.ts';
import type { HandBacks } from '../../core/ports/records/cases.ts';
import type { KeyLists, ListedKey } from '../../core/ports/records/keys.ts';
import type { Persons } from '../../core/ports/records/persons.ts';
import {
  createPerson,
  declareConflict,
  type LinkDeps,
  linkPerson,
  setConflict,
  settleConflict,
  type TimedChangePersonDeps,
} from '../../decide/persons.ts';
import { getPerson, listHandBacks, listKeyRows, listPersons } from '../../look/persons.ts';
import type { Viewing } from '../../look/read.ts';
import { actorOf } from '../access.ts';
import { commandOf, versionTag } from '../commands.ts';
import { typed } from '../context.ts';
import { listOf, pageOf } from '../schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../schemas/requests.ts';
import { at } from './table.ts';

const Time = Type.String({ format: 'date-time' });
const KeyId = Type.String({ pattern: '^[0-9a-f]{16}$' });
const PersonParams = Type.Object({ personId: Type.String({ minLength: 1, maxLength: 64 }) });
const ConflictParams = Type.Object({
  personId: Type.String({ minLength: 1, maxLength: 64 }),
  number: Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'As the person lists it' }),
});
const Name = Type.String({ minLength: 1, maxLength: 128 });
const Link = Type.Object(
  {
    name: Name,
    keys: Type.Optional(
      Type.Array(KeyId, {
        maxItems: 16,
        uniqueItems: true,
        description: 'Of unlinked persons that turned out to be this one; the keys that it has stay',
      }),
    ),
    identities: Type.Optional(
      Type.Array(Identity, {
        maxItems: MOST_IDENTITIES,
        description:
          'By which the person signs in from now on; unlinked persons that have one turn out to be this one. Without it they stay',
      }),
    ),
    ended: Type.Optional(
      Type.Boolean({
        description: 'True ends every key and session of the person; false lets them work again',
      }),
    ),
  },
  closed,
);
const ConflictWords = Type.Object(
  {
    about: ConflictAbout,
    value: Type.String({ minLength: 1, maxLength: 128, description: 'Number of a container, or reference' }),
    why: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);
const Settling = Type.Object({ state: Type.Enum(['in-force', 'ended']) }, closed);

const HandBack = Type.Object(
  {
    caseId: Type.String(),
    at: Time,
    kind: Type.Enum(['handed-back', 'taken-back', 'lease-over'], {
      description: 'By the person, by a supervisor, or because it was not decided in time',
    }),
    why: Type.Optional(Type.String()),
  },
  closed,
);

const Key = Type.Object(
  {
    keyId: Type.String(),
    name: Type.String(),
    roles: Type.Array(Role),
    site: Type.String(),
    sender: Type.Optional(Type.String()),
    person: Type.Optional(Type.String()),
    createdAt: Time,
    endsAt: Type.Optional(Time),
    revokedAt: Type.Optional(Time),
    lastUsedAt: Type.Optional(Type.String({ format: 'date-time', description: 'To within five minutes' })),
  },
  closed,
);

export type PersonRoutesDeps = Viewing<Persons & KeyLists & HandBacks> & TimedChangePersonDeps & LinkDeps;

/** Persons, their conflicts of interest, and keys. */
export function personRoutes(app: FastifyInstance, deps: PersonRoutesDeps): void {
  listRoutes(app, deps);
  changeRoutes(app, deps);
  conflictRoutes(app, deps);
}

function listRoutes(app: FastifyInstance, deps: Viewing<Persons & KeyLists & HandBacks>): void {
  const routes = typed(app);
  routes.route({
    ...at('listPersons'),
    schema: { querystring: pageQuery({}), response: { 200: pageOf(Person) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listPersons(deps, actorOf(request), limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getPerson'),
    schema: { params: PersonParams, response: { 200: Person } },
    handler: async (request, reply) =>
      sendPerson(reply, await getPerson(deps, actorOf(request), request.params.personId)),
  });
  routes.route({
    ...at('listHandBacks'),
    schema: { params: PersonParams, response: { 200: listOf(HandBack) } },
    handler: async (request) => {
      const rows = await listHandBacks(deps, actorOf(request), request.params.personId);
      return { items: rows.map(({ seq: _, person: _its, ...row }) => row) };
    },
  });
  routes.route({
    ...at('listKeys'),
    schema: { querystring: pageQuery({}), response: { 200: pageOf(Key) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listKeyRows(deps, actorOf(request), limit, cursor);
      return { items: rows.map(presentKey), ...defined({ next }) };
    },
  });
}

function changeRoutes(app: FastifyInstance, deps: LinkDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('createPerson'),
    schema: {
      headers: CommandHeaders,
      body: Type.Object({ name: Name }, closed),
      response: { 201: Person },
    },
    handler: async (request, reply) => {
      const person = await createPerson(deps, commandOf(request, request.headers), request.body.name);
      reply.code(201).header('location', `/v1/persons/${person.id}`);
      return sendPerson(reply, person);
    },
  });
  routes.route({
    ...at('linkPerson'),
    schema: { params: PersonParams, headers: CommandHeaders, body: Link, response: { 200: Person } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      return sendPerson(reply, await linkPerson(deps, command, request.params.personId, request.body));
    },
  });
}

function conflictRoutes(app: FastifyInstance, deps: TimedChangePersonDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('declareConflict'),
    schema: { headers: CommandHeaders, body: ConflictWords, response: { 200: Person } },
    handler: async (request, reply) =>
      sendPerson(reply, await declareConflict(deps, commandOf(request, request.headers), request.body)),
  });
  routes.route({
    ...at('setConflict'),
    schema: { params: PersonParams, headers: CommandHeaders, body: ConflictWords, response: { 200: Person } },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      return sendPerson(reply, await setConflict(deps, command, request.params.personId, request.body));
    },
  });
  routes.route({
    ...at('settleConflict'),
    schema: { params: ConflictParams, headers: CommandHeaders, body: Settling, response: { 200: Person } },
    handler: async (request, reply) => {
      const { personId, number } = request.params;
      const command = commandOf(request, request.headers);
      const { state } = request.body;
      return sendPerson(reply, await settleConflict(deps, command, personId, Number(number), state));
    },
  });
}

function sendPerson(reply: FastifyReply, person: Person): Person {
  reply.header('etag', versionTag(person.version)).header('cache-control', 'private, no-cache');
  return person;
}

/** All but the hash of the secret. */
function presentKey({ secretSha256: _, administration: _its, roles, ...key }: ListedKey): Static<typeof Key> {
  return { ...key, roles: [...roles] };
}
