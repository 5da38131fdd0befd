import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { defined } from '../../core/defined.ts';
import type { DicomJson } from '../../core/dicom-json.ts';
import { type ErrorCode, NiiError } from '../../core/errors.ts';
import type { UploadMeta } from '../../core/upload.ts';
import { type StoreDeps, type StoreOutcome, storeInstances } from '../../receive/dicom-instances.ts';
import { discardUpload, receiveUpload, type StagingDeps } from '../../receive/upload.ts';
import { actorOf } from '../access.ts';
import { route } from '../route.ts';
import { evidenceOfMachine } from '../safety.ts';
import { rejectDeclaredLength } from '../upload-parts.ts';
import { baseOf, hrefOf, type PublicPlace } from './addresses.ts';
import { relatedParts, typeOfParts } from './multipart-read.ts';
import { dicomJson, StoreQuery, StudyParams } from './schemas.ts';

const response = {
  200: dicomJson('Every instance is stored'),
  202: dicomJson('Some instances are stored; FailedSOPSequence says why others are not'),
  409: dicomJson('No instance is stored; FailedSOPSequence says why'),
};

const storeErrors = [
  'NII_UPLOAD_CUT',
  'NII_LIMIT_BYTES',
  'NII_LIMIT_FILES',
  'NII_MEDIA_TYPE',
  'NII_QUEUE_FULL',
  'NII_DISK_FULL',
] satisfies readonly ErrorCode[];

const unchecked = {
  content: {
    'multipart/related': {
      schema: Type.String({
        format: 'binary',
        description: 'One DICOM file in each part (PS3.18 section 8.7)',
      }),
    },
  },
};

type Deps = StoreDeps & StagingDeps & PublicPlace;

/** For a scope of its own. The body is left unread: it is streamed to the disk, and never held. */
export function takeRelatedParts(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^multipart\/related/i, (_request, _payload, done) => done(null));
}

/** STOW-RS (PS3.18 section 10.5) of whole instances. */
export const storeRoutes = [
  route({
    id: 'storeInstances',
    method: 'POST',
    url: '/dicomweb/studies',
    tag: 'dicomweb',
    right: 'send scans',
    safety: evidenceOfMachine,
    summary: 'Store instances (STOW-RS)',
    errors: storeErrors,
    unchecked,
    schema: { querystring: StoreQuery, response },
    handler: (deps: Deps) => (request, reply) => store(deps, request, reply, request.query),
  }),
  route({
    id: 'storeInstancesOfStudy',
    method: 'POST',
    url: '/dicomweb/studies/:study',
    tag: 'dicomweb',
    right: 'send scans',
    safety: evidenceOfMachine,
    summary: 'Store instances of one study (STOW-RS)',
    errors: storeErrors,
    unchecked,
    schema: { params: StudyParams, querystring: StoreQuery, response },
    handler: (deps: Deps) => (request, reply) =>
      store(deps, request, reply, request.query, request.params.study),
  }),
];

async function store(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  meta: UploadMeta,
  studyUid?: string,
): Promise<FastifyReply> {
  if (typeOfParts(request) !== 'application/dicom') {
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
