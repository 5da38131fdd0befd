import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from '../core/case/case.ts';
import type { DeclarationBody } from '../core/case/declaration.ts';
import { isErrorCode, NiiError } from '../core/errors.ts';
import type { ScanState } from '../core/scan/scan-states.ts';
import type { AcceptedScan } from '../core/upload.ts';

/** What the demo and the bench ask of a running service: its interface, over the network, as anyone would. */
export interface Client {
  upload(
    files: readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[],
  ): Promise<readonly Accepted[]>;
  scan(scanId: string): Promise<ScanAnswer>;
  declare(ref: string, body: DeclarationBody): Promise<void>;
  /** Every case in queue order, in the states that are asked for. */
  queue(states: readonly Case['state'][]): Promise<readonly Case[]>;
  metrics(): Promise<string>;
}

export interface Accepted {
  readonly scanId: string;
  readonly revision: number;
  readonly result: AcceptedScan['result'];
  readonly converter: string;
}

export interface ScanAnswer {
  readonly id: string;
  readonly state: ScanState;
  readonly converter: string;
  readonly completeness?: string;
  readonly acquiredAt?: string;
  readonly revisions: readonly { readonly problem?: { readonly code: string; readonly detail: string } }[];
}

const PAGE = 200;
const MOST_PAGES = 500;
/** So long a service may be behind with its work. */
const PATIENCE_MS = 60_000;

/** @param token - of a role that may do what is asked */
export function openClient(address: string, token: string, signal: AbortSignal): Client {
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const answer = await fetch(`${address}${path}`, { ...init, headers, signal });
      if (answer.ok) return answer;
      const pause = pauseOf(answer);
      if (pause === undefined || Date.now() + pause > deadline) throw await problemOf(answer);
      await answer.body?.cancel();
      await sleep(pause, undefined, { signal });
    }
  };
  // Answers of this very service: their schemas are tested where they are made.
  const read = async <T>(path: string, init?: RequestInit): Promise<T> =>
    (await send(path, init)).json() as Promise<T>;
  return {
    upload: async (files) => {
      const form = new FormData();
      for (const { name, bytes } of files) form.append('files', new Blob([bytes]), name);
      return (await read<{ scans: Accepted[] }>('/v1/scans', { method: 'POST', body: form })).scans;
    },
    scan: (scanId) => read(`/v1/scans/${scanId}`),
    declare: async (ref, body) => {
      const init = {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      };
      await send(`/v1/declarations/${encodeURIComponent(ref)}`, init);
    },
    queue: (states) => wholeQueue(read, states),
    metrics: async () => (await send('/metrics')).text(),
  };
}

/** A service that is behind says when to come back; all that is asked here may be asked again. */
function pauseOf(answer: Response): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  const mayComeBack = answer.status === 503 || answer.status === 429;
  return mayComeBack && seconds >= 0 ? seconds * 1000 : undefined;
}

interface QueuePage {
  readonly items: readonly Case[];
  readonly next?: string;
}

async function wholeQueue(
  read: (path: string) => Promise<QueuePage>,
  states: readonly string[],
): Promise<readonly Case[]> {
  const query = new URLSearchParams([['limit', String(PAGE)], ...states.map((state) => ['state', state])]);
  const cases: Case[] = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next } = await read(`/v1/queue?${query}`);
    cases.push(...items);
    if (next === undefined) break;
    query.set('cursor', next);
  }
  return cases;
}

/** What a service rejected a request with. */
export async function problemOf(answer: Response): Promise<NiiError> {
  const text = await answer.text();
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'code' in problem && isErrorCode(problem.code)) {
      const detail = 'detail' in problem && typeof problem.detail === 'string' ? problem.detail : '';
      return new NiiError(problem.code, detail);
    }
  } catch (cause) {
    return new NiiError('NII_INTERNAL', {
      detail: `The service responded with status ${answer.status}`,
      cause,
    });
  }
  return new NiiError('NII_INTERNAL', `The service responded with status ${answer.status}`);
}
