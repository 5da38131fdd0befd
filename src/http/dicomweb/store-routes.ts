import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defined } from '../../core/defined.ts';
import type { DicomJson } from '../../core/dicom-json.ts';
import { NiiError } from '../../core/errors.ts';
import type { UploadMeta } from '../../core/upload/fields.ts';
import { type StoreDeps, type StoreOutcome, storeInstances } from '../../receive/dicom-instances.ts';
import { discardUpload, receiveUpload, type StagingDeps } from '../../receive/upload.ts';
import { actorOf } from '../access.ts';
import { typed } from '../context.ts';
import { at } from '../routes/table.ts';
import { rejectDeclaredLength } from '../upload-parts.ts';
import { baseOf, hrefOf, type PublicPlace } from './addresses.ts';
import { relatedParts, relatedType } from './multipart-read.ts';
import { dicomJson, StoreQuery, StudyParams } from './schemas.ts';

const response = {
  200: dicomJson('Every instance is stored'),
  202: dicomJson('Some instances are stored; FailedSOPSequence says why others are not'),
  409: dicomJson('No instance is stored; FailedSOPSequence says why'),
};

/** STOW-RS (PS3.18 section 10.5) of whole instances. */
export function storeRoutes(app: FastifyInstance, deps: StoreDeps & StagingDeps & PublicPlace): void {
  app.removeAllContentTypeParsers();
  // The body is left unread: it is streamed to the disk, and never held.
  app.addContentTypeParser(/^multipart\/related/i, (_request, _payload, done) => done(null));
  const routes = typed(app);
  routes.route({
    ...at('storeInstances'),
    schema: { querystring: StoreQuery, response },
    handler: (request, reply) => store(deps, request, reply, request.query),
  });
  routes.route({
    ...at('storeInstancesOfStudy'),
    schema: { params: StudyParams, querystring: StoreQuery, response },
    handler: (request, reply) => store(deps, request, reply, request.query, request.params.study),
  });
}

async function store(
  deps: StoreDeps & StagingDeps & PublicPlace,
  request: FastifyRequest,
  reply: FastifyReply,
  meta: UploadMeta,
  studyUid?: string,
): Promise<FastifyReply> {
  const { type } = relatedType(request);
  if (type !== 'application/dicom') {
    const detail =
      'Invalid media type: use multipart/related; type="application/dicom", whole instances in each part';
    throw new NiiError('NII_MEDIA_TYPE', { detail, field: 'content-type' });
  }
  rejectDeclaredLength(request, deps.limits);
  const upload = await receiveUpload(deps, relatedParts(request), actorOf(request).keyId);
  try {
    const outcome = await storeInstances(deps, actorOf(request), upload, meta, studyUid);
    reply.code(statusOf(outcome)).type('application/dicom+json');
    return await reply.send(JSON.stringify(storeAnswer(outcome, baseOf(deps, request))));
  } finally {
    await discardUpload(upload);
  }
}

function statusOf({ stored, failed, unreadable }: StoreOutcome): 200 | 202 | 409 {
  if (stored.length === 0) return 409;
  return failed.length + unreadable.length === 0 ? 200 : 202;
}

/** Store Instances Response Module (PS3.18 table I.1-1). */
function storeAnswer({ stored, failed, unreadable }: StoreOutcome, base: string): DicomJson {
  const studies = [...new Set(stored.map(({ studyUid }) => studyUid))];
  const [study] = studies;
  return {
    ...defined({
      '00081190':
        study === undefined || studies.length > 1 ? undefined : url(hrefOf(base, { studyUid: study })),
    }),
    ...items(
      '00081198',
      failed.map(({ names, reason }) => ({ ...reference(names), '00081197': us(reason) })),
    ),
    ...items(
      '00081199',
      stored.map((names) => ({ ...reference(names), '00081190': url(hrefOf(base, names)) })),
    ),
    ...items(
      '0008119A',
      unreadable.map((reason) => ({ '00081197': us(reason) })),
    ),
  };
}

function items(tag: string, value: readonly DicomJson[]): DicomJson {
  return value.length === 0 ? {} : { [tag]: { vr: 'SQ', Value: value } };
}

function reference({ sopClass, instanceUid }: StoreOutcome['stored'][number]): DicomJson {
  return {
    '00081150': { vr: 'UI', Value: [sopClass] },
    '00081155': { vr: 'UI', Value: [instanceUid] },
  };
}

function url(href: string) {
  return { vr: 'UR', Value: [href] };
}

function us(value: number) {
  return { vr: 'US', Value: [value] };
}
