import { rolesWho } from '../rights.ts';
import { anyKey, get, keepers, type Operation, post, put } from './operation.ts';

/** Models, converters and scanners. */
export const catalogueOperations = {
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
} satisfies Readonly<Record<string, Operation>>;
