import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { type ErrorCode, NiiError } from '../../core/errors.ts';
import type { InstancePath, InstanceRow } from '../../core/ports/records/instances.ts';
import type { Tx } from '../../core/ports/records.ts';
import { type InstanceMaskDeps, requireWholeInstances } from '../../queries/cab-mask.ts';
import type { InstanceParts } from '../../queries/dicomweb/instance-parts.ts';
import {
  framesOfInstance,
  type InstanceDeps,
  instancesOf,
  metadataOf,
  openInstance,
  readInstance,
} from '../../queries/dicomweb/read.ts';
import type { Viewing } from '../../queries/read.ts';
import { actorOf } from '../access.ts';
import { route } from '../route.ts';
import { reportsShown } from '../visibility.ts';
import {
  type Accepted,
  acceptedTypes,
  bulkForm,
  type DicomOffer,
  dicomOffer,
  frameOffer,
  frameType,
  requireJson,
} from './accept.ts';
import { baseOf, hrefOf, type PublicPlace } from './addresses.ts';
import { type BodyPart, resumed, sendMultipart } from './multipart.ts';
import {
  AcceptQuery,
  BulkParams,
  bytesOf,
  dicomJsonList,
  FramesParams,
  InstanceParams,
  SeriesParams,
  StudyParams,
} from './schemas.ts';

const DICOM = 'application/dicom';
const OCTETS = 'application/octet-stream';

/** The path of a request as the records name it. */
export function pathOf(params: { study: string; series?: string; instance?: string }): InstancePath {
  return {
    studyUid: params.study,
    ...defined({ seriesUid: params.series, instanceUid: params.instance }),
  };
}

export type RetrieveDeps = Viewing<Tx<'instancesUnder'>> & InstanceDeps & InstanceMaskDeps;
type MetadataDeps = Viewing<Tx<'instancesUnder'>> & InstanceDeps & PublicPlace;

const retrieveErrors = [
  'NII_NOT_FOUND',
  'NII_NOT_ACCEPTABLE',
  'NII_UNSUPPORTED_VARIANT',
  'NII_MALFORMED',
] satisfies readonly ErrorCode[];

/** Errors of what shows pixels. */
export const pixelErrors = [...retrieveErrors, 'NII_CAB_MASKED'] satisfies readonly ErrorCode[];

const files = { 200: bytesOf('The instances, each as a Part 10 file', 'multipart/related', DICOM) };
const metadata = { 200: dicomJsonList('Data sets; long binary values are named by BulkDataURI') };

/** WADO-RS (PS3.18 section 10.4): instances, metadata, frames and bulk data. */
export const retrieveRoutes = [
  route({
    id: 'retrieveStudy',
    method: 'GET',
    url: '/dicomweb/studies/:study',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Every instance of a study (WADO-RS)',
    errors: pixelErrors,
    schema: { params: StudyParams, querystring: AcceptQuery, response: files },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendFiles(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveStudyMetadata',
    method: 'GET',
    url: '/dicomweb/studies/:study/metadata',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Data sets of a study without pixels (WADO-RS)',
    errors: retrieveErrors,
    schema: { params: StudyParams, querystring: AcceptQuery, response: metadata },
    handler: (deps: MetadataDeps) => (request, reply) =>
      sendMetadata(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveSeries',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Every instance of a series (WADO-RS)',
    errors: pixelErrors,
    schema: { params: SeriesParams, querystring: AcceptQuery, response: files },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendFiles(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveSeriesMetadata',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/metadata',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Data sets of a series without pixels (WADO-RS)',
    errors: retrieveErrors,
    schema: { params: SeriesParams, querystring: AcceptQuery, response: metadata },
    handler: (deps: MetadataDeps) => (request, reply) =>
      sendMetadata(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveInstance',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'One instance as a DICOM file (WADO-RS)',
    errors: pixelErrors,
    schema: { params: InstanceParams, querystring: AcceptQuery, response: files },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendFiles(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveInstanceMetadata',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/metadata',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Data set of an instance without pixels (WADO-RS)',
    errors: retrieveErrors,
    schema: { params: InstanceParams, querystring: AcceptQuery, response: metadata },
    handler: (deps: MetadataDeps) => (request, reply) =>
      sendMetadata(deps, request, reply, pathOf(request.params)),
  }),
  route({
    id: 'retrieveFrames',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Frames of an instance in a transfer syntax of choice (WADO-RS)',
    errors: pixelErrors,
    schema: {
      params: FramesParams,
      querystring: AcceptQuery,
      response: { 200: bytesOf('The frames', 'multipart/related', OCTETS) },
    },
    handler: (deps: RetrieveDeps & PublicPlace) => (request, reply) => {
      const { frames, ...params } = request.params;
      return sendFrames(deps, request, reply, pathOf(params), frameNumbers(frames));
    },
  }),
  route({
    id: 'retrieveBulkData',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/bulkdata/:tag',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'One long binary value of an instance (WADO-RS)',
    errors: pixelErrors,
    schema: {
      params: BulkParams,
      querystring: AcceptQuery,
      response: { 200: bytesOf('The value, little-endian', 'multipart/related', OCTETS) },
    },
    handler: (deps: RetrieveDeps) => (request, reply) => {
      const { tag, ...params } = request.params;
      return sendBulk(deps, request, reply, pathOf(params), tag);
    },
  }),
];

/** Each frame once: a list that names one again and again asks for more bytes than there are. */
function frameNumbers(frames: string): readonly number[] {
  const numbers = frames.split(',').map(Number);
  if (new Set(numbers).size === numbers.length) return numbers;
  throw new NiiError('NII_BAD_REQUEST', { detail: 'Invalid frames: list each frame once', field: 'frames' });
}

/** What the request takes, by its header or the query parameter that stands for it. */
export function acceptOf(request: FastifyRequest): readonly Accepted[] {
  const { accept } = request.query as { readonly accept?: string };
  return acceptedTypes(accept ?? request.headers.accept);
}

export function viewedInstances(
  deps: Viewing<Tx<'instancesUnder'>>,
  request: FastifyRequest,
  path: InstancePath,
  what: string,
): Promise<readonly InstanceRow[]> {
  const actor = actorOf(request);
  return instancesOf(deps, actor, path, reportsShown(actor), what);
}

async function sendFiles(
  deps: RetrieveDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
): Promise<FastifyReply> {
  const offer = dicomOffer(acceptOf(request), path.instanceUid !== undefined);
  const rows = await viewedInstances(deps, request, path, 'files');
  await requireWholeInstances(deps, actorOf(request), rows);
  privately(reply);
  if (offer.form === 'multipart') {
    return sendMultipart(request, reply, DICOM, fileParts(deps, actorOf(request), rows, offer));
  }
  const opened = await openInstance(deps, actorOf(request), onlyOne(rows), offer.syntaxes);
  const { transferSyntax, stream } = opened;
  return sendStream(request, reply, `${DICOM}; transfer-syntax=${transferSyntax}`, stream);
}

async function* fileParts(
  deps: InstanceDeps,
  actor: Actor,
  rows: readonly InstanceRow[],
  { syntaxes }: DicomOffer,
): AsyncGenerator<BodyPart> {
  for (const row of rows) {
    const { transferSyntax, stream } = await openInstance(deps, actor, row, syntaxes);
    yield { contentType: `${DICOM}; transfer-syntax=${transferSyntax}`, bytes: stream };
  }
}

async function sendMetadata(
  deps: MetadataDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
): Promise<FastifyReply> {
  requireJson(acceptOf(request));
  const rows = await viewedInstances(deps, request, path, 'metadata');
  privately(reply);
  const list = jsonList(deps, actorOf(request), rows, baseOf(deps, request));
  return sendStream(request, reply, 'application/dicom+json', list);
}

async function* jsonList(
  deps: InstanceDeps,
  actor: Actor,
  rows: readonly InstanceRow[],
  base: string,
): AsyncGenerator<Uint8Array> {
  for (const [i, row] of rows.entries()) {
    const json = await metadataOf(deps, actor, row, `${hrefOf(base, row)}/bulkdata`);
    try {
      yield Buffer.from(i === 0 ? '[' : ',');
      yield* json.stream(0);
    } finally {
      await json.close();
    }
  }
  yield Buffer.from(']');
}

async function sendFrames(
  deps: RetrieveDeps & PublicPlace,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
  numbers: readonly number[],
): Promise<FastifyReply> {
  const offer = frameOffer(acceptOf(request), numbers.length === 1);
  const row = onlyOne(await viewedInstances(deps, request, path, 'frames'));
  await requireWholeInstances(deps, actorOf(request), [row]);
  const { transferSyntax, parts } = await framesOfInstance(
    deps,
    actorOf(request),
    row,
    numbers,
    offer.syntaxes,
  );
  const type = frameType(transferSyntax);
  privately(reply);
  const contentType = `${type}; transfer-syntax=${transferSyntax}`;
  if (offer.form === 'single') return sendStream(request, reply, contentType, parts.closing(0));
  const location = (i: number) => `${hrefOf(baseOf(deps, request), row)}/frames/${numbers[i]}`;
  return sendMultipart(request, reply, type, frameParts(parts, contentType, location));
}

async function* frameParts(
  parts: InstanceParts,
  contentType: string,
  location: (index: number) => string,
): AsyncGenerator<BodyPart> {
  try {
    for (let i = 0; i < parts.count; i += 1)
      yield { contentType, location: location(i), bytes: parts.stream(i) };
  } finally {
    await parts.close();
  }
}

async function sendBulk(
  deps: RetrieveDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
  tag: string,
): Promise<FastifyReply> {
  const form = bulkForm(acceptOf(request));
  const row = onlyOne(await viewedInstances(deps, request, path, 'bulk data'));
  await requireWholeInstances(deps, actorOf(request), [row]);
  const value = await readInstance(deps, actorOf(request), row, { kind: 'bulk', tag });
  privately(reply);
  if (form === 'single') return sendStream(request, reply, OCTETS, value.closing(0));
  return sendMultipart(request, reply, OCTETS, single({ contentType: OCTETS, bytes: value.closing(0) }));
}

export function onlyOne(rows: readonly InstanceRow[]): InstanceRow {
  const [row] = rows;
  if (row === undefined) throw new NiiError('NII_NOT_FOUND', 'Unknown instance, or not visible to this key');
  return row;
}

/** Images of cargo are nobody's but the caller's; what a UID names may gain a listing, so it is asked for again. */
export function privately(reply: FastifyReply): void {
  reply.header('cache-control', 'private, no-cache').header('vary', 'accept, authorization');
}

/** The first bytes are made before the answer begins, so that a rejection is still a problem document. */
export async function sendStream(
  request: FastifyRequest,
  reply: FastifyReply,
  type: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<FastifyReply> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  reply.type(type);
  if (request.method === 'HEAD') {
    await iterator.return?.();
    return reply.send(Readable.from([]));
  }
  return reply.send(Readable.from(resumed(first, iterator), { objectMode: false }));
}

async function* single<T>(value: T): AsyncGenerator<T> {
  yield value;
}
