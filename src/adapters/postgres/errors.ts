import { DatabaseError } from 'pg';
import { type ErrorCode, NiiError } from '../../core/errors.ts';

/** What a failure of PostgreSQL or of the way to it is to the service, by SQLSTATE or its class. */
const codesByState: Readonly<Record<string, ErrorCode>> = {
  '23505': 'NII_CONFLICT',
  '23503': 'NII_CONFLICT',
  '53100': 'NII_DISK_FULL',
  '53': 'NII_DATABASE_UNREACHABLE',
  '08': 'NII_DATABASE_UNREACHABLE',
  '57': 'NII_DATABASE_UNREACHABLE',
  '58': 'NII_DATABASE_UNREACHABLE',
  '25006': 'NII_DATABASE_UNREACHABLE',
  '25P03': 'NII_DATABASE_UNREACHABLE',
  '55P03': 'NII_DATABASE_UNREACHABLE',
  '40001': 'NII_DATABASE_UNREACHABLE',
  '40P01': 'NII_DATABASE_UNREACHABLE',
  '22021': 'NII_BAD_REQUEST',
  '22P05': 'NII_BAD_REQUEST',
  '28': 'NII_CONFIG',
  '3D000': 'NII_CONFIG',
};

const details: Readonly<Partial<Record<ErrorCode, string>>> = {
  NII_CONFLICT: 'A record with this identity already exists, or a record that it refers to does not exist',
  NII_DISK_FULL: 'The disk of the database is full',
  NII_DATABASE_UNREACHABLE: 'The database did not respond',
  NII_BAD_REQUEST: 'The text contains a character that cannot be stored (U+0000)',
  NII_CONFIG: 'The database server rejected the user, password or database name in NII_DATABASE_URL',
};

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT', // a unix socket that is not there
]);

/** The driver has no codes of its own for these (pg 8.23, pg-pool 3). */
const driverMessages =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|connection error|timeout expired|after calling end/i;

/** The failure in the service's terms; what is none of PostgreSQL's is returned as it is. */
export function asDatabaseFailure(error: unknown): unknown {
  const code = failureCode(error);
  if (code === undefined) return error;
  return new NiiError(code, { detail: details[code] ?? 'The database failed', cause: error });
}

function failureCode(error: unknown): ErrorCode | undefined {
  if (error instanceof DatabaseError) {
    const state = error.code ?? '';
    return codesByState[state] ?? codesByState[state.slice(0, 2)];
  }
  return isConnectionLoss(error) ? 'NII_DATABASE_UNREACHABLE' : undefined;
}

/** The server became one that only reads, or always was. */
const READ_ONLY = '25006';

/** Whether the connection that this came from is of no more use. */
export function breaksConnection(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    const state = error.code ?? '';
    return (
      error.severity === 'FATAL' || state.startsWith('08') || state.startsWith('57P') || state === READ_ONLY
    );
  }
  return isConnectionLoss(error);
}

/** Another transaction was in the way; the same work succeeds when it is done again. */
export function isCollision(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}

/** The time that a statement may wait for a lock is over. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '55P03';
}

/** The way to the server broke, or nothing came over it in time. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return (typeof code === 'string' && networkCodes.has(code)) || driverMessages.test(error.message);
}
