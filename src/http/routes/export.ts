import type { FastifyInstance } from 'fastify';
import { type ExportDeps, exportMediaTypes, exportOf } from '../../look/export/export.ts';
import { actorOf } from '../access.ts';
import { sendBytes } from '../bytes-answer.ts';
import { typed } from '../context.ts';
import { keepingOf, revisionNumber } from '../revision-number.ts';
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
      const file = await exportOf(deps, actorOf(request), { ...place, ...request.query });
      reply.header('content-disposition', attachment(`${scanId}-${file.name}`));
      const last = file.bytes.byteLength - 1;
      const body = {
        bytes: file.bytes.byteLength,
        contentType: file.mediaType,
        sha256: file.sha256,
        open: async (range = { first: 0, last }) =>
          piecesOf(file.bytes.subarray(range.first, range.last + 1)),
      };
      return sendBytes(request, reply, body, keepingOf(n));
    },
  });
}

const PIECE_BYTES = 256 * 1024;

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += PIECE_BYTES)
    yield bytes.subarray(from, from + PIECE_BYTES);
}
