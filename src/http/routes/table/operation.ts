import { type Role, roles } from '../../../core/access.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { Access } from '../../access.ts';
import { rolesWho } from '../rights.ts';

/** One address of the interface: who may call it, and what it can answer besides success. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly roles: Access;
  readonly tag:
    | 'upload'
    | 'scans'
    | 'pixels'
    | 'triage'
    | 'radiation'
    | 'declarations'
    | 'persons'
    | 'rules'
    | 'catalogue'
    | 'dicomweb'
    | 'measures'
    | 'record'
    | 'service';
  readonly summary: string;
  readonly errors: readonly ErrorCode[];
  /** Also for whoever signed in and waits until an administrator says who he is. */
  readonly isForUnlinked?: true;
  /** Browsers ask by themselves, and send no header that says so: it keeps no session alive. */
  readonly isBackground?: true;
}

export const anyKey: readonly Role[] = roles;
export const senders = rolesWho('send scans');
export const viewers = rolesWho('view scans');
export const followers = rolesWho('follow scans');
export const keepers = rolesWho('read originals');
export const supervisors = rolesWho('choose cases');

export const moveErrors = [
  'NII_NOT_FOUND',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];

export const versionErrors = [
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
  'NII_IDEMPOTENCY_MISMATCH',
] satisfies readonly ErrorCode[];

/** What a file can be rejected with that is read while its sender waits. */
export const readErrors = [
  'NII_MALFORMED',
  'NII_TRUNCATED',
  'NII_UNSUPPORTED_VARIANT',
  'NII_LIMIT_DEPTH',
  'NII_LIMIT_ELEMENTS',
  'NII_LIMIT_RECORD',
  'NII_LIMIT_EXPANSION',
  'NII_LIMIT_TIME',
  'NII_LIMIT_MEMORY',
  'NII_READER_CRASHED',
] satisfies readonly ErrorCode[];

type Row = (
  tag: Operation['tag'],
  url: string,
  access: Access,
  summary: string,
  errors?: readonly ErrorCode[],
) => Operation;

const row =
  (method: Operation['method']): Row =>
  (tag, url, access, summary, errors = []) => ({ method, url, roles: access, tag, summary, errors });
export const get = row('GET');
export const post = row('POST');
export const put = row('PUT');
export const patch = row('PATCH');
export const remove = row('DELETE');

/** What browsers ask by themselves. */
export const background = (operation: Operation): Operation => ({ ...operation, isBackground: true });

/** What whoever waits to be linked may call. */
export const waiting = (operation: Operation): Operation => ({ ...operation, isForUnlinked: true });
