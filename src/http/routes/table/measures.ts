import { rolesWho } from '../rights.ts';
import { get } from './operation.ts';

/** What the work was worth, in figures. */
export const measureOperations = {
  getMeasure: get(
    'measures',
    '/v1/measures/:measure',
    rolesWho('oversee'),
    'Figures of a period: throughput, times, rates, agreement or past-due; as JSON or as CSV',
    ['NII_NOT_FOUND'],
  ),
  listMeasuredScans: get(
    'measures',
    '/v1/measures/:measure/scans',
    rolesWho('oversee'),
    'The scans behind a figure, oldest first',
    ['NII_NOT_FOUND'],
  ),
  getPersonFigures: get(
    'measures',
    '/v1/measures/persons',
    rolesWho('oversee'),
    'Figures of single persons, where the policy says for what, for whom and for how long',
    ['NII_NOT_FOUND', 'NII_PERSON_FIGURES'],
  ),
};
