import type { ErrorCode } from '../../../core/errors.ts';
import { rolesWho } from '../rights.ts';
import { get, type Operation, post, put, versionErrors } from './operation.ts';

const readers = rolesWho('read models');
const deciders = rolesWho('decide models');

const modelErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_MODEL_GOLDEN',
  'NII_MODEL_UNKNOWN',
  'NII_MODEL_INVALID',
  'NII_MODEL_FAILED',
  ...versionErrors,
] satisfies readonly ErrorCode[];

/** Which versions of the models an administration uses. */
export const modelOperations = {
  getModel: get(
    'rules',
    '/v1/models/:model',
    readers,
    'One model: its versions, which of them scores scans, and what waits for a second person',
    ['NII_NOT_FOUND'],
  ),
  proposeModel: post(
    'rules',
    '/v1/models/:model/activation',
    deciders,
    'Propose a version that scores from then on; it is tested first, and another person confirms it',
    modelErrors,
  ),
  confirmModel: post(
    'rules',
    '/v1/models/:model/confirmation',
    deciders,
    'Confirm the version that another person proposed; it scores from the next scan on',
    modelErrors,
  ),
  rollBackModel: post(
    'rules',
    '/v1/models/:model/rollback',
    deciders,
    'Go back to the version that was active before, at once and by one person',
    modelErrors,
  ),
  setShadowModel: put(
    'rules',
    '/v1/models/:model/shadow',
    deciders,
    'Let a version look beside the active one, or none any more; nobody who works on a case sees it',
    modelErrors,
  ),
  compareShadow: get(
    'rules',
    '/v1/models/:model/shadow/:version',
    rolesWho('compare models'),
    'What a version in shadow said beside what scored the scans: counts, and each disagreement',
  ),
  compareVendors: get(
    'rules',
    '/v1/vendor-algorithms',
    rolesWho('compare models'),
    'How often algorithms of vendors raised an alarm, beside our models, verdicts and outcomes of searches',
  ),
  watchModels: get(
    'rules',
    '/v1/model-days',
    rolesWho('compare models'),
    'By scanner, day and model: open beam, dark lines, quantiles of scores, rate of alarms beside what is expected',
  ),
} satisfies Readonly<Record<string, Operation>>;
