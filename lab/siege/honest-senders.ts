import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Ask, ask, formOf, NEIGHBOUR } from './ask.ts';
import type { MadeScan } from './make-scans.ts';

/** What is measured, in the words of the report. */
export const measures = ['upload', 'ranked', 'queue', 'record', 'preview'] as const;
export type Measure = (typeof measures)[number];
export const phases = ['calm', 'siege'] as const;
export type Phase = (typeof phases)[number];

export interface Sample {
  readonly phase: Phase;
  readonly measure: Measure;
  readonly ms: number;
}

/** A scan that was answered 202, and the SHA-256 of each file that it consists of. */
export interface Acknowledged {
  readonly scanId: string;
  readonly key: HonestKeys;
  readonly sha256: readonly string[];
}

/** Keys of one administration. */
export interface HonestKeys {
  readonly administration: string;
  readonly scanner: string;
  readonly supervisor: string;
}

const RANKED_LOOK_MS = 250;
const RANKED_MS = 300_000;
const READ_EVERY_MS = 1_000;
/** Whoever gets no answer for this long gives up. */
const PATIENCE_MS = 60_000;
/** So often the same is sent again to a service that says when to come back. */
const TRIES = 20;

/** Those who send scans and look at them while others attack. They note how long each of their requests took. */
export class HonestSenders {
  readonly #url: URL;
  readonly #keys: readonly HonestKeys[];
  readonly samples: Sample[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** What was answered to them that none of them should get. */
  readonly faults: string[] = [];
  /** Times that they were told to come back. */
  retries = 0;
  phase: Phase = 'calm';
  readonly #pending = new Set<Promise<void>>();
  /** Those of the acknowledged that have a case in the queue, and so a preview. */
  readonly #ranked: Acknowledged[] = [];

  constructor(url: URL, keys: readonly HonestKeys[]) {
    this.#url = url;
    this.#keys = keys;
  }

  /** Sends scans at their times, whether or not those before were answered; returns when all are ranked. */
  async send(scans: readonly MadeScan[], everyMs: number): Promise<void> {
    const begun = performance.now();
    for (const [i, scan] of scans.entries()) {
      await sleep(Math.max(0, begun + i * everyMs - performance.now()));
      const keys = this.#keys[i % this.#keys.length];
      if (keys === undefined) throw new RangeError('nobody sends');
      const sent = this.#sendOne(scan, keys, this.phase).catch((error: unknown) =>
        this.#fault(scan.name, error),
      );
      this.#pending.add(sent);
      void sent.finally(() => this.#pending.delete(sent));
    }
    await Promise.all(this.#pending);
  }

  /** Once a second what a person at a screen asks for, until the signal. */
  async look(signal: AbortSignal): Promise<void> {
    const looks = new Set<Promise<void>>();
    for (let turn = 0; !signal.aborted; turn += 1) {
      const look = this.#lookOnce(turn).catch((error: unknown) => this.#fault('a read', error));
      looks.add(look);
      void look.finally(() => looks.delete(look));
      await sleep(READ_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(looks);
  }

  #fault(what: string, error: unknown): void {
    this.faults.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  async #sendOne({ name, files }: MadeScan, keys: HonestKeys, phase: Phase): Promise<void> {
    const read = await Promise.all(
      files.map(async (file) => ({ name: path.basename(file), bytes: await readFile(file) })),
    );
    const form = await formOf(read);
    const begun = performance.now();
    const wanted = { method: 'POST', path: '/v1/scans', key: keys.scanner, ...form };
    const answer = await this.#untilAnswered(wanted, 202);
    const { scans } = JSON.parse(answer.body.toString()) as { scans: readonly { scanId: string }[] };
    const scanId = scans[0]?.scanId;
    if (scans.length !== 1 || scanId === undefined) throw new Error(`${name} became ${scans.length} scans`);
    const ms = performance.now() - begun;
    this.samples.push({ phase, measure: 'upload', ms });
    const sha256 = read.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
    const acknowledged = { scanId, key: keys, sha256 };
    this.acknowledged.push(acknowledged);
    await this.#untilRanked(scanId, keys);
    this.#ranked.push(acknowledged);
    this.samples.push({ phase, measure: 'ranked', ms: performance.now() - begun });
  }

  async #untilRanked(scanId: string, keys: HonestKeys): Promise<void> {
    const deadline = performance.now() + RANKED_MS;
    const path = `/v1/scans/${scanId}/revisions/1`;
    while (performance.now() < deadline) {
      const answer = await this.#untilAnswered({ path, key: keys.supervisor }, 200);
      const { state } = JSON.parse(answer.body.toString()) as { state: string };
      if (state === 'analysed') return this.#untilQueued(scanId, keys, deadline);
      if (state === 'failed') throw new Error(`${scanId} is ${state}`);
      await sleep(RANKED_LOOK_MS);
    }
    throw new Error(`${scanId} was not ranked within ${RANKED_MS / 1000} s`);
  }

  /** The newest cases are not the first of the queue: all of its pages are looked at. */
  async #untilQueued(scanId: string, keys: HonestKeys, deadline: number): Promise<void> {
    while (performance.now() < deadline) {
      for (let cursor: string | undefined, page = 0; page < 20; page += 1) {
        const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const answer = await this.#untilAnswered(
          { path: `/v1/queue?limit=200${more}`, key: keys.supervisor },
          200,
        );
        const { items, next } = JSON.parse(answer.body.toString()) as {
          items: readonly { scanId: string }[];
          next?: string;
        };
        if (items.some((item) => item.scanId === scanId)) return;
        if (next === undefined) break;
        cursor = next;
      }
      await sleep(RANKED_LOOK_MS);
    }
    throw new Error(`${scanId} did not reach the queue`);
  }

  async #lookOnce(turn: number): Promise<void> {
    const keys = this.#keys[turn % this.#keys.length];
    const own = this.#ranked.filter(({ key }) => key === keys);
    const scanId = own[Math.floor(own.length / 2)]?.scanId;
    await this.#lookAt('queue', '/v1/queue?limit=20', keys);
    if (scanId === undefined) return;
    await this.#lookAt('record', `/v1/scans/${scanId}`, keys);
    await this.#lookAt('preview', `/v1/scans/${scanId}/revisions/1/preview`, keys);
  }

  async #lookAt(measure: Measure, path: string, keys: HonestKeys | undefined): Promise<void> {
    const { phase } = this;
    const begun = performance.now();
    await this.#untilAnswered({ path, key: keys?.supervisor ?? '' }, 200);
    this.samples.push({ phase, measure, ms: performance.now() - begun });
  }

  /** Comes back when a service that is behind says so. @throws for every other answer */
  async #untilAnswered(wanted: Ask, status: number): Promise<Answer> {
    for (let i = 0; i < TRIES; i += 1) {
      const answer = await ask(this.#url, {
        ...wanted,
        from: NEIGHBOUR,
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.status === status) return answer;
      const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
      if (answer.status !== 503 || !(seconds >= 0))
        throw new Error(
          `${wanted.path} was answered ${answer.word}: ${answer.body.toString().slice(0, 200)}`,
        );
      this.retries += 1;
      await sleep(seconds * 1000);
    }
    throw new Error(`${wanted.path} was answered 503 ${TRIES} times`);
  }
}
