import type { Actor } from '../core/access.ts';
import { NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Limits } from '../core/limits.ts';
import { type Channel, channelsOf, planeKey } from '../core/scan.ts';
import type { Deps } from './deps.ts';
import { getRevision } from './read.ts';
import { ThreadCalls } from './thread-calls.ts';

/** Decodes DICOS instances on a thread of its own and keeps the planes used last, so that the API never waits. */
export interface SampleDecoder {
  decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface DecodeTask {
  readonly bytes: Uint8Array;
  readonly channel: Channel;
  readonly name: string;
  readonly limits: Limits;
}

export interface Samples {
  readonly channel: Channel;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes. */
  readonly sha256: string | undefined;
}

/** The samples of one channel: little-endian, row-major, no padding; as the scanner measured them. */
export async function readSamples(
  deps: Deps,
  actor: Actor,
  scanId: string,
  revision: number | 'latest',
  view: string,
  channel: string,
): Promise<Samples> {
  const { revision: row } = await getRevision(deps, actor, scanId, revision);
  const found =
    row.scan === undefined
      ? undefined
      : channelsOf(row.scan).find((one) => one.key === planeKey(view, channel));
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', 'This revision has no such channel');
  const key = keys.dicos(row.scanId, row.revision, view, channel);
  const bytes = await deps.samples.decode(key, found.channel, () => deps.objects.get(key));
  return { channel: found.channel, bytes, sha256: found.channel.sha256 };
}

/** `cacheBytes`: planes kept in memory, least recently used out first. */
export function openSampleDecoder(limits: Limits, cacheBytes = 256 * 1024 * 1024): SampleDecoder {
  return new ThreadDecoder(limits, cacheBytes);
}

class ThreadDecoder implements SampleDecoder {
  readonly #limits: Limits;
  readonly #thread: ThreadCalls<DecodeTask, Uint8Array>;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, Promise<Uint8Array>>();
  readonly #sizes = new Map<string, number>();

  constructor(limits: Limits, cacheBytes: number) {
    this.#limits = limits;
    this.#thread = new ThreadCalls('samples-worker', limits.convertSeconds);
    this.#cacheBytes = cacheBytes;
  }

  async decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return this.#touch(key, cached);
    const samples = fetch().then((bytes) =>
      this.#thread.call({ bytes, channel, name: key, limits: this.#limits }),
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

  async close(): Promise<void> {
    await this.#thread.close();
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
