import { rolesWho } from '../rights.ts';
import { get, type Operation } from './operation.ts';

const deciders = rolesWho('decide cases');

/** What a reader decided herself. */
export const ownDecisionOperations = {
  listOwnDecisions: get(
    'triage',
    '/v1/own-decisions',
    deciders,
    'Cases that the caller decided, newest first, with what became of each; only the own ones',
    ['NII_CURSOR_EXPIRED'],
  ),
  getOwnDecision: get(
    'triage',
    '/v1/own-decisions/:caseId',
    deciders,
    'A case that the caller decided, to learn from: the verdict, the outcome and where the picture was marked',
    ['NII_NOT_FOUND'],
  ),
  getOwnPreview: get(
    'triage',
    '/v1/own-decisions/:caseId/preview',
    deciders,
    'The preview of the scan of a case that the caller decided',
    ['NII_NOT_FOUND'],
  ),
} satisfies Readonly<Record<string, Operation>>;
