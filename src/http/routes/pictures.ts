import type { FastifyReply, FastifyRequest } from 'fastify';
import { defined } from '../../core/defined.ts';
import type { ByteRange } from '../../core/ports/objects.ts';
import type { DrawnPicture } from '../../queries/pixels/drawn-picture.ts';
import {
  openMap,
  openPicture,
  type ShownPicture,
  type StoredPictureDeps,
} from '../../queries/pixels/masked-picture.ts';
import { type MaterialDeps, materialPicture } from '../../queries/pixels/material.ts';
import {
  type OverlayDeps,
  overlayBands,
  overlayBoxColour,
  overlayPicture,
  type PlacedMap,
  placedMap,
} from '../../queries/pixels/overlay.ts';
import { actorOf } from '../access.ts';
import { revisionNumber, sendBytes } from '../bytes-answer.ts';
import { route } from '../route.ts';
import { MapLegend, storedBytes } from '../schemas/answers.ts';
import { MapLegendQuery, MapQuery, PreviewQuery, RevisionParams } from '../schemas/requests.ts';
import { hashed, only } from './objects.ts';

const png = storedBytes('image/png', 'Picture');

export type PictureDeps = MaterialDeps & OverlayDeps & StoredPictureDeps;

/** Pictures of a revision. */
export const pictureRoutes = [
  route({
    id: 'getPreview',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/preview',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Get an 8-bit preview, in greys or material colours',
    errors: ['NII_NOT_FOUND', 'NII_NO_MATERIAL', 'NII_RANGE', 'NII_LIMIT_TIME'],
    schema: { params: RevisionParams, querystring: PreviewQuery, response: png },
    handler: (deps: PictureDeps) => async (request, reply) => {
      const { scanId, n } = request.params;
      const actor = actorOf(request);
      if (request.query.of === 'material') {
        return sendDrawn(request, reply, await materialPicture(deps, actor, scanId, revisionNumber(n)));
      }
      const picture = await openPicture(deps, actor, scanId, revisionNumber(n), only('preview'));
      return sendPicture(request, reply, picture);
    },
  }),
  route({
    id: 'getThumbnail',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/thumbnail',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Get an 8-bit thumbnail',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
    schema: { params: RevisionParams, response: png },
    handler: (deps: StoredPictureDeps) => async (request, reply) => {
      const { scanId, n } = request.params;
      const picture = await openPicture(deps, actorOf(request), scanId, revisionNumber(n), only('thumbnail'));
      return sendPicture(request, reply, picture);
    },
  }),
];

/** Anomaly maps of a revision: as stored, over the preview, and what their colours mean. */
export const mapRoutes = [
  route({
    id: 'getMap',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/map',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Get the anomaly map of a model, in stored orientation or as an overlay',
    errors: ['NII_NOT_FOUND', 'NII_RANGE', 'NII_LIMIT_TIME'],
    schema: { params: RevisionParams, querystring: MapQuery, response: png },
    handler: (deps: OverlayDeps) => async (request, reply) => {
      const { scanId, n } = request.params;
      const { model, as } = request.query;
      const actor = actorOf(request);
      if (as === 'overlay') {
        return sendDrawn(request, reply, await overlayPicture(deps, actor, scanId, revisionNumber(n), model));
      }
      const picture = await openMap(deps, actor, scanId, revisionNumber(n), {
        kind: 'map',
        name: model ?? '',
        is: (row) => row.kind === 'map' && (model === undefined || row.model === model),
      });
      return sendPicture(request, reply, picture);
    },
  }),
  route({
    id: 'getMapLegend',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/map/legend',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Get the legend of the map over the preview: colours and places of findings',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, querystring: MapLegendQuery, response: { 200: MapLegend } },
    handler: (deps: Parameters<typeof placedMap>[0]) => async (request) => {
      const { scanId, n } = request.params;
      const { model } = request.query;
      return shownLegend(await placedMap(deps, actorOf(request), scanId, revisionNumber(n), model));
    },
  }),
];

function shownLegend({ model, view, rows, columns, findings }: PlacedMap) {
  return {
    model,
    view: view.id,
    rows,
    columns,
    bands: overlayBands.map(({ from, to, colour, opacity }) => ({ from, to, colour: hex(colour), opacity })),
    boxColour: hex(overlayBoxColour),
    boxes: findings.map(({ finding, box }) => {
      const { id, label, score, anomalyPercentile } = finding;
      return { ...box, finding: id, label, score, ...defined({ anomalyPercentile }) };
    }),
  };
}

function hex(colour: readonly number[]): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** What the policy masks may change, so whoever keeps a picture asks again. */
export function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  picture: ShownPicture,
): Promise<FastifyReply> {
  return picture.kind === 'drawn'
    ? sendDrawn(request, reply, picture.drawn)
    : sendBytes(request, reply, hashed(picture.opened), 'ask-again');
}

/** Drawn for this request: a later version may draw it otherwise, so whoever keeps it asks again. */
function sendDrawn(
  request: FastifyRequest,
  reply: FastifyReply,
  { file, sha256 }: DrawnPicture,
): Promise<FastifyReply> {
  // Whatever is sent of it, nothing reads it after the answer
  reply.raw.once('close', () => void file.close());
  const open = async (range?: ByteRange) => file.stream(range);
  return sendBytes(
    request,
    reply,
    { bytes: file.bytes, contentType: 'image/png', sha256, open },
    'ask-again',
  );
}
