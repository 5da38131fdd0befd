import type { FastifyInstance, FastifyReply } from 'fastify';
import { defined } from '../../core/defined.ts';
import type { ByteRange } from '../../core/ports/objects.ts';
import type { Channel } from '../../core/scan/scan.ts';
import { type ReadSamplesDeps, readSamples } from '../../look/samples.ts';
import { actorOf } from '../access.ts';
import { sendBytes } from '../bytes-answer.ts';
import { typed } from '../context.ts';
import { keepingOf, revisionNumber } from '../revision-number.ts';
import { storedBytes } from '../schemas/answers.ts';
import { ChannelParams } from '../schemas/requests.ts';
import { at } from './table.ts';

export function sampleRoutes(app: FastifyInstance, deps: ReadSamplesDeps): void {
  typed(app).route({
    ...at('getSamples'),
    schema: {
      params: ChannelParams,
      response: storedBytes('application/octet-stream', 'The samples'),
    },
    handler: async (request, reply) => {
      const { scanId, n, view, channel } = request.params;
      const samples = await readSamples(deps, actorOf(request), scanId, revisionNumber(n), view, channel);
      describeChannel(reply, samples.channel);
      reply.header('link', `</v1/scans/${scanId}/revisions/${n}/scan.json>; rel="describedby"`);
      const body = {
        bytes: samples.channel.bytes,
        contentType: 'application/octet-stream',
        open: async (range?: ByteRange) => samples.open(range),
        ...defined({ sha256: samples.sha256 }),
      };
      return sendBytes(request, reply, body, keepingOf(n));
    },
  });
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
