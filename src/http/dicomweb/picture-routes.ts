import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { NiiError } from '../../core/errors.ts';
import type { InstancePath } from '../../core/ports/records/instances.ts';
import { maskOfInstance } from '../../queries/cab-mask.ts';
import { type PictureOrder, readInstance } from '../../queries/dicomweb/read.ts';
import { actorOf } from '../access.ts';
import { route } from '../route.ts';
import { pictureFormat } from './accept.ts';
import { pictureOrder } from './picture-query.ts';
import {
  acceptOf,
  onlyOne,
  pathOf,
  pixelErrors,
  privately,
  type RetrieveDeps,
  sendStream,
  viewedInstances,
} from './retrieve-routes.ts';
import { bytesOf, FramesParams, InstanceParams, PictureQuery, SeriesParams, StudyParams } from './schemas.ts';

const response = { 200: bytesOf('A picture of 8 bits', 'image/jpeg', 'image/png') };
const THUMBNAIL_SIDE = 256;

/** WADO-RS rendered resources and thumbnails (PS3.18 sections 8.3.5 and 10.4.1.1.3). */
export const pictureRoutes = [
  route({
    id: 'renderInstance',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/rendered',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Picture of the first frame of an instance (WADO-RS)',
    errors: pixelErrors,
    schema: { params: InstanceParams, querystring: PictureQuery, response },
    handler: (deps: RetrieveDeps) => (request, reply) => {
      const order = pictureOrder(request.query, pictureFormat(acceptOf(request)));
      return sendPicture(deps, request, reply, pathOf(request.params), 1, order);
    },
  }),
  route({
    id: 'renderFrames',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames/rendered',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Picture of one frame (WADO-RS)',
    errors: pixelErrors,
    schema: { params: FramesParams, querystring: PictureQuery, response },
    handler: (deps: RetrieveDeps) => (request, reply) => {
      const { frames, ...params } = request.params;
      if (frames.includes(',')) {
        throw new NiiError('NII_NOT_ACCEPTABLE', {
          detail: 'Invalid frames: specify one frame for a rendered picture',
          field: 'frames',
        });
      }
      const order = pictureOrder(request.query, pictureFormat(acceptOf(request)));
      return sendPicture(deps, request, reply, pathOf(params), Number(frames), order);
    },
  }),
  route({
    id: 'retrieveStudyThumbnail',
    method: 'GET',
    url: '/dicomweb/studies/:study/thumbnail',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Small picture of a study (WADO-RS)',
    errors: pixelErrors,
    schema: { params: StudyParams, querystring: PictureQuery, response },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendThumbnail(deps, request, reply, pathOf(request.params), request.query),
  }),
  route({
    id: 'retrieveSeriesThumbnail',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/thumbnail',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Small picture of a series (WADO-RS)',
    errors: pixelErrors,
    schema: { params: SeriesParams, querystring: PictureQuery, response },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendThumbnail(deps, request, reply, pathOf(request.params), request.query),
  }),
  route({
    id: 'retrieveInstanceThumbnail',
    method: 'GET',
    url: '/dicomweb/studies/:study/series/:series/instances/:instance/thumbnail',
    tag: 'dicomweb',
    right: 'view scans',
    summary: 'Small picture of an instance (WADO-RS)',
    errors: pixelErrors,
    schema: { params: InstanceParams, querystring: PictureQuery, response },
    handler: (deps: RetrieveDeps) => (request, reply) =>
      sendThumbnail(deps, request, reply, pathOf(request.params), request.query),
  }),
];

function sendThumbnail(
  deps: RetrieveDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
  query: Static<typeof PictureQuery>,
): Promise<FastifyReply> {
  const order = pictureOrder(query, pictureFormat(acceptOf(request)));
  const viewport = order.viewport ?? { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE };
  return sendPicture(deps, request, reply, path, 1, { ...order, viewport });
}

/** The first instance under the path that has pixels. */
async function sendPicture(
  deps: RetrieveDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  path: InstancePath,
  frame: number,
  order: PictureOrder,
): Promise<FastifyReply> {
  const rows = await viewedInstances(deps, request, path, 'picture');
  const row = rows.find(({ frames }) => frames > 0) ?? onlyOne(rows);
  const mask = await maskOfInstance(deps, row);
  const picture = await readInstance(deps, actorOf(request), row, { kind: 'render', frame, order, mask });
  privately(reply);
  return sendStream(request, reply, `image/${order.format}`, picture.closing(0));
}
