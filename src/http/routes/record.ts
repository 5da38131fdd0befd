import type { FastifyRequest } from 'fastify';
import { defined } from '../../core/defined.ts';
import type { Page } from '../../core/page.ts';
import type { ChangeRow } from '../../core/ports/records/changes.ts';
import type { Tx } from '../../core/ports/records.ts';
import { auditTrail, listChanges, type Viewing } from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { type RouteContext, route } from '../route.ts';
import { AuditPage, ChangePage } from '../schemas/answers.ts';
import { ChangeQuery, DEFAULT_PAGE, pageQuery } from '../schemas/requests.ts';
import { waitUntil } from '../stopping.ts';

const POLL_MS = 500;

type Feed = Page<ChangeRow> & { readonly cursor: string };

export const recordRoutes = [
  route({
    id: 'listChanges',
    method: 'GET',
    url: '/v1/changes',
    tag: 'record',
    right: 'follow scans',
    summary: 'List changes since a cursor; a reader that keeps its cursor misses nothing',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: ChangeQuery, response: { 200: ChangePage } },
    handler: (deps: Viewing<Tx<'changes'>> & RouteContext) => async (request, reply) => {
      const { limit = DEFAULT_PAGE, cursor, wait = 0 } = request.query;
      reply.header('cache-control', 'private, no-store');
      const read = () => listChanges(deps, actorOf(request), limit, cursor);
      const page = await longPoll(deps, request, wait, read);
      return { items: [...page.rows], cursor: page.cursor, more: page.next !== undefined };
    },
  }),
  route({
    id: 'readAudit',
    method: 'GET',
    url: '/v1/audit',
    tag: 'record',
    right: 'read the audit',
    summary: 'List views and changes from the audit',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: pageQuery({}), response: { 200: AuditPage } },
    handler: (deps: Viewing<Tx<'auditTrail'>>) => async (request, reply) => {
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      reply.header('cache-control', 'private, no-store');
      const { rows, next } = await auditTrail(deps, actorOf(request), limit, cursor);
      return {
        items: rows.map((row) => ({ ...row, detail: { ...row.detail } })),
        ...defined({ next }),
      };
    },
  }),
];

/** The feed as soon as it has a row, or as it is when the wait is over or the reader has gone. */
async function longPoll(
  { stopping }: RouteContext,
  request: FastifyRequest,
  seconds: number,
  read: () => Promise<Feed>,
): Promise<Feed> {
  let page = await read();
  if (page.rows.length > 0 || seconds === 0) return page;
  const signal = AbortSignal.any([stopping.signal, goneSignal(request)]);
  const found = async () => {
    page = await read();
    return page.rows.length > 0;
  };
  await waitUntil(found, { seconds, everyMs: POLL_MS, signal });
  return page;
}

function goneSignal({ raw }: FastifyRequest): AbortSignal {
  const controller = new AbortController();
  raw.socket.once('close', () => controller.abort());
  return controller.signal;
}
