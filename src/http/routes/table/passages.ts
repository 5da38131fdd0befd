import { rolesWho } from '../rights.ts';
import { get, moveErrors, type Operation, post, supervisors } from './operation.ts';

/** Vehicles that passed a lane without a valid instruction. */
export const passageOperations = {
  reportPassages: post(
    'triage',
    '/v1/passages',
    rolesWho('report passages'),
    'Say afterwards which vehicles passed, and by which instruction; all of a report is kept or nothing',
    ['NII_NOT_FOUND', 'NII_CONFLICT', 'NII_NO_INSTRUCTION'],
  ),
  listPassages: get(
    'triage',
    '/v1/passages',
    rolesWho('oversee'),
    'Vehicles that passed without a valid instruction, the first before the others, with the reason',
    ['NII_CURSOR_EXPIRED'],
  ),
  settlePassage: post(
    'triage',
    '/v1/passages/:passageId/settle',
    supervisors,
    'Say what became of a vehicle that passed without a valid instruction; once',
    moveErrors,
  ),
} satisfies Readonly<Record<string, Operation>>;
