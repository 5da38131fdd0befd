import type { Actor } from '../core/access.ts';
import type { Case } from '../core/case/case.ts';
import { NiiError } from '../core/errors.ts';
import type { Answers } from '../core/ports/records/answers.ts';

/** A request that changes something. */
export interface Command {
  readonly actor: Actor;
  /** The same key with the same request answers what the first one answered. */
  readonly idempotency?: { readonly key: string; readonly requestSha256: string };
  /** Length of the history that the sender saw. */
  readonly ifMatch?: number;
}

/** `replayed`: this was answered before, and nothing was done now. */
export interface CaseAnswer {
  readonly case: Case;
  readonly replayed: boolean;
}

/** Whether who acts is the one who did something before, so that two of them are two persons. */
export function isSamePerson({ keyId }: Actor, by: string): boolean {
  return keyId === by;
}

/** What an earlier request with this idempotency key was answered, if there was one. */
export async function earlierAnswer(tx: Answers, { actor, idempotency }: Command): Promise<unknown> {
  if (idempotency === undefined) return undefined;
  const earlier = await tx.answered(actor.keyId, idempotency.key);
  if (earlier === undefined) return undefined;
  if (earlier.requestSha256 !== idempotency.requestSha256) {
    throw new NiiError('NII_IDEMPOTENCY_MISMATCH', 'Use a new Idempotency-Key for another request');
  }
  return earlier.body;
}

/** Keeps the answer in the transaction that did the work, so that both are there or neither. */
export async function keepAnswer(tx: Answers, { actor, idempotency }: Command, body: unknown): Promise<void> {
  if (idempotency === undefined) return;
  await tx.putAnswer(actor.keyId, idempotency.key, {
    requestSha256: idempotency.requestSha256,
    status: 200,
    body,
  });
}
