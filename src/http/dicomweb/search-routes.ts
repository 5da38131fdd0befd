import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DicomJson } from '../../core/dicom-json.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { InstanceFilter, InstancePath } from '../../core/ports/records/instances.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type Search, searchOf } from '../../queries/dicomweb/query.ts';
import { searchGroups, searchInstances } from '../../queries/dicomweb/read.ts';
import type { Viewing } from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { route } from '../route.ts';
import { reportsShown } from '../visibility.ts';
import { acceptedTypes, requireJson } from './accept.ts';
import { baseOf, type PublicPlace, warning } from './addresses.ts';
import { dicomJsonList, SearchQuery, SeriesParams, StudyParams } from './schemas.ts';
import { instanceResult, seriesResult, studyResult } from './search-answers.ts';

const response = { 200: dicomJsonList('What matches; an empty list where nothing does') };

const anywhere = { querystring: SearchQuery, response };
const inStudy = { ...anywhere, params: StudyParams };
const inSeries = { ...anywhere, params: SeriesParams };
const searchErrors = ['NII_NOT_ACCEPTABLE'] satisfies readonly ErrorCode[];

type Deps = Viewing<Tx<'findInstances' | 'findInstanceGroups'>> & PublicPlace;

/** QIDO-RS (PS3.18 section 10.6). */
export const searchRoutes = [
  route({
    id: 'searchStudies',
    method: 'GET',
    url: '/dicomweb/studies',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for studies (QIDO-RS)',
    errors: searchErrors,
    schema: anywhere,
    handler: (deps: Deps) => (request, reply) => search(deps, request, reply, 'study', {}),
  }),
  route({
    id: 'searchSeries',
    method: 'GET',
    url: '/dicomweb/series',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for series of any study (QIDO-RS)',
    errors: searchErrors,
    schema: anywhere,
    handler: (deps: Deps) => (request, reply) => search(deps, request, reply, 'series', {}),
  }),
  route({
    id: 'searchInstances',
    method: 'GET',
    url: '/dicomweb/instances',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for instances of any study (QIDO-RS)',
    errors: searchErrors,
    schema: anywhere,
    handler: (deps: Deps) => (request, reply) => search(deps, request, reply, 'instance', {}),
  }),
  route({
    id: 'searchSeriesOfStudy',
    method: 'GET',
    url: '/dicomweb/studies/:study/series',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for series of a study (QIDO-RS)',
    errors: searchErrors,
    schema: inStudy,
    handler: (deps: Deps) => (request, reply) =>
      search(deps, request, reply, 'series', { studyUid: request.params.study }),
  }),
  route({
    id: 'searchInstancesOfStudy',
    method: 'GET',
    url: '/dicomweb/studies/:study/instances',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for instances of a study (QIDO-RS)',
    errors: searchErrors,
    schema: inStudy,
    handler: (deps: Deps) => (request, reply) =>
      search(deps, request, reply, 'instance', { studyUid: request.params.study }),
  }),
  route({
    id: 'searchInstancesOfSeries',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Search for instances of a series (QIDO-RS)',
    errors: searchErrors,
    schema: inSeries,
    handler: (deps: Deps) => (request, reply) => {
      const { study: studyUid, series: seriesUid } = request.params;
      return search(deps, request, reply, 'instance', { studyUid, seriesUid });
    },
  }),
];

type Level = 'study' | 'series' | 'instance';

async function search(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  level: Level,
  path: Partial<InstancePath>,
): Promise<FastifyReply> {
  // The schema lets any key through; `searchOf` checks each.
  const query = request.query as Readonly<Record<string, unknown>>;
  requireJson(acceptedTypes(typeof query.accept === 'string' ? query.accept : request.headers.accept));
  const asked = searchOf(query, path);
  const found = await results(deps, request, level, asked);
  warn(reply, asked, found.length > asked.limit);
  reply.header('cache-control', 'private, no-cache').type('application/dicom+json');
  return reply.send(JSON.stringify(found.slice(0, asked.limit)));
}

async function results(
  deps: Deps,
  request: FastifyRequest,
  level: Level,
  { matches, limit, offset, include }: Search,
): Promise<readonly DicomJson[]> {
  const actor = actorOf(request);
  const base = baseOf(deps, request);
  const filter: InstanceFilter = { matches, reports: reportsShown(actor) };
  const page = { limit, offset };
  if (level === 'instance') {
    const rows = await searchInstances(deps, actor, filter, page);
    return rows.map((row) => instanceResult(row, base, include));
  }
  const groups = await searchGroups(deps, actor, level, filter, page);
  const shown = level === 'study' ? studyResult : seriesResult;
  return groups.map((group) => shown(group, base, include));
}

function warn(reply: FastifyReply, { ignored }: Search, more: boolean): void {
  const warnings = [
    ...(ignored.length === 0 ? [] : [warning(`These parameters are not supported: ${ignored.join(', ')}`)]),
    ...(more ? [warning('There are more results; get them with offset')] : []),
  ];
  if (warnings.length > 0) reply.header('warning', warnings.join(', '));
}
