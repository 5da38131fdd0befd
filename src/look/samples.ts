import { createReadStream } from 'node:fs';
import type { Actor } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { ByteRange, ObjectReads } from '../core/ports/objects.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { Transactions } from '../core/ports/transactions.ts';
import { type Channel, channelsOf, planeKey } from '../core/scan/scan.ts';

import type { ThreadPool } from '../runtime/threads/thread-pool.ts';
import { type StoredPart, storedParts } from '../stored/planes.ts';
import { SectionFiles } from '../stored/section-files.ts';
import { getRevision, type RevisionTx } from './read.ts';
import { decodeTask } from './thread-tasks.ts';

/** Decodes DICOS instances on a thread and keeps the planes used last, so that the API never waits. */
export interface SampleDecoder {
  decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array>;
  /** Path of a file with the samples of a channel that is stored in sections. */
  assemble(
    channel: Channel,
    parts: readonly StoredPart[],
    fetch: (key: string) => Promise<Uint8Array>,
  ): Promise<string>;
  close(): Promise<void>;
}

export interface Samples {
  readonly channel: Channel;
  /** SHA-256 of the bytes. */
  readonly sha256: string | undefined;
  /** The bytes, or some of them, in pieces: of a train there are more than fit into memory. */
  readonly open: (range?: ByteRange) => AsyncIterable<Uint8Array>;
}

export interface ReadSamplesDeps {
  readonly records: Transactions<RevisionTx & Audit>;
  readonly objects: ObjectReads;
  readonly samples: SampleDecoder;
}

/** The samples of one channel: little-endian, row-major, no padding; as the scanner measured them. */
export async function readSamples(
  deps: ReadSamplesDeps,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  view: string,
  channel: string,
): Promise<Samples> {
  const { revision: row, objects } = await getRevision(deps, actor, scanId, revision);
  const found =
    row.scan === undefined
      ? undefined
      : channelsOf(row.scan).find((one) => one.key === planeKey(view, channel));
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'This revision has no such channel');
  const parts = storedParts(row, objects, view, found.channel);
  return {
    channel: found.channel,
    sha256: found.channel.sha256,
    open: await openerOf(deps, found.channel, parts),
  };
}

async function openerOf(
  { samples, objects }: { readonly objects: ObjectReads; readonly samples: SampleDecoder },
  channel: Channel,
  parts: readonly StoredPart[],
): Promise<Samples['open']> {
  const [whole] = parts;
  if (whole !== undefined && whole.section === undefined) {
    const bytes = await samples.decode(whole.key, channel, () => objects.get(whole.key));
    return (range) => pieces(bytes, range);
  }
  const path = await samples.assemble(channel, parts, (key) => objects.get(key));
  return ({ first, last } = { first: 0, last: channel.bytes - 1 }) =>
    createReadStream(path, { start: first, end: last, highWaterMark: PIECE_BYTES });
}

const PIECE_BYTES = 256 * 1024;

/** In pieces, so that a slow reader does not make the socket hold a second copy. */
async function* pieces(bytes: Uint8Array, range: ByteRange = { first: 0, last: bytes.byteLength - 1 }) {
  for (let from = range.first; from <= range.last; from += PIECE_BYTES) {
    yield bytes.subarray(from, Math.min(from + PIECE_BYTES, range.last + 1));
  }
}

/** `cacheBytes`: planes kept in memory, least recently used out first; those in sections are kept in the spool. */
export function openSampleDecoder(
  threads: ThreadPool,
  limits: Limits,
  spoolDir: string,
  cacheBytes = 256 * 1024 * 1024,
): SampleDecoder {
  return new ThreadDecoder(threads, limits, spoolDir, cacheBytes);
}

class ThreadDecoder implements SampleDecoder {
  readonly #limits: Limits;
  readonly #threads: ThreadPool;
  readonly #sections: SectionFiles;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, Promise<Uint8Array>>();
  readonly #sizes = new Map<string, number>();

  constructor(threads: ThreadPool, limits: Limits, spoolDir: string, cacheBytes: number) {
    this.#limits = limits;
    this.#threads = threads;
    this.#sections = new SectionFiles(threads, limits, spoolDir);
    this.#cacheBytes = cacheBytes;
  }

  async decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return this.#touch(key, cached);
    const limits = this.#limits;
    const times = { seconds: limits.convertSeconds };
    const samples = fetch().then((bytes) =>
      this.#threads.call(decodeTask, { bytes, channel, name: key, limits }, times),
    );
    this.#cache.set(key, samples);
    try {
      this.#sizes.set(key, (await samples).byteLength);
    } catch (error) {
      this.#forget(key);
      throw error;
    }
    this.#evict(key);
    return samples;
  }

  assemble(
    channel: Channel,
    parts: readonly StoredPart[],
    fetch: (key: string) => Promise<Uint8Array>,
  ): Promise<string> {
    return this.#sections.assemble(channel, parts, fetch);
  }

  close(): Promise<void> {
    return this.#sections.close();
  }

  #touch(key: string, samples: Promise<Uint8Array>): Promise<Uint8Array> {
    this.#cache.delete(key);
    this.#cache.set(key, samples);
    return samples;
  }

  #forget(key: string): void {
    this.#cache.delete(key);
    this.#sizes.delete(key);
  }

  #evict(newest: string): void {
    let total = [...this.#sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    for (const key of this.#cache.keys()) {
      if (total <= this.#cacheBytes || key === newest) return;
      total -= this.#sizes.get(key) ?? 0;
      this.#forget(key);
    }
  }
}
