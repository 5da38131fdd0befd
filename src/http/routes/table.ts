import { type Role, roles } from '../../core/access.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Access } from '../access.ts';

/** One address of the interface: who may call it, and what it can answer besides success. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly roles: Access;
  readonly tag:
    | 'upload'
    | 'scans'
    | 'pixels'
    | 'triage'
    | 'declarations'
    | 'catalogue'
    | 'record'
    | 'service';
  readonly summary: string;
  readonly errors: readonly ErrorCode[];
}

const anyKey: readonly Role[] = roles;
const senders: readonly Role[] = ['scanner', 'administrator'];
const viewers: readonly Role[] = [
  'analyst',
  'supervisor',
  'searcher',
  'auditor',
  'data-scientist',
  'administrator',
];
/** A scanner and the lane follow what they sent; pixels and findings are not theirs. */
const followers: readonly Role[] = ['scanner', 'lane', ...viewers];
const keepers: readonly Role[] = ['supervisor', 'auditor', 'data-scientist', 'administrator'];
const deciders: readonly Role[] = ['analyst', 'supervisor'];
const caseReaders: readonly Role[] = ['analyst', 'supervisor', 'searcher', 'auditor', 'administrator'];
const supervisors: readonly Role[] = ['supervisor'];

const moves = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_IDEMPOTENCY_MISMATCH',
] as const;
const revision = '/v1/scans/:scanId/revisions/:n';

/** Every address there is. The tests walk it; a route that is not here does not start. */
export const operations = {
  uploadScans: {
    method: 'POST',
    url: '/v1/scans',
    roles: senders,
    tag: 'upload',
    summary: 'Send the files of one or more scans',
    errors: [
      'NII_UPLOAD_CUT',
      'NII_HASH_MISMATCH',
      'NII_AMBIGUOUS_FORMAT',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_MEDIA_TYPE',
      'NII_UNKNOWN_FORMAT',
      'NII_QUEUE_FULL',
      'NII_DISK_FULL',
    ],
  },
  listScans: {
    method: 'GET',
    url: '/v1/scans',
    roles: viewers,
    tag: 'scans',
    summary: 'Scans, newest first',
    errors: ['NII_CURSOR_EXPIRED'],
  },
  getScan: {
    method: 'GET',
    url: '/v1/scans/:scanId',
    roles: followers,
    tag: 'scans',
    summary: 'One scan with its revisions',
    errors: ['NII_NOT_FOUND'],
  },
  convertAgain: {
    method: 'POST',
    url: '/v1/scans/:scanId/convert',
    roles: ['supervisor', 'administrator'],
    tag: 'scans',
    summary: 'Convert the originals again with the converter that is installed now',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH', 'NII_QUEUE_FULL'],
  },
  getLaneAnswer: {
    method: 'GET',
    url: '/v1/scans/:scanId/lane-answer',
    roles: ['scanner', 'lane', 'analyst', 'supervisor', 'administrator'],
    tag: 'triage',
    summary: 'What the lane may do with the vehicle: hold, go, scan again',
    errors: ['NII_NOT_FOUND'],
  },
  listRevisions: {
    method: 'GET',
    url: '/v1/scans/:scanId/revisions',
    roles: followers,
    tag: 'scans',
    summary: 'Revisions of a scan, oldest first',
    errors: ['NII_NOT_FOUND'],
  },
  getRevision: {
    method: 'GET',
    url: revision,
    roles: followers,
    tag: 'scans',
    summary: 'One revision: state, originals, what was made of it, or why not',
    errors: ['NII_NOT_FOUND'],
  },
  getScanJson: {
    method: 'GET',
    url: `${revision}/scan.json`,
    roles: viewers,
    tag: 'scans',
    summary: 'The scan record by its published schema',
    errors: ['NII_NOT_FOUND'],
  },
  listUnits: {
    method: 'GET',
    url: `${revision}/units`,
    roles: viewers,
    tag: 'scans',
    summary: 'Inspection units of a revision',
    errors: ['NII_NOT_FOUND'],
  },
  listFindings: {
    method: 'GET',
    url: `${revision}/findings`,
    roles: viewers,
    tag: 'scans',
    summary: 'What each model said of a revision',
    errors: ['NII_NOT_FOUND'],
  },
  listDicos: {
    method: 'GET',
    url: `${revision}/dicos`,
    roles: viewers,
    tag: 'pixels',
    summary: 'DICOS files of a revision, one for each view and channel',
    errors: ['NII_NOT_FOUND'],
  },
  getDicos: {
    method: 'GET',
    url: `${revision}/dicos/:view/:channel`,
    roles: viewers,
    tag: 'pixels',
    summary: 'The DICOS file of one channel',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  getPreview: {
    method: 'GET',
    url: `${revision}/preview`,
    roles: viewers,
    tag: 'pixels',
    summary: '8-bit picture for people',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  getThumbnail: {
    method: 'GET',
    url: `${revision}/thumbnail`,
    roles: viewers,
    tag: 'pixels',
    summary: 'Small 8-bit picture for lists',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  getMap: {
    method: 'GET',
    url: `${revision}/map`,
    roles: viewers,
    tag: 'pixels',
    summary: 'Anomaly map of a model, in stored orientation',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  getSamples: {
    method: 'GET',
    url: `${revision}/channels/:view/:channel/samples`,
    roles: viewers,
    tag: 'pixels',
    summary: 'Samples of one channel: little-endian, row-major, frames joined, nothing changed',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  listReports: {
    method: 'GET',
    url: `${revision}/tdr`,
    roles: viewers,
    tag: 'scans',
    summary: 'Threat Detection Reports of a revision',
    errors: ['NII_NOT_FOUND'],
  },
  getReport: {
    method: 'GET',
    url: `${revision}/tdr/:name`,
    roles: viewers,
    tag: 'scans',
    summary: 'One Threat Detection Report',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  listOriginals: {
    method: 'GET',
    url: `${revision}/originals`,
    roles: keepers,
    tag: 'scans',
    summary: 'The files as they came',
    errors: ['NII_NOT_FOUND'],
  },
  getOriginal: {
    method: 'GET',
    url: `${revision}/originals/:sha256`,
    roles: keepers,
    tag: 'scans',
    summary: 'One file byte for byte as it came',
    errors: ['NII_NOT_FOUND', 'NII_RANGE'],
  },
  listQueue: {
    method: 'GET',
    url: '/v1/queue',
    roles: ['analyst', 'supervisor', 'auditor', 'administrator'],
    tag: 'triage',
    summary: 'Cases in queue order, with the reasons in words',
    errors: ['NII_CURSOR_EXPIRED'],
  },
  nextCase: {
    method: 'POST',
    url: '/v1/cases/next',
    roles: deciders,
    tag: 'triage',
    summary: 'The next case, drawn at random within the highest band that has any, and claimed',
    errors: ['NII_IDEMPOTENCY_MISMATCH'],
  },
  getCase: {
    method: 'GET',
    url: '/v1/cases/:caseId',
    roles: caseReaders,
    tag: 'triage',
    summary: 'One case with its history',
    errors: ['NII_NOT_FOUND'],
  },
  claimCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/claim',
    roles: supervisors,
    tag: 'triage',
    summary: 'Claim this very case; analysts do not choose and take the next one',
    errors: moves,
  },
  releaseCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/release',
    roles: deciders,
    tag: 'triage',
    summary: 'Give a claimed case back undecided',
    errors: moves,
  },
  decideCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/verdict',
    roles: deciders,
    tag: 'triage',
    summary: 'Verdict of the analyst who claimed the case',
    errors: moves,
  },
  requestOpinion: {
    method: 'POST',
    url: '/v1/cases/:caseId/second-opinion',
    roles: deciders,
    tag: 'triage',
    summary: 'Ask another analyst, who does not see the first verdict',
    errors: moves,
  },
  referCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/refer',
    roles: deciders,
    tag: 'triage',
    summary: 'Send a case decided suspect to a search',
    errors: moves,
  },
  recordOutcome: {
    method: 'POST',
    url: '/v1/cases/:caseId/outcome',
    roles: ['searcher', 'supervisor'],
    tag: 'triage',
    summary: 'What the search found, where and how',
    errors: moves,
  },
  closeCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/close',
    roles: deciders,
    tag: 'triage',
    summary: 'Close a case that is decided for good',
    errors: moves,
  },
  reopenCase: {
    method: 'POST',
    url: '/v1/cases/:caseId/reopen',
    roles: supervisors,
    tag: 'triage',
    summary: 'Open a case again, with the reason',
    errors: moves,
  },
  recordCustomsRelease: {
    method: 'POST',
    url: '/v1/cases/:caseId/customs-release',
    roles: ['lane', 'supervisor', 'administrator'],
    tag: 'triage',
    summary: 'Record that the customs system released the goods',
    errors: moves,
  },
  listDeclarations: {
    method: 'GET',
    url: '/v1/declarations',
    roles: ['lane', ...caseReaders],
    tag: 'declarations',
    summary: 'Declarations',
    errors: ['NII_CURSOR_EXPIRED'],
  },
  getDeclaration: {
    method: 'GET',
    url: '/v1/declarations/:ref',
    roles: ['lane', ...caseReaders],
    tag: 'declarations',
    summary: 'One declaration',
    errors: ['NII_NOT_FOUND'],
  },
  putDeclaration: {
    method: 'PUT',
    url: '/v1/declarations/:ref',
    roles: ['lane', 'supervisor', 'administrator'],
    tag: 'declarations',
    summary:
      'State a declaration, or replace what was stated; joins scans by container and time, also earlier ones',
    errors: ['NII_PRECONDITION_FAILED', 'NII_IDEMPOTENCY_MISMATCH'],
  },
  listModels: {
    method: 'GET',
    url: '/v1/models',
    roles: anyKey,
    tag: 'catalogue',
    summary: 'Models that look at scans',
    errors: [],
  },
  listConverters: {
    method: 'GET',
    url: '/v1/converters',
    roles: anyKey,
    tag: 'catalogue',
    summary: 'Formats that are understood',
    errors: [],
  },
  listChanges: {
    method: 'GET',
    url: '/v1/changes',
    roles: followers,
    tag: 'record',
    summary: 'What changed since a cursor; a reader that keeps its cursor misses nothing',
    errors: ['NII_CURSOR_EXPIRED'],
  },
  readAudit: {
    method: 'GET',
    url: '/v1/audit',
    roles: ['auditor', 'administrator'],
    tag: 'record',
    summary: 'Who viewed and changed what',
    errors: ['NII_CURSOR_EXPIRED'],
  },
  live: {
    method: 'GET',
    url: '/v1/health/live',
    roles: 'anyone',
    tag: 'service',
    summary: 'The process answers',
    errors: [],
  },
  ready: {
    method: 'GET',
    url: '/v1/health/ready',
    roles: 'anyone',
    tag: 'service',
    summary: 'Object store and database answer',
    errors: [],
  },
  metrics: {
    method: 'GET',
    url: '/metrics',
    roles: anyKey,
    tag: 'service',
    summary: 'Prometheus metrics; any key may read them',
    errors: [],
  },
  openapi: {
    method: 'GET',
    url: '/openapi.json',
    roles: 'anyone',
    tag: 'service',
    summary: 'This description, as OpenAPI 3.1',
    errors: [],
  },
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof operations;

/** Method, address and access of an operation, to spread into its route. */
export function at(operationId: OperationId) {
  const { method, url, roles: access }: Operation = operations[operationId];
  return { method, url, config: { roles: access, operationId } };
}

export function isOperationId(value: unknown): value is OperationId {
  return typeof value === 'string' && Object.hasOwn(operations, value);
}
