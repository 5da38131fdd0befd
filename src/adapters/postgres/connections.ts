import { Socket } from 'node:net';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { defined } from '../../core/defined.ts';
import { isNiiError, NiiError } from '../../core/errors.ts';
import { within } from '../../runtime/deadline.ts';
import { asDatabaseFailure, breaksConnection, isConnectionLoss } from './errors.ts';
import { isPlanStale, keptPlanOf } from './kept-plans.ts';

/** Called when no connection can be made, before one more try: starts the embedded server again. */
export type Ensure = (() => Promise<void>) | undefined;

/** Until a connection is made, or one of a full pool is free. */
const CONNECT_MS = 5000;
/** For a statement that waits for nobody. A connection that takes longer is given up. */
const ANSWER_MS = 10_000;
/** For connections to end; a process that is told to stop does not wait longer for a line that carries nothing. */
const CLOSE_MS = 2000;

const socketOptions = {
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
};

/**
 * So often a connection that is held for long is used. The server ends a session that says nothing for four times as long:
 * its client is gone, perhaps behind a proxy that keeps the connection, and others wait for what it holds.
 */
const PULSE_MS = 15_000;

const prepareSession = `select pg_is_in_recovery() as "readsOnly",
  set_config('idle_session_timeout', '${4 * PULSE_MS}', false), set_config('tcp_keepalives_idle', '10', false),
  set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)`;

const READS_ONLY =
  'The server in NII_DATABASE_URL is read-only, like a standby; use the address of the primary';

/**
 * The connections of one process to one database. When one of them breaks, those that were opened before it are not used
 * again: what broke the one broke the line, the server or its address, and each of the others would cost a timeout.
 */
export class Connections {
  readonly #url: () => string;
  readonly #ensure: Ensure;
  readonly #openedAt = new WeakMap<pg.PoolClient, number>();
  readonly #sockets = new Set<Socket>();
  #trustedSince = 0;

  constructor(url: () => string, ensure: Ensure) {
    this.#url = url;
    this.#ensure = ensure;
  }

  /** @param max - most connections of the pool; whoever needs another waits for at most five seconds */
  makePool(max: number, timeouts: pg.ClientConfig): pg.Pool {
    const own = () => this.#own();
    const pool = new pg.Pool({
      Client: class extends pg.Client {
        constructor(config?: pg.ClientConfig) {
          super({ ...config, ...own() });
        }
      },
      max,
      idleTimeoutMillis: 30_000,
      ...socketOptions,
      ...timeouts,
    });
    // Without listeners, a connection that breaks between two statements would end the process. Whoever uses it
    // learns of it with the next statement
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    return pool;
  }

  /** A connection that was opened after the last one that broke. */
  async acquire(pool: pg.Pool): Promise<pg.PoolClient> {
    for (;;) {
      const client = await ensured(() => this.#connect(pool), this.#ensure);
      if ((this.#openedAt.get(client) ?? 0) >= this.#trustedSince) return client;
      client.release(true);
    }
  }

  /**
   * A connection on which a first statement was run that waits for nobody. Nothing was done before it, so it is run once
   * more, on a newer connection, when the first one turns out to be broken.
   */
  async acquireWith(pool: pg.Pool, statement: string): Promise<pg.PoolClient> {
    try {
      return await this.#tryWith(pool, statement);
    } catch (error) {
      if (!breaksConnection(error)) throw error;
      return await this.#tryWith(pool, statement);
    }
  }

  /** The pool as Kysely takes it, which asks it for a connection to run one transaction. */
  forTransactions(pool: pg.Pool): PostgresPool {
    return {
      connect: async () => this.#guarded(await this.acquireWith(pool, BEGIN)),
      end: () => pool.end(),
    };
  }

  /** The pool as Kysely takes it for work that may take long, and wait for the same work of others. */
  forMigrations(pool: pg.Pool): PostgresPool {
    return { connect: () => this.acquire(pool), end: () => pool.end() };
  }

  /**
   * A connection outside of every pool, without timeouts.
   * @param ensure - without it nobody starts an embedded server again for this connection
   * @throws NII_DATABASE_UNREACHABLE, NII_CONFIG
   */
  async alone(ensure: Ensure): Promise<pg.Client> {
    return await ensured(() => this.#connectAlone(), ensure);
  }

  /** Ends the pools. What does not end in time is destroyed, with every connection outside of them. */
  async close(...pools: readonly pg.Pool[]): Promise<void> {
    await toEnd(Promise.all(pools.filter(({ ended }) => !ended).map((pool) => pool.end())));
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connectAlone(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#own(), ...socketOptions });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await prepare(client);
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw asDatabaseFailure(error);
    }
  }

  /** What each connection has of its own. */
  #own(): pg.ClientConfig {
    const stream = () => {
      const socket = new Socket();
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      return socket;
    };
    return { connectionString: this.#url(), stream };
  }

  async #connect(pool: pg.Pool): Promise<pg.PoolClient> {
    const client = await pool.connect();
    if (this.#openedAt.has(client)) return client;
    this.#openedAt.set(client, performance.now());
    try {
      await prepare(client);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A connection that failed is closed, not put back; so is one whose plans are of before a table was altered. */
  #guarded(client: pg.PoolClient): PostgresPoolClient {
    let broken: unknown;
    const query = async (text: string, parameters: readonly unknown[]) => {
      if (text === BEGIN) return { command: 'BEGIN', rowCount: null, rows: [] }; // it was the first statement
      if (broken !== undefined) throw broken; // a rollback need not wait for a server that is gone
      try {
        const name = keptPlanOf(text);
        return await client.query({ text, values: [...parameters], ...defined({ name }) });
      } catch (error) {
        if (breaksConnection(error) || isPlanStale(error)) broken = error;
        if (isConnectionLoss(error) || isPlanStale(error)) this.#distrust();
        throw error;
      }
    };
    return {
      // The other overload of the interface is for cursors, which are not in use
      query: query as unknown as PostgresPoolClient['query'],
      release: () => client.release(broken !== undefined),
    };
  }

  async #tryWith(pool: pg.Pool, statement: string): Promise<pg.PoolClient> {
    const client = await this.acquire(pool);
    try {
      await answered(client.query(statement));
      return client;
    } catch (error) {
      client.release(true);
      if (breaksConnection(error)) this.#distrust();
      throw error;
    }
  }

  #distrust(): void {
    this.#trustedSince = performance.now();
  }
}

const BEGIN = 'begin';

/** Once more after `ensure`, if the database is unreachable, or another server has taken its place. */
async function ensured<C>(connect: () => Promise<C>, ensure: Ensure): Promise<C> {
  try {
    return await connect();
  } catch (error) {
    if (ensure === undefined || !mayHaveMoved(error)) throw error;
    await ensure();
    return await connect();
  }
}

/** The answer to a statement that waits for nobody; without it the connection counts as broken. */
export async function answered<T>(query: Promise<T>): Promise<T> {
  const late = () => Object.assign(new Error('The database did not respond in time'), { code: 'ETIMEDOUT' });
  return await within(query, ANSWER_MS, late);
}

/** Waits for connections to end, but not for ones that no answer comes over. */
export async function toEnd(end: Promise<unknown>): Promise<void> {
  await within(end, CLOSE_MS, () => new Error('late')).catch(() => undefined);
}

/**
 * Uses a connection that is held for long now and then, so that both ends notice when it is broken.
 * @param ask - runs a statement that waits for nobody; fails without harm
 * @returns what ends it, once the last answer is there
 */
export function keepUp(ask: () => Promise<unknown>): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  const pulse = setInterval(() => {
    last = ask().catch(() => undefined);
  }, PULSE_MS);
  pulse.unref();
  return async () => {
    clearInterval(pulse);
    await last;
  };
}

/** Whoever listens at the old port of the embedded server does not know its password. */
function mayHaveMoved(error: unknown): boolean {
  if (isNiiError(asDatabaseFailure(error), 'NII_DATABASE_UNREACHABLE')) return true;
  return error instanceof pg.DatabaseError && (error.code === '28P01' || error.code === '28000');
}

/** @throws NII_DATABASE_UNREACHABLE for a standby: a failover may lead there before it is promoted */
async function prepare(client: pg.ClientBase): Promise<void> {
  const { rows } = await answered(client.query<{ readsOnly: boolean }>(prepareSession));
  if (rows[0]?.readsOnly === true) throw new NiiError('NII_DATABASE_UNREACHABLE', READS_ONLY);
}
