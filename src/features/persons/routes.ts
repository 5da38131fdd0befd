import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { Role } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { ConflictAbout, Identity, MOST_IDENTITIES, Person } from '../../core/person/person.ts';
import type { ListedKey } from '../../core/ports/records/keys.ts';
import type { Tx } from '../../core/ports/records.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { listOf, pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import type { Viewing } from '../../queries/read.ts';
import {
  createPerson,
  declareConflict,
  type LinkDeps,
  linkPerson,
  setConflict,
  settleConflict,
  type TimedChangePersonDeps,
} from './decide.ts';
import { getPerson, listHandBacks, listKeyRows, listPersons } from './read.ts';

const Time = Type.String({ format: 'date-time' });
const KeyId = Type.String({ pattern: '^[0-9a-f]{16}$' });
const PersonParams = Type.Object({ personId: Type.String({ minLength: 1, maxLength: 64 }) });
const ConflictParams = Type.Object({
  personId: Type.String({ minLength: 1, maxLength: 64 }),
  number: Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: 'As listed for the person' }),
});
const Name = Type.String({ minLength: 1, maxLength: 128 });
const Link = Type.Object(
  {
    name: Name,
    keys: Type.Optional(
      Type.Array(KeyId, {
        maxItems: 16,
        uniqueItems: true,
        description: 'Keys of unlinked persons that are this person; existing keys stay',
      }),
    ),
    identities: Type.Optional(
      Type.Array(Identity, {
        maxItems: MOST_IDENTITIES,
        description:
          'Identities with which the person signs in; unlinked persons with one of them are merged into this person. Default: unchanged',
      }),
    ),
    site: Type.Optional(
      Type.String({
        pattern: '^([a-z0-9][a-z0-9-]{0,62}|[*])$',
        description:
          'Site at which the person is administered; * for all sites. Only an administrator with access to all sites may change it. Default: unchanged',
      }),
    ),
    ended: Type.Optional(
      Type.Boolean({
        description: 'True ends every key and session of the person; false restores access',
      }),
    ),
  },
  closed,
);
const ConflictWords = Type.Object(
  {
    about: ConflictAbout,
    value: Type.String({ minLength: 1, maxLength: 128, description: 'Container number or reference' }),
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
      description: 'By the person, by a supervisor, or because the claim expired',
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
    lastUsedAt: Type.Optional(Type.String({ format: 'date-time', description: 'Accurate to five minutes' })),
  },
  closed,
);

const personErrors = ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors] satisfies readonly ErrorCode[];

/** Persons, their conflicts of interest, and keys. */
export const personRoutes = [
  route({
    id: 'listPersons',
    method: 'GET',
    url: '/v1/persons',
    tag: 'persons',
    right: 'read persons',
    summary: 'List persons with their keys and conflicts of interest',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: pageOf(Person) } },
    handler: (deps: Viewing<Tx<'persons'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listPersons(deps, actorOf(request), limit, cursor);
      return { items: [...rows], ...defined({ next }) };
    },
  }),
  route({
    id: 'getPerson',
    method: 'GET',
    url: '/v1/persons/:personId',
    tag: 'persons',
    right: 'read persons',
    summary: 'Get a person',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: PersonParams, response: { 200: Person } },
    handler: (deps: Viewing<Tx<'person'>>) => async (request, reply) =>
      sendPerson(reply, await getPerson(deps, actorOf(request), request.params.personId)),
  }),
  route({
    id: 'listHandBacks',
    method: 'GET',
    url: '/v1/persons/:personId/hand-backs',
    tag: 'persons',
    right: 'read persons',
    summary: 'List cases that a person handed back or let lapse, newest first',
    errors: ['NII_NOT_FOUND'],
    schema: { params: PersonParams, response: { 200: listOf(HandBack) } },
    handler: (deps: Viewing<Tx<'person' | 'handBacksOf'>>) => async (request) => {
      const rows = await listHandBacks(deps, actorOf(request), request.params.personId);
      return { items: rows.map(({ seq: _, person: _its, ...row }) => row) };
    },
  }),
  route({
    id: 'listKeys',
    method: 'GET',
    url: '/v1/keys',
    tag: 'persons',
    right: 'read keys',
    summary: 'List keys without their secrets',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: pageOf(Key) } },
    handler: (deps: Viewing<Tx<'keysListed'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listKeyRows(deps, actorOf(request), limit, cursor);
      return { items: rows.map(presentKey), ...defined({ next }) };
    },
  }),
  route({
    id: 'createPerson',
    method: 'POST',
    url: '/v1/persons',
    tag: 'persons',
    right: 'change persons',
    safety: {
      class: 'loosens',
      onePerson: 'An administrator; a linked person can count as the second person',
    },
    summary: 'Create a linked person',
    errors: ['NII_IDEMPOTENCY_MISMATCH'],
    example: { name: 'Ada Example' },
    headers: { 201: ['ETag', 'Location'] },
    answers: { 201: 'The person as it is now' },
    schema: {
      headers: CommandHeaders,
      body: Type.Object({ name: Name }, closed),
      response: { 201: Person },
    },
    handler: (deps: Parameters<typeof createPerson>[0]) => async (request, reply) => {
      const person = await createPerson(deps, commandOf(request, request.headers), request.body.name);
      reply.code(201).header('location', `/v1/persons/${person.id}`);
      return sendPerson(reply, person);
    },
  }),
  route({
    id: 'linkPerson',
    method: 'PUT',
    url: '/v1/persons/:personId',
    tag: 'persons',
    right: 'change persons',
    safety: {
      class: 'loosens',
      onePerson: 'An administrator; a linked person can count as the second person',
    },
    summary: 'Link a person, and assign the keys of unlinked people to them',
    errors: personErrors,
    example: {
      name: 'Ada Example',
      keys: ['0f3a5c7e9b1d2f40'],
      identities: [{ issuer: 'https://login.example', subject: '7d1c' }],
    },
    headers: versioned,
    answers: { 200: 'The person as it is now' },
    schema: { params: PersonParams, headers: CommandHeaders, body: Link, response: { 200: Person } },
    handler: (deps: LinkDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      return sendPerson(reply, await linkPerson(deps, command, request.params.personId, request.body));
    },
  }),
  route({
    id: 'declareConflict',
    method: 'POST',
    url: '/v1/conflicts',
    tag: 'persons',
    right: 'declare conflicts',
    safety: 'neutral',
    summary: "Declare the caller's conflict of interest; a supervisor puts it into force",
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
    example: { about: 'container', value: 'CSQU3054383', why: 'A relative owns the goods' },
    headers: versioned,
    answers: { 200: 'The person with its conflicts of interest as they are now' },
    schema: { headers: CommandHeaders, body: ConflictWords, response: { 200: Person } },
    handler: (deps: TimedChangePersonDeps) => async (request, reply) =>
      sendPerson(reply, await declareConflict(deps, commandOf(request, request.headers), request.body)),
  }),
  route({
    id: 'setConflict',
    method: 'POST',
    url: '/v1/persons/:personId/conflicts',
    tag: 'persons',
    right: 'judge conflicts',
    safety: {
      class: 'loosens',
      onePerson: 'A supervisor; if readers are excluded, the others read the case',
    },
    summary: "Record another person's conflict of interest; effective immediately",
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
    example: { about: 'declaration', value: '26NLA1B2C3D4E5F6G7', why: 'Told by the person' },
    headers: versioned,
    answers: { 200: 'The person as it is now' },
    schema: { params: PersonParams, headers: CommandHeaders, body: ConflictWords, response: { 200: Person } },
    handler: (deps: TimedChangePersonDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      return sendPerson(reply, await setConflict(deps, command, request.params.personId, request.body));
    },
  }),
  route({
    id: 'settleConflict',
    method: 'POST',
    url: '/v1/persons/:personId/conflicts/:number',
    tag: 'persons',
    right: 'judge conflicts',
    safety: {
      class: 'loosens',
      onePerson:
        'A supervisor other than the person concerned. Ending a conflict requires a linked person, and lets the person concerned read the case',
    },
    summary: 'Put a declared conflict into force, or end one',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
    example: { state: 'ended' },
    headers: versioned,
    answers: { 200: 'The person as it is now' },
    schema: { params: ConflictParams, headers: CommandHeaders, body: Settling, response: { 200: Person } },
    handler: (deps: TimedChangePersonDeps) => async (request, reply) => {
      const { personId, number } = request.params;
      const command = commandOf(request, request.headers);
      const { state } = request.body;
      return sendPerson(reply, await settleConflict(deps, command, personId, Number(number), state));
    },
  }),
];

function sendPerson(reply: FastifyReply, person: Person): Person {
  reply.header('etag', versionTag(person.version)).header('cache-control', 'private, no-cache');
  return person;
}

/** All but the hash of the secret. */
function presentKey({ secretSha256: _, administration: _its, roles, ...key }: ListedKey): Static<typeof Key> {
  return { ...key, roles: [...roles] };
}
