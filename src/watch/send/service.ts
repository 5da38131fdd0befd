import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { sha256Hex } from '../../codec/sha256.ts';
import { isNiiError } from '../../core/errors.ts';
import { openSeen } from '../open-seen.ts';
import { type Answer, exchange, type Order } from './exchange.ts';
import { type Failure, failureOf, SendFailure } from './outcome.ts';

/** Where scans go, and what is said with each. */
export interface Target {
  readonly url: URL;
  /** Read anew for each upload: a key may be exchanged while we run. */
  readonly key: () => Promise<string>;
  readonly fields: Readonly<Record<string, string>>;
}

/** A file to send, hashed. */
export interface OutgoingFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const PROBE_MS = 10_000;

/** The answer, if it is a success. @throws SendFailure */
export async function ask(
  target: Target,
  order: Omit<Order, 'headers'> & Partial<Pick<Order, 'headers'>>,
  signal: AbortSignal,
): Promise<Answer> {
  const authorization = `Bearer ${await keyOf(target)}`;
  const answer = await onTheLine(target, { ...order, headers: { ...order.headers, authorization } }, signal);
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new SendFailure(failureOf(answer));
}

async function keyOf({ key }: Target): Promise<string> {
  try {
    return (await key()).trim();
  } catch (cause) {
    const reason = isNiiError(cause) ? cause.message : 'the key cannot be read';
    throw new SendFailure({ kind: 'blocked', reason }, cause);
  }
}

async function onTheLine(target: Target, order: Order, signal: AbortSignal): Promise<Answer> {
  try {
    return await exchange(order, signal);
  } catch (error) {
    if (error instanceof SendFailure || signal.aborted) throw error;
    throw new SendFailure(await lineFailure(target, error, signal), error);
  }
}

/** Where the service answers something small, the fault lies with this upload. */
async function lineFailure(target: Target, error: unknown, signal: AbortSignal): Promise<Failure> {
  const reason = error instanceof Error ? error.message || error.name : String(error);
  const url = new URL('v1/health/live', target.url);
  const until = AbortSignal.any([signal, AbortSignal.timeout(PROBE_MS)]);
  const live = await exchange({ method: 'GET', url, headers: {} }, until).catch(() => undefined);
  return { kind: live?.status === 200 ? 'again' : 'away', reason };
}

/** All files in one form. @throws SendFailure */
export async function sendForm(
  target: Target,
  files: readonly OutgoingFile[],
  signal: AbortSignal,
): Promise<Answer> {
  const boundary = `nii-${randomBytes(16).toString('hex')}`;
  const fields = Object.entries(target.fields).map(([name, value]) =>
    Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  );
  const heads = files.map(({ name }) =>
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted(name)}"\r\n` +
        'content-type: application/octet-stream\r\n\r\n',
    ),
  );
  const end = Buffer.from(`--${boundary}--\r\n`);
  const around = [...fields, ...heads, end].reduce((total, { length }) => total + length, 0);
  const length = files.reduce((total, { bytes }) => total + bytes + 2, around);
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield* fields;
    for (const [i, file] of files.entries()) {
      yield heads[i] ?? end;
      yield* contentOf(file);
      yield Buffer.from('\r\n');
    }
    yield end;
  };
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': String(length),
    'idempotency-key': keyOfContent(files),
  };
  return ask(target, { method: 'POST', url: new URL('v1/scans', target.url), headers, body: body() }, signal);
}

/** The same files have the same, whatever they are called. */
function keyOfContent(files: readonly OutgoingFile[]): string {
  const hashes = files.map(({ sha256 }) => sha256).toSorted();
  return sha256Hex(hashes.join('\n')).slice(0, 40);
}

/**
 * Of the same files under the same names, sent with the same words: the service takes no set whose files come with
 * different words, and a set of two scans that share their content, half of each, is neither of them.
 */
export function setNameOf(files: readonly OutgoingFile[], fields: Target['fields']): string {
  const words = JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const named = JSON.stringify(files.map(({ name, sha256 }) => [name, sha256].join(' ')).toSorted());
  return sha256Hex(`${named} ${words}`).slice(0, 40);
}

/** As browsers write the name of a file in a form. */
function quoted(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  return base.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** @throws SendFailure where the file is no longer the one that was hashed */
async function* contentOf({ name, path, bytes, sha256 }: OutgoingFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const file = await openOutgoing({ name, path });
  try {
    if (bytes > 0) {
      for await (const chunk of file.createReadStream({ autoClose: false, start: 0, end: bytes - 1 })) {
        hash.update(chunk);
        yield chunk;
      }
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== sha256)
    throw new SendFailure({ kind: 'again', reason: `${name} changed while it was sent` });
}

/** @throws SendFailure where it is gone, or no longer a file of the watched folder: no fault of the line */
export async function openOutgoing(file: Pick<OutgoingFile, 'name' | 'path'>): Promise<FileHandle> {
  try {
    return await openSeen(file);
  } catch (cause) {
    throw new SendFailure({ kind: 'again', reason: `${file.name} can no longer be read` }, cause);
  }
}
