import type { OperationId } from '../routes/table.ts';

/** Headers of answers. A required one is never missing, so that whoever reads the description may count on it. */

interface Header {
  readonly words: string;
  readonly type?: 'integer';
}

const headers = {
  'WWW-Authenticate': { words: 'How a key is sent' },
  'Retry-After': { words: 'Seconds to wait', type: 'integer' },
  'Content-Range': { words: 'Which bytes these are, or how many there are' },
  'Accept-Ranges': { words: 'bytes: a range may be asked for; none: it may not' },
  'Content-Disposition': { words: 'Name under which to save the file' },
  ETag: { words: 'The version, for If-Match or If-None-Match' },
  'Idempotency-Replayed': { words: 'true: the answer of before to the same Idempotency-Key' },
  Link: { words: 'The record that describes the samples' },
  Location: { words: 'Where to go on: the scan, the person, the upload, the provider or the page' },
  'Nii-Rows': { words: 'Rows of the channel', type: 'integer' },
  'Nii-Columns': { words: 'Columns of the channel', type: 'integer' },
  'Nii-Frames': { words: 'Frames of the channel', type: 'integer' },
  'Nii-Samples-Per-Pixel': { words: 'Samples of each pixel', type: 'integer' },
  'Nii-Bits-Allocated': { words: 'Bits that a sample takes', type: 'integer' },
  'Nii-Bits-Stored': { words: 'Bits of a sample that carry a value', type: 'integer' },
  'Nii-Sample-Format': { words: 'unsigned, signed or float' },
  'Nii-Masked': { words: 'Lines of stored samples that the policy masks, as: columns 0-120' },
  'Set-Cookie': { words: 'The cookie of the session or of the sign-in, or its end' },
  'Upload-Expires': { words: 'When the upload is removed if it is not finished' },
  'Upload-Length': { words: 'Bytes of the whole file', type: 'integer' },
  'Upload-Metadata': { words: 'What was said of the file when the upload began' },
  'Upload-Offset': { words: 'Bytes that have arrived', type: 'integer' },
  'Tus-Resumable': { words: 'Version of the protocol' },
  'Tus-Version': { words: 'Versions of the protocol that are spoken' },
} as const satisfies Readonly<Record<string, Header>>;

type Name = keyof typeof headers;

/** By status; `?` behind a name: not always there. */
type Stated = Readonly<Record<string, readonly (Name | `${Name}?`)[]>>;

const ofStatus: Stated = {
  206: ['Content-Range', 'Accept-Ranges', 'ETag?'],
  401: ['WWW-Authenticate'],
  416: ['Content-Range'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};
/** Operations whose success names the version of what they answer. */
const versioned: readonly OperationId[] = [
  'takeNextCase',
  'getCase',
  'claimCase',
  'renewClaim',
  'handBackCase',
  'decideCase',
  'takeBackVerdict',
  'requestOpinion',
  'settleCase',
  'referCase',
  'recordOutcome',
  'acceptSearch',
  'closeCase',
  'reopenCase',
  'recordCustomsRelease',
  'reviewRelease',
  'settlePassage',
  'addAnnotation',
  'changeAnnotation',
  'removeAnnotation',
  'getHold',
  'adjudicateHold',
  'closeHold',
  'reopenHold',
  'duplicateHold',
  'joinHold',
  'unjoinHold',
  'getDeclaration',
  'putDeclaration',
  'getScanner',
  'registerScanner',
  'getPerson',
  'createPerson',
  'linkPerson',
  'declareConflict',
  'setConflict',
  'settleConflict',
  'getPolicy',
  'putPolicy',
  'confirmPolicy',
  'getSite',
  'putSite',
  'confirmSite',
];

const samples = [
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

const ofOperation: Readonly<Partial<Record<OperationId, Stated>>> = {
  ...Object.fromEntries(versioned.map((id) => [id, { 200: ['ETag'], 201: ['ETag'], 202: ['ETag'] }])),
  uploadScans: { 202: ['Location?'] },
  createPerson: { 201: ['ETag', 'Location'] },
  getSamples: { 200: samples, 206: samples },
  getDicos: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
  getReport: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
  getOriginal: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
  getPhotographOriginal: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
  addPhotograph: { 200: ['Idempotency-Replayed?'] },
  removePhotograph: { 200: ['Idempotency-Replayed?'] },
  getSearchOrder: { 200: ['Content-Disposition'] },
  exportChannel: { 200: ['Content-Disposition'], 206: ['Content-Disposition'] },
  beginResumable: { 201: ['Location', 'Tus-Resumable', 'Tus-Version', 'Upload-Expires?'] },
  getResumable: { 200: ['Tus-Resumable', 'Tus-Version'] },
  sendResumable: { 204: ['Upload-Offset', 'Tus-Resumable', 'Tus-Version', 'Upload-Expires?'] },
  beginSignIn: { 303: ['Location', 'Set-Cookie'] },
  acceptSignIn: { 303: ['Location', 'Set-Cookie'] },
  endSession: { 200: ['Set-Cookie'] },
  endAllSessions: { 200: ['Set-Cookie'] },
  endResumable: { 204: ['Tus-Resumable', 'Tus-Version'] },
};

/** Of HEAD at a resumable upload. */
export const offsetHeaders = headersNamed([
  'Upload-Offset',
  'Upload-Length',
  'Upload-Metadata?',
  'Upload-Expires?',
  'Tus-Resumable',
  'Tus-Version',
]);

/** Every header that an answer refers to. */
export const headerComponents = Object.fromEntries(
  Object.entries(headers).flatMap(([name, header]: readonly [string, Header]) => [
    [name, headerOf(header, true)],
    [optional(name), headerOf(header, false)],
  ]),
);

export interface StatedAnswers {
  readonly parameters?: readonly { readonly name?: string }[];
  readonly responses: Readonly<Record<string, object>>;
}

/** Adds to each answer of an operation, by status, the headers that it carries. */
export function withHeaders(operationId: OperationId, { parameters = [], responses }: StatedAnswers) {
  const isReplayed = parameters.some(({ name }) => name === 'idempotency-key');
  const isStored = '206' in responses;
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => {
      const names = [
        ...(ofStatus[status] ?? []),
        ...(isReplayed && status.startsWith('2') ? (['Idempotency-Replayed?'] as const) : []),
        ...(isStored && status === '200' ? (['Accept-Ranges', 'ETag?'] as const) : []),
        ...(ofOperation[operationId]?.[status] ?? []),
      ];
      return [status, names.length === 0 ? answer : { ...answer, headers: headersNamed(names) }];
    }),
  );
}

function headersNamed(names: readonly string[]) {
  return Object.fromEntries(
    names.map((stated) => {
      const name = stated.replace('?', '');
      const component = stated === name ? name : optional(name);
      return [name, { $ref: `#/components/headers/${component}` }];
    }),
  );
}

function optional(name: string): string {
  return `${name}-Maybe`;
}

function headerOf({ words, type }: Header, required: boolean) {
  return { description: words, required, schema: { type: type ?? 'string' } };
}
