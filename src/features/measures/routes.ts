import type { FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import { type FigureName, figuresOf, measures } from '../../core/measures/figures.ts';
import type { CountedScan } from '../../core/ports/records/measures.ts';
import { actorOf } from '../../http/access.ts';
import { prefers } from '../../http/prefers.ts';
import { scanHref } from '../../http/present.ts';
import { route } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { closed, DEFAULT_PAGE, pageQuery, SiteParams } from '../../http/schemas/requests.ts';
import { measureCsv, toCsv } from './csv.ts';
import {
  type CountedScansDeps,
  getCountedScans,
  getMeasure,
  getPersonFigures,
  type MeasuresDeps,
  type MeasureView,
  type PersonMeasuresDeps,
  type PersonsView,
} from './measures.ts';
import { MOST_PARTS } from './period.ts';
import type { FigureRow } from './rows.ts';

const Time = Type.String({ format: 'date-time' });
const Count = Type.Integer({ minimum: 0 });
const Scanner = Type.String({ minLength: 1, maxLength: 128 });
const By = Type.Enum(['hour', 'day', 'week'], {
  description: `Parts of the period, at most ${MOST_PARTS}. Default: day`,
});
const Zone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Time zone of days and weeks, such as Europe/Amsterdam. Default: UTC',
});
const Threshold = Type.Number({
  minimum: 0,
  maximum: 100,
  description: 'Percentile from which a model marks a scan. Default: highPercentile of the policy',
});
const Measure = Type.Enum([...measures]);
const MeasureParams = Type.Object({ measure: Measure });

const period = {
  from: Type.Optional({ ...Time, description: 'Start of the period. Default: 30 days before its end' }),
  to: Type.Optional({ ...Time, description: 'End of the period, exclusive. Default: now' }),
  by: Type.Optional(By),
  zone: Type.Optional(Zone),
  site: Type.Optional(SiteParams.properties.site),
  scanner: Type.Optional(Scanner),
};
const Format = Type.Optional(
  Type.Enum(['json', 'csv'], { description: 'Takes precedence over Accept. Default: json' }),
);

const MeasureQuery = Type.Object({ ...period, threshold: Type.Optional(Threshold), format: Format }, closed);
const PersonsQuery = Type.Object({ ...period, format: Format }, closed);
const ScansQuery = pageQuery({
  ...period,
  threshold: Type.Optional(Threshold),
  figure: Type.String({ minLength: 1, maxLength: 64, description: '`counts` of the row in the measure' }),
  atLeastSeconds: Type.Optional(
    Type.Number({ minimum: 0, description: 'For a step: only scans with this duration or longer' }),
  ),
});

const Value = Type.Union([Type.Number(), Type.Null()], { description: 'null: unknown, never zero' });
const interval = {
  low: Type.Optional(Type.Number({ description: 'Bounds of the 95 % interval' })),
  high: Type.Optional(Type.Number({ description: 'Bounds of the 95 % interval' })),
};

const Row = Type.Object(
  {
    figure: Type.String({ description: 'Name of the figure; docs/decisions/0036 defines each' }),
    part: Type.Enum(['whole', 'time', 'scanner'], { description: 'The number that it is a share of' }),
    from: Time,
    to: Time,
    site: Type.Optional(Type.String()),
    scanner: Type.Optional(Type.String({ description: 'Absent if the files do not state it' })),
    count: Count,
    of: Type.Optional(Count),
    value: Value,
    ...interval,
    unit: Type.Enum(['per hour', 'seconds', 'share', 'kappa', 'cases']),
    counts: Type.Optional(Type.String({ description: 'Figure of the list of scans' })),
    scansHref: Type.Optional(Type.String({ description: 'Path of the counted scans' })),
  },
  closed,
);

const asked = {
  from: Time,
  to: Time,
  by: By,
  zone: Zone,
  site: Type.Optional(Type.String()),
  scanner: Type.Optional(Type.String()),
};

const MeasureAnswer = Type.Object(
  {
    measure: Measure,
    ...asked,
    threshold: Threshold,
    isEmpty: Type.Boolean({ description: 'Nothing to count' }),
    text: Type.Optional(Type.String({ description: 'Meaning in words' })),
    rows: Type.Array(Row),
  },
  closed,
);

const PersonsAnswer = Type.Object(
  {
    ...asked,
    purpose: Type.String({ description: 'As stated in the policy' }),
    rows: Type.Array(
      Type.Object(
        {
          person: Type.String({
            description: 'Id of the person; in CSV a pseudonym for this figure only',
          }),
          figure: Type.Enum(['decisions', 'suspect-rate', 'agreement']),
          count: Count,
          of: Type.Optional(Count),
          value: Value,
          ...interval,
          unit: Type.Enum(['decisions', 'share']),
        },
        closed,
      ),
    ),
  },
  closed,
);

const Counted = Type.Object(
  {
    scanId: Type.String(),
    caseId: Type.Optional(Type.String()),
    site: Type.String(),
    scanner: Type.Optional(Type.String()),
    at: { ...Time, description: 'Unit of counting' },
    scanHref: Type.String({ description: 'Path on this service' }),
  },
  closed,
);

/** The same as JSON or as a table. */
function jsonOrCsv<Schema extends ReturnType<typeof Type.Object>>(schema: Schema, description: string) {
  const csv = Type.String({ description: 'RFC 4180; texts never start with a formula' });
  return { description, content: { 'application/json': { schema }, 'text/csv': { schema: csv } } };
}

/** Performance: the figures of a period, and the scans behind each figure. */
export const measureRoutes = [
  route({
    id: 'getMeasure',
    method: 'GET',
    url: '/v1/measures/:measure',
    tag: 'measures',
    right: 'oversee',
    summary: 'Get figures for a period: throughput, times, rates, agreement or past-due, as JSON or CSV',
    errors: ['NII_NOT_FOUND'],
    schema: {
      params: MeasureParams,
      querystring: MeasureQuery,
      response: { 200: jsonOrCsv(MeasureAnswer, 'The figures of the period') },
    },
    handler: (deps: MeasuresDeps) => async (request, reply) => {
      const { measure } = request.params;
      const { format, ...query } = request.query;
      const view = await getMeasure(deps, actorOf(request), measure, query);
      if (isCsv(request, format)) return sendCsv(reply, measure, measureCsv([[measure, view.rows]]));
      return sendJson(reply, toAnswer(measure, view));
    },
  }),
  route({
    id: 'listMeasuredScans',
    method: 'GET',
    url: '/v1/measures/:measure/scans',
    tag: 'measures',
    right: 'oversee',
    summary: 'List the scans of a figure, oldest first',
    errors: ['NII_NOT_FOUND'],
    schema: { params: MeasureParams, querystring: ScansQuery, response: { 200: pageOf(Counted) } },
    handler: (deps: CountedScansDeps) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, figure: name, ...query } = request.query;
      const figure = figureOf(request.params.measure, name);
      const { rows, next } = await getCountedScans(deps, actorOf(request), figure, query, limit, cursor);
      return { items: rows.map(toCounted), ...defined({ next }) };
    },
  }),
  route({
    id: 'getPersonFigures',
    method: 'GET',
    url: '/v1/measures/persons',
    tag: 'measures',
    right: 'oversee',
    summary: 'Get figures for individual persons, if the policy allows them',
    errors: ['NII_NOT_FOUND', 'NII_PERSON_FIGURES'],
    schema: {
      querystring: PersonsQuery,
      response: { 200: jsonOrCsv(PersonsAnswer, 'The figures of each person') },
    },
    handler: (deps: PersonMeasuresDeps) => async (request, reply) => {
      const { format, ...query } = request.query;
      const wantsCsv = isCsv(request, format);
      const view = await getPersonFigures(deps, actorOf(request), query, wantsCsv);
      return wantsCsv ? sendCsv(reply, 'persons', personsCsv(view)) : sendJson(reply, toPersons(view));
    },
  }),
];

function figureOf(measure: (typeof measures)[number], name: string): FigureName {
  const found = figuresOf[measure].find((figure) => figure === name);
  if (found !== undefined) return found;
  const allowed = figuresOf[measure].join(', ');
  const detail = `Invalid figure "${name}" of ${measure}: use one of ${allowed}`;
  throw new NiiError('NII_BAD_REQUEST', { detail, field: 'figure' });
}

const CSV = 'text/csv; charset=utf-8; header=present';

/** The query names the format, or the Accept header prefers CSV to JSON. */
function isCsv(request: FastifyRequest, format: 'json' | 'csv' | undefined): boolean {
  return format === undefined ? prefers(request, CSV) : format === 'csv';
}

function sendCsv(reply: FastifyReply, name: string, text: string) {
  reply
    .header('content-disposition', `attachment; filename="${name}.csv"`)
    .header('cache-control', 'private, no-store')
    .header('vary', 'accept')
    .type(CSV);
  // The route checks what it answers, and this is text already
  return reply.send(Buffer.from(text) as unknown as never);
}

function sendJson(reply: FastifyReply, body: Static<typeof MeasureAnswer> | Static<typeof PersonsAnswer>) {
  reply.header('cache-control', 'private, no-store').header('vary', 'accept').type('application/json');
  return reply.send(body as unknown as never);
}

function toAnswer(measure: (typeof measures)[number], view: MeasureView): Static<typeof MeasureAnswer> {
  const { rows, counted, ...shown } = view;
  const isEmpty = counted === 0;
  return {
    measure,
    ...shown,
    isEmpty,
    ...defined({ text: isEmpty ? 'No scans in this period' : undefined }),
    rows: rows.map((row) => toRow(measure, view, row)),
  };
}

function toRow(measure: string, view: MeasureView, row: FigureRow): Static<typeof Row> {
  const { kind: part, counts, atLeastSeconds, ...shown } = row;
  const scansHref = counts === undefined ? undefined : scansOf(measure, view, row);
  return { part, ...shown, ...defined({ counts, scansHref }) };
}

/** The list that counts as many as the row says. */
function scansOf(measure: string, view: MeasureView, row: FigureRow): string {
  const { counts = '', atLeastSeconds, from, to } = row;
  const site = row.site ?? view.site;
  const scanner = row.scanner ?? view.scanner;
  const query = new URLSearchParams({ figure: counts, from, to, by: view.by, zone: view.zone });
  query.set('threshold', String(view.threshold));
  for (const [name, value] of Object.entries(defined({ site, scanner, atLeastSeconds })))
    query.set(name, String(value));
  return `/v1/measures/${measure}/scans?${query}`;
}

function personsCsv({ from, to, rows }: PersonsView): string {
  return toCsv(
    ['person', 'figure', 'from', 'to', 'count', 'of', 'value', 'low', 'high', 'unit'],
    rows.map(({ person, figure, count, of, value, low, high, unit }) => [
      person,
      figure,
      from,
      to,
      count,
      of,
      value,
      low,
      high,
      unit,
    ]),
  );
}

function toPersons({ rows, ...shown }: PersonsView): Static<typeof PersonsAnswer> {
  return { ...shown, rows: [...rows] };
}

function toCounted({ scanId, ...counted }: CountedScan) {
  return { scanId, ...counted, scanHref: scanHref(scanId) };
}
