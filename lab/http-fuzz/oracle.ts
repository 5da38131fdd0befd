import type { Answer, Description, Operation } from './description.ts';
import { isObject, parsedJson } from './json.ts';
import { operationAt, operationsAtPath } from './paths.ts';
import type { FuzzAnswer, FuzzRequest } from './request.ts';

/** What an answer, or its absence, may be blamed for. */
export type FaultKind =
  | 'server-error'
  | 'undescribed-status'
  | 'undescribed-media-type'
  | 'body-not-as-described'
  | 'header-missing'
  | 'no-problem-document'
  | 'cut-answer'
  | 'stack-shown'
  | 'no-answer'
  | 'late'
  | 'plain-request-rejected'
  | 'process-lost'
  | 'memory-grown'
  | 'files-grown';

export interface Fault {
  readonly kind: FaultKind;
  readonly detail: string;
}

const PROBLEM = 'application/problem+json';
/** Any address may be answered by one of these before it is known what is asked there. */
const anywhere: ReadonlySet<number> = new Set([400, 404, 405, 408, 413, 415, 417, 429, 431, 503]);
/** The service is there and at work: whoever is told so may come again. */
const busy: ReadonlySet<unknown> = new Set(['NII_BUSY', 'NII_LIMIT_CONNECTIONS']);
/** Pages for people are no part of the description. */
const pages = /^\/((docs|assets|queue|case|room|searches|radiation)(\/|$)|$)/;

/** What is wrong with an answer, by what the service says of itself; nothing where it is as described. */
export function judge(description: Description, request: FuzzRequest, answer: FuzzAnswer): readonly Fault[] {
  const serious = [...judgeStatus(answer, request.operation), ...judgeWhole(answer), ...judgeText(answer)];
  if (serious.length > 0) return serious;
  const { method, target } = request;
  if (method === 'OPTIONS' && answer.status === 204) return requireHeaders(answer, ['allow']);
  const asked = operationAt(description, method === 'HEAD' ? 'GET' : method, target)?.operation;
  if (asked === undefined) return judgeUndescribed(description, request, answer);
  const stated = statedAnswer(description, request, asked, answer.status);
  if (stated === undefined)
    return [{ kind: 'undescribed-status', detail: `${asked.id} answers ${answer.status}${codeOf(answer)}` }];
  if (method === 'HEAD') return [];
  return judgeStated(asked, stated, answer);
}

/** Of bytes that are no request in order: no fault of the service, and a problem document. */
export function judgeCrooked(description: Description, answer: FuzzAnswer): readonly Fault[] {
  const serious = [...judgeStatus(answer), ...judgeText(answer)];
  if (serious.length > 0) return serious;
  return answer.status < 400 ? [] : requireProblem(description, answer);
}

function judgeStatus(answer: FuzzAnswer, operation = 'bytes'): readonly Fault[] {
  const { status, headers } = answer;
  if (status < 500) return [];
  const document = documentOf(answer);
  const code = isObject(document) ? document.code : undefined;
  if (status === 503 && busy.has(code) && headers['retry-after'] !== undefined) return [];
  return [{ kind: 'server-error', detail: `${operation} answers ${status}${codeOf(answer)}` }];
}

function judgeWhole({ isWhole, status }: FuzzAnswer): readonly Fault[] {
  return isWhole ? [] : [{ kind: 'cut-answer', detail: `the answer ${status} ends before it is complete` }];
}

function judgeText(answer: FuzzAnswer): readonly Fault[] {
  if (answer.status < 400) return [];
  const shown = /node_modules|\n {4}at |\.ts:\d+/.exec(textOf(answer))?.[0];
  return shown === undefined
    ? []
    : [{ kind: 'stack-shown', detail: `${answer.status} shows ${shown.trim()}` }];
}

function judgeUndescribed(
  description: Description,
  { method, target }: FuzzRequest,
  answer: FuzzAnswer,
): readonly Fault[] {
  if (pages.test(target) && answer.status < 405) return [];
  if (!anywhere.has(answer.status))
    return [
      { kind: 'undescribed-status', detail: `nothing is described there, and it answers ${answer.status}` },
    ];
  return method === 'HEAD' ? [] : requireProblem(description, answer);
}

/** HEAD answers what GET would; where a protocol uses HEAD for itself, what its path may answer. */
function statedAnswer(
  description: Description,
  { method, target }: FuzzRequest,
  asked: Operation,
  status: number,
): Answer | undefined {
  const own = asked.answers.get(status);
  if (own !== undefined || method !== 'HEAD') return own;
  const others = operationsAtPath(description, target).map(({ answers }) => answers.get(status));
  return others.find((answer) => answer !== undefined);
}

function judgeStated(asked: Operation, stated: Answer, answer: FuzzAnswer): readonly Fault[] {
  const where = `${asked.id} ${answer.status}`;
  const missing = requireHeaders(answer, stated.requiredHeaders, where);
  const type = mediaTypeOf(answer);
  if (stated.contents.size === 0) {
    if (answer.body.length === 0) return missing;
    return [...missing, { kind: 'body-not-as-described', detail: `${where} has a body of ${type}` }];
  }
  const check = stated.contents.get(type);
  if (check === undefined)
    return [...missing, { kind: 'undescribed-media-type', detail: `${where} is "${type}"` }];
  if (!type.endsWith('json')) return missing;
  const wrong = check(documentOf(answer));
  return wrong === undefined
    ? missing
    : [...missing, { kind: 'body-not-as-described', detail: `${where}: ${wrong}` }];
}

function requireHeaders(
  answer: FuzzAnswer,
  names: readonly string[],
  where = 'OPTIONS 204',
): readonly Fault[] {
  return names
    .filter((name) => answer.headers[name] === undefined)
    .map((name) => ({ kind: 'header-missing', detail: `${where} has no ${name}` }));
}

function requireProblem({ operations }: Description, answer: FuzzAnswer): readonly Fault[] {
  const check = operations[0]?.answers.get(400)?.contents.get(PROBLEM);
  const type = mediaTypeOf(answer);
  const wrong = type === PROBLEM ? check?.(documentOf(answer)) : `it is "${type}"`;
  return wrong === undefined ? [] : [{ kind: 'no-problem-document', detail: `${answer.status}: ${wrong}` }];
}

function mediaTypeOf({ headers }: FuzzAnswer): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

function textOf({ body }: FuzzAnswer): string {
  return Buffer.from(body).toString('utf8');
}

function documentOf(answer: FuzzAnswer): unknown {
  return parsedJson(textOf(answer));
}

function codeOf(answer: FuzzAnswer): string {
  const document = documentOf(answer);
  return isObject(document) && typeof document.code === 'string' ? ` ${document.code}` : '';
}
