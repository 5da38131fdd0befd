import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import type { ByteRange } from '../../core/ports/objects.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { nameOfLines } from '../../queries/pixels/plane-files.ts';
import { compressed, readRegion, type Stretch } from '../../queries/pixels/sample-region.ts';
import { type ReadSamplesDeps, readSamples, type Samples } from '../../queries/pixels/samples.ts';
import { actorOf } from '../access.ts';
import { isKnownTag, keepingHeader, revisionNumber, sendBytes } from '../bytes-answer.ts';
import { route } from '../route.ts';
import { storedBytes } from '../schemas/answers.ts';
import { ChannelParams, SamplesQuery } from '../schemas/requests.ts';

const described = [
  'Nii-Rows',
  'Nii-Columns',
  'Nii-Frames',
  'Nii-Samples-Per-Pixel',
  'Nii-Bits-Allocated',
  'Nii-Bits-Stored',
  'Nii-Sample-Format',
  'Nii-Masked?',
  'Link',
] as const;

export const sampleRoutes = [
  route({
    id: 'getSamples',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/channels/:view/:channel/samples',
    tag: 'pixels',
    right: 'view scans',
    summary:
      'Samples of one channel: little-endian, row-major, frames joined, nothing changed but what the policy masks; or a region of them, or a smaller copy',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
    headers: { 200: described, 206: described },
    schema: {
      params: ChannelParams,
      querystring: SamplesQuery,
      response: storedBytes('application/octet-stream', 'The samples'),
    },
    handler: (deps: ReadSamplesDeps) => async (request, reply) => {
      const { scanId, n, view, channel } = request.params;
      const samples = await readSamples(deps, actorOf(request), scanId, revisionNumber(n), view, channel);
      if (samples.masked.length > 0) reply.header('nii-masked', samples.masked.map(nameOfLines).join(', '));
      reply.header('link', `</v1/scans/${scanId}/revisions/${n}/scan.json>; rel="describedby"`);
      if (Object.keys(request.query).length > 0) {
        return sendRegion(request, reply, samples, request.query);
      }
      describeChannel(reply, samples.channel);
      const body = {
        bytes: samples.channel.bytes,
        contentType: 'application/octet-stream',
        open: async (range?: ByteRange) => samples.open(range),
        ...defined({ sha256: samples.sha256 }),
      };
      // The policy may mask them, or mask them no longer
      return sendBytes(request, reply, body, 'ask-again');
    },
  }),
];

/** A part of the samples, or fewer of them; compressed for whoever takes that. */
async function sendRegion(
  request: FastifyRequest,
  reply: FastifyReply,
  { channel, path, sha256 }: Samples,
  { level = 0, rows, columns, as = 'samples' }: Static<typeof SamplesQuery>,
) {
  const isGzipTaken = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  reply.header('cache-control', keepingHeader('ask-again'));
  const part = [level, rows, columns, as, isGzipTaken ? 'gzip' : 'plain'].join('.');
  const tag = sha256 === undefined ? undefined : `${sha256}.${part}`;
  if (tag !== undefined) reply.header('etag', `"${tag}"`);
  const asked = { level, rows: stretchOf(rows), columns: stretchOf(columns), as };
  const region = await readRegion(channel, path, asked);
  describeChannel(reply, { ...channel, rows: region.rows, columns: region.columns });
  // a part is answered whole: it has no range of bytes to ask for
  reply.header('accept-ranges', 'none').header('vary', 'authorization, accept-encoding');
  if (tag !== undefined && isKnownTag(request, tag)) return reply.code(304).send();
  reply.type('application/octet-stream');
  if (isGzipTaken) reply.header('content-encoding', 'gzip');
  const bytes = isGzipTaken ? await compressed(region.bytes) : region.bytes;
  // The route checks what it answers, and these are bytes
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as unknown as string);
}

function stretchOf(asked: string | undefined): Stretch | undefined {
  if (asked === undefined) return undefined;
  const [from = 0, to = 0] = asked.split('-').map(Number);
  return { from, to };
}

/** What is needed to read the samples without the record. */
function describeChannel(reply: FastifyReply, channel: Channel): void {
  reply
    .header('nii-rows', channel.rows)
    .header('nii-columns', channel.columns)
    .header('nii-frames', channel.frames)
    .header('nii-samples-per-pixel', channel.samplesPerPixel)
    .header('nii-bits-allocated', channel.bitsAllocated)
    .header('nii-bits-stored', channel.bitsStored)
    .header('nii-sample-format', channel.sampleFormat);
}
