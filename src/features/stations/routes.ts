import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { VerdictKind } from '../../core/case/case.ts';
import { NiiError } from '../../core/errors.ts';
import { toUtc } from '../../core/rules/clock.ts';
import { SiteMode } from '../../core/rules/site.ts';
import { actorOf } from '../../http/access.ts';
import { readErrors, route } from '../../http/route.ts';
import { closed, SiteParams } from '../../http/schemas/requests.ts';
import { compareStation } from './read.ts';
import { type TakeDecisionsDeps, takeDecisions } from './receive.ts';

const Time = Type.String({ format: 'date-time' });
const Count = Type.Integer({ minimum: 0 });
const OurWord = Type.Enum([...VerdictKind.enum, 'undecided'], {
  description: 'undecided: no decision yet, disagreeing readings, or somebody may still read the image',
});

const StationWord = Type.Object(
  {
    from: Type.Enum(['file', 'report'], { description: 'report: part of the scan' }),
    decision: VerdictKind,
    written: Type.String({ description: "In the station's words" }),
    at: Time,
    officer: Type.Optional(Type.String()),
    container: Type.Optional(Type.String()),
    scan: Type.Optional(Type.String()),
  },
  closed,
);

const Compared = Type.Object(
  {
    caseId: Type.String(),
    scanId: Type.String(),
    unitId: Type.String(),
    container: Type.Optional(Type.String()),
    ours: OurWord,
    station: StationWord,
  },
  closed,
);

const Comparison = Type.Object(
  {
    site: Type.String(),
    mode: SiteMode,
    from: Time,
    to: Time,
    agree: Count,
    disagree: Count,
    undecided: Type.Integer({ minimum: 0, description: 'Decided only by the station' }),
    pairs: Type.Array(Type.Object({ ours: OurWord, theirs: VerdictKind, cases: Count }, closed)),
    disagreements: Type.Array(Compared),
    unmatched: Type.Array(StationWord, { description: 'Decisions without a case in this service' }),
  },
  closed,
);

const Taken = Type.Object(
  {
    id: Type.String({ description: 'SHA-256 of the file' }),
    decisions: Count,
    result: Type.Enum(['new', 'already-here']),
  },
  closed,
);

const ComparisonQuery = Type.Object(
  {
    from: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Time of decision. Default: a day before the end',
      }),
    ),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now' })),
  },
  closed,
);

const formats = { 'text/csv': 'csv', 'application/xml': 'xml', 'text/xml': 'xml' } as const;

function formatOf(type: string | undefined): 'csv' | 'xml' | undefined {
  const name = type?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return Object.entries(formats).find(([known]) => known === name)?.[1];
}

type ComparisonDeps = Parameters<typeof compareStation>[0];

const DAY_MS = 86_400_000;

export const comparisonRoutes = [
  route({
    id: 'compareStation',
    method: 'GET',
    url: '/v1/sites/:site/comparison',
    tag: 'rules',
    right: 'compare stations',
    summary: 'Compare the decisions of the station with those of the service: counts and disagreements',
    errors: ['NII_NOT_FOUND'],
    schema: { params: SiteParams, querystring: ComparisonQuery, response: { 200: Comparison } },
    handler: (deps: ComparisonDeps & Pick<TakeDecisionsDeps, 'clock'>) => async (request) => {
      const { to = deps.clock.now().toISOString() } = request.query;
      const { from = dayBefore(to) } = request.query;
      const found = await compareStation(deps, actorOf(request), request.params.site, { from, to });
      const { pairs, disagreements, unmatched, ...counts } = found;
      return {
        ...counts,
        pairs: [...pairs],
        disagreements: [...disagreements],
        unmatched: [...unmatched],
      };
    },
  }),
];

/** For a scope of its own: it takes no JSON. */
export function takeStationFiles(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser(Object.keys(formats), { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
}

/** Read by a process of its own, so no schema checks it. */
const stationContent = {
  'text/csv': {
    schema: Type.String({
      description: 'A header line (container, scan, decision, at, officer), then one line for each decision',
    }),
  },
  'application/xml': {
    schema: Type.String({
      description: 'The same names as elements or attributes of each child of the root',
    }),
  },
};

export const stationRoutes = [
  route({
    id: 'sendStationDecisions',
    method: 'POST',
    url: '/v1/sites/:site/station-decisions',
    tag: 'rules',
    right: 'send station decisions',
    safety: 'neutral',
    summary:
      "Upload decisions of the vendor's own station for comparison, as CSV or XML; they are not verdicts",
    errors: ['NII_NOT_FOUND', 'NII_MEDIA_TYPE', ...readErrors],
    unchecked: { content: stationContent },
    answers: { 200: 'What is kept for the site now' },
    schema: { params: SiteParams, response: { 200: Taken } },
    handler: (deps: TakeDecisionsDeps) => async (request) => {
      const { body } = request;
      const format = formatOf(request.headers['content-type']);
      if (!Buffer.isBuffer(body) || format === undefined)
        throw new NiiError(
          'NII_MEDIA_TYPE',
          `Unsupported content type: use ${Object.keys(formats).join(', ')}`,
        );
      return takeDecisions(deps, actorOf(request), request.params.site, { bytes: body, format });
    },
  }),
];

/** @throws NII_BAD_REQUEST for a time with a leap second, which the form allows and no clock here has */
function dayBefore(to: string): string {
  const end = toUtc(to);
  if (end !== undefined) return new Date(Date.parse(end) - DAY_MS).toISOString();
  const detail = `Invalid to ${to}: use a time of the form 2026-01-02T03:04:05.678Z, with seconds up to 59`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'to' });
}
