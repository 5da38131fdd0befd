import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { LanePassage, PASSAGES_AT_ONCE, PassageReport, Settlement } from '../../core/case/lane-passage.ts';
import { defined } from '../../core/defined.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { scanHref } from '../../http/present.ts';
import { moveErrors, route, versioned } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery, SiteParams } from '../../http/schemas/requests.ts';
import {
  type KeptPassage,
  type PassageAnswer,
  type ReportPassagesDeps,
  reportPassages,
  type SettlePassageDeps,
  settlePassage,
  versionOfPassage,
} from './decide.ts';
import { type ListPassagesDeps, listPassages, type PassageView } from './read.ts';

const PassageParams = Type.Object({ passageId: Type.String({ minLength: 1, maxLength: 64 }) });

const PassageQuery = pageQuery({
  state: Type.Optional(Type.Enum(['open', 'settled'], { description: 'Default: open' })),
  site: Type.Optional(SiteParams.properties.site),
});

const Report = Type.Object(
  {
    site: SiteParams.properties.site,
    passages: Type.Array(PassageReport, { minItems: 1, maxItems: PASSAGES_AT_ONCE }),
  },
  closed,
);

const { state, reason } = LanePassage.properties;

const Kept = Type.Object(
  {
    passages: Type.Array(
      Type.Object(
        {
          id: Type.String({ description: "The sender's own" }),
          passageId: Type.String(),
          result: Type.Enum(['new', 'already-here']),
          state,
          reason,
        },
        closed,
      ),
      { description: 'In the order of the report' },
    ),
  },
  closed,
);

const { instruction, final } = IssuedLaneInstruction.properties;

const Passage = Type.Object(
  {
    ...LanePassage.properties,
    ageSeconds: Type.Integer({
      minimum: 0,
      description: 'How long its clock has been running, or ran until it was settled',
    }),
    scans: Type.Array(
      Type.Object(
        {
          scanId: Type.String(),
          foundBy: Type.Enum(['scan', 'visit', 'container'], {
            description:
              'visit, container: a scan of the same visit or container at this site within a day of the passage',
          }),
          instruction: Type.Optional(instruction),
          final: Type.Optional(final),
          scanHref: Type.String({ description: 'Path on this service' }),
        },
        closed,
      ),
      {
        description: 'Scans that may show the vehicle, at most four, each with its current instruction',
      },
    ),
  },
  closed,
);

/** Vehicles that passed without a valid instruction or with something open: reported by the lane, listed, settled. */
export const passageRoutes = [
  route({
    id: 'reportPassages',
    method: 'POST',
    url: '/v1/passages',
    tag: 'triage',
    right: 'report passages',
    safety: 'neutral',
    summary:
      'Report vehicles that passed, with their instructions; the report is accepted or rejected as a whole',
    errors: ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_NO_INSTRUCTION'],
    example: {
      site: 'harbour',
      passages: [
        {
          id: 'barrier-3-000123',
          at: '2026-11-27T08:04:00Z',
          lane: '3',
          containers: ['CSQU3054383'],
          fallback: 'the officer on duty looked at the papers',
        },
      ],
    },
    answers: { 200: 'The passages of the report as they are kept' },
    schema: { body: Report, response: { 200: Kept } },
    handler: (deps: ReportPassagesDeps) => async (request) => {
      const { site, passages } = request.body;
      const kept = await reportPassages(deps, actorOf(request), site, passages);
      return { passages: kept.map(toKept) };
    },
  }),
  route({
    id: 'listPassages',
    method: 'GET',
    url: '/v1/passages',
    tag: 'triage',
    right: 'oversee',
    summary:
      'List vehicles that passed without a valid instruction or with something open, with the reason, earliest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: PassageQuery, response: { 200: pageOf(Passage) } },
    handler: (deps: ListPassagesDeps) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, state: wanted = 'open', site } = request.query;
      const filter = { state: wanted, ...defined({ site }) };
      const { rows, next } = await listPassages(deps, actorOf(request), filter, limit, cursor);
      return { items: rows.map(toPassage), ...defined({ next }) };
    },
  }),
  route({
    id: 'settlePassage',
    method: 'POST',
    url: '/v1/passages/:passageId/settle',
    tag: 'triage',
    right: 'choose cases',
    safety: 'neutral',
    summary: 'Settle a passage without a valid instruction or with something open',
    errors: moveErrors,
    example: { outcome: 'recalled', why: 'The vehicle came back and was scanned' },
    headers: versioned,
    answers: { 200: 'The passage as it is now' },
    schema: {
      params: PassageParams,
      headers: CommandHeaders,
      body: Settlement,
      response: { 200: LanePassage },
    },
    handler: (deps: SettlePassageDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      return send(reply, await settlePassage(deps, command, request.params.passageId, request.body));
    },
  }),
];

function toKept({ passage, isNew }: KeptPassage) {
  const { id: passageId, report, state: stands, reason: fault } = passage;
  const result = isNew ? ('new' as const) : ('already-here' as const);
  return { id: report.id, passageId, result, state: stands, ...defined({ reason: fault }) };
}

function toPassage({ passage, scans, ageSeconds }: PassageView) {
  return {
    ...passage,
    ageSeconds,
    scans: scans.map(({ scanId, foundBy, instruction: now }) => ({
      scanId,
      foundBy,
      ...defined({ instruction: now?.instruction, final: now?.final }),
      scanHref: scanHref(scanId),
    })),
  };
}

function send(reply: FastifyReply, { passage, replayed }: PassageAnswer): LanePassage {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.header('etag', versionTag(versionOfPassage(passage))).header('cache-control', 'private, no-cache');
  return passage;
}
