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

/** Name of a header; with `?`: not always there. */
type AnswerHeader = Name | `${Name}?`;

/** Headers of answers, by status. */
export type AnswerHeaders = Readonly<Record<number, readonly AnswerHeader[]>>;

const ofStatus: AnswerHeaders = {
  206: ['Content-Range', 'Accept-Ranges', 'ETag?'],
  401: ['WWW-Authenticate'],
  416: ['Content-Range'],
  429: ['Retry-After'],
  503: ['Retry-After'],
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
export function withHeaders(
  { headers: own }: { readonly headers?: AnswerHeaders },
  { parameters = [], responses }: StatedAnswers,
) {
  const isReplayed = parameters.some(({ name }) => name === 'idempotency-key');
  const isStored = '206' in responses;
  return Object.fromEntries(
    Object.entries(responses).map(([status, answer]) => {
      const names = [
        ...(ofStatus[Number(status)] ?? []),
        ...(isReplayed && status.startsWith('2') ? (['Idempotency-Replayed?'] as const) : []),
        ...(isStored && status === '200' ? (['Accept-Ranges', 'ETag?'] as const) : []),
        ...(own?.[Number(status)] ?? []),
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
