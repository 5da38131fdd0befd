import { rolesWho } from '../rights.ts';
import { get, moveErrors, type Operation, post } from './operation.ts';

const deciders = rolesWho('decide cases');

/** How colleagues look along while a case is read. */
export const adviceOperations = {
  listAdvice: get(
    'triage',
    '/v1/advice',
    rolesWho('see advice'),
    'Cases in hand whose reader asks for advice, oldest first; to an analyst those at which he may look along',
    ['NII_CURSOR_EXPIRED'],
  ),
  getAdvice: get(
    'triage',
    '/v1/cases/:caseId/advice',
    rolesWho('see advice'),
    'What the reader of a case asks, who looks along, and what they say',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
  ),
  requestAdvice: post(
    'triage',
    '/v1/cases/:caseId/advice',
    deciders,
    'Ask colleagues to look along at the case in hand, with the question',
    moveErrors,
  ),
  joinAdvice: post(
    'triage',
    '/v1/cases/:caseId/advice/look-along',
    deciders,
    'Look along at a case whose reader asks for advice; the caller is recorded, and reads the case no more',
    moveErrors,
  ),
  sendAdvice: post(
    'triage',
    '/v1/cases/:caseId/advice/answer',
    deciders,
    'Say what the caller thinks, who looks along; the reader sees it at once',
    moveErrors,
  ),
} satisfies Readonly<Record<string, Operation>>;
