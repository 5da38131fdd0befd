import { defined } from './defined.ts';
/**
 * Every expected failure of the service: code, HTTP status and what the sender is told.
 * docs/reference/errors.md carries the same table; a test fails when they differ.
 */
export const errorTable = {
  NII_BAD_REQUEST: { status: 400, title: 'Invalid request' },
  NII_NOT_A_FILE: { status: 400, title: 'Not a file or a folder' },
  NII_UPLOAD_CUT: { status: 400, title: 'The upload is incomplete; retry' },
  NII_HASH_MISMATCH: { status: 400, title: 'The received bytes do not match the declared SHA-256' },
  NII_UNAUTHENTICATED: { status: 401, title: 'A valid key is required (Authorization: Bearer nii_...)' },
  NII_FORBIDDEN: { status: 403, title: 'This key is not allowed to do this' },
  NII_CAB_MASKED: { status: 403, title: 'The policy masks the cab, and this request would show it' },
  NII_NOT_LINKED: { status: 403, title: 'This account is not linked to a person; ask an administrator' },
  NII_CROSS_SITE: {
    status: 403,
    title: "Requests that change data and use a session cookie must come from this service's own pages",
  },
  NII_SIGN_IN_FAILED: { status: 403, title: 'The sign-in failed; start again at /sign-in' },
  NII_NOT_FOUND: { status: 404, title: 'Not found, or not visible to this key' },
  NII_NO_MATERIAL: { status: 404, title: 'This scan has no image in material colours' },
  NII_METHOD: { status: 405, title: 'Method not supported' },
  NII_NOT_ACCEPTABLE: { status: 406, title: 'None of the accepted formats is available' },
  NII_REQUEST_TIMEOUT: { status: 408, title: 'Request timeout' },
  NII_CONFLICT: { status: 409, title: 'The request conflicts with stored data' },
  NII_STATE_CONFLICT: { status: 409, title: 'This change is not allowed in the current state' },
  NII_NO_INSTRUCTION: {
    status: 409,
    title: 'The site is in parallel mode: its lanes get no instructions',
  },
  NII_PERSON_FIGURES: { status: 409, title: 'Figures for individual people are switched off' },
  NII_AMBIGUOUS_FORMAT: { status: 409, title: 'More than one converter claims this file' },
  NII_CURSOR_EXPIRED: {
    status: 410,
    title: 'Expired cursor; start again without a cursor',
  },
  NII_UPLOAD_EXPIRED: { status: 410, title: 'The resumable upload has expired' },
  NII_PRECONDITION_FAILED: { status: 412, title: 'The resource has changed; reload and retry' },
  NII_LIMIT_BYTES: { status: 413, title: 'More bytes than the limit allows' },
  NII_LIMIT_FILES: { status: 413, title: 'More files than the limit allows' },
  NII_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  NII_UNKNOWN_FORMAT: { status: 415, title: 'No converter recognises this file' },
  NII_UNSUPPORTED_VARIANT: { status: 415, title: 'This variant of the format is not supported' },
  NII_RANGE: { status: 416, title: 'The requested range is outside the data' },
  NII_RECOVERY_RANGE: { status: 416, title: 'The database archive does not cover this time' },
  NII_EXPECTATION: { status: 417, title: 'The service cannot meet the expectation in the Expect header' },
  NII_MALFORMED: { status: 422, title: 'The file does not conform to its format' },
  NII_TRUNCATED: { status: 422, title: 'The file is shorter than its header states' },
  NII_LIMIT_PIXELS: { status: 422, title: 'More pixels than the limit allows' },
  NII_LIMIT_DEPTH: { status: 422, title: 'Nesting exceeds the limit' },
  NII_LIMIT_ELEMENTS: { status: 422, title: 'More elements or values than the limit allows' },
  NII_LIMIT_RECORD: { status: 422, title: 'More entries than a record can hold' },
  NII_LIMIT_EXPANSION: { status: 422, title: 'Compressed data expands beyond the limit' },
  NII_LIMIT_TIME: { status: 422, title: 'Conversion timeout' },
  NII_LIMIT_MEMORY: { status: 422, title: 'The conversion exceeded the memory limit' },
  NII_CONVERTER_CRASHED: { status: 422, title: 'The converter crashed' },
  NII_SET_ASIDE: { status: 422, title: 'The service crashed repeatedly on this input' },
  NII_READER_CRASHED: { status: 422, title: 'The reader process crashed' },
  NII_CONVERTER_INCONSISTENT: {
    status: 422,
    title: 'The converter returned inconsistent data',
  },
  NII_IDEMPOTENCY_MISMATCH: { status: 422, title: 'This idempotency key was used for a different request' },
  NII_MODEL_UNKNOWN: { status: 422, title: "No adapter supports the model's inputs or outputs" },
  NII_MODEL_INVALID: { status: 422, title: 'The model package is inconsistent' },
  NII_MODEL_FAILED: { status: 422, title: 'The model failed' },
  NII_MODEL_EXTERNAL_DATA: { status: 422, title: "The model's weights are in a separate file" },
  NII_MODEL_OPERATOR: { status: 422, title: 'The model uses operators that the runtime does not support' },
  NII_MODEL_OPSET: { status: 422, title: 'The model needs a newer ONNX version than the runtime supports' },
  NII_MODEL_OUTPUT: { status: 422, title: 'The model returned no usable output' },
  NII_MODEL_TIMEOUT: { status: 422, title: 'Model run timeout' },
  NII_MODEL_MEMORY: { status: 422, title: 'The model exceeded the memory limit' },
  NII_MODEL_GOLDEN: { status: 422, title: 'The model does not reproduce its recorded outputs' },
  NII_PRECONDITION_REQUIRED: {
    status: 428,
    title: 'If-Match with the current version is required',
  },
  NII_RATE_LIMITED: { status: 429, title: 'Too many requests; retry after the time in Retry-After' },
  NII_QUEUE_FULL: { status: 429, title: 'The job queue is full; retry later' },
  NII_LIMIT_HEADERS: { status: 431, title: 'The request headers are larger than the limit' },
  NII_JOB_UNKNOWN: { status: 500, title: 'This version does not support this kind of job' },
  NII_INTERNAL: { status: 500, title: 'Internal error; see the service log' },
  NII_CONFIG: { status: 500, title: 'Invalid configuration' },
  NII_CHILD_START: { status: 500, title: 'The service cannot start one of its processes' },
  NII_CORRUPT: { status: 500, title: 'Stored data is corrupt: the hash differs' },
  NII_OBJECT_LOST: { status: 500, title: 'Stored data is missing from the object store' },
  NII_ROLLED_BACK: {
    status: 500,
    title: 'The database or the object store was rolled back to an earlier state',
  },
  NII_ARCHIVE_DAMAGED: { status: 500, title: 'The database archive is damaged or incomplete' },
  NII_LIMIT_CONNECTIONS: { status: 503, title: 'More open connections than the limit allows' },
  NII_BUSY: { status: 503, title: 'The service is overloaded; retry later' },
  NII_STORE_UNREACHABLE: { status: 503, title: 'The object store is unreachable; retry later' },
  NII_ENCRYPTED: { status: 503, title: 'Stored data is encrypted, and this service lacks the key' },
  NII_DATABASE_UNREACHABLE: { status: 503, title: 'The database is unreachable; retry later' },
  NII_ARCHIVE_FAILING: { status: 503, title: 'Database changes are not reaching the archive' },
  NII_PROVIDER_UNREACHABLE: { status: 503, title: 'The identity provider is unreachable; retry later' },
  NII_SIEM_UNREACHABLE: {
    status: 503,
    title: 'The audit log receiver is unreachable; the service is retrying',
  },
  NII_LANE_UNREACHABLE: {
    status: 503,
    title: 'The lane did not acknowledge the instruction; the service is retrying',
  },
  NII_DISK_FULL: { status: 507, title: 'The disk is full' },
} as const;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorContext {
  /** What exactly is wrong and what to change; shown to the sender. Never a secret, a path or a person. */
  readonly detail: string;
  /** Byte offset in the file the failure speaks of, where there is one. */
  readonly offset?: number;
  /** Name of the file or the field. */
  readonly field?: string;
  readonly cause?: unknown;
}

/** An expected failure. Callers match `code`, never the prose. */
export class NiiError extends Error {
  override readonly name = 'NiiError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly offset: number | undefined;
  readonly field: string | undefined;

  constructor(code: ErrorCode, context: string | ErrorContext) {
    const { detail, offset, field, cause } =
      typeof context === 'string' ? ({ detail: context } as ErrorContext) : context;
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = errorTable[code].status;
    this.offset = offset;
    this.field = field;
  }

  toProblem(): Problem {
    return {
      code: this.code,
      title: errorTable[this.code].title,
      detail: this.message,
      ...defined({ offset: this.offset, field: this.field }),
    };
  }
}

/** The part of an RFC 9457 problem document that is kept with a failed scan. */
export interface Problem {
  readonly code: ErrorCode;
  readonly title: string;
  readonly detail: string;
  readonly offset?: number;
  readonly field?: string;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorTable, value);
}

export function isNiiError(error: unknown, code?: ErrorCode): error is NiiError {
  return error instanceof NiiError && (code === undefined || error.code === code);
}

/** Restores an error that crossed a process boundary as a problem, with what caused it where that came beside. */
export function fromProblem(problem: Problem, cause?: unknown): NiiError {
  return new NiiError(problem.code, {
    detail: problem.detail,
    ...defined({ offset: problem.offset, field: problem.field, cause }),
  });
}

/** The stack of an exception, or the text of whatever else was thrown. For logs and authors, never for a sender. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** A system error that means: no room left (POSIX ENOSPC, EDQUOT). */
export function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** The problem to keep of any error: an expected one as it is, anything else as an internal fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof NiiError) return error.toProblem();
  if (isFullDisk(error))
    return new NiiError('NII_DISK_FULL', "No space left on the service's disk").toProblem();
  return new NiiError('NII_INTERNAL', 'Unexpected error; see the service log').toProblem();
}

/** The values that a message allows: `a, b or c`. */
export function orList(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

/** Unreachable, full, or another process was first: the same job may succeed later. */
export function isTransient(error: unknown): boolean {
  return [409, 503, 507].includes(errorTable[problemOf(error).code].status);
}
