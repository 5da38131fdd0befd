import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { NiiError } from '../../core/errors.ts';
import type { Turn, TurnOptions } from '../../core/ports/transactions.ts';
import { within } from '../../runtime/deadline.ts';
import { keepUp, toEnd } from './connections.ts';
import { asDatabaseFailure } from './errors.ts';
import { sessionSettings } from './lock.ts';

/** `wanted <name>` asks whoever has the turn to end it, `free <name>` wakes those who wait. */
const CHANNEL = 'nii_turns';
/** A notification can be lost with a connection, so those who wait look again this often. */
const LOOK_MS = 500;
/** How long the server may take for a statement that waits for nobody. */
const ANSWER_MS = 10_000;

interface Holder {
  readonly onWanted: () => void;
  readonly ended: Promise<void>;
  readonly markEnded: () => void;
  isWanted: boolean;
  /** The connection that holds the lock; undefined until it is had. */
  session?: pg.Client;
}

/**
 * Turns as advisory locks that one session of PostgreSQL holds for all of this process: any number of turns takes one
 * connection, and what a killed process held is free at once.
 */
export class SessionTurns {
  readonly #connect: () => Promise<pg.Client>;
  /** Those of this process; a session does not keep itself from taking a lock twice. */
  readonly #holders = new Map<string, Holder>();
  readonly #waiting = new Map<string, Set<() => void>>();
  #session: Promise<pg.Client> | undefined;
  /** The one that `#session` brought. */
  #live: pg.Client | undefined;
  /** The last statement: a connection takes one at a time. */
  #asked: Promise<unknown> = Promise.resolve();

  constructor(connect: () => Promise<pg.Client>) {
    this.#connect = connect;
  }

  async takeTurn(name: string, options: TurnOptions): Promise<Turn> {
    const deadline = Date.now() + options.waitMs;
    const holder = await this.#takeHere(name, options, deadline);
    try {
      await this.#takeAmongAll(name, holder, options, deadline);
    } catch (error) {
      this.#free(name, holder);
      throw asDatabaseFailure(error);
    }
    return { end: () => this.#end(name, holder) };
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    if (session !== undefined) await toEnd(session.end());
  }

  async #takeHere(name: string, options: TurnOptions, deadline: number): Promise<Holder> {
    for (let other = this.#holders.get(name); other !== undefined; other = this.#holders.get(name)) {
      if (options.waitMs > 0) want(other);
      await this.#waitFor(other.ended, options.signal, deadline - Date.now());
      if (this.#holders.has(name)) rejectLate(options.signal, deadline);
    }
    const holder = newHolder(options);
    this.#holders.set(name, holder);
    return holder;
  }

  async #takeAmongAll(
    name: string,
    holder: Holder,
    { signal, waitMs }: TurnOptions,
    deadline: number,
  ): Promise<void> {
    for (;;) {
      const session = await this.#open();
      if (await this.#tryLock(session, name)) {
        holder.session = session;
        return;
      }
      if (waitMs > 0) await this.#say(session, `wanted ${name}`);
      await this.#waitUntilFree(name, signal, Math.min(LOOK_MS, deadline - Date.now()));
      rejectLate(signal, deadline);
    }
  }

  async #tryLock(session: pg.Client, name: string): Promise<boolean> {
    const { rows } = await this.#ask(
      session,
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [lockName(name)],
    );
    return rows[0]?.held === true;
  }

  async #say(session: pg.Client, message: string): Promise<void> {
    await this.#ask(session, 'select pg_notify($1, $2)', [CHANNEL, message]);
  }

  /** A session that does not answer is ended: nobody would know which locks it has. */
  #ask(session: pg.Client, text: string, values: readonly string[]) {
    const answer = this.#asked.then(async () => {
      try {
        return await within(session.query<{ held?: boolean }>(text, [...values]), ANSWER_MS, silent);
      } catch (error) {
        this.#drop(session);
        throw error;
      }
    });
    this.#asked = answer.catch(() => undefined);
    return answer;
  }

  #open(): Promise<pg.Client> {
    this.#session ??= this.#openSession().catch((error: unknown) => {
      this.#session = undefined;
      throw error;
    });
    return this.#session;
  }

  async #openSession(): Promise<pg.Client> {
    const session = await this.#connect();
    const endPulse = keepUp(() => this.#ask(session, 'select 1', []));
    session.once('end', () => {
      void endPulse();
      this.#lose(session);
    });
    session.on('notification', ({ payload = '' }) => this.#onNotification(payload));
    try {
      await within(session.query(sessionSettings), ANSWER_MS, silent);
      await within(session.query(`listen ${CHANNEL}`), ANSWER_MS, silent);
      this.#live = session;
      return session;
    } catch (error) {
      this.#drop(session);
      throw error;
    }
  }

  #drop(session: pg.Client): void {
    session.end().catch(() => undefined);
    this.#lose(session);
  }

  /** Told again, it changes nothing: another session may have taken its place. */
  #lose(session: pg.Client): void {
    if (this.#live !== session) return;
    this.#live = undefined;
    this.#session = undefined;
    for (const holder of this.#holders.values()) if (holder.session === session) want(holder);
  }

  #onNotification(payload: string): void {
    const [what, name = ''] = payload.split(/ (.*)/s);
    const holder = this.#holders.get(name);
    if (what === 'wanted' && holder !== undefined) want(holder);
    if (what === 'free') for (const wake of this.#waiting.get(name) ?? []) wake();
  }

  async #waitUntilFree(name: string, signal: AbortSignal | undefined, ms: number): Promise<void> {
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    let wake = () => {};
    const free = new Promise<void>((resolve) => {
      wake = resolve;
    });
    waiting.add(wake);
    try {
      await this.#waitFor(free, signal, ms);
    } finally {
      waiting.delete(wake);
      if (waiting.size === 0) this.#waiting.delete(name);
    }
  }

  /** Returns when the promise is settled, the time is over, or the signal is aborted. */
  async #waitFor(promise: Promise<void>, signal: AbortSignal | undefined, ms: number): Promise<void> {
    const over = new AbortController();
    const signals = signal === undefined ? [over.signal] : [over.signal, signal];
    const late = delay(Math.max(0, ms), undefined, { signal: AbortSignal.any(signals) }).catch(ignoreAbort);
    await Promise.race([promise, late]);
    over.abort();
  }

  async #end(name: string, holder: Holder): Promise<void> {
    if (this.#holders.get(name) !== holder) return;
    const { session } = holder;
    try {
      if (session !== undefined && session === (await this.#session))
        await this.#unlock(session, name, holder);
    } catch {
      // The session is gone, and the lock with it
    } finally {
      this.#free(name, holder);
    }
  }

  async #unlock(session: pg.Client, name: string, holder: Holder): Promise<void> {
    await this.#ask(session, 'select pg_advisory_unlock(hashtextextended($1, 0))', [lockName(name)]);
    if (holder.isWanted) await this.#say(session, `free ${name}`);
  }

  #free(name: string, holder: Holder): void {
    if (this.#holders.get(name) === holder) this.#holders.delete(name);
    holder.markEnded();
  }
}

function newHolder({ onWanted }: TurnOptions): Holder {
  let markEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    markEnded = resolve;
  });
  return { onWanted: onWanted ?? (() => {}), ended, markEnded, isWanted: false };
}

function want(holder: Holder): void {
  holder.isWanted = true;
  holder.onWanted();
}

/** Not the name of a lock of `exclusively`. */
function lockName(name: string): string {
  return `turn ${name}`;
}

function rejectLate(signal: AbortSignal | undefined, deadline: number): void {
  if (signal?.aborted === true || Date.now() >= deadline)
    throw new NiiError('NII_BUSY', 'An identical request is still running; retry later');
}

function silent(): NiiError {
  return new NiiError('NII_DATABASE_UNREACHABLE', 'The database did not respond in time');
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
