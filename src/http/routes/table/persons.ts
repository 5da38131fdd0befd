import type { ErrorCode } from '../../../core/errors.ts';
import { rolesWho } from '../rights.ts';
import { anyKey, get, type Operation, post, put, waiting } from './operation.ts';

const personErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];

/** Persons, their conflicts, keys and sessions. */
export const personOperations = {
  listPersons: get(
    'persons',
    '/v1/persons',
    rolesWho('read persons'),
    'Persons with their keys and conflicts of interest',
    ['NII_CURSOR_EXPIRED'],
  ),
  createPerson: post(
    'persons',
    '/v1/persons',
    rolesWho('change persons'),
    'A person whom an administrator knows; keys are then made for it',
    ['NII_IDEMPOTENCY_MISMATCH'],
  ),
  getPerson: get('persons', '/v1/persons/:personId', rolesWho('read persons'), 'One person', [
    'NII_NOT_FOUND',
  ]),
  linkPerson: put(
    'persons',
    '/v1/persons/:personId',
    rolesWho('change persons'),
    'Say who a person is, and which keys of unlinked persons turned out to be its own',
    personErrors,
  ),
  declareConflict: post(
    'persons',
    '/v1/conflicts',
    rolesWho('declare conflicts'),
    'Say in what the caller has an interest; in force once a supervisor has seen it',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  setConflict: post(
    'persons',
    '/v1/persons/:personId/conflicts',
    rolesWho('judge conflicts'),
    'Say in what somebody else has an interest; in force at once',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  settleConflict: post(
    'persons',
    '/v1/persons/:personId/conflicts/:number',
    rolesWho('judge conflicts'),
    'Put a declared conflict in force, or end one',
    ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH'],
  ),
  listHandBacks: get(
    'persons',
    '/v1/persons/:personId/hand-backs',
    rolesWho('read persons'),
    'Cases that a person handed back or let lapse, the newest first',
    ['NII_NOT_FOUND'],
  ),
  listKeys: get('persons', '/v1/keys', rolesWho('read keys'), 'Keys, without their secrets', [
    'NII_CURSOR_EXPIRED',
  ]),
  beginSignIn: get('persons', '/sign-in', 'anyone', 'Sign in: the browser goes to the identity provider', [
    'NII_NOT_FOUND',
    'NII_PROVIDER_AWAY',
  ]),
  acceptSignIn: get(
    'persons',
    '/sign-in/callback',
    'anyone',
    'The browser comes back from the identity provider, and a session begins',
    ['NII_NOT_FOUND', 'NII_SIGN_IN_FAILED', 'NII_PROVIDER_AWAY'],
  ),
  getSession: waiting(
    get(
      'persons',
      '/v1/session',
      anyKey,
      'Who the caller is: person, roles, place, and when the session ends',
    ),
  ),
  endSession: waiting(
    post('persons', '/v1/session/end', anyKey, 'Sign out of this browser', ['NII_STATE_CONFLICT']),
  ),
  endAllSessions: waiting(
    post('persons', '/v1/session/end-all', anyKey, 'Sign out of every browser', ['NII_STATE_CONFLICT']),
  ),
} satisfies Readonly<Record<string, Operation>>;
