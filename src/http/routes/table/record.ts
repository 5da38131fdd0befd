import { rolesWho } from '../rights.ts';
import { followers, get, type Operation } from './operation.ts';

/** The feed of changes and the audit. */
export const recordOperations = {
  listChanges: get(
    'record',
    '/v1/changes',
    followers,
    'What changed since a cursor; a reader that keeps its cursor misses nothing',
    ['NII_CURSOR_EXPIRED'],
  ),
  readAudit: get('record', '/v1/audit', rolesWho('read the audit'), 'Who viewed and changed what', [
    'NII_CURSOR_EXPIRED',
  ]),
} satisfies Readonly<Record<string, Operation>>;
