export interface IdempotentAnswer {
  readonly requestSha256: string;
  readonly status: number;
  readonly body: unknown;
}

/** Responses that are repeated for a request that comes again with the same Idempotency-Key. */
export interface Answers {
  answered(actor: string, key: string): Promise<IdempotentAnswer | undefined>;
  putAnswer(actor: string, key: string, answer: IdempotentAnswer): Promise<void>;
  /** Answers kept longer than this are no longer repeated. Returns how many were forgotten. */
  forgetAnswers(olderThanSeconds: number): Promise<number>;
}
