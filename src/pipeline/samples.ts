import { Worker } from 'node:worker_threads';
import type { Actor } from '../core/access.ts';
import { fromProblem, NiiError, type Problem } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import type { Limits } from '../core/limits.ts';
import { type Channel, channelsOf, planeKey } from '../core/scan.ts';
import type { Deps } from './deps.ts';
import { getRevision } from './read.ts';
import { workerEntry } from './worker-entry.ts';

/** Decodes DICOS instances on a thread of its own and keeps the planes used last, so that the API never waits. */
export interface SampleDecoder {
  decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface DecodeRequest {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly channel: Channel;
  readonly name: string;
  readonly limits: Limits;
}

export type DecodeReply =
  | { readonly id: number; readonly samples: Uint8Array }
  | { readonly id: number; readonly problem: Problem };

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

interface Waiting {
  readonly resolve: (samples: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

class ThreadDecoder implements SampleDecoder {
  readonly #limits: Limits;
  readonly #cacheBytes: number;
  readonly #cache = new Map<string, Promise<Uint8Array>>();
  readonly #sizes = new Map<string, number>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 0;

  constructor(limits: Limits, cacheBytes: number) {
    this.#limits = limits;
    this.#cacheBytes = cacheBytes;
  }

  async decode(key: string, channel: Channel, fetch: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return this.#touch(key, cached);
    const samples = fetch().then((bytes) => this.#post(bytes, channel, key));
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
    await this.#worker?.terminate();
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

  #post(bytes: Uint8Array, channel: Channel, name: string): Promise<Uint8Array> {
    const id = this.#next++;
    const request: DecodeRequest = { id, bytes, channel, name, limits: this.#limits };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#thread().postMessage(request);
    });
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const { url, execArgv } = workerEntry(import.meta.url, 'samples-worker');
    const worker = new Worker(url, { execArgv });
    worker.unref();
    worker.on('message', (reply: DecodeReply) => this.#settle(reply));
    worker.on('error', (cause) => this.#fail(cause));
    worker.on('exit', () => this.#fail(undefined));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: DecodeReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('samples' in reply) waiting?.resolve(reply.samples);
    else waiting?.reject(fromProblem(reply.problem));
  }

  #fail(cause: unknown): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(new NiiError('NII_INTERNAL', { detail: 'The decoder ended', cause }));
    }
    this.#waiting.clear();
  }
}
