import type { Actor } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import type { Tx } from '../core/ports/records.ts';

/** A request that changes something. */
export interface Command {
  readonly actor: Actor;
  /** The same key with the same request answers what the first one answered. */
  readonly idempotency?: { readonly key: string; readonly requestSha256: string };
  /** The version that the sender saw, as its ETag named it. */
  readonly ifMatch?: string;
}

/** The version of a case, for its ETag: says nothing of how often it moved. Of before there were tags, that number. */
export function versionOfCase({ tag, history }: Pick<Case, 'tag' | 'history'>): string {
  return tag ?? String(history.length);
}

/** `replayed`: this was answered before, and nothing was done now. */
export interface CaseAnswer {
  /** As it is shown to whoever moved it. */
  readonly case: Case;
  readonly replayed: boolean;
}

/** What an earlier request with this idempotency key was answered, if there was one. */
export async function earlierAnswer(tx: Tx<'answered'>, { actor, idempotency }: Command): Promise<unknown> {
  if (idempotency === undefined) return undefined;
  const earlier = await tx.answered(actor.keyId, idempotency.key);
  if (earlier === undefined) return undefined;
  if (earlier.requestSha256 !== idempotency.requestSha256) {
    throw new NiiError(
      'NII_IDEMPOTENCY_MISMATCH',
      'This Idempotency-Key was used for another request: use a new one',
    );
  }
  return earlier.body;
}

/** Keeps the answer in the transaction that did the work, so that both are there or neither. */
export async function keepAnswer(
  tx: Tx<'putAnswer'>,
  { actor, idempotency }: Command,
  body: unknown,
): Promise<void> {
  if (idempotency === undefined) return;
  await tx.putAnswer(actor.keyId, idempotency.key, {
    requestSha256: idempotency.requestSha256,
    status: 200,
    body,
  });
}
