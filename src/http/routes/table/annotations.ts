import { rolesWho } from '../rights.ts';
import { get, moveErrors, type Operation, patch, post, remove } from './operation.ts';

const deciders = rolesWho('decide cases');
const one = '/v1/cases/:caseId/annotations/:annotationId';

/** What readers draw on the picture of a case. */
export const annotationOperations = {
  listAnnotations: get(
    'triage',
    '/v1/cases/:caseId/annotations',
    rolesWho('read cases'),
    'Annotations of the case: to its reader the own ones, after the decision those that verdicts carried',
    ['NII_NOT_FOUND'],
  ),
  addAnnotation: post(
    'triage',
    '/v1/cases/:caseId/annotations',
    deciders,
    'Draw a point, box, polygon, arrow or text on the picture of the case in hand; kept at once',
    [...moveErrors, 'NII_CONFLICT'],
  ),
  changeAnnotation: patch(
    'triage',
    one,
    deciders,
    'Move an own annotation of the case in hand, or change its text',
    moveErrors,
  ),
  removeAnnotation: remove(
    'triage',
    one,
    deciders,
    'Remove an own annotation of the case in hand; it stays in the record, with who removed it',
    moveErrors,
  ),
} satisfies Readonly<Record<string, Operation>>;
