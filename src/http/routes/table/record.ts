import { rolesWho } from '../rights.ts';
import { background, followers, get, type Operation } from './operation.ts';

/** The feed of changes and the audit. */
export const recordOperations = {
  listChanges: get(
    'record',
    '/v1/changes',
    followers,
    'What changed since a cursor; a reader that keeps its cursor misses nothing',
    ['NII_CURSOR_EXPIRED'],
  ),
  watchChanges: background(
    get(
      'record',
      '/v1/events',
      rolesWho('watch changes'),
      'That something changed at the site, as server-sent events; what it is now, other addresses say',
    ),
  ),
  readAudit: get('record', '/v1/audit', rolesWho('read the audit'), 'Who viewed and changed what', [
    'NII_CURSOR_EXPIRED',
  ]),
} satisfies Readonly<Record<string, Operation>>;
