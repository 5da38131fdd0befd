import type { FastifyInstance } from 'fastify';
import type { ByteRange } from '../../core/ports/objects.ts';
import { type ExportDeps, exportMediaTypes, exportOf } from '../../look/export/export.ts';
import { actorOf } from '../access.ts';
import { sendBytes } from '../bytes-answer.ts';
import { typed } from '../context.ts';
import { revisionNumber } from '../revision-number.ts';
import { storedBytes } from '../schemas/answers.ts';
import { ChannelParams, ExportQuery } from '../schemas/requests.ts';
import { attachment } from './objects.ts';
import { at } from './table.ts';

/** Channels in the formats of other tools. */
export function exportRoutes(app: FastifyInstance, deps: ExportDeps): void {
  typed(app).route({
    ...at('exportChannel'),
    schema: {
      params: ChannelParams,
      querystring: ExportQuery,
      response: storedBytes(exportMediaTypes, 'The channel in that format'),
    },
    handler: async (request, reply) => {
      const { scanId, n, view, channel } = request.params;
      const place = { scanId, revision: revisionNumber(n), view, channel };
      const { file, ...made } = await exportOf(deps, actorOf(request), { ...place, ...request.query });
      // Whatever is sent of it, nothing reads it after the answer
      reply.raw.once('close', () => void file.close());
      reply.header('content-disposition', attachment(`${scanId}-${made.name}`));
      const body = {
        bytes: file.bytes,
        contentType: made.mediaType,
        sha256: made.sha256,
        open: async (range?: ByteRange) => file.stream(range),
      };
      // Whether the caller may have it is a matter of the policy
      return sendBytes(request, reply, body, 'ask-again');
    },
  });
}
