import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuedLaneInstruction } from '../../../src/core/case/lane.ts';
import { backup } from '../../../src/maintenance/backup.ts';
import { SITE } from '../harness.ts';
import type { Passing, Post } from './post.ts';
import { LANE_OF_GATE } from './vehicles.ts';

/** A disk is lost: the service comes back an hour later from its last backup, and its people close the gap. */

const BACKUP_BEFORE = 20;
/**
 * So many minutes before the loss, the barriers of all lanes but that of the gate lose the service. Otherwise most vehicles of the backup
 * would have left before the loss, and the gap would hold next to none.
 */
const BARRIERS_OUT_BEFORE = 40;
/** What came in so many minutes before the backup is sent again as well: nobody knows to the second what it has. */
const OVERLAP = 10;
const OUTAGE_MINUTES = 60;
/** From the restore until the people know that everything was sent again. */
const GAP_MINUTES = 30;

export type Sending = () => Promise<void>;

export interface Restored {
  /** Minute of the run. */
  readonly at: number;
  readonly sentAgain: number;
  /** What people had said since the backup. */
  readonly wordsLost: number;
  /** Vehicles that the gap held. */
  readonly heldByGap: number;
  /** Those of them whose image came only after the restore, or that were held when the gap was closed. */
  readonly heldWrongly: readonly string[];
}

/** What the post knew of a vehicle when the backup was taken. */
interface Known {
  readonly scanId: string | undefined;
  readonly recordId: string | undefined;
  readonly alarmSettled: boolean;
  readonly words: number;
}

export class LostDisk {
  readonly #post: Post;
  readonly #lostAt: number;
  readonly #supervisors: readonly [string, string];
  readonly #sentLate: Sending[] = [];
  readonly #known = new Map<Passing, Known>();
  readonly #heldByGap = new Set<Passing>();
  readonly #heldWrongly = new Set<string>();
  #folder: string | undefined;
  #wasZoneStated = false;
  #isGapOpen = false;
  #wordsLost = 0;

  private constructor(post: Post, lostAt: number, supervisors: readonly [string, string]) {
    this.#post = post;
    this.#lostAt = lostAt;
    this.#supervisors = supervisors;
  }

  static async prepare(post: Post, lostAt: number): Promise<LostDisk> {
    const supervisors = [await post.newPerson('supervisor'), await post.newPerson('supervisor')] as const;
    return new LostDisk(post, lostAt, supervisors);
  }

  get #backupAt(): number {
    return this.#lostAt - BACKUP_BEFORE;
  }

  get #backAt(): number {
    return this.#lostAt + OUTAGE_MINUTES;
  }

  isAway(minute: number): boolean {
    return minute >= this.#lostAt && minute < this.#backAt;
  }

  /** Whether the barrier of its lane reaches the service. */
  canAsk({ vehicle }: Passing, minute: number): boolean {
    const isOut = minute >= this.#lostAt - BARRIERS_OUT_BEFORE && minute < this.#lostAt;
    return !isOut || vehicle.lane === LANE_OF_GATE;
  }

  /** What happens to the disk in this minute, before anybody else does anything. */
  async goTo(minute: number): Promise<void> {
    if (minute === this.#backupAt) await this.#backUp();
    if (minute === this.#lostAt) await this.#post.close();
    // before the minute in which things are sent again: what came until the restore is in the gap
    if (minute === this.#backAt - 1) await this.#restore(minute);
    if (minute === this.#backAt + GAP_MINUTES) await this.#closeGap();
  }

  noteSent(minute: number, sendings: readonly Sending[]): void {
    const isLate = minute >= this.#backupAt - OVERLAP && minute < this.#lostAt;
    if (isLate) this.#sentLate.push(...sendings);
  }

  /** In the minute in which the service is back: all that it may have lost, to be sent again before anything else. */
  listLost(minute: number): readonly Sending[] {
    return minute === this.#backAt ? this.#sentLate : [];
  }

  /** Notes what the gap holds. @returns why the vehicle must not get this instruction, by what the post knows of it */
  judge(one: Passing, { instruction, reasons = [] }: IssuedLaneInstruction): string | undefined {
    const { number } = one.vehicle;
    const isInGap = this.#isGapOpen && this.#known.get(one)?.scanId !== undefined;
    if (reasons.some(({ code }) => code === 'recovery-gap')) {
      this.#heldByGap.add(one);
      if (!isInGap) this.#heldWrongly.add(`vehicle ${number} is not in the gap`);
    }
    return isInGap && instruction === 'proceed' ? `vehicle ${number} left while the gap was open` : undefined;
  }

  figures(): Restored {
    return {
      at: this.#backAt,
      sentAgain: this.#sentLate.length,
      wordsLost: this.#wordsLost,
      heldByGap: this.#heldByGap.size,
      heldWrongly: [...this.#heldWrongly],
    };
  }

  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async #backUp(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'nii-week-'));
    await backup(this.#post.service.deps, this.#folder, this.#post.now());
    this.#wasZoneStated = this.#post.rules.isZoneStated;
    for (const one of this.#post.passing) {
      const { leftAt, scanId, recordId, alarmSettled, words } = one;
      if (leftAt === undefined) this.#known.set(one, { scanId, recordId, alarmSettled, words: words.length });
    }
  }

  async #restore(minute: number): Promise<void> {
    if (this.#folder === undefined) throw new Error('there is no backup');
    await this.#post.restore(this.#folder, minute);
    this.#isGapOpen = true;
    await this.#post.rules.checkRestored(this.#wasZoneStated);
    for (const [one, known] of this.#known) this.#forget(one, known);
  }

  /** What was said and sent of it since the backup is lost. What has left was judged at that time. */
  #forget(one: Passing, { scanId, recordId, alarmSettled, words }: Known): void {
    this.#wordsLost += one.words.length - words;
    if (one.leftAt !== undefined) return;
    one.words.splice(words);
    one.scanId = scanId;
    one.recordId = recordId;
    one.alarmSettled = alarmSettled;
  }

  /** One supervisor proposes it; their own word is not enough, and another one confirms it. */
  async #closeGap(): Promise<void> {
    const [first, second] = this.#supervisors;
    const { items } = (await this.#post.ask(first, { url: '/v1/service-holds' })).json();
    if (items.length !== 1 || items[0].cause !== 'recovery')
      throw new Error(`not one gap is open: ${JSON.stringify(items)}`);
    const url = `/v1/sites/${SITE}/service-holds/${items[0].id}`;
    const payload = { reason: 'The scans, portal records and check-ins of the gap were sent again' };
    const put = { method: 'PUT', url, payload } as const;
    const confirm = { method: 'POST', url: `${url}/confirmation`, payload: {} } as const;
    const statuses = [
      await this.#move(first, put),
      await this.#move(first, confirm),
      await this.#move(second, confirm),
    ];
    if (statuses.join() !== '202,409,200') throw new Error(`the gap is not closed: ${statuses.join()}`);
    this.#isGapOpen = false;
  }

  async #move(token: string, request: { method: 'PUT' | 'POST'; url: string; payload: object }) {
    const url = request.url.replace('/confirmation', '');
    const headers = { 'if-match': String((await this.#post.ask(token, { url })).headers.etag) };
    return (await this.#post.ask(token, { ...request, headers })).statusCode;
  }
}
