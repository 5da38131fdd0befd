import { rolesWho } from '../rights.ts';
import { former, get, moveErrors, type Operation, post, supervisors } from './operation.ts';

const deciders = rolesWho('decide cases');
const caseReaders = rolesWho('read cases');

/** Cases and what people do with them. */
export const caseOperations = {
  listQueue: get(
    'triage',
    '/v1/queue',
    rolesWho('list the queue'),
    'Cases in queue order, with the reasons in words',
    ['NII_CURSOR_EXPIRED'],
  ),
  countQueue: get(
    'triage',
    '/v1/queue/counts',
    caseReaders,
    'How many cases wait, by band, and how many are past due',
  ),
  getLoad: get(
    'triage',
    '/v1/load',
    rolesWho('oversee'),
    'How many cases are not closed, by state and band: how many are past due, and when the first of them is due',
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
    moveErrors,
  ),
  renewClaim: post(
    'triage',
    '/v1/cases/:caseId/renewal',
    deciders,
    'Keep the case in hand while it is worked on',
    moveErrors,
  ),
  handBackCase: post(
    'triage',
    '/v1/cases/:caseId/hand-back',
    deciders,
    'Hand the claimed case back undecided, with the reason; a supervisor may do so with the case of another person',
    moveErrors,
  ),
  releaseCase: former(
    post('triage', '/v1/cases/:caseId/release', deciders, 'The former address of hand-back', moveErrors),
    '/v1/cases/:caseId/hand-back',
  ),
  decideCase: post(
    'triage',
    '/v1/cases/:caseId/verdict',
    deciders,
    'Verdict of the analyst who claimed the case',
    moveErrors,
  ),
  requestOpinion: post(
    'triage',
    '/v1/cases/:caseId/second-opinion',
    deciders,
    'Ask another analyst, who does not see the first verdict',
    moveErrors,
  ),
  settleCase: post(
    'triage',
    '/v1/cases/:caseId/settlement',
    supervisors,
    'The last word on a case on which readings disagree, or that none could decide',
    moveErrors,
  ),
  referCase: post(
    'triage',
    '/v1/cases/:caseId/refer',
    deciders,
    'Send a case decided suspect or inconclusive to a search',
    moveErrors,
  ),
  recordOutcome: post(
    'triage',
    '/v1/cases/:caseId/outcome',
    rolesWho('record outcomes'),
    'What the search found, where and how',
    moveErrors,
  ),
  acceptSearch: post(
    'triage',
    '/v1/cases/:caseId/search-acceptance',
    supervisors,
    'Say why a search that was not of all of it, and found nothing, is enough',
    moveErrors,
  ),
  closeCase: post(
    'triage',
    '/v1/cases/:caseId/close',
    deciders,
    'Close a case that is decided for good; an inconclusive one with the reason',
    moveErrors,
  ),
  reopenCase: post(
    'triage',
    '/v1/cases/:caseId/reopen',
    supervisors,
    'Open a case again, with the reason',
    moveErrors,
  ),
  recordCustomsRelease: post(
    'triage',
    '/v1/cases/:caseId/customs-release',
    rolesWho('record releases'),
    'Record that the customs system released the goods',
    moveErrors,
  ),
  reviewRelease: post(
    'triage',
    '/v1/cases/:caseId/release-review',
    supervisors,
    'Say what was done about goods that customs released while something was open',
    moveErrors,
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
  getSearchOrder: get(
    'triage',
    '/v1/cases/:caseId/search-order.pdf',
    caseReaders,
    'The order to search a case, to print: one page with the picture, its regions and a code to scan',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
  ),
  listNotAnalysed: get(
    'triage',
    '/v1/not-analysed',
    rolesWho('oversee'),
    "Scans that are no analysts' case, newest first, with the reason",
    ['NII_CURSOR_EXPIRED'],
  ),
} satisfies Readonly<Record<string, Operation>>;
