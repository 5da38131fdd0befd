import { Readable } from 'node:stream';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { ObjectKind } from '../../core/rows/object-what.ts';
import { NiiScan, planeKey } from '../../core/scan/scan.ts';
import { requireWhole } from '../../queries/cab-mask.ts';
import { type MaskedRecord, maskedRecord } from '../../queries/masked-record.ts';
import {
  getRevision,
  type OpenedObject,
  openObject,
  openOriginal,
  type RevisionTx,
  type Viewing,
  type WantedObject,
} from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { type HashedBytes, keepingOf, revisionNumber, sendBytes } from '../bytes-answer.ts';
import { presentFile, presentOriginal } from '../present.ts';
import { route } from '../route.ts';
import { FileList, OriginalList, storedBytes, storedJson } from '../schemas/answers.ts';
import {
  ChannelParams,
  OriginalParams,
  RecordQuery,
  ReportParams,
  RevisionParams,
} from '../schemas/requests.ts';
import { maySeeFile, nameOf } from '../visibility.ts';

const dicom = storedBytes('application/dicom', 'DICOS file');

/** Files that the service made of a revision. */
export const objectRoutes = [
  route({
    id: 'getScanJson',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/scan.json',
    tag: 'scans',
    right: 'view scans',
    summary: 'Get the scan record, as in its published schema',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
    schema: {
      params: RevisionParams,
      querystring: RecordQuery,
      response: storedJson(NiiScan, 'The record'),
    },
    handler: (deps: Stores<RevisionTx & Tx<'audit'>>) => async (request, reply) => {
      const { scanId, n } = request.params;
      const { without } = request.query;
      const revision = revisionNumber(n);
      if (without !== undefined) {
        const record = await maskedRecord(deps, actorOf(request), { scanId, revision }, without);
        return sendBytes(request, reply, masked(record), 'ask-again');
      }
      const opened = await openObject(deps, actorOf(request), scanId, revision, only('scan-json'));
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  }),
  route({
    id: 'listDicos',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/dicos',
    tag: 'pixels',
    right: 'view scans',
    summary: 'List the DICOS files of a revision, one for each view and channel',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: FileList } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      const { revision, objects } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return {
        items: objects.filter((row) => row.kind === 'dicos').map((row) => presentFile(row, revision.scan)),
      };
    },
  }),
  route({
    id: 'getDicos',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/dicos/:view/:channel',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Get the DICOS file of a channel',
    errors: ['NII_CAB_MASKED', 'NII_NOT_FOUND', 'NII_RANGE'],
    headers: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
    schema: { params: ChannelParams, response: dicom },
    handler: (deps: Stores<RevisionTx & Tx<'audit'>>) => async (request, reply) => {
      const { scanId, n, view, channel } = request.params;
      const instance = planeKey(view, channel);
      const name = `${instance}.dcs`;
      const actor = actorOf(request);
      const opened = await openObject(deps, actor, scanId, revisionNumber(n), {
        kind: 'dicos',
        name,
        is: (row) => row.kind === 'dicos' && row.instance === instance,
      });
      requireWhole(actor, opened.view.mask);
      reply.header(
        'content-disposition',
        `attachment; filename="${scanId}-${name.replace(/[^A-Za-z0-9._-]/g, '_')}"`,
      );
      return sendBytes(request, reply, hashed(opened), 'ask-again');
    },
  }),
];

/** Threat Detection Reports. */
export const reportRoutes = [
  route({
    id: 'listReports',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/tdr',
    tag: 'scans',
    right: 'view scans',
    summary: 'List the Threat Detection Reports of a revision',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: FileList } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      const actor = actorOf(request);
      const { revision, objects } = await getRevision(deps, actor, scanId, revisionNumber(n));
      const reports = objects.filter((row) => row.kind === 'tdr' && maySeeFile(actor.role, row));
      return { items: reports.map((row) => presentFile(row, revision.scan)) };
    },
  }),
  route({
    id: 'getReport',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/tdr/:name',
    tag: 'scans',
    right: 'view scans',
    summary: 'Get a Threat Detection Report',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
    headers: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
    schema: { params: ReportParams, response: dicom },
    handler: (deps: Stores<RevisionTx & Tx<'audit'>>) => async (request, reply) => {
      const { scanId, n, name } = request.params;
      const actor = actorOf(request);
      const opened = await openObject(deps, actor, scanId, revisionNumber(n), {
        kind: 'tdr',
        name,
        is: (row) => row.kind === 'tdr' && nameOf(row) === name && maySeeFile(actor.role, row),
      });
      reply.header('content-disposition', `attachment; filename="${name}"`);
      return sendBytes(request, reply, hashed(opened), keepingOf(n));
    },
  }),
];

/** The files as they came. They are vendors' bytes: never shown by a browser, only saved. */
export const originalRoutes = [
  route({
    id: 'listOriginals',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/originals',
    tag: 'scans',
    right: 'read originals',
    summary: 'List the original files',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: OriginalList } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return { items: revision.originals.map((file) => presentOriginal(revision, file)) };
    },
  }),
  route({
    id: 'getOriginal',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/originals/:sha256',
    tag: 'scans',
    right: 'read originals',
    summary: 'Get an original file, byte for byte',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
    headers: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
    schema: {
      params: OriginalParams,
      response: storedBytes('application/octet-stream', 'The file'),
    },
    handler: (deps: Stores<RevisionTx & Tx<'audit'>>) => async (request, reply) => {
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
  }),
];

/** A Content-Disposition that no name can break out of (RFC 6266). */
export function attachment(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** The one object of its kind that a revision has. */
export function only(kind: ObjectKind): WantedObject {
  return { kind, name: '', is: (row) => row.kind === kind };
}

function masked({ body, sha256 }: MaskedRecord): HashedBytes {
  return {
    bytes: body.byteLength,
    contentType: 'application/json',
    sha256,
    open: async ({ first, last } = { first: 0, last: body.byteLength - 1 }) =>
      Readable.from([body.subarray(first, last + 1)], { objectMode: false }),
  };
}

export function hashed({ row, stream }: OpenedObject): HashedBytes {
  return { bytes: row.bytes, sha256: row.sha256, contentType: row.contentType, open: stream };
}
