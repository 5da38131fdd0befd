import type { MessagePort } from 'node:worker_threads';
import type { Problem } from '../../core/errors.ts';

/** Work that a thread can be asked for. Both ends use the same kind, so that they agree on the types. */
export interface TaskKind<Task, Result> {
  readonly name: string;
  /** Never there: it only holds the types. */
  readonly types?: (task: Task) => Result;
}

/** What the thread gets: the task, and where to say that it has begun. */
export interface ThreadRequest {
  readonly kind: string;
  readonly task: unknown;
  readonly begun: MessagePort;
}

export type ThreadReply = { readonly result: unknown } | { readonly problem: Problem };
