import type { OperationId } from '../routes/table.ts';

/** Headers that an answer never lacks, so that who reads the description may count on them. */

const words = {
  'WWW-Authenticate': 'How a key is sent',
  'Retry-After': 'Seconds to wait',
  'Content-Range': 'Which bytes these are, or how many there are',
  'Accept-Ranges': 'bytes: a range may be asked for',
  ETag: 'The version, for If-Match',
  Location: 'Where the upload goes on',
  'Upload-Offset': 'So many bytes are here',
  'Tus-Resumable': 'Version of the protocol',
} as const;

type Name = keyof typeof words;

const ofStatus: Readonly<Record<string, readonly Name[]>> = {
  206: ['Content-Range', 'Accept-Ranges'],
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
  'releaseCase',
  'decideCase',
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

const ofOperation: Readonly<Partial<Record<OperationId, Readonly<Record<string, readonly Name[]>>>>> = {
  ...Object.fromEntries(versioned.map((id) => [id, { 200: ['ETag'], 201: ['ETag'], 202: ['ETag'] }])),
  beginResumable: { 201: ['Location', 'Tus-Resumable'] },
  sendResumable: { 204: ['Upload-Offset', 'Tus-Resumable'] },
  endResumable: { 204: ['Tus-Resumable'] },
};

/** Adds to each answer of an operation, by status, the headers that it carries. */
export function withHeaders(
  operationId: OperationId,
  answers: Readonly<Record<string, object>>,
): Record<string, object> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      const names = [...(ofStatus[status] ?? []), ...(ofOperation[operationId]?.[status] ?? [])];
      return [status, names.length === 0 ? answer : { ...answer, headers: headersNamed(names) }];
    }),
  );
}

function headersNamed(names: readonly Name[]) {
  const header = (name: Name) => ({ description: words[name], required: true, schema: { type: 'string' } });
  return Object.fromEntries(names.map((name) => [name, header(name)]));
}
