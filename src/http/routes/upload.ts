import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';
import type { AcceptedScan } from '../../core/upload/accepted.ts';
import { getRevision, haveReached, type RevisionTx, type Viewing } from '../../look/read.ts';
import { type AcceptDeps, acceptUpload } from '../../receive/accept.ts';
import { discardUpload, receiveUpload, type StagingDeps } from '../../receive/upload.ts';
import { actorOf } from '../access.ts';
import { type RouteContext, typed } from '../context.ts';
import { presentAccepted, scanHref } from '../present.ts';
import { AcceptedScans } from '../schemas/answers.ts';
import { UploadQuery } from '../schemas/requests.ts';
import { waitUntil } from '../stopping.ts';
import { incomingUpload } from '../upload-parts.ts';
import { at } from './table.ts';

/** Media types of a single body; what it is, its content says. */
const bodyTypes = ['application/octet-stream', 'application/zip', 'application/x-tar', 'application/dicom'];
const POLL_MS = 200;

type Query = Static<typeof UploadQuery>;

type UploadRouteDeps = AcceptDeps & StagingDeps & Viewing<RevisionTx>;

export function uploadRoutes(app: FastifyInstance, deps: UploadRouteDeps, context: RouteContext): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  // The body is left unread: it is streamed to the disk, and never held.
  app.addContentTypeParser(bodyTypes, (_request, _payload, done) => done(null));
  typed(app).route({
    ...at('uploadScans'),
    schema: { querystring: UploadQuery, response: { 202: AcceptedScans } },
    handler: (request, reply) => upload(deps, context, request, request.query, reply),
  });
}

async function upload(
  deps: UploadRouteDeps,
  context: RouteContext,
  request: FastifyRequest,
  query: Query,
  reply: FastifyReply,
) {
  const accepted = await receiveAndAccept(deps, request, query);
  const rows = await awaited(deps, context, request, query, accepted);
  const [first] = accepted;
  if (first !== undefined && accepted.length === 1) reply.header('location', scanHref(first.scanId));
  reply.code(202);
  return { scans: accepted.map((scan, i) => presentAccepted(scan, rows[i])) };
}

/** The revisions as they are once the wait that was asked for is over; none where no wait was asked for. */
async function awaited(
  deps: Viewing<RevisionTx>,
  { stopping }: RouteContext,
  request: FastifyRequest,
  { wait = 0, until = 'converted' }: Query,
  accepted: readonly AcceptedScan[],
): Promise<readonly RevisionRow[]> {
  if (wait === 0) return [];
  await waitUntil(() => haveReached(deps, accepted, until), {
    seconds: wait,
    everyMs: POLL_MS,
    signal: stopping.signal,
  });
  const actor = actorOf(request);
  const views = accepted.map(({ scanId, revision }) => getRevision(deps, actor, scanId, revision));
  return (await Promise.all(views)).map((view) => view.revision);
}

async function receiveAndAccept(
  deps: AcceptDeps & StagingDeps,
  request: FastifyRequest,
  query: Query,
): Promise<readonly AcceptedScan[]> {
  const incoming = incomingUpload(request, query, deps.limits);
  const received = await receiveUpload(deps, incoming.parts, actorOf(request).keyId);
  try {
    return await acceptUpload(deps, actorOf(request), received, incoming.meta());
  } finally {
    await discardUpload(received);
  }
}
