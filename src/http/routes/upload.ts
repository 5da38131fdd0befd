import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static } from 'typebox';
import { Purpose, Visit } from '../../core/scan/circumstances.ts';
import type { RevisionRow } from '../../core/scan/stored-scan.ts';
import type { AcceptedScan } from '../../core/upload.ts';
import { getRevision, haveReached, type RevisionTx, type Viewing } from '../../queries/read.ts';
import { type AcceptDeps, acceptUpload } from '../../receive/accept.ts';
import { discardUpload, receiveUpload, type StagingDeps } from '../../receive/upload.ts';
import { actorOf } from '../access.ts';
import { presentAccepted, scanHref } from '../present.ts';
import { type RouteContext, readErrors, route } from '../route.ts';
import { evidenceOfMachine } from '../safety.ts';
import { AcceptedScans } from '../schemas/answers.ts';
import { BinaryBody, binaryContent, UploadQuery } from '../schemas/requests.ts';
import { waitUntil } from '../stopping.ts';
import { incomingUpload } from '../upload-parts.ts';

/** Media types of a single body; what it is, its content says. */
const bodyTypes = ['application/octet-stream', 'application/zip', 'application/x-tar', 'application/dicom'];
const POLL_MS = 200;

type Query = Static<typeof UploadQuery>;

type Deps = AcceptDeps & StagingDeps & Viewing<RevisionTx> & Pick<RouteContext, 'stopping'>;

const UploadForm = Type.Object({
  file: Type.Array(BinaryBody, { description: 'The files; parts may have any name' }),
  site: Type.Optional(
    Type.String({ maxLength: 63, description: "Must be the key's own unless the key is for any site" }),
  ),
  scanner: Type.Optional(Type.String({ maxLength: 128 })),
  lane: Type.Optional(Type.String({ maxLength: 128 })),
  visit: Type.Optional(Visit),
  purpose: Type.Optional(Purpose),
});

/** For a scope of its own. The body is left unread: it is streamed to the disk, and never held. */
export function takeUploads(app: FastifyInstance): void {
  app.register(multipart, { throwFileSizeLimit: false });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser(bodyTypes, (_request, _payload, done) => done(null));
}

export const uploadRoutes = [
  route({
    id: 'uploadScans',
    method: 'POST',
    url: '/v1/scans',
    tag: 'upload',
    right: 'send scans',
    safety: evidenceOfMachine,
    summary: 'Send the files of one or more scans',
    errors: [
      'NII_UPLOAD_CUT',
      'NII_HASH_MISMATCH',
      'NII_AMBIGUOUS_FORMAT',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_MEDIA_TYPE',
      'NII_UNKNOWN_FORMAT',
      ...readErrors,
      'NII_QUEUE_FULL',
      'NII_DISK_FULL',
    ],
    headers: { 202: ['Location?'] },
    answers: { 202: 'Kept: the scans that the files became or joined' },
    unchecked: { content: { 'multipart/form-data': { schema: UploadForm }, ...binaryContent(...bodyTypes) } },
    schema: { querystring: UploadQuery, response: { 202: AcceptedScans } },
    handler: (deps: Deps) => (request, reply) => upload(deps, request, request.query, reply),
  }),
];

async function upload(deps: Deps, request: FastifyRequest, query: Query, reply: FastifyReply) {
  const accepted = await receiveAndAccept(deps, request, query);
  const rows = await awaited(deps, request, query, accepted);
  const [first] = accepted;
  if (first !== undefined && accepted.length === 1) reply.header('location', scanHref(first.scanId));
  reply.code(202);
  return { scans: accepted.map((scan, i) => presentAccepted(scan, rows[i])) };
}

/** The revisions as they are once the wait that was asked for is over; none where no wait was asked for. */
async function awaited(
  deps: Viewing<RevisionTx> & Pick<RouteContext, 'stopping'>,
  request: FastifyRequest,
  { wait = 0, until = 'converted' }: Query,
  accepted: readonly AcceptedScan[],
): Promise<readonly RevisionRow[]> {
  if (wait === 0) return [];
  await waitUntil(() => haveReached(deps, accepted, until), {
    seconds: wait,
    everyMs: POLL_MS,
    signal: deps.stopping.signal,
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
