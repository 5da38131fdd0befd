import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeScan } from '../../test/support/fake-scan.ts';
import { type Answer, type Ask, ask, formOf } from '../siege/ask.ts';
import type { Acknowledged, HonestKeys } from '../siege/honest-senders.ts';

/** One request as its sender saw it. Times in milliseconds of `performance.now()`. */
export interface Tried {
  readonly who: 'scanner' | 'analyst' | 'reader';
  readonly began: number;
  readonly ended: number;
  readonly isGood: boolean;
  /** The status, the code of the problem, or why no answer came. */
  readonly word: string;
}

export interface AcknowledgedVerdict {
  readonly caseId: string;
  /** Name of the analyst in the claim. */
  readonly analyst: string;
  readonly began: number;
  readonly ended: number;
}

export interface Sent extends Acknowledged {
  readonly began: number;
  readonly ended: number;
}

export interface LoadKeys extends HonestKeys {
  readonly analysts: readonly string[];
}

/** What senders wait for an answer, and how long they go on. */
const PATIENCE_MS = 90_000;
const GIVE_UP_MS = 300_000;
/** Without Retry-After. */
const RETRY_MS = 1_000;
const SCANNERS = 2;
const SCAN_EVERY_MS = 1_000;
const FOLLOW_MS = 60_000;
const LOOK_EVERY_MS = 500;
const IDLE_MS = 500;
const JSON_TYPE = { 'content-type': 'application/json' };
const NORMAL = Buffer.from(JSON.stringify({ kind: 'normal', reason: 'nothing-unusual' }));

/**
 * Scanners that send, analysts who take the next case and decide it, and a reader who looks. Scanners and analysts do
 * as the interface says: they send the same request again until it is answered well. The reader never does.
 */
export class Load {
  readonly tried: Tried[] = [];
  readonly uploads: Sent[] = [];
  readonly verdicts: AcknowledgedVerdict[] = [];
  /** What a good client can do nothing about. */
  readonly faults: string[] = [];
  readonly #url: URL;
  readonly #keys: LoadKeys;
  #seed = 0;

  constructor(address: string, keys: LoadKeys) {
    this.#url = new URL(address);
    this.#keys = keys;
  }

  /** Until the signal; then each brings what it has begun to its end. */
  async run(signal: AbortSignal): Promise<void> {
    const scanners = Array.from({ length: SCANNERS }, () =>
      this.#again(signal, SCAN_EVERY_MS, () => this.#sendAndFollow(signal)),
    );
    const analysts = this.#keys.analysts.map((key) =>
      this.#again(signal, IDLE_MS, () => this.#decideNext(key)),
    );
    await Promise.all([...scanners, ...analysts, this.#look(signal)]);
  }

  /** Sends one scan until it is taken. */
  async send(): Promise<Sent> {
    this.#seed += 1;
    const bytes = fakeScan({ seed: this.#seed, filler: randomUUID() });
    const form = await formOf([{ name: `${this.#seed}.fake`, bytes }]);
    const began = performance.now();
    const answer = await this.#until('scanner', [200, 202], {
      method: 'POST',
      path: '/v1/scans',
      key: this.#keys.scanner,
      ...form,
    });
    const { scans } = JSON.parse(answer.body.toString()) as { scans: readonly { scanId: string }[] };
    const [scan] = scans;
    if (scan === undefined || scans.length !== 1) throw new Error(`one file became ${scans.length} scans`);
    const sha256 = [createHash('sha256').update(bytes).digest('hex')];
    const sent = { scanId: scan.scanId, key: this.#keys, sha256, began, ended: performance.now() };
    this.uploads.push(sent);
    return sent;
  }

  /** Sends no other scan before this one is analysed, so that no backlog grows; but one that is stuck stops nobody for ever. */
  async #sendAndFollow(signal: AbortSignal): Promise<void> {
    const { scanId } = await this.send();
    const deadline = performance.now() + FOLLOW_MS;
    while (!signal.aborted && performance.now() < deadline) {
      if (await this.isAnalysed(scanId)) return;
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns whether the scan has been through every step of the workers */
  async isAnalysed(scanId: string): Promise<boolean> {
    const answer = await this.#once('reader', [200], {
      path: `/v1/scans/${scanId}`,
      key: this.#keys.supervisor,
    });
    return answer.status === 200 && JSON.parse(answer.body.toString()).state === 'analysed';
  }

  async #again(signal: AbortSignal, pauseMs: number, act: () => Promise<unknown>): Promise<void> {
    while (!signal.aborted) {
      await act().catch((error: unknown) => this.faults.push(String(error)));
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #decideNext(key: string): Promise<void> {
    const next = { method: 'POST', path: '/v1/cases/next', key };
    const claimed = await this.#until('analyst', [200, 204], {
      ...next,
      headers: { 'idempotency-key': randomUUID() },
    });
    if (claimed.status === 204) return;
    const { id, claim } = JSON.parse(claimed.body.toString()) as { id: string; claim: { analyst: string } };
    const began = performance.now();
    await this.#until('analyst', [200], {
      method: 'POST',
      path: `/v1/cases/${id}/verdict`,
      key,
      headers: { ...JSON_TYPE, 'idempotency-key': randomUUID(), 'if-match': String(claimed.headers.etag) },
      body: NORMAL,
    });
    this.verdicts.push({ caseId: id, analyst: claim.analyst, began, ended: performance.now() });
  }

  /** At an even pace, whether or not the one before was answered. */
  async #look(signal: AbortSignal): Promise<void> {
    const looks = new Set<Promise<unknown>>();
    while (!signal.aborted) {
      const look = this.#once('reader', [200], { path: '/v1/queue?limit=1', key: this.#keys.supervisor });
      looks.add(look);
      void look.finally(() => looks.delete(look));
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    await Promise.all(looks);
  }

  /** @throws Error on an answer that is for good, or when nothing was good for GIVE_UP_MS */
  async #until(who: Tried['who'], good: readonly number[], wanted: Ask): Promise<Answer> {
    const deadline = performance.now() + GIVE_UP_MS;
    for (;;) {
      const answer = await this.#once(who, good, wanted);
      if (good.includes(answer.status)) return answer;
      const mayPass = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      if (!mayPass || performance.now() > deadline)
        throw new Error(
          `${wanted.path} was answered ${answer.word}: ${answer.body.toString().slice(0, 300)}`,
        );
      const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
      await sleep(seconds >= 0 ? seconds * 1000 : RETRY_MS);
    }
  }

  async #once(who: Tried['who'], good: readonly number[], wanted: Ask): Promise<Answer> {
    const began = performance.now();
    const answer = await ask(this.#url, { ...wanted, signal: AbortSignal.timeout(PATIENCE_MS) });
    const ended = performance.now();
    this.tried.push({ who, began, ended, isGood: good.includes(answer.status), word: wordOf(answer) });
    return answer;
  }
}

function wordOf({ status, word, body }: Answer): string {
  const code = /"code":"(NII_[A-Z_]+)"/.exec(body.toString())?.[1];
  return code === undefined ? word : `${status} ${code}`;
}
