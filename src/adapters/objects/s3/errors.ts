import { S3Error } from 'minio';
import { type ErrorCode, NiiError } from '../../../core/errors.ts';

/** Answers of S3 servers (AWS, Ceph, MinIO) that do not mean that the store is unreachable. */
const codesByAnswer: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'NII_NOT_FOUND',
  NotFound: 'NII_NOT_FOUND',
  InvalidRange: 'NII_RANGE',
  QuotaExceeded: 'NII_DISK_FULL',
  InsufficientCapacity: 'NII_DISK_FULL',
  InsufficientStorage: 'NII_DISK_FULL',
  XMinioStorageFull: 'NII_DISK_FULL',
  XMinioAdminBucketQuotaExceeded: 'NII_DISK_FULL',
};

const details: Readonly<Partial<Record<ErrorCode, string>>> = {
  NII_NOT_FOUND: 'No object has this key',
  NII_RANGE: 'The range is outside the object',
  NII_DISK_FULL: 'The object store is full, or the bucket quota is used up',
  NII_STORE_UNREACHABLE: 'The object store sent an unexpected response',
};

const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'HPE_INVALID_CONSTANT',
]);

/** The client's own words (minio 8.0) for an answer with status 5xx or 429, and for one that is not XML. */
const clientMessages =
  /Retryable HTTP status|Retries exhausted|socket hang up|aborted|Missing tag|statusCode/i;

/** The failure in the service's terms; what is none of the store's is returned as it is. */
export function asStoreFailure(error: unknown): unknown {
  const code = failureCode(error);
  if (code === undefined) return error;
  return new NiiError(code, { detail: details[code] ?? 'The object store failed', cause: error });
}

function failureCode(error: unknown): ErrorCode | undefined {
  if (error instanceof S3Error) return codesByAnswer[answerOf(error)] ?? 'NII_STORE_UNREACHABLE';
  if (!(error instanceof Error) || error instanceof NiiError) return undefined;
  if (/HTTP status: 507/.test(error.message)) return 'NII_DISK_FULL';
  const isUnreachable = networkCodes.has(networkCode(error)) || clientMessages.test(error.message);
  return isUnreachable ? 'NII_STORE_UNREACHABLE' : undefined;
}

/** The server's error code, such as NoSuchKey; empty when it is no answer of a server. */
export function answerOf(error: unknown): string {
  return error instanceof S3Error ? (error.code ?? '') : '';
}

/** A kept connection that the server closed just as it was used again: nothing was wrong with the request. */
export function isStaleConnection(error: unknown): boolean {
  return error instanceof Error && ['ECONNRESET', 'EPIPE'].includes(networkCode(error));
}

function networkCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** An answer that ended early, or that says less than it must. */
export function cutAnswer(cause?: unknown): NiiError {
  const detail = 'The object store ended its response before all bytes arrived';
  return new NiiError('NII_STORE_UNREACHABLE', { detail, cause });
}
