import { rolesWho } from '../rights.ts';
import { get, moveErrors, type Operation, post } from './operation.ts';

const holdReaders = rolesWho('read holds');
const officers = rolesWho('adjudicate holds');

/** Radiation holds. */
export const radiationOperations = {
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
    moveErrors,
  ),
  closeHold: post(
    'radiation',
    '/v1/holds/:holdId/close',
    officers,
    'Say what became of a confirmed alarm; only released lets the vehicle go',
    moveErrors,
  ),
  reopenHold: post(
    'radiation',
    '/v1/holds/:holdId/reopen',
    officers,
    'Hold the vehicle again, with the reason',
    moveErrors,
  ),
  joinHold: post(
    'radiation',
    '/v1/holds/:holdId/join',
    officers,
    'Say of which scan an alarm is; of a neutron alarm two officers say the same',
    moveErrors,
  ),
  unjoinHold: post(
    'radiation',
    '/v1/holds/:holdId/unjoin',
    officers,
    'Say that an alarm is not of the scan that it is joined to; of a neutron alarm two officers say the same',
    moveErrors,
  ),
  duplicateHold: post(
    'radiation',
    '/v1/holds/:holdId/duplicate-of',
    officers,
    'Settle a hold as a duplicate of one that is marked as possibly the same',
    moveErrors,
  ),
} satisfies Readonly<Record<string, Operation>>;
