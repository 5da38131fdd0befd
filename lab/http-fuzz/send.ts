import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { authorizationOf, type FuzzAnswer, type FuzzRequest, framingOf, type Key } from './request.ts';

/** Where requests go. */
export interface Target {
  readonly host: string;
  readonly port: number;
  /** False: each request has a connection of its own. */
  readonly agent: Agent | false;
  readonly keys: readonly Key[];
}

/** No answer came: the connection ended, or the time was over. */
export interface NoAnswer {
  readonly kind: 'closed' | 'late' | 'unsendable';
  readonly detail: string;
}

/** Of a larger answer the rest is read and not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** Sends the request as it stands and reads the whole answer. */
export function send(
  target: Target,
  request: FuzzRequest,
  patienceMs: number,
): Promise<FuzzAnswer | NoAnswer> {
  return new Promise((resolve) => {
    const began = performance.now();
    const outgoing = open(target, request);
    if (outgoing === undefined) {
      resolve({ kind: 'unsendable', detail: 'Node does not send this' });
      return;
    }
    const timer = setTimeout(() => {
      resolve({ kind: 'late', detail: `no answer within ${patienceMs} ms` });
      outgoing.destroy();
    }, patienceMs);
    outgoing.once('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'closed', detail: error.message });
    });
    outgoing.once('response', (response) => {
      void answerOf(response, began).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
    });
    outgoing.end(request.body);
  });
}

function open({ host, port, agent, keys }: Target, request: FuzzRequest): ClientRequest | undefined {
  const { method, target, headers, caller } = request;
  const own = [['host', `${host}:${port}`], ...authorizationOf(caller, keys)];
  const all = [...own, ...headers, ...framingOf(request)];
  try {
    return httpRequest({ host, port, agent, method, path: target, headers: all.flat(), setHost: false });
  } catch {
    return undefined;
  }
}

async function answerOf(response: IncomingMessage, began: number): Promise<FuzzAnswer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  response.on('data', (chunk: Buffer) => {
    if (kept < KEPT_BYTES) chunks.push(chunk);
    kept += chunk.length;
  });
  await new Promise<void>((resolve) => response.once('close', resolve).once('error', () => resolve()));
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, value?.toString()]),
    ),
    body: new Uint8Array(Buffer.concat(chunks)),
    isWhole: response.complete,
    milliseconds: performance.now() - began,
  };
}
