import { defined } from '../../core/defined.ts';
import { uploadFields } from '../../core/upload.ts';
import type { SentScan } from '../journal.ts';
import type { Answer } from './exchange.ts';

/** What a service said against an upload; the part of its problem document that is kept with the file. */
export interface Rejection {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly field?: string;
}

/** Why an upload is not acknowledged, and what that means for the next one. */
export type Failure =
  /** The same again would be rejected again. */
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  /** The service or the line: everything waits. */
  | { readonly kind: 'away'; readonly reason: string; readonly afterMs?: number }
  /** This scan: others may go before it is tried again. */
  | { readonly kind: 'again'; readonly reason: string; readonly afterMs?: number }
  /** The key, the site or the address: a person must change something. */
  | { readonly kind: 'blocked'; readonly reason: string };

export type Outcome = { readonly kind: 'sent'; readonly scans: readonly SentScan[] } | Failure;

/** Carries a failure out of several requests. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
  readonly failure: Failure;

  constructor(failure: Failure, cause?: unknown) {
    super(failure.kind === 'rejected' ? failure.rejection.detail : failure.reason, { cause });
    this.failure = failure;
  }
}

const passing: ReadonlySet<string> = new Set([
  'NII_UPLOAD_CUT',
  'NII_HASH_MISMATCH',
  'NII_CONFLICT',
  'NII_UPLOAD_EXPIRED',
]);

/** What an answer that is no success means. */
export function failureOf(answer: Answer): Failure {
  const { status } = answer;
  const rejection = problemIn(answer);
  const reason = `${status} ${rejection.code}: ${rejection.detail}`;
  const wait = retryAfter(answer);
  if (status === 429 || status === 503 || status === 502 || status === 504 || status === 507)
    return { kind: 'away', reason, ...wait };
  if (status >= 500 || status === 408 || status === 425 || passing.has(rejection.code))
    return { kind: 'again', reason, ...wait };
  if (status === 401 || status === 403 || status === 404 || status === 405 || status < 400)
    return { kind: 'blocked', reason };
  // We set these fields, the same for every scan: a rejection of one is no fault of the scan
  if (status === 400 && rejection.field !== undefined && uploadFields.has(rejection.field))
    return { kind: 'blocked', reason };
  return { kind: 'rejected', rejection };
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter({ headers }: Answer): { readonly afterMs?: number } {
  const said = headers['retry-after'] ?? '';
  const ms = /^[0-9]{1,6}$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now();
  return ms > 0 ? { afterMs: ms } : {};
}

/** Anything else than a problem document came from something between us and the service. */
export function problemIn({ status, body }: Answer): Rejection {
  const problem = jsonIn(body);
  const text = (name: string) => {
    const value = problem.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const field = text('field');
  return {
    code: text('code') ?? 'NII_INTERNAL',
    title: text('title') ?? `HTTP ${status}`,
    detail: text('detail') ?? `the response was ${status}, without a problem document`,
    ...defined({ field }),
  };
}

export function jsonIn(body: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : new Map();
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}

/** The scans that an acknowledgement names. @throws SendFailure for anything else */
export function scansIn(answer: Answer): readonly SentScan[] {
  const scans = jsonIn(answer.body).get('scans');
  if (Array.isArray(scans)) return scans.flatMap(scanIn);
  throw new SendFailure({ kind: 'blocked', reason: 'this address is not an nii-hub service' });
}

function scanIn(value: unknown): readonly SentScan[] {
  if (typeof value !== 'object' || value === null) return [];
  const { scanId, revision, result }: { scanId?: unknown; revision?: unknown; result?: unknown } = value;
  const known = typeof scanId === 'string' && typeof revision === 'number' && typeof result === 'string';
  return known ? [{ scanId, revision, result }] : [];
}
