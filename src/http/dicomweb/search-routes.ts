import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DicomJson } from '../../core/dicom-json.ts';
import type { InstanceFilter, InstancePath, Instances } from '../../core/ports/records/instances.ts';
import { type Search, searchOf } from '../../look/dicomweb/query.ts';
import { searchGroups, searchInstances } from '../../look/dicomweb/read.ts';
import type { Viewing } from '../../look/read.ts';
import { actorOf } from '../access.ts';
import { typed } from '../context.ts';
import { at } from '../routes/table.ts';
import { reportsShown } from '../visibility.ts';
import { acceptedTypes, requireJson } from './accept.ts';
import { baseOf, type PublicPlace, warning } from './addresses.ts';
import { dicomJsonList, SearchQuery, SeriesParams, StudyParams } from './schemas.ts';
import { instanceResult, seriesResult, studyResult } from './search-answers.ts';

const response = { 200: dicomJsonList('What matches; an empty list where nothing does') };

/** QIDO-RS (PS3.18 section 10.6). */
export function searchRoutes(app: FastifyInstance, deps: Viewing<Instances> & PublicPlace): void {
  const routes = typed(app);
  const anywhere = { querystring: SearchQuery, response };
  const inStudy = { ...anywhere, params: StudyParams };
  const inSeries = { ...anywhere, params: SeriesParams };
  routes.route({
    ...at('searchStudies'),
    schema: anywhere,
    handler: (request, reply) => search(deps, request, reply, 'study', {}),
  });
  routes.route({
    ...at('searchSeries'),
    schema: anywhere,
    handler: (request, reply) => search(deps, request, reply, 'series', {}),
  });
  routes.route({
    ...at('searchInstances'),
    schema: anywhere,
    handler: (request, reply) => search(deps, request, reply, 'instance', {}),
  });
  routes.route({
    ...at('searchSeriesOfStudy'),
    schema: inStudy,
    handler: (request, reply) => search(deps, request, reply, 'series', { studyUid: request.params.study }),
  });
  routes.route({
    ...at('searchInstancesOfStudy'),
    schema: inStudy,
    handler: (request, reply) => search(deps, request, reply, 'instance', { studyUid: request.params.study }),
  });
  routes.route({
    ...at('searchInstancesOfSeries'),
    schema: inSeries,
    handler: (request, reply) => {
      const { study: studyUid, series: seriesUid } = request.params;
      return search(deps, request, reply, 'instance', { studyUid, seriesUid });
    },
  });
}

type Level = 'study' | 'series' | 'instance';

async function search(
  deps: Viewing<Instances> & PublicPlace,
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
  deps: Viewing<Instances> & PublicPlace,
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
    ...(more ? [warning('There are more results; ask for them with offset')] : []),
  ];
  if (warnings.length > 0) reply.header('warning', warnings.join(', '));
}
