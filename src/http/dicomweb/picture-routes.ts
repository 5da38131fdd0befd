import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { NiiError } from '../../core/errors.ts';
import type { InstancePath } from '../../core/ports/records/instances.ts';
import { maskOfInstance } from '../../look/cab/instance-mask.ts';
import { type PictureOrder, readInstance } from '../../look/dicomweb/read.ts';
import { actorOf } from '../access.ts';
import { typed } from '../context.ts';
import { at } from '../routes/table.ts';
import { pictureFormat } from './accept.ts';
import { pictureOrder } from './picture-query.ts';
import {
  acceptOf,
  onlyOne,
  pathOf,
  privately,
  type RetrieveDeps,
  sendStream,
  viewedInstances,
} from './retrieve-routes.ts';
import { bytesOf, FramesParams, InstanceParams, PictureQuery, SeriesParams, StudyParams } from './schemas.ts';

const response = { 200: bytesOf('A picture of 8 bits', 'image/jpeg', 'image/png') };
const THUMBNAIL_SIDE = 256;

/** WADO-RS rendered resources and thumbnails (PS3.18 sections 8.3.5 and 10.4.1.1.3). */
export function pictureRoutes(app: FastifyInstance, deps: RetrieveDeps): void {
  const routes = typed(app);
  routes.route({
    ...at('renderInstance'),
    schema: { params: InstanceParams, querystring: PictureQuery, response },
    handler: (request, reply) => {
      const order = pictureOrder(request.query, pictureFormat(acceptOf(request)));
      return sendPicture(deps, request, reply, pathOf(request.params), 1, order);
    },
  });
  routes.route({
    ...at('renderFrames'),
    schema: { params: FramesParams, querystring: PictureQuery, response },
    handler: (request, reply) => {
      const { frames, ...params } = request.params;
      if (frames.includes(',')) {
        throw new NiiError('NII_NOT_ACCEPTABLE', {
          detail: 'Invalid frames: name one frame for a rendered picture',
          field: 'frames',
        });
      }
      const order = pictureOrder(request.query, pictureFormat(acceptOf(request)));
      return sendPicture(deps, request, reply, pathOf(params), Number(frames), order);
    },
  });
  for (const [operation, params] of [
    ['retrieveStudyThumbnail', StudyParams],
    ['retrieveSeriesThumbnail', SeriesParams],
    ['retrieveInstanceThumbnail', InstanceParams],
  ] as const) {
    routes.route({
      ...at(operation),
      schema: { params, querystring: PictureQuery, response },
      handler: (request, reply) => {
        const order = pictureOrder(request.query, pictureFormat(acceptOf(request)));
        const viewport = order.viewport ?? { width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE };
        return sendPicture(deps, request, reply, pathOf(request.params), 1, { ...order, viewport });
      },
    });
  }
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
