import { type Role, roles } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Access } from '../access.ts';
import { rolesWho } from './rights.ts';

/** One address of the interface: who may call it, and what it can answer besides success. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly roles: Access;
  readonly tag:
    | 'upload'
    | 'scans'
    | 'pixels'
    | 'triage'
    | 'radiation'
    | 'declarations'
    | 'persons'
    | 'rules'
    | 'catalogue'
    | 'dicomweb'
    | 'record'
    | 'service';
  readonly summary: string;
  readonly errors: readonly ErrorCode[];
  /** Of a former address, which goes with version 0.3: the one to use. */
  readonly successor?: string;
  /** Also for whoever signed in and waits until an administrator says who he is. */
  readonly isForUnlinked?: true;
}

const anyKey: readonly Role[] = roles;
const senders = rolesWho('send scans');
const viewers = rolesWho('view scans');
const followers = rolesWho('follow scans');
const keepers = rolesWho('read originals');
const deciders = rolesWho('decide cases');
const caseReaders = rolesWho('read cases');
const supervisors = rolesWho('choose cases');
const declarants = rolesWho('declare');
const declarationReaders = rolesWho('read declarations');
const holdReaders = rolesWho('read holds');
const officers = rolesWho('adjudicate holds');
const siteReaders = rolesWho('read sites');
const ruleReaders = rolesWho('read rules');
const ruleDeciders = rolesWho('decide rules');

const moves = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];
const personErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];
/** What a file can be rejected with that is read while its sender waits. */
const readErrors = [
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_LIMIT_DEPTH',
  'NII_LIMIT_ELEMENTS',
  'NII_LIMIT_RECORD',
  'NII_LIMIT_EXPANSION',
  'NII_LIMIT_TIME',
  'NII_LIMIT_MEMORY',
  'NII_READER_CRASHED',
] satisfies readonly ErrorCode[];
const changes = [
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];
const searchErrors = ['NII_NOT_ACCEPTABLE'] satisfies readonly ErrorCode[];
const retrieveErrors = [
  'NII_NOT_FOUND',
  'NII_NOT_ACCEPTABLE',
  'NII_UNSUPPORTED_VARIANT',
  'NII_MALFORMED',
] satisfies readonly ErrorCode[];
const storeErrors = [
  'NII_UPLOAD_CUT',
  'NII_LIMIT_BYTES',
  'NII_LIMIT_FILES',
  'NII_MEDIA_TYPE',
  'NII_QUEUE_FULL',
  'NII_DISK_FULL',
] satisfies readonly ErrorCode[];
const revision = '/v1/scans/:scanId/revisions/:n';

type Row = (
  tag: Operation['tag'],
  url: string,
  access: Access,
  summary: string,
  errors?: readonly ErrorCode[],
) => Operation;

const row =
  (method: Operation['method']): Row =>
  (tag, url, access, summary, errors = []) => ({ method, url, roles: access, tag, summary, errors });
const get = row('GET');
const post = row('POST');
const put = row('PUT');
const patch = row('PATCH');
const remove = row('DELETE');

/** A former address answers as before, and names its successor. */
const former = (operation: Operation, successor: string): Operation => ({ ...operation, successor });

/** What whoever waits to be linked may call. */
const waiting = (operation: Operation): Operation => ({ ...operation, isForUnlinked: true });

/** Every address there is. The tests walk it; a route that does not say who may call it stops the start. */
export const operations = {
  uploadScans: post('upload', '/v1/scans', senders, 'Send the files of one or more scans', [
    'NII_UPLOAD_CUT',
    'NII_HASH_MISMATCH',
    'NII_AMBIGUOUS_FORMAT',
    'NII_LIMIT_BYTES',
    'NII_LIMIT_FILES',
    'NII_MEDIA_TYPE',
    'NII_UNKNOWN_FORMAT',
    ...readErrors,
    'NII_QUEUE_FULL',
    'NII_DISK_FULL',
  ]),
  beginResumable: post(
    'upload',
    '/v1/uploads/tus',
    senders,
    'Begin an upload that may be cut and taken up again (tus 1.0)',
    ['NII_PRECONDITION_FAILED', 'NII_LIMIT_BYTES', 'NII_LIMIT_FILES', 'NII_QUEUE_FULL', 'NII_DISK_FULL'],
  ),
  getResumable: get(
    'upload',
    '/v1/uploads/tus/:uploadId',
    senders,
    'How far a resumable upload is, and the scans that it became; HEAD answers as tus 1.0 says',
    ['NII_NOT_FOUND'],
  ),
  sendResumable: patch(
    'upload',
    '/v1/uploads/tus/:uploadId',
    senders,
    'Send more of a resumable upload; with the last byte it is accepted like any other upload',
    [
      'NII_NOT_FOUND',
      'NII_HASH_MISMATCH',
      'NII_UPLOAD_CUT',
      'NII_CONFLICT',
      'NII_AMBIGUOUS_FORMAT',
      'NII_UPLOAD_EXPIRED',
      'NII_PRECONDITION_FAILED',
      'NII_LIMIT_BYTES',
      'NII_LIMIT_FILES',
      'NII_MEDIA_TYPE',
      'NII_UNKNOWN_FORMAT',
      ...readErrors,
      'NII_SET_ASIDE',
      'NII_QUEUE_FULL',
      'NII_DISK_FULL',
    ],
  ),
  endResumable: remove(
    'upload',
    '/v1/uploads/tus/:uploadId',
    senders,
    'End a resumable upload; what arrived of it is removed',
    ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_PRECONDITION_FAILED'],
  ),
  listScans: get('scans', '/v1/scans', viewers, 'Scans, newest first', ['NII_CURSOR_EXPIRED']),
  getScan: get('scans', '/v1/scans/:scanId', followers, 'One scan with its revisions', ['NII_NOT_FOUND']),
  convertScanAgain: post(
    'scans',
    '/v1/scans/:scanId/convert',
    rolesWho('convert again'),
    'Convert the originals again with the converter that is installed now',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH', 'NII_QUEUE_FULL'],
  ),
  getLaneInstruction: get(
    'triage',
    '/v1/scans/:scanId/lane-instruction',
    rolesWho('ask for the lane'),
    'What the lane may do with the vehicle: hold, proceed or rescan; none at a site in parallel mode',
    ['NII_NOT_FOUND', 'NII_NO_INSTRUCTION'],
  ),
  getLaneAnswer: former(
    get(
      'triage',
      '/v1/scans/:scanId/lane-answer',
      rolesWho('ask for the lane'),
      'The former address of lane-instruction',
      ['NII_NOT_FOUND', 'NII_NO_INSTRUCTION'],
    ),
    '/v1/scans/:scanId/lane-instruction',
  ),
  listRevisions: get('scans', '/v1/scans/:scanId/revisions', followers, 'Revisions of a scan, oldest first', [
    'NII_NOT_FOUND',
  ]),
  getRevision: get(
    'scans',
    revision,
    followers,
    'One revision: state, originals, what was made of it, or why not',
    ['NII_NOT_FOUND'],
  ),
  getScanJson: get('scans', `${revision}/scan.json`, viewers, 'The scan record by its published schema', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getConformance: get(
    'scans',
    `${revision}/conformance`,
    followers,
    'What was recognised, what is missing or odd and what is expected, for whoever sent it; JSON or a page',
    ['NII_NOT_FOUND'],
  ),
  listUnits: get('scans', `${revision}/units`, viewers, 'Inspection units of a revision', ['NII_NOT_FOUND']),
  listFindings: get('scans', `${revision}/findings`, viewers, 'What each model said of a revision', [
    'NII_NOT_FOUND',
  ]),
  listDicos: get(
    'pixels',
    `${revision}/dicos`,
    viewers,
    'DICOS files of a revision, one for each view and channel',
    ['NII_NOT_FOUND'],
  ),
  getDicos: get('pixels', `${revision}/dicos/:view/:channel`, viewers, 'The DICOS file of one channel', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getPreview: get('pixels', `${revision}/preview`, viewers, '8-bit picture for people', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getThumbnail: get('pixels', `${revision}/thumbnail`, viewers, 'Small 8-bit picture for lists', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getMap: get('pixels', `${revision}/map`, viewers, 'Anomaly map of a model, in stored orientation', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getSamples: get(
    'pixels',
    `${revision}/channels/:view/:channel/samples`,
    viewers,
    'Samples of one channel: little-endian, row-major, frames joined, nothing changed',
    ['NII_NOT_FOUND', 'NII_RANGE'],
  ),
  exportChannel: get(
    'pixels',
    `${revision}/channels/:view/:channel/export`,
    viewers,
    'One channel as DICOS, medical DICOM, TIFF, PNG or NumPy',
    ['NII_BAD_REQUEST', 'NII_NOT_FOUND', 'NII_UNSUPPORTED_VARIANT', 'NII_RANGE', 'NII_LIMIT_TIME'],
  ),
  listReports: get('scans', `${revision}/tdr`, viewers, 'Threat Detection Reports of a revision', [
    'NII_NOT_FOUND',
  ]),
  getReport: get('scans', `${revision}/tdr/:name`, viewers, 'One Threat Detection Report', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  listOriginals: get('scans', `${revision}/originals`, keepers, 'The files as they came', ['NII_NOT_FOUND']),
  getOriginal: get('scans', `${revision}/originals/:sha256`, keepers, 'One file byte for byte as it came', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  listQueue: get(
    'triage',
    '/v1/queue',
    rolesWho('list the queue'),
    'Cases in queue order, with the reasons in words',
    ['NII_CURSOR_EXPIRED'],
  ),
  takeNextCase: post(
    'triage',
    '/v1/cases/next',
    deciders,
    'The case in hand, or the next one: drawn among those that are urgent, else of the highest band that has any',
    ['NII_PRECONDITION_FAILED', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  getCase: get('triage', '/v1/cases/:caseId', caseReaders, 'One case with its history', ['NII_NOT_FOUND']),
  claimCase: post(
    'triage',
    '/v1/cases/:caseId/claim',
    supervisors,
    'Claim this very case; analysts do not choose and take the next one',
    moves,
  ),
  renewClaim: post(
    'triage',
    '/v1/cases/:caseId/renewal',
    deciders,
    'Keep the case in hand while it is worked on',
    moves,
  ),
  handBackCase: post(
    'triage',
    '/v1/cases/:caseId/hand-back',
    deciders,
    'Hand the claimed case back undecided, with the reason; a supervisor may do so with the case of another person',
    moves,
  ),
  releaseCase: former(
    post('triage', '/v1/cases/:caseId/release', deciders, 'The former address of hand-back', moves),
    '/v1/cases/:caseId/hand-back',
  ),
  decideCase: post(
    'triage',
    '/v1/cases/:caseId/verdict',
    deciders,
    'Verdict of the analyst who claimed the case',
    moves,
  ),
  requestOpinion: post(
    'triage',
    '/v1/cases/:caseId/second-opinion',
    deciders,
    'Ask another analyst, who does not see the first verdict',
    moves,
  ),
  settleCase: post(
    'triage',
    '/v1/cases/:caseId/settlement',
    supervisors,
    'The last word on a case on which readings disagree, or that none could decide',
    moves,
  ),
  referCase: post(
    'triage',
    '/v1/cases/:caseId/refer',
    deciders,
    'Send a case decided suspect or inconclusive to a search',
    moves,
  ),
  recordOutcome: post(
    'triage',
    '/v1/cases/:caseId/outcome',
    rolesWho('record outcomes'),
    'What the search found, where and how',
    moves,
  ),
  acceptSearch: post(
    'triage',
    '/v1/cases/:caseId/search-acceptance',
    supervisors,
    'Say why a search that was not of all of it, and found nothing, is enough',
    moves,
  ),
  closeCase: post(
    'triage',
    '/v1/cases/:caseId/close',
    deciders,
    'Close a case that is decided for good; an inconclusive one with the reason',
    moves,
  ),
  reopenCase: post(
    'triage',
    '/v1/cases/:caseId/reopen',
    supervisors,
    'Open a case again, with the reason',
    moves,
  ),
  recordCustomsRelease: post(
    'triage',
    '/v1/cases/:caseId/customs-release',
    rolesWho('record releases'),
    'Record that the customs system released the goods',
    moves,
  ),
  reviewRelease: post(
    'triage',
    '/v1/cases/:caseId/release-review',
    supervisors,
    'Say what was done about goods that customs released while something was open',
    moves,
  ),
  listReleases: get(
    'triage',
    '/v1/releases-while-open',
    rolesWho('oversee'),
    'Goods that customs released while a case, a search or an alarm was open, oldest first, until reviewed',
    ['NII_CURSOR_EXPIRED'],
  ),
  listSearches: get(
    'triage',
    '/v1/searches',
    rolesWho('list searches'),
    'Cases in search, oldest first, with what to look for',
    ['NII_CURSOR_EXPIRED'],
  ),
  listNotAnalysed: get(
    'triage',
    '/v1/not-analysed',
    rolesWho('oversee'),
    "Scans that are no analysts' case, newest first, with the reason",
    ['NII_CURSOR_EXPIRED'],
  ),
  reportPassages: post(
    'triage',
    '/v1/passages',
    rolesWho('report passages'),
    'Say afterwards which vehicles passed, and by which instruction; all of a report is kept or nothing',
    ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_NO_INSTRUCTION'],
  ),
  listPassages: get(
    'triage',
    '/v1/passages',
    rolesWho('oversee'),
    'Vehicles that passed without a valid instruction, the first before the others, with the reason',
    ['NII_CURSOR_EXPIRED'],
  ),
  settlePassage: post(
    'triage',
    '/v1/passages/:passageId/settle',
    supervisors,
    'Say what became of a vehicle that passed without a valid instruction; once',
    moves,
  ),
  listHolds: get(
    'radiation',
    '/v1/holds',
    holdReaders,
    'Radiation holds, oldest first: vehicles that an alarm of a portal stops',
    ['NII_CURSOR_EXPIRED'],
  ),
  getHold: get('radiation', '/v1/holds/:holdId', holdReaders, 'One radiation hold with its history', [
    'NII_NOT_FOUND',
  ]),
  adjudicateHold: post(
    'radiation',
    '/v1/holds/:holdId/adjudication',
    officers,
    'Say what the alarm is: real, innocent and why, false, a test, or a fault that took a new measurement',
    moves,
  ),
  closeHold: post(
    'radiation',
    '/v1/holds/:holdId/close',
    officers,
    'Say what became of a confirmed alarm; only released lets the vehicle go',
    moves,
  ),
  reopenHold: post(
    'radiation',
    '/v1/holds/:holdId/reopen',
    officers,
    'Hold the vehicle again, with the reason',
    moves,
  ),
  joinHold: post(
    'radiation',
    '/v1/holds/:holdId/join',
    officers,
    'Say of which scan an alarm is; of a neutron alarm two officers say the same',
    moves,
  ),
  unjoinHold: post(
    'radiation',
    '/v1/holds/:holdId/unjoin',
    officers,
    'Say that an alarm is not of the scan that it is joined to; of a neutron alarm two officers say the same',
    moves,
  ),
  duplicateHold: post(
    'radiation',
    '/v1/holds/:holdId/duplicate-of',
    officers,
    'Settle a hold as a duplicate of one that is marked as possibly the same',
    moves,
  ),
  listDeclarations: get('declarations', '/v1/declarations', declarationReaders, 'Declarations', [
    'NII_CURSOR_EXPIRED',
  ]),
  getDeclaration: get('declarations', '/v1/declarations/:ref', declarationReaders, 'One declaration', [
    'NII_NOT_FOUND',
  ]),
  putDeclaration: put(
    'declarations',
    '/v1/declarations/:ref',
    declarants,
    'State a declaration, or replace what was stated; joins scans by container and time, also earlier ones',
    ['NII_NOT_FOUND', 'NII_PRECONDITION_FAILED', 'NII_PRECONDITION_REQUIRED', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  listPersons: get(
    'persons',
    '/v1/persons',
    rolesWho('read persons'),
    'Persons with their keys and conflicts of interest',
    ['NII_CURSOR_EXPIRED'],
  ),
  createPerson: post(
    'persons',
    '/v1/persons',
    rolesWho('change persons'),
    'A person whom an administrator knows; keys are then made for it',
    ['NII_IDEMPOTENCY_MISMATCH'],
  ),
  getPerson: get('persons', '/v1/persons/:personId', rolesWho('read persons'), 'One person', [
    'NII_NOT_FOUND',
  ]),
  linkPerson: put(
    'persons',
    '/v1/persons/:personId',
    rolesWho('change persons'),
    'Say who a person is, and which keys of unlinked persons turned out to be its own',
    personErrors,
  ),
  declareConflict: post(
    'persons',
    '/v1/conflicts',
    rolesWho('declare conflicts'),
    'Say in what the caller has an interest; in force once a supervisor has seen it',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  setConflict: post(
    'persons',
    '/v1/persons/:personId/conflicts',
    rolesWho('judge conflicts'),
    'Say in what somebody else has an interest; in force at once',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  settleConflict: post(
    'persons',
    '/v1/persons/:personId/conflicts/:number',
    rolesWho('judge conflicts'),
    'Put a declared conflict in force, or end one',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  listHandBacks: get(
    'persons',
    '/v1/persons/:personId/hand-backs',
    rolesWho('read persons'),
    'Cases that a person handed back or let lapse, the newest first',
    ['NII_NOT_FOUND'],
  ),
  listKeys: get('persons', '/v1/keys', rolesWho('read keys'), 'Keys, without their secrets', [
    'NII_CURSOR_EXPIRED',
  ]),
  getPolicy: get(
    'rules',
    '/v1/policy',
    ruleReaders,
    'The policy of the administration, and what is proposed',
  ),
  getPolicyVersion: get(
    'rules',
    '/v1/policy/versions/:version',
    ruleReaders,
    'The version of the policy that a decision names',
    ['NII_NOT_FOUND'],
  ),
  putPolicy: put(
    'rules',
    '/v1/policy',
    ruleDeciders,
    'Decide the policy; what loosens it is a proposal (202) until another person confirms it',
    changes,
  ),
  confirmPolicy: post(
    'rules',
    '/v1/policy/confirmation',
    ruleDeciders,
    'Confirm the policy that another person proposed',
    ['NII_STATE_CONFLICT', ...changes],
  ),
  listSites: get('rules', '/v1/sites', siteReaders, 'Sites for which something is decided', [
    'NII_CURSOR_EXPIRED',
  ]),
  getSite: get(
    'rules',
    '/v1/sites/:site',
    siteReaders,
    'What is decided for a site: zone, fallback of its lanes, mode, windows; and what is proposed',
    ['NII_NOT_FOUND'],
  ),
  putSite: put(
    'rules',
    '/v1/sites/:site',
    ruleDeciders,
    'Decide for a site; what lets more pass is a proposal (202) until another person confirms it',
    ['NII_NOT_FOUND', ...changes],
  ),
  confirmSite: post(
    'rules',
    '/v1/sites/:site/confirmation',
    ruleDeciders,
    'Confirm what another person proposed for a site',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...changes],
  ),
  sendStationDecisions: post(
    'rules',
    '/v1/sites/:site/station-decisions',
    rolesWho('send station decisions'),
    "Send what the vendor's own station decided, as CSV or XML; it is compared, and is no verdict here",
    ['NII_NOT_FOUND', 'NII_MEDIA_TYPE', ...readErrors],
  ),
  compareStation: get(
    'rules',
    '/v1/sites/:site/comparison',
    rolesWho('compare stations'),
    'What the station decided beside what is decided here: counts, and each disagreement',
    ['NII_NOT_FOUND'],
  ),
  listModels: get('catalogue', '/v1/models', anyKey, 'Models that look at scans'),
  listConverters: get('catalogue', '/v1/converters', anyKey, 'Formats that are understood'),
  listScanners: get(
    'record',
    '/v1/scanners',
    keepers,
    'Scanners with their health over time: bad container numbers, missing channels, clock, structure',
  ),
  getScanner: get(
    'record',
    '/v1/scanners/:site/:scanner',
    keepers,
    'One scanner, as JSON or as a page with a plot',
    ['NII_NOT_FOUND'],
  ),
  registerScanner: put(
    'record',
    '/v1/scanners/:site/:scanner',
    rolesWho('register scanners'),
    'Say which other senders may add files to the scans of this scanner',
    ['NII_NOT_FOUND', 'NII_PRECONDITION_FAILED', 'NII_PRECONDITION_REQUIRED', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  acknowledgeScanner: post(
    'record',
    '/v1/scanners/:site/:scanner/acknowledge',
    rolesWho('acknowledge scanners'),
    'Put out the alarm that the structure of its files changed, with the reason',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  listChanges: get(
    'record',
    '/v1/changes',
    followers,
    'What changed since a cursor; a reader that keeps its cursor misses nothing',
    ['NII_CURSOR_EXPIRED'],
  ),
  readAudit: get('record', '/v1/audit', rolesWho('read the audit'), 'Who viewed and changed what', [
    'NII_CURSOR_EXPIRED',
  ]),
  storeInstances: post('dicomweb', '/dicomweb/studies', senders, 'Store instances (STOW-RS)', storeErrors),
  storeInstancesOfStudy: post(
    'dicomweb',
    '/dicomweb/studies/:study',
    senders,
    'Store instances of one study (STOW-RS)',
    storeErrors,
  ),
  searchStudies: get('dicomweb', '/dicomweb/studies', viewers, 'Search for studies (QIDO-RS)', searchErrors),
  searchSeries: get(
    'dicomweb',
    '/dicomweb/series',
    viewers,
    'Search for series of any study (QIDO-RS)',
    searchErrors,
  ),
  searchInstances: get(
    'dicomweb',
    '/dicomweb/instances',
    viewers,
    'Search for instances of any study (QIDO-RS)',
    searchErrors,
  ),
  searchSeriesOfStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study/series',
    viewers,
    'Search for series of a study (QIDO-RS)',
    searchErrors,
  ),
  searchInstancesOfStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study/instances',
    viewers,
    'Search for instances of a study (QIDO-RS)',
    searchErrors,
  ),
  searchInstancesOfSeries: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances',
    viewers,
    'Search for instances of a series (QIDO-RS)',
    searchErrors,
  ),
  retrieveStudy: get(
    'dicomweb',
    '/dicomweb/studies/:study',
    viewers,
    'Every instance of a study (WADO-RS)',
    retrieveErrors,
  ),
  retrieveStudyMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/metadata',
    viewers,
    'Data sets of a study without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveStudyThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/thumbnail',
    viewers,
    'Small picture of a study (WADO-RS)',
    retrieveErrors,
  ),
  retrieveSeries: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series',
    viewers,
    'Every instance of a series (WADO-RS)',
    retrieveErrors,
  ),
  retrieveSeriesMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/metadata',
    viewers,
    'Data sets of a series without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveSeriesThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/thumbnail',
    viewers,
    'Small picture of a series (WADO-RS)',
    retrieveErrors,
  ),
  retrieveInstance: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance',
    viewers,
    'One instance as a DICOM file (WADO-RS)',
    retrieveErrors,
  ),
  retrieveInstanceMetadata: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/metadata',
    viewers,
    'Data set of an instance without pixels (WADO-RS)',
    retrieveErrors,
  ),
  retrieveInstanceThumbnail: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/thumbnail',
    viewers,
    'Small picture of an instance (WADO-RS)',
    retrieveErrors,
  ),
  renderInstance: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/rendered',
    viewers,
    'Picture of the first frame of an instance (WADO-RS)',
    retrieveErrors,
  ),
  retrieveFrames: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames',
    viewers,
    'Frames of an instance in a transfer syntax of choice (WADO-RS)',
    retrieveErrors,
  ),
  renderFrames: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/frames/:frames/rendered',
    viewers,
    'Picture of one frame (WADO-RS)',
    retrieveErrors,
  ),
  retrieveBulkData: get(
    'dicomweb',
    '/dicomweb/studies/:study/series/:series/instances/:instance/bulkdata/:tag',
    viewers,
    'One long binary value of an instance (WADO-RS)',
    retrieveErrors,
  ),
  checkLive: get('service', '/v1/health/live', 'anyone', 'The process answers'),
  checkReady: get('service', '/v1/health/ready', 'anyone', 'Object store and database answer'),
  readMetrics: get('service', '/metrics', anyKey, 'Prometheus metrics; any key may read them'),
  beginSignIn: get('persons', '/sign-in', 'anyone', 'Sign in: the browser goes to the identity provider', [
    'NII_NOT_FOUND',
    'NII_PROVIDER_AWAY',
  ]),
  acceptSignIn: get(
    'persons',
    '/sign-in/callback',
    'anyone',
    'The browser comes back from the identity provider, and a session begins',
    ['NII_NOT_FOUND', 'NII_SIGN_IN_FAILED', 'NII_PROVIDER_AWAY'],
  ),
  getSession: waiting(
    get(
      'persons',
      '/v1/session',
      anyKey,
      'Who the caller is: person, roles, place, and when the session ends',
    ),
  ),
  endSession: waiting(
    post('persons', '/v1/session/end', anyKey, 'Sign out of this browser', ['NII_STATE_CONFLICT']),
  ),
  endAllSessions: waiting(
    post('persons', '/v1/session/end-all', anyKey, 'Sign out of every browser', ['NII_STATE_CONFLICT']),
  ),
  getOpenapi: get('service', '/openapi.json', 'anyone', 'This description, as OpenAPI 3.1'),
} satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof operations;

/** Method, address and access of an operation, to spread into its route. */
export function at(operationId: OperationId) {
  const { method, url, roles: access, successor, isForUnlinked }: Operation = operations[operationId];
  return { method, url, config: { roles: access, operationId, ...defined({ successor, isForUnlinked }) } };
}

export function isOperationId(value: unknown): value is OperationId {
  return typeof value === 'string' && Object.hasOwn(operations, value);
}
