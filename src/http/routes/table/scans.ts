import { rolesWho } from '../rights.ts';
import { followers, get, keepers, type Operation, post, viewers } from './operation.ts';

const revision = '/v1/scans/:scanId/revisions/:n';

/** Scans, their revisions and what is in them. */
export const scanOperations = {
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
  listFindings: get(
    'scans',
    `${revision}/findings`,
    viewers,
    'What each model said of a revision, and apart from it each algorithm of the vendor',
    ['NII_NOT_FOUND'],
  ),
  listDicos: get(
    'pixels',
    `${revision}/dicos`,
    viewers,
    'DICOS files of a revision, one for each view and channel',
    ['NII_NOT_FOUND'],
  ),
  getDicos: get('pixels', `${revision}/dicos/:view/:channel`, viewers, 'The DICOS file of one channel', [
    'NII_CAB_MASKED',
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getPreview: get(
    'pixels',
    `${revision}/preview`,
    viewers,
    '8-bit picture for people, in greys or material colours',
    ['NII_NOT_FOUND', 'NII_NO_MATERIAL', 'NII_RANGE', 'NII_LIMIT_TIME'],
  ),
  getThumbnail: get('pixels', `${revision}/thumbnail`, viewers, 'Small 8-bit picture for lists', [
    'NII_NOT_FOUND',
    'NII_RANGE',
  ]),
  getMap: get(
    'pixels',
    `${revision}/map`,
    viewers,
    'Anomaly map of a model: in stored orientation, or to lay over the preview',
    ['NII_NOT_FOUND', 'NII_RANGE', 'NII_LIMIT_TIME'],
  ),
  getMapLegend: get(
    'pixels',
    `${revision}/map/legend`,
    viewers,
    'What the colours of the map over the preview mean, and where the findings of the model lie on it',
    ['NII_NOT_FOUND'],
  ),
  getSamples: get(
    'pixels',
    `${revision}/channels/:view/:channel/samples`,
    viewers,
    'Samples of one channel: little-endian, row-major, frames joined, nothing changed but what the policy masks; or a region of them, or a smaller copy',
    ['NII_NOT_FOUND', 'NII_RANGE'],
  ),
  exportChannel: get(
    'pixels',
    `${revision}/channels/:view/:channel/export`,
    viewers,
    'One channel as DICOS, medical DICOM, TIFF, PNG or NumPy',
    [
      'NII_BAD_REQUEST',
      'NII_CAB_MASKED',
      'NII_NOT_FOUND',
      'NII_UNSUPPORTED_VARIANT',
      'NII_RANGE',
      'NII_LIMIT_TIME',
    ],
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
} satisfies Readonly<Record<string, Operation>>;
