import { defined } from '../../core/defined.ts';
import { isErrorCode, type Problem } from '../../core/errors.ts';

/** What a parent asks. */
export interface Request {
  readonly id: number;
  readonly task: unknown;
}

/** What a child says: once that it has started, and of a request how far it is and what came of it. */
export type Reply =
  | { readonly kind: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | {
      readonly kind: 'problem';
      readonly id: number;
      readonly problem: Problem;
      /** Stack of the exception behind it: for the log of the parent and for the author, not for a sender. */
      readonly cause?: string;
    }
  | { readonly kind: 'ready' };

/** More is no explanation, and would be stored. */
const DETAIL_CEILING = 4096;

export function isRequest(message: unknown): message is Request {
  return isRecord(message) && typeof message.id === 'number' && 'task' in message;
}

/** A reply as it came over the channel, or undefined for anything else. */
export function readReply(message: unknown): Reply | undefined {
  if (!isRecord(message)) return undefined;
  const { kind, id, value } = message;
  if (kind === 'ready') return { kind };
  if (typeof id !== 'number') return undefined;
  if (kind === 'progress' || kind === 'result') return { kind, id, value };
  const problem = kind === 'problem' ? readProblem(message.problem) : undefined;
  if (problem === undefined) return undefined;
  const cause = typeof message.cause === 'string' ? message.cause.slice(0, DETAIL_CEILING) : undefined;
  return { kind: 'problem', id, problem, ...defined({ cause }) };
}

function readProblem(value: unknown): Problem | undefined {
  if (!isRecord(value) || !isErrorCode(value.code) || typeof value.detail !== 'string') return undefined;
  const { code, detail, title, offset, field } = value;
  return {
    code,
    title: typeof title === 'string' ? title.slice(0, DETAIL_CEILING) : '',
    detail: detail.slice(0, DETAIL_CEILING),
    ...defined({
      offset: typeof offset === 'number' ? offset : undefined,
      field: typeof field === 'string' ? field.slice(0, DETAIL_CEILING) : undefined,
    }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
