import type { SentScan } from '../journal.ts';
import type { Answer, Order } from './exchange.ts';
import { jsonIn, problemIn, SendFailure, scansIn } from './outcome.ts';
import { ask, type OutgoingFile, openOutgoing, type Target } from './service.ts';

/** Where uploads stand, remembered through restarts. */
export interface Addresses {
  of(upload: string): string | undefined;
  keep(upload: string, address: string): Promise<void>;
}

/** What one request carries; a cut costs no more than this, however little of it the service kept. */
const PIECE_BYTES = 4 * 1024 * 1024;
const protocol = { 'tus-resumable': '1.0.0' };
/** Requests that bring an upload no further, before the scan is put off. */
const STANDSTILLS = 3;

export interface Resumable {
  readonly target: Target;
  readonly addresses: Addresses;
  readonly signal: AbortSignal;
  /** Told of bytes that went out. */
  readonly moved: (bytes: number) => void;
}

/**
 * Sends the files of one upload by tus 1.0, each from where it stands. They are a set of this name: the service accepts
 * them together. @throws SendFailure; what arrived stays there
 */
export async function sendResumable(
  resumable: Resumable,
  files: readonly OutgoingFile[],
  set: string,
): Promise<readonly SentScan[]> {
  let last: URL | undefined;
  const names = namesIn(files);
  for (const file of files)
    last = await sendFile(resumable, file, {
      set,
      files: files.length,
      filename: names.get(file) ?? file.name,
    });
  if (last === undefined) return [];
  const answer = await ask(resumable.target, { method: 'GET', url: last }, resumable.signal);
  const said = jsonIn(answer.body);
  if (said.get('state') === 'accepted') return scansIn(answer);
  if (said.get('state') === 'refused') {
    const rejection = problemIn({ ...answer, body: JSON.stringify(said.get('problem') ?? {}) });
    throw new SendFailure({ kind: 'rejected', rejection });
  }
  throw new SendFailure({ kind: 'again', reason: 'the service does not have all files of the set yet' });
}

/** What is said of a file of a set. */
interface InSet {
  readonly set: string;
  readonly files: number;
  readonly filename: string;
}

/** As long as the service takes it. */
const NAME_CEILING = 255;

/** Of a set each file has its own: where folders tell two apart, they go with the name, and the service drops them. */
function namesIn(files: readonly OutgoingFile[]): ReadonlyMap<OutgoingFile, string> {
  const bare = files.map(({ name }) => name.slice(name.lastIndexOf('/') + 1));
  return new Map(
    files.map((file, i) => {
      const own = bare[i] ?? file.name;
      const isShared = bare.filter((other) => other === own).length > 1;
      return [file, isShared ? file.name.slice(-NAME_CEILING) : own];
    }),
  );
}

async function sendFile(resumable: Resumable, file: OutgoingFile, inSet: InSet): Promise<URL> {
  const upload = `${inSet.set} ${file.sha256} ${file.name}`;
  const known = resumable.addresses.of(upload);
  const stands = known === undefined ? undefined : await offsetAt(resumable, addressOf(resumable, known));
  if (known !== undefined && stands !== undefined) {
    const url = addressOf(resumable, known);
    await sendRest(resumable, file, url, stands);
    return url;
  }
  const url = await begin(resumable, file, inSet);
  await resumable.addresses.keep(upload, url.pathname);
  if (file.bytes > 0) await sendRest(resumable, file, url, 0);
  return url;
}

/** Addresses are on the service that we are told of, whatever it calls itself behind a proxy. */
function addressOf({ target }: Resumable, path: string): URL {
  return new URL(new URL(path, target.url).pathname, target.url);
}

async function begin(
  resumable: Resumable,
  file: OutgoingFile,
  { set, files, filename }: InSet,
): Promise<URL> {
  const { target, signal } = resumable;
  const words = { ...target.fields, filename, sha256: file.sha256, set, files: String(files) };
  const headers = {
    ...protocol,
    'upload-length': String(file.bytes),
    'upload-metadata': Object.entries(words)
      .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      .join(','),
    'content-length': '0',
  };
  const url = new URL('v1/uploads/tus', target.url);
  const { location } = (await ask(target, { method: 'POST', url, headers }, signal)).headers;
  if (location === undefined)
    throw new SendFailure({ kind: 'blocked', reason: 'the service returned no address for the upload' });
  return addressOf(resumable, location);
}

/** Undefined where the upload is no longer there, or never was. */
async function offsetAt({ target, signal }: Resumable, url: URL): Promise<number | undefined> {
  try {
    return offsetIn(await ask(target, { method: 'HEAD', url, headers: protocol }, signal));
  } catch (error) {
    // HEAD has no body: whether the upload is gone, was rejected or the key is wrong, the next request says
    if (error instanceof SendFailure && error.failure.kind !== 'away') return undefined;
    throw error;
  }
}

async function sendRest(resumable: Resumable, file: OutgoingFile, url: URL, from: number): Promise<void> {
  const { target, signal, moved } = resumable;
  let offset = from;
  let standstills = 0;
  while (offset < file.bytes) {
    const piece = await pieceOf(file, offset);
    const answer = await ask(target, patch(url, piece, offset), signal);
    const next = offsetIn(answer) ?? offset;
    moved(next - offset);
    standstills = next > offset ? 0 : standstills + 1;
    if (standstills >= STANDSTILLS)
      throw new SendFailure({ kind: 'again', reason: `${file.name} stops at byte ${offset}` });
    offset = next;
  }
}

function patch(url: URL, piece: Uint8Array, offset: number): Order {
  const headers = {
    ...protocol,
    'upload-offset': String(offset),
    'content-type': 'application/offset+octet-stream',
    'content-length': String(piece.length),
  };
  return { method: 'PATCH', url, headers, body: once(piece) };
}

async function* once(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}

function offsetIn({ headers }: Answer): number | undefined {
  const said = headers['upload-offset'] ?? '';
  return /^[0-9]{1,15}$/.test(said) ? Number(said) : undefined;
}

async function pieceOf({ name, path, bytes }: OutgoingFile, offset: number): Promise<Uint8Array> {
  const wanted = Math.min(PIECE_BYTES, bytes - offset);
  const file = await openOutgoing({ name, path });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
    if (bytesRead === wanted) return buffer;
    throw new SendFailure({ kind: 'again', reason: `${name} changed while it was sent` });
  } finally {
    await file.close();
  }
}
