import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { defined } from '../../src/core/defined.ts';

/** Linux takes all of 127.0.0.0/8 for this machine: each party has an address of its own. */
export const ATTACKER = '127.0.0.1';
export const NEIGHBOUR = '127.0.0.2';

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Address that it comes from. */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  /** The status, or why there is none. */
  readonly word: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the start of the connection to the last byte. */
  readonly ms: number;
}

/** One request over a connection of its own. Never throws: that nothing came is an answer, too. */
export function ask(url: URL, wanted: Ask): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, word: string, headers: IncomingHttpHeaders, body: Buffer) =>
      resolve({ status, word, headers, body, ms: performance.now() - begun });
    const fail = (error: NodeJS.ErrnoException) => end(0, wordOf(error), {}, Buffer.alloc(0));
    const sent = request(new URL(wanted.path, url), optionsOf(wanted));
    sent.on('error', fail);
    sent.on('response', (answer) => {
      const parts: Buffer[] = [];
      const status = answer.statusCode ?? 0;
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', fail);
      answer.on('end', () => end(status, String(status), answer.headers, Buffer.concat(parts)));
    });
    sent.end(wanted.body);
  });
}

function optionsOf({ method = 'GET', key, headers, body, from, signal }: Ask): RequestOptions {
  const authorization = key === undefined ? undefined : `Bearer ${key}`;
  const length = body === undefined ? undefined : String(body.length);
  return {
    method,
    agent: false,
    headers: defined({ ...headers, authorization, 'content-length': length }),
    ...defined({ localAddress: from, signal }),
  };
}

function wordOf(error: NodeJS.ErrnoException): string {
  return error.code === 'ABORT_ERR' ? 'no answer' : (error.code ?? error.message);
}

/** A form of files as a browser writes it. */
export async function formOf(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<Pick<Ask, 'headers' | 'body'>> {
  const form = new FormData();
  for (const { name, bytes } of files) form.append('files', new Blob([new Uint8Array(bytes)]), name);
  const written = new Response(form);
  return {
    headers: { 'content-type': written.headers.get('content-type') ?? '' },
    body: Buffer.from(await written.arrayBuffer()),
  };
}
