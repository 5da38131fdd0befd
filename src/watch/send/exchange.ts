import { type IncomingMessage, request as plain } from 'node:http';
import { request as secure } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Nothing moved for this long: the line is taken for dead. */
const IDLE_MS = 120_000;
const ANSWER_CEILING = 4 * 1024 * 1024;

export interface Order {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** As long as the header content-length says. */
  readonly body?: AsyncIterable<Uint8Array>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/**
 * One request on a connection of its own. An answer that comes before the body is through counts, and ends the sending;
 * `fetch` may lose it. @throws where the line fails, or what the body throws
 */
export async function exchange(order: Order, signal: AbortSignal): Promise<Answer> {
  const { method, url, headers, body } = order;
  const send = url.protocol === 'https:' ? secure : plain;
  const message = send(url, { method, headers, signal, agent: false });
  message.setTimeout(IDLE_MS, () => message.destroy(new Error(`no data for ${IDLE_MS / 1000} s`)));
  const answered = new Promise<Answer>((resolve, reject) => {
    message.once('response', (response) => collected(response).then(resolve, reject));
    message.once('error', reject);
    message.once('close', () => reject(new Error('the connection ended without a response')));
  });
  const sent = pipeline(Readable.from(body ?? []), message);
  // What the body throws says more than what it does to the connection
  const failed = sent.then(
    () => new Promise<never>(() => {}),
    (error: unknown) => laterThan(answered, error),
  );
  try {
    return await Promise.race([answered, failed]);
  } finally {
    message.destroy();
  }
}

/** An answer that is on its way explains why the sending failed. */
async function laterThan(answered: Promise<Answer>, error: unknown): Promise<Answer> {
  return answered.catch(() => {
    throw error;
  });
}

async function collected(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const piece: Buffer = chunk;
    bytes += piece.length;
    if (bytes > ANSWER_CEILING) throw new Error('the response is too long');
    chunks.push(piece);
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [name, value?.toString()]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
