import { rolesWho } from '../rights.ts';
import { get, type Operation, post, put, readErrors, versionErrors } from './operation.ts';

const siteReaders = rolesWho('read sites');
const ruleReaders = rolesWho('read rules');
const ruleDeciders = rolesWho('decide rules');

/** What administrations and sites decide. */
export const ruleOperations = {
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
    versionErrors,
  ),
  confirmPolicy: post(
    'rules',
    '/v1/policy/confirmation',
    ruleDeciders,
    'Confirm the policy that another person proposed',
    ['NII_STATE_CONFLICT', ...versionErrors],
  ),
  listReasons: get(
    'rules',
    '/v1/reasons',
    rolesWho('read cases'),
    'The reasons that verdicts may have, with their labels; retired ones too',
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
    ['NII_NOT_FOUND', ...versionErrors],
  ),
  confirmSite: post(
    'rules',
    '/v1/sites/:site/confirmation',
    ruleDeciders,
    'Confirm what another person proposed for a site',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
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
} satisfies Readonly<Record<string, Operation>>;
