import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { defined } from '../../core/defined.ts';
import { errorTable, isErrorCode } from '../../core/errors.ts';
import { Zone } from '../../core/rules/site.ts';
import { versionProperties } from '../../core/rules/version.ts';
import { CabPlace } from '../../core/scan/cab.ts';
import { ScannerFacts } from '../../core/scan/scanner-facts.ts';
import { ClockOffset, type StoredRegister } from '../../core/scanner/register.ts';
import { ClockState } from '../../core/scanner/scanner.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { HTML } from '../../http/pages/html.ts';
import { scannerPage } from '../../http/pages/scanner.ts';
import { prefers } from '../../http/prefers.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery } from '../../http/schemas/requests.ts';
import {
  type AcknowledgeDeps,
  acknowledge,
  confirmRegister,
  putRegister,
  type RegisterDeps,
} from './decide.ts';
import { getScanner, listScanners, type RegisteredScanner, type ScannerView, versionOf } from './read.ts';

const Time = Type.String({ format: 'date-time' });
const Features = Type.Array(Type.String());

const Sender = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
  description: 'The --sender of keys, or the id of a key',
});

const Register = Type.Object(
  {
    sendersAllowed: Type.Array(Sender, { maxItems: 64, uniqueItems: true }),
    facts: Type.Optional(ScannerFacts),
    zone: Type.Optional(Zone),
    clockOffsetSeconds: Type.Optional(ClockOffset),
    cab: Type.Optional(CabPlace),
  },
  closed,
);

const { version, at, by } = versionProperties;
const Proposal = Type.Object(
  { version, at, by, terms: Register },
  { ...closed, description: 'It waits for confirmation by another person' },
);

const ScannerProperties = {
  site: Type.String(),
  id: Type.String({ description: 'Converter and name of the scanner' }),
  converter: Type.String(),
  firstSeenAt: Time,
  lastSeenAt: Time,
  software: Type.Optional(Type.String()),
  structureScans: Type.Integer({ description: 'Number of scans used to learn the structure' }),
  alarm: Type.Optional(
    Type.Object(
      { since: Time, scanId: Type.String(), appeared: Features, vanished: Features },
      { ...closed, description: 'The structure of its files changed, and the change is not acknowledged' },
    ),
  ),
  sendersAllowed: Type.Optional(
    Type.Array(Sender, {
      description:
        'Senders that may add files to scans of this scanner, in addition to the sender of the scan; absent if there are none',
    }),
  ),
  zone: Type.Optional(Zone),
  clockOffsetSeconds: Type.Optional(ClockOffset),
  facts: Type.Optional(ScannerFacts),
  cab: Type.Optional(CabPlace),
  proposal: Type.Optional(Proposal),
  href: Type.String(),
};

const Day = Type.Object(
  {
    day: Type.String({ format: 'date' }),
    scans: Type.Integer(),
    containers: Type.Integer(),
    badContainers: Type.Integer({ description: 'Numbers that do not follow ISO 6346' }),
    channelMissing: Type.Integer(),
    incomplete: Type.Integer(),
    failed: Type.Integer(),
    failures: Type.Partial(
      Type.Object(
        Object.fromEntries(
          Object.keys(errorTable)
            .filter(isErrorCode)
            .map((code) => [code, Type.Integer()]),
        ),
        closed,
      ),
    ),
    clockSeconds: Type.Optional(Type.Number({ description: 'Median of receipt minus acquisition' })),
  },
  closed,
);

const Scanner = Type.Object(ScannerProperties, closed);
const ScannerDetails = Type.Object(
  {
    ...ScannerProperties,
    clock: ClockState,
    days: Type.Array(Day),
  },
  closed,
);

const ScannerParams = Type.Object({
  site: Type.String({ minLength: 1, maxLength: 63 }),
  scanner: Type.String({ minLength: 1, maxLength: 160 }),
});

const Nothing = Type.Object({}, closed);
const Why = Type.Object({ why: Type.String({ minLength: 1, maxLength: 4096 }) }, closed);

const ScannerAnswer = {
  description: 'One scanner over time',
  content: {
    'application/json': { schema: ScannerDetails },
    'text/html': { schema: Type.String({ description: 'The same as HTML with a plot' }) },
  },
};

/** Health and structure of each scanner over time. */
export const scannerRoutes = [
  route({
    id: 'listScanners',
    method: 'GET',
    url: '/v1/scanners',
    tag: 'record',
    right: 'read originals',
    summary:
      'List scanners with their health over time: invalid container numbers, missing channels, clock, structure',
    schema: { querystring: pageQuery({}), response: { 200: pageOf(ScannerDetails) } },
    handler: (deps: Parameters<typeof listScanners>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listScanners(deps, actorOf(request), limit, cursor);
      return { items: rows.map(presentView), ...defined({ next }) };
    },
  }),
  route({
    id: 'getScanner',
    method: 'GET',
    url: '/v1/scanners/:site/:scanner',
    tag: 'record',
    right: 'read originals',
    summary: 'Get a scanner, as JSON or as HTML with a plot',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: ScannerParams, response: { 200: ScannerAnswer } },
    handler: (deps: Parameters<typeof getScanner>[0]) => async (request, reply) => {
      const { site, scanner } = request.params;
      const view = await getScanner(deps, actorOf(request), site, scanner);
      reply.header('vary', 'accept, authorization').header('cache-control', 'private, no-cache');
      reply.header('etag', versionTag(versionOf(view.scanner)));
      if (!prefers(request, HTML)) return reply.send(presentView(view));
      return reply.type(HTML).send(scannerPage(view));
    },
  }),
  route({
    id: 'registerScanner',
    method: 'PUT',
    url: '/v1/scanners/:site/:scanner',
    tag: 'record',
    right: 'register scanners',
    safety: { class: 'loosens', secondPerson: 'POST /v1/scanners/{site}/{scanner}/confirmation' },
    summary:
      'Change the details of a scanner; a change to its clock, its cab or its senders is a proposal (202) until another person confirms it',
    errors: ['NII_NOT_FOUND', ...versionErrors],
    example: {
      sendersAllowed: ['gate-1'],
      zone: 'Europe/Amsterdam',
      clockOffsetSeconds: 90,
      facts: { type: 'relocatable', energiesMev: [6, 4], doseMicrosievert: 4.5 },
      cab: { side: 'left', share: 0.2 },
    },
    headers: versioned,
    answers: {
      200: 'The scanner as it is now',
      202: 'A proposal, in force once another person confirms it',
    },
    schema: {
      params: ScannerParams,
      headers: CommandHeaders,
      body: Register,
      response: { 200: Scanner, 202: Scanner },
    },
    handler: (deps: RegisterDeps) => async (request, reply) => {
      const { site, scanner: id } = request.params;
      const command = commandOf(request, request.headers);
      const row = await putRegister(deps, command, { site, id }, request.body);
      return send(reply.code(row.proposal === undefined ? 200 : 202), row);
    },
  }),
  route({
    id: 'confirmScanner',
    method: 'POST',
    url: '/v1/scanners/:site/:scanner/confirmation',
    tag: 'record',
    right: 'register scanners',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/scanners/{site}/{scanner}' },
    summary: 'Confirm the proposal for a scanner',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'The scanner as it is now' },
    schema: { params: ScannerParams, headers: CommandHeaders, body: Nothing, response: { 200: Scanner } },
    handler: (deps: RegisterDeps) => async (request, reply) => {
      const { site, scanner: id } = request.params;
      return send(reply, await confirmRegister(deps, commandOf(request, request.headers), { site, id }));
    },
  }),
  route({
    id: 'acknowledgeScanner',
    method: 'POST',
    url: '/v1/scanners/:site/:scanner/acknowledge',
    tag: 'record',
    right: 'acknowledge scanners',
    safety: 'neutral',
    summary: 'Acknowledge the alarm about a changed file structure, with the reason',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
    example: { why: 'The material detector is being repaired' },
    answers: { 200: 'The scanner as it is now' },
    schema: { params: ScannerParams, headers: CommandHeaders, body: Why, response: { 200: Scanner } },
    handler: (deps: AcknowledgeDeps) => async (request) => {
      const { site, scanner } = request.params;
      const command = commandOf(request, request.headers);
      return shown(await acknowledge(deps, command, { site, id: scanner, why: request.body.why }));
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, row: RegisteredScanner) {
  reply.header('etag', versionTag(versionOf(row)));
  return shown(row);
}

function shown(row: RegisteredScanner) {
  const { site, id, converter, firstSeenAt, lastSeenAt, software, structure, alarm, register, proposal } =
    row;
  return {
    site,
    id,
    converter,
    firstSeenAt,
    lastSeenAt,
    ...defined({ software }),
    structureScans: structure.scans,
    ...defined({
      alarm: alarm && { ...alarm, appeared: [...alarm.appeared], vanished: [...alarm.vanished] },
    }),
    ...defined({
      sendersAllowed: presentSenders(register.sendersAllowed),
      zone: register.zone,
      clockOffsetSeconds: register.clockOffsetSeconds,
      facts: register.facts,
      cab: register.cab,
      proposal: proposal && presentProposal(proposal),
    }),
    href: `/v1/scanners/${site}/${id}`,
  };
}

function presentProposal({ version, at, by, terms }: StoredRegister) {
  return { version, at, by, terms: { ...terms, sendersAllowed: [...terms.sendersAllowed] } };
}

function presentSenders(allowed: readonly string[]): string[] | undefined {
  return allowed.length === 0 ? undefined : [...allowed];
}

function presentView({ scanner, days, clock }: ScannerView) {
  return { ...shown(scanner), clock, days: days.map((day) => ({ ...day, failures: { ...day.failures } })) };
}
