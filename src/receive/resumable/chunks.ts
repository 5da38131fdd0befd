import { createHash, randomBytes } from 'node:crypto';
import { isNiiError, NiiError } from '../../core/errors.ts';
import { keys, UPLOADS_PREFIX, uploadChunkPrefix, uploadOfChunk } from '../../core/keys.ts';
import type { ListedObject, ObjectReads, ObjectWrites } from '../../core/ports/objects.ts';
import type { UploadChunk } from '../../core/ports/records/resumable.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Stores } from '../../core/ports/stores.ts';
import type { ResumableUpload } from '../../core/upload.ts';

export type ChunkStores = Stores<
  Tx<'appendChunk' | 'replaceLastChunk' | 'chunksOf'>,
  ObjectReads & ObjectWrites
>;

const MiB = 1024 * 1024;
/** The largest piece that becomes one object. */
const PIECE_BYTES = 8 * MiB;
const SMALL_PIECE_BYTES = MiB;
/** Memory for pieces of all requests; each holds one that arrives and one that is being stored. */
const PIECES_BYTES = 256 * MiB;
/** After this many chunks a new one takes a last one under SMALL_PIECE_BYTES into itself. */
const LOOSE_CHUNKS = 1000;

/** Appends what arrives to resumable uploads; one for each process, which shares out the memory for it. */
export class ChunkWriter {
  readonly #stores: ChunkStores;
  readonly #looseChunks: number;
  #requests = 0;

  constructor(stores: ChunkStores, looseChunks = LOOSE_CHUNKS) {
    this.#stores = stores;
    this.#looseChunks = looseChunks;
  }

  /**
   * Stores the bytes from this offset on, piece by piece. If the source fails, what came before is stored, then its
   * failure is thrown.
   * @returns the offset after the last byte, which is then durable
   * @throws NII_CONFLICT if the upload is gone or does not stand there; NII_STORE_UNREACHABLE, NII_DATABASE_UNREACHABLE, NII_DISK_FULL
   */
  async append(uploadId: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
    this.#requests += 1;
    try {
      return await this.#appendAll(uploadId, offset, source);
    } finally {
      this.#requests -= 1;
    }
  }

  async #appendAll(uploadId: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
    const small = await this.#smallLastChunk(uploadId);
    let at = offset;
    let stored = Promise.resolve();
    try {
      // While one piece is stored the next one arrives
      for await (const piece of piecesOf(source, () => this.#pieceBytes())) {
        await stored;
        const first = at;
        at += piece.length;
        stored =
          small === undefined || first > offset
            ? this.#store(uploadId, first, piece)
            : this.#storeWith(uploadId, small, piece);
        stored.catch(() => undefined); // awaited above or below
      }
    } finally {
      await stored;
    }
    return at;
  }

  #pieceBytes(): number {
    return Math.max(SMALL_PIECE_BYTES, Math.min(PIECE_BYTES, PIECES_BYTES / 2 / this.#requests));
  }

  async #smallLastChunk(uploadId: string): Promise<UploadChunk | undefined> {
    const chunks = await this.#stores.records.transaction((tx) => tx.chunksOf(uploadId));
    const last = chunks.at(-1);
    if (last === undefined || chunks.length < this.#looseChunks) return undefined;
    return last.bytes < SMALL_PIECE_BYTES ? last : undefined;
  }

  async #store(uploadId: string, first: number, piece: Uint8Array): Promise<void> {
    const chunk = await this.#put(uploadId, first, piece);
    await this.#commit(chunk, (tx) => tx.appendChunk(uploadId, chunk));
  }

  async #storeWith(uploadId: string, last: UploadChunk, piece: Uint8Array): Promise<void> {
    const before: Uint8Array[] = [];
    for await (const part of await this.#stores.objects.stream(last.key)) before.push(part);
    const chunk = await this.#put(uploadId, last.first, Buffer.concat([...before, piece]));
    await this.#commit(chunk, (tx) => tx.replaceLastChunk(uploadId, last, chunk));
    await this.#stores.objects.remove(last.key);
  }

  async #put(uploadId: string, first: number, bytes: Uint8Array): Promise<UploadChunk> {
    const key = keys.uploadChunk(uploadId, first, randomBytes(8).toString('hex'));
    await this.#stores.objects.put(key, bytes, 'application/octet-stream');
    return { first, bytes: bytes.length, key };
  }

  /** A failure of the database leaves the object: the chunk may have been committed. */
  async #commit(
    chunk: UploadChunk,
    commit: (tx: Tx<'appendChunk' | 'replaceLastChunk' | 'chunksOf'>) => Promise<boolean>,
  ): Promise<void> {
    if (await this.#stores.records.transaction(commit)) return;
    await this.#stores.objects.remove(chunk.key);
    throw new NiiError(
      'NII_CONFLICT',
      'Another request changed this upload: get its offset with HEAD, and continue',
    );
  }
}

/** What arrives, gathered; if the source fails, what was gathered comes first. */
async function* piecesOf(
  source: AsyncIterable<Uint8Array>,
  limitBytes: () => number,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const part of source) {
      parts.push(part);
      bytes += part.length;
      if (bytes < limitBytes()) continue;
      yield Buffer.concat(parts);
      parts = [];
      bytes = 0;
    }
  } catch (error) {
    failure = { error };
  }
  if (bytes > 0) yield Buffer.concat(parts);
  if (failure !== undefined) throw failure.error;
}

/**
 * The bytes of a whole upload from the first to the last.
 * @throws NII_CORRUPT if they are not all there
 */
export async function* readChunks(
  { objects, records }: Stores<Tx<'chunksOf'>>,
  { id, bytes }: ResumableUpload,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const chunk of await records.transaction((tx) => tx.chunksOf(id))) {
    if (chunk.first !== at) throw missing(at);
    for await (const part of await objects.stream(chunk.key).catch(absentAt(at))) {
      yield part;
      at += part.length;
    }
    if (at !== chunk.first + chunk.bytes) throw missing(at);
  }
  if (at !== bytes) throw missing(at);
}

export async function hashChunks(stores: Stores<Tx<'chunksOf'>>, upload: ResumableUpload): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of readChunks(stores, upload)) hash.update(part);
  return hash.digest('hex');
}

function absentAt(at: number) {
  return (error: unknown): never => {
    throw isNiiError(error, 'NII_NOT_FOUND') ? missing(at) : error;
  };
}

function missing(at: number): NiiError {
  return new NiiError(
    'NII_CORRUPT',
    `The store lost the bytes of this upload from byte ${at}; send them again`,
  );
}

/** Removes every object of an upload that is over, those of cut requests too. */
export async function removeChunks({ objects }: Pick<ChunkStores, 'objects'>, id: string): Promise<void> {
  for await (const { key } of objects.list(uploadChunkPrefix(id))) await objects.remove(key);
}

/** The objects of uploads that are over: what a crash left between the records and the store. */
export async function* chunksLeftOver({
  objects,
  records,
}: Stores<Tx<'upload'>>): AsyncGenerator<ListedObject> {
  const isOpen = new Map<string, boolean>();
  for await (const chunk of objects.list(UPLOADS_PREFIX)) {
    const id = uploadOfChunk(chunk.key);
    if (id === undefined) continue;
    const known = isOpen.get(id) ?? (await records.transaction((tx) => tx.upload(id))) !== undefined;
    isOpen.set(id, known);
    if (!known) yield chunk;
  }
}
