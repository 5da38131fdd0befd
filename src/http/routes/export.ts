import type { ByteRange } from '../../core/ports/objects.ts';
import { type ExportDeps, exportMediaTypes, exportOf } from '../../queries/export.ts';
import { actorOf } from '../access.ts';
import { revisionNumber, sendBytes } from '../bytes-answer.ts';
import { route } from '../route.ts';
import { storedBytes } from '../schemas/answers.ts';
import { ChannelParams, ExportQuery } from '../schemas/requests.ts';
import { attachment } from './objects.ts';

/** Channels in the formats of other tools. */
export const exportRoutes = [
  route({
    id: 'exportChannel',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/channels/:view/:channel/export',
    tag: 'pixels',
    right: 'view scans',
    summary: 'Export a channel as DICOS, medical DICOM, TIFF, PNG or NumPy',
    errors: [
      'NII_BAD_REQUEST',
      'NII_CAB_MASKED',
      'NII_NOT_FOUND',
      'NII_UNSUPPORTED_VARIANT',
      'NII_RANGE',
      'NII_LIMIT_TIME',
    ],
    headers: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
    schema: {
      params: ChannelParams,
      querystring: ExportQuery,
      response: storedBytes(exportMediaTypes, 'The channel in that format'),
    },
    handler: (deps: ExportDeps) => async (request, reply) => {
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
  }),
];
