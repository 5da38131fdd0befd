import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { SiteTerms, unsetSite } from '../../core/rules/site.ts';
import { presentStanding, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, closed, DEFAULT_PAGE, pageQuery, SiteParams } from '../../http/schemas/requests.ts';
import { type ChangeSiteDeps, confirmSite, type DecideSiteDeps, putSite } from './decide.ts';
import { getSite, listSites, type SiteView } from './read.ts';

const Site = Type.Object(
  {
    site: Type.String(),
    version: Type.Integer({ minimum: 0, description: '0: no decision; the defaults apply' }),
    ...standingProperties(
      SiteTerms,
      'It lets more vehicles pass and waits for confirmation by another person',
    ),
  },
  closed,
);
type Site = Static<typeof Site>;

const Nothing = Type.Object({}, closed);

/** What is decided for one site. */
export const siteRoutes = [
  route({
    id: 'listSites',
    method: 'GET',
    url: '/v1/sites',
    tag: 'rules',
    right: 'read sites',
    summary: 'List sites with rules',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: pageOf(Site) } },
    handler: (deps: Parameters<typeof listSites>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const { rows, next } = await listSites(deps, actorOf(request), limit, cursor);
      return { items: rows.map(shown), ...defined({ next }) };
    },
  }),
  route({
    id: 'getSite',
    method: 'GET',
    url: '/v1/sites/:site',
    tag: 'rules',
    right: 'read sites',
    summary: 'Get the rules of a site (zone, fallback, mode, windows) and their proposal',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: SiteParams, response: { 200: Site } },
    handler: (deps: Parameters<typeof getSite>[0]) => async (request, reply) =>
      send(reply, await getSite(deps, actorOf(request), request.params.site)),
  }),
  route({
    id: 'putSite',
    method: 'PUT',
    url: '/v1/sites/:site',
    tag: 'rules',
    right: 'decide rules',
    safety: {
      class: 'loosens',
      secondPerson: 'POST /v1/sites/{site}/confirmation',
    },
    summary:
      'Change a site’s rules; a change that lets more vehicles pass is a proposal (202) until another person confirms it',
    errors: ['NII_NOT_FOUND', ...versionErrors],
    example: {
      mode: 'parallel',
      windows: [],
      zone: 'Europe/Amsterdam',
      place: { country: 'NL', locode: 'NLRTM', customsOffice: 'NL000396' },
    },
    headers: versioned,
    answers: {
      200: 'What is kept for the site now',
      202: 'A proposal, in force once another person confirms it',
    },
    schema: {
      params: SiteParams,
      headers: CommandHeaders,
      body: SiteTerms,
      response: { 200: Site, 202: Site },
    },
    handler: (deps: DecideSiteDeps) => async (request, reply) => {
      const { site } = request.params;
      const standing = await putSite(deps, commandOf(request, request.headers), site, request.body);
      return send(reply.code(standing.newest?.state === 'proposed' ? 202 : 200), { site, standing });
    },
  }),
  route({
    id: 'confirmSite',
    method: 'POST',
    url: '/v1/sites/:site/confirmation',
    tag: 'rules',
    right: 'decide rules',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/sites/{site}' },
    summary: 'Confirm the proposal for a site',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'What is kept for the site now' },
    schema: { params: SiteParams, headers: CommandHeaders, body: Nothing, response: { 200: Site } },
    handler: (deps: ChangeSiteDeps) => async (request, reply) => {
      const { site } = request.params;
      const standing = await confirmSite(deps, commandOf(request, request.headers), site);
      return send(reply, { site, standing });
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, view: SiteView): Site {
  const newest = view.standing.newest?.version ?? 0;
  reply.header('etag', versionTag(newest)).header('cache-control', 'private, no-cache');
  return shown(view);
}

function shown({ site, standing }: SiteView): Site {
  return { site, version: standing.inForce?.version ?? 0, ...presentStanding(standing, unsetSite) };
}
