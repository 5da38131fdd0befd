import Type from 'typebox';
import { Case, ReleasedWhileOpen, Verdict } from '../../core/case/case.ts';
import { CaseState } from '../../core/case/case-states.ts';
import { defined } from '../../core/defined.ts';
import type { Tx } from '../../core/ports/records.ts';
import { NotAnalysedReason, notAnalysedReasons } from '../../core/scan/not-analysed.ts';
import {
  listFinds,
  listNotAnalysed,
  listReleases,
  listSearches,
  type NotAnalysedDeps,
  type NotAnalysedView,
  type ReleaseView,
  type SearchView,
} from '../../queries/lists.ts';
import type { Viewing } from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { scanHref } from '../present.ts';
import { route } from '../route.ts';
import { KeptProblem, pageOf } from '../schemas/answers.ts';
import { closed, DEFAULT_PAGE, pageQuery } from '../schemas/requests.ts';

const Time = Type.String({ format: 'date-time' });
const Address = Type.String({ description: 'Path on this service' });

const ofCase = {
  caseId: Type.String(),
  scanId: Type.String(),
  unitId: Type.String(),
  site: Type.String(),
  container: Type.Optional(Type.String()),
  scanHref: Address,
};

const { kind, reason, reasonLabel, note, regions, revision } = Verdict.properties;
const Search = Type.Object(
  {
    ...ofCase,
    since: Type.String({ format: 'date-time', description: 'Time at which it was sent to the search' }),
    note: Type.Optional(Type.String({ description: 'Note of the person who sent it to the search' })),
    verdict: Type.Optional(
      Type.Object(
        { kind, reason, reasonLabel, note, regions, revision },
        { ...closed, description: 'What to search for' },
      ),
    ),
  },
  closed,
);

/** What was open is left out while somebody may still read the image. */
const Release = Type.Object(
  {
    ...ofCase,
    state: CaseState,
    releasedAt: Time,
    reference: ReleasedWhileOpen.properties.reference,
    open: Type.Optional(ReleasedWhileOpen.properties.open),
  },
  closed,
);

const NotAnalysed = Type.Object(
  {
    scanId: Type.String(),
    site: Type.String(),
    converter: Type.String(),
    revision: Type.Integer({ minimum: 1 }),
    receivedAt: Time,
    acquiredAt: Type.Optional(Time),
    containers: Type.Array(Type.String()),
    reason: NotAnalysedReason,
    text: Type.String({ description: 'not to be analysed, because …' }),
    awaitsImage: Type.Boolean({ description: 'A later file may contain the image' }),
    awaitsImageUntil: Type.Optional(Time),
    problem: Type.Optional(KeptProblem),
    scanHref: Address,
  },
  closed,
);

const Query = pageQuery({});

/** What searchers and supervisors work through. */
export const listRoutes = [
  route({
    id: 'listSearches',
    method: 'GET',
    url: '/v1/searches',
    tag: 'triage',
    right: 'list searches',
    summary: 'List cases in search, oldest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: Query, response: { 200: pageOf(Search) } },
    handler: (deps: Viewing<Tx<'searches'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listSearches(deps, actorOf(request), limit, cursor);
      return { items: rows.map(toSearch), ...defined({ next }) };
    },
  }),
  route({
    id: 'listFinds',
    method: 'GET',
    url: '/v1/finds',
    tag: 'triage',
    right: 'oversee',
    summary: 'List closed cases of the last 90 days with a find, until the vehicle is released; oldest first',
    schema: {
      querystring: Type.Pick(Query, ['limit']),
      response: { 200: Type.Object({ items: Type.Array(Case) }, closed) },
    },
    handler: (deps: Parameters<typeof listFinds>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE } = request.query;
      return { items: [...(await listFinds(deps, actorOf(request), limit))] };
    },
  }),
  route({
    id: 'listReleases',
    method: 'GET',
    url: '/v1/releases-while-open',
    tag: 'triage',
    right: 'oversee',
    summary:
      'Goods that customs released while a case, a search or an alarm was open, oldest first, until reviewed',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: Query, response: { 200: pageOf(Release) } },
    handler: (deps: Viewing<Tx<'releasesWhileOpen'>>) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listReleases(deps, actorOf(request), limit, cursor);
      return { items: rows.map(toRelease), ...defined({ next }) };
    },
  }),
  route({
    id: 'listNotAnalysed',
    method: 'GET',
    url: '/v1/not-analysed',
    tag: 'triage',
    right: 'oversee',
    summary: 'List scans without a case, newest first, with the reason',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: Query, response: { 200: pageOf(NotAnalysed) } },
    handler: (deps: NotAnalysedDeps) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listNotAnalysed(deps, actorOf(request), limit, cursor);
      return { items: rows.map(toNotAnalysed), ...defined({ next }) };
    },
  }),
];

function toCase({ id, scanId, unitId, site, container }: SearchView['value']) {
  return { caseId: id, scanId, unitId, site, ...defined({ container }), scanHref: scanHref(scanId) };
}

function toSearch({ value, since, note: said, verdict }: SearchView) {
  return { ...toCase(value), since, ...defined({ note: said, verdict: verdict && toFind(verdict) }) };
}

/** Without who said it, when, and how the image was looked at. */
function toFind(verdict: NonNullable<SearchView['verdict']>) {
  const { analyst: _, at: __, settles: ___, reading: ____, chosen: _____, ...said } = verdict;
  return said;
}

function toRelease({ value, release, isRedacted }: ReleaseView) {
  const { at: releasedAt, reference, open } = release;
  return {
    ...toCase(value),
    state: value.state,
    releasedAt,
    ...defined({ reference, open: isRedacted ? undefined : open }),
  };
}

function toNotAnalysed({ scan, reason: code, problem, awaitsImageUntil }: NotAnalysedView) {
  const { id, site, converter, revision: newest, receivedAt, acquiredAt, containers } = scan;
  return {
    scanId: id,
    site,
    converter,
    revision: newest,
    receivedAt,
    containers: [...containers],
    reason: code,
    text: `not to be analysed, because ${notAnalysedReasons[code].inWords}`,
    awaitsImage: awaitsImageUntil !== undefined,
    ...defined({ acquiredAt, awaitsImageUntil, problem }),
    scanHref: scanHref(id),
  };
}
