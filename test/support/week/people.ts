import type { Case } from '../../../src/core/case/case.ts';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import { Random } from '../../../src/simulate/random.ts';
import { nothingFound } from '../http/border-post.ts';
import type { Passing, Post } from './post.ts';
import { isNight } from './vehicles.ts';

/** Who works at the post. Each acts when the clock has come to his next minute, over the interface like anybody. */
export interface Worker {
  act(minute: number): Promise<void>;
}

const NORMAL = { kind: 'normal', reason: 'nothing-unusual' };
const SUSPECT = { kind: 'suspect', reason: 'density', note: 'a dense block' };
const UNSURE = { kind: 'inconclusive', reason: 'other' };

type Answered = Awaited<ReturnType<Post['ask']>>;

abstract class Person {
  protected readonly post: Post;
  protected readonly random: Random;
  readonly #token: string;

  constructor(post: Post, token: string, seed: number, name: string) {
    this.post = post;
    this.#token = token;
    this.random = new Random(seed, name);
  }

  protected get(url: string): Promise<Answered> {
    return this.post.ask(this.#token, { url });
  }

  protected send(url: string, payload: object = {}): Promise<Answered> {
    return this.post.ask(this.#token, { method: 'POST', url, payload });
  }

  protected passingOf({ scanId }: Pick<Case, 'scanId'>): Passing {
    const found = this.post.byScan.get(scanId);
    if (found === undefined) throw new Error(`no vehicle has scan ${scanId}`);
    return found;
  }

  /** Says it to the service, and writes it down apart from it where the service took it. */
  protected async say(value: Case, move: string, word: string, payload: object): Promise<boolean> {
    const answer = await this.send(`/v1/cases/${value.id}/${move}`, payload);
    if (answer.statusCode === 200) this.passingOf(value).words.push(word);
    return answer.statusCode === 200;
  }
}

export interface Readings {
  read: number;
  wanted: number;
  handedBack: number;
}

/** Reads what it is dealt. One in twenty is beyond it, one threat in ten escapes it. */
export class Analyst extends Person implements Worker {
  readonly readings: Readings = { read: 0, wanted: 0, handedBack: 0 };
  readonly #colludes: boolean;
  readonly #worksAtNight: boolean;
  #inHand: Case | undefined;
  #next = 0;

  constructor(
    post: Post,
    token: string,
    seed: number,
    name: string,
    is: { colludes: boolean; atNight: boolean },
  ) {
    super(post, token, seed, name);
    this.#colludes = is.colludes;
    this.#worksAtNight = is.atNight;
  }

  async act(minute: number): Promise<void> {
    if (minute < this.#next || (isNight(minute) && !this.#worksAtNight)) return;
    if (this.#inHand === undefined) {
      const answer = await this.send('/v1/cases/next');
      this.#inHand = answer.statusCode === 200 ? answer.json() : undefined;
      this.#next = minute + (this.#inHand === undefined ? 2 : this.random.integer(2, 6));
      return;
    }
    await this.#decide(this.#inHand);
    this.#inHand = undefined;
    this.#next = minute + 1;
  }

  async #decide(value: Case): Promise<void> {
    const { isWanted, isThreat } = this.passingOf(value).vehicle;
    if (this.#colludes && !isWanted && (await this.#handsBack(value))) return;
    this.readings.read += 1;
    if (isWanted) this.readings.wanted += 1;
    if (this.#colludes && isWanted) return void (await this.say(value, 'verdict', 'normal', NORMAL));
    if (this.random.chance(0.05)) return void (await this.say(value, 'verdict', 'inconclusive', UNSURE));
    if (!isThreat || this.random.chance(0.1))
      return void (await this.say(value, 'verdict', 'normal', NORMAL));
    await this.say(value, 'verdict', 'suspect', SUSPECT);
    await this.send(`/v1/cases/${value.id}/refer`);
  }

  /** Whoever waits for a certain vehicle gives back the others, as long as that is allowed. */
  async #handsBack({ id }: Case): Promise<boolean> {
    const answer = await this.send(`/v1/cases/${id}/hand-back`, { why: 'I do not feel well' });
    if (answer.statusCode === 200) this.readings.handedBack += 1;
    return answer.statusCode === 200;
  }
}

/** Sees to what nobody settled: disputes, what could not be decided, what is overdue, searches in part. */
export class Supervisor extends Person implements Worker {
  async act(minute: number): Promise<void> {
    if (minute % 10 !== 0) return;
    for (const value of await this.#listed('state=disputed')) await this.#settle(value);
    for (const value of await this.#listed('state=decided')) {
      const kind = value.verdicts.at(-1)?.kind;
      if (kind === 'suspect') await this.send(`/v1/cases/${value.id}/refer`);
      if (kind === 'inconclusive') await this.#settle(value);
    }
    for (const value of await this.#listed('state=searched'))
      await this.say(value, 'search-acceptance', 'accepted', { why: 'the rest is bolted down' });
    for (const value of await this.#listed('state=queued&escalated=true')) await this.#readIt(value);
  }

  async #listed(query: string): Promise<readonly Case[]> {
    return (await this.get(`/v1/queue?limit=200&${query}`)).json().items;
  }

  async #settle(value: Case): Promise<void> {
    const { isThreat } = this.passingOf(value).vehicle;
    await this.say(
      value,
      'settlement',
      isThreat ? 'settled suspect' : 'settled normal',
      isThreat ? SUSPECT : NORMAL,
    );
  }

  async #readIt(value: Case): Promise<void> {
    const claimed = await this.send(`/v1/cases/${value.id}/claim`);
    if (claimed.statusCode !== 200) return;
    const { isThreat } = this.passingOf(value).vehicle;
    await this.say(value, 'verdict', isThreat ? 'suspect' : 'normal', isThreat ? SUSPECT : NORMAL);
  }
}

/** Opens what is referred, an hour after; now and then only a part of it. */
export class Searcher extends Person implements Worker {
  readonly #since = new Map<string, number>();

  async act(minute: number): Promise<void> {
    if (minute % 15 !== 0) return;
    const { items } = (await this.get('/v1/searches?limit=200')).json();
    for (const { caseId } of items as readonly { readonly caseId: string }[]) {
      const since = this.#since.get(caseId) ?? minute;
      this.#since.set(caseId, since);
      if (minute - since >= 60) await this.#search((await this.get(`/v1/cases/${caseId}`)).json());
    }
  }

  async #search(value: Case): Promise<void> {
    this.#since.delete(value.id);
    const { isThreat } = this.passingOf(value).vehicle;
    if (isThreat) {
      const found = { kind: 'found', what: 'cigarettes', where: 'floor', method: 'unloaded', extent: 'full' };
      await this.say(value, 'outcome', 'found', found);
      return;
    }
    const extent = this.random.chance(0.2) ? 'spot' : 'full';
    await this.say(value, 'outcome', `nothing ${extent}`, {
      kind: 'nothing-found',
      method: 'opened',
      extent,
    });
  }
}

/** Goes to the vehicle of an alarm once it stands at the scanner, and finds nothing: ten minutes after by day, 25 by night. */
export class Officer extends Person implements Worker {
  async act(minute: number): Promise<void> {
    if (minute % 5 !== 0) return;
    const { items } = (await this.get('/v1/holds?state=open&limit=200')).json();
    for (const hold of items as readonly Hold[]) await this.#settle(hold, minute);
  }

  async #settle(hold: Hold, minute: number): Promise<void> {
    const passing = this.post.byRecord.get(hold.scanId);
    if (passing === undefined) throw new Error(`no vehicle has record ${hold.scanId}`);
    const { scanAt } = passing.vehicle;
    if (minute - scanAt < (isNight(minute) ? 25 : 10)) return;
    const answer = await this.send(`/v1/holds/${hold.id}/adjudication`, nothingFound);
    if (answer.statusCode === 200 && answer.json().state !== 'open') passing.alarmSettled = true;
  }
}
