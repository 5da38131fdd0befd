import type { FastifyInstance } from 'fastify';
import { NiiError } from '../../core/errors.ts';
import type { Audit } from '../../core/ports/records/audit.ts';
import type { Stores } from '../../core/ports/stores.ts';
import { NiiScan } from '../../core/scan/scan.ts';
import {
  getRevision,
  type OpenedObject,
  openObject,
  openOriginal,
  type RevisionTx,
} from '../../look/read.ts';
import { actorOf } from '../access.ts';
import { type HashedBytes, sendBytes } from '../bytes-answer.ts';
import { typed } from '../context.ts';
import { shownFile, shownOriginal } from '../present.ts';
import { keepingOf, revisionNumber } from '../revision-number.ts';
import { FileList, OriginalList, storedBytes } from '../schemas/answers.ts';
import {
  ChannelParams,
  MapQuery,
  OriginalParams,
  ReportParams,
  RevisionParams,
} from '../schemas/requests.ts';
import { maySeeReport, nameOf } from '../visibility.ts';
import { at } from './table.ts';

const png = storedBytes('image/png', 'Picture');
const dicom = storedBytes('application/dicom', 'DICOS file');

/** Files that the service made of a revision. */
export function objectRoutes(app: FastifyInstance, deps: Stores<RevisionTx & Audit>): void {
  const routes = typed(app);
  routes.route({
    ...at('getScanJson'),
    schema: {
      params: RevisionParams,
      response: { 200: { description: 'The record', content: { 'application/json': { schema: NiiScan } } } },
    },
    handler: async (request, reply) => {
      const { scanId, n } = request.params;
      const opened = await openObject(deps, actorOf(request), scanId, revisionNumber(n), 'scan-json');
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  });
  routes.route({
    ...at('listDicos'),
    schema: { params: RevisionParams, response: { 200: FileList } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      const { revision, objects } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return {
        items: objects.filter((row) => row.kind === 'dicos').map((row) => shownFile(row, revision.scan)),
      };
    },
  });
  routes.route({
    ...at('getDicos'),
    schema: { params: ChannelParams, response: dicom },
    handler: async (request, reply) => {
      const { scanId, n, view, channel } = request.params;
      const name = `${view}-${channel}.dcs`;
      const opened = await openObject(deps, actorOf(request), scanId, revisionNumber(n), 'dicos', `/${name}`);
      reply.header(
        'content-disposition',
        `attachment; filename="${scanId}-${name.replace(/[^A-Za-z0-9._-]/g, '_')}"`,
      );
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  });
}

/** Pictures of a revision. */
export function pictureRoutes(app: FastifyInstance, deps: Stores<RevisionTx & Audit>): void {
  const routes = typed(app);
  routes.route({
    ...at('getPreview'),
    schema: { params: RevisionParams, response: png },
    handler: async (request, reply) => {
      const { scanId, n } = request.params;
      const opened = await openObject(deps, actorOf(request), scanId, revisionNumber(n), 'preview');
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  });
  routes.route({
    ...at('getThumbnail'),
    schema: { params: RevisionParams, response: png },
    handler: async (request, reply) => {
      const { scanId, n } = request.params;
      const opened = await openObject(deps, actorOf(request), scanId, revisionNumber(n), 'thumbnail');
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  });
  routes.route({
    ...at('getMap'),
    schema: { params: RevisionParams, querystring: MapQuery, response: png },
    handler: async (request, reply) => {
      const { scanId, n } = request.params;
      const { model } = request.query;
      const end = model === undefined ? '' : `/${model.replace('@', '-')}.png`;
      const opened = await openObject(deps, actorOf(request), scanId, revisionNumber(n), 'map', end);
      return sendBytes(request, reply, hashed(opened), model === undefined ? 'ask-again' : keepingOf(n));
    },
  });
}

/** Threat Detection Reports. */
export function reportRoutes(app: FastifyInstance, deps: Stores<RevisionTx & Audit>): void {
  const routes = typed(app);
  routes.route({
    ...at('listReports'),
    schema: { params: RevisionParams, response: { 200: FileList } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      const actor = actorOf(request);
      const { revision, objects } = await getRevision(deps, actor, scanId, revisionNumber(n));
      const reports = objects.filter((row) => row.kind === 'tdr' && maySeeReport(actor.role, nameOf(row)));
      return { items: reports.map((row) => shownFile(row, revision.scan)) };
    },
  });
  routes.route({
    ...at('getReport'),
    schema: { params: ReportParams, response: dicom },
    handler: async (request, reply) => {
      const { scanId, n, name } = request.params;
      const actor = actorOf(request);
      if (!maySeeReport(actor.role, name))
        throw new NiiError('NII_NOT_FOUND', 'This revision has no such tdr');
      const opened = await openObject(deps, actor, scanId, revisionNumber(n), 'tdr', `/${name}`);
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  });
}

/** The files as they came. They are vendors' bytes: never shown by a browser, only saved. */
export function originalRoutes(app: FastifyInstance, deps: Stores<RevisionTx & Audit>): void {
  const routes = typed(app);
  routes.route({
    ...at('listOriginals'),
    schema: { params: RevisionParams, response: { 200: OriginalList } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return { items: revision.originals.map((file) => shownOriginal(revision, file)) };
    },
  });
  routes.route({
    ...at('getOriginal'),
    schema: {
      params: OriginalParams,
      response: storedBytes('application/octet-stream', 'The file'),
    },
    handler: async (request, reply) => {
      const { scanId, n, sha256 } = request.params;
      const { file, stream } = await openOriginal(deps, actorOf(request), scanId, revisionNumber(n), sha256);
      reply.header('content-disposition', attachment(file.name)).header('x-content-type-options', 'nosniff');
      const body = {
        bytes: file.bytes,
        sha256: file.sha256,
        contentType: 'application/octet-stream',
        open: stream,
      };
      // Bytes under their own hash are the same for ever, whichever revision names them.
      return sendBytes(request, reply, body, 'for-ever');
    },
  });
}

/** A Content-Disposition that no name can break out of (RFC 6266). */
export function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function hashed({ row, stream }: OpenedObject): HashedBytes {
  return { bytes: row.bytes, sha256: row.sha256, contentType: row.contentType, open: stream };
}
