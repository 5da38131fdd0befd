import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { Turn, TurnOptions } from '../../core/ports/transactions.ts';
import { within } from '../../runtime/deadline.ts';
import { asDatabaseFailure, breaksConnection, isCollision } from './errors.ts';
import { makeLocks } from './lock.ts';
import { migrate, migrateAsOwner, type SchemaReport } from './migrate.ts';
import { mayRewriteAuditQuery, type ServiceRole } from './service-role.ts';
import type { Tables } from './tables.ts';
import { SessionTurns } from './turns.ts';

export type Tx = Transaction<Tables>;

/** One PostgreSQL database, at the newest schema, through a pool of connections. */
export interface Database {
  /**
   * Runs the work in one transaction; again, a few times, when another transaction was in the way.
   * @throws NII_DATABASE_AWAY (then it may or may not have been committed), NII_CONFLICT, NII_DISK_FULL
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs alone among all processes; not to be nested. @throws NII_DATABASE_AWAY also when the lock was lost meanwhile */
  exclusively<T>(name: string, work: () => Promise<T>, among?: string): Promise<T>;
  /** Through one more connection, which opens with the first turn. */
  takeTurn(name: string, options: TurnOptions): Promise<Turn>;
  /** A connection of its own without time-outs, for LISTEN. The caller ends it. */
  connect(): Promise<pg.Client>;
  ready(): Promise<void>;
  /** Whether the role of these connections could change rows of the audit. */
  mayRewriteAudit(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Called when no connection can be made, before one more try: starts the embedded server again. */
  readonly ensure?: () => Promise<void>;
  /** Connections for transactions; the locks have up to LOCK_CONNECTIONS more, turns one, a listener one. */
  readonly connections?: number;
}

const CONNECT_MS = 5000;
const STATEMENT_MS = 30_000;
const READY_MS = 3000;
const TRIES = 5;
const LOCK_CONNECTIONS = 16;

/** postgres://user:password@host:port/database; a function is asked anew for each connection, where it can change. */
type DatabaseAddress = string | (() => string);

/**
 * As the owner of the database: brings the schema up to date, and lets the role of the services use it.
 *
 * @throws NII_DATABASE_AWAY, NII_CONFIG (rejected, server older than 15, schema newer than this version, no such role)
 */
export async function migrateDatabase(
  address: DatabaseAddress,
  service: ServiceRole | undefined,
  { ensure }: Pick<DatabaseOptions, 'ensure'> = {},
): Promise<SchemaReport> {
  return await throughRestarts(ensure, async () => {
    const client = await connected(() => connectAlone(asFunction(address)), ensure);
    try {
      return await migrateAsOwner(client, service);
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** What is all or nothing is done again where an embedded server died meanwhile. */
async function throughRestarts<T>(ensure: DatabaseOptions['ensure'], work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = asDatabaseFailure(error);
      const mayPass = ensure !== undefined && isNiiError(failure, 'NII_DATABASE_AWAY');
      if (!mayPass || attempt === TRIES) throw failure;
    }
  }
}

function asFunction(address: DatabaseAddress): () => string {
  return typeof address === 'string' ? () => address : address;
}

/**
 * Connects, and brings the schema up to date where the role may.
 *
 * @throws NII_DATABASE_AWAY, NII_CONFIG (rejected, server older than 15, schema newer than this version or not to be changed)
 */
export async function openDatabase(
  address: DatabaseAddress,
  options: DatabaseOptions = {},
): Promise<Database> {
  const url = asFunction(address);
  const { ensure, connections = 10 } = options;
  // The server ends a statement first; the client's own clock is for a server that has stopped answering
  const work = makePool(url, connections, {
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 5000,
  });
  // Waiting for a lock may take as long as the other's work; a pool of their own, so that those who hold a lock
  // always find a connection for their transactions
  const locks = makePool(url, LOCK_CONNECTIONS, {});
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: guarded(work, ensure) }) });
  const turns = new SessionTurns(() => connected(() => connectAlone(url), ensure));
  const close = async (): Promise<void> => {
    await turns.close();
    await kysely.destroy();
    await Promise.all([work.ended ? undefined : work.end(), locks.end()]);
  };
  try {
    await throughRestarts(ensure, () => migrateThrough(locks, ensure));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    transaction: (run) => transaction(kysely, run),
    exclusively: makeLocks(() => acquire(locks, ensure)),
    takeTurn: (name, turn) => turns.takeTurn(name, turn),
    connect: () => connectAlone(url),
    ready: () => answers(kysely),
    mayRewriteAudit: () => mayRewriteAudit(kysely),
    close,
  };
}

function makePool(url: () => string, max: number, timeouts: pg.ClientConfig): pg.Pool {
  const pool = new pg.Pool({
    Client: class extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, connectionString: url() });
      }
    },
    max,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...timeouts,
  });
  // Without listeners, a connection that breaks between two statements would end the process. Whoever uses it
  // learns of it with the next statement
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function acquire(pool: pg.Pool, ensure: DatabaseOptions['ensure']): Promise<pg.PoolClient> {
  return connected(() => pool.connect(), ensure);
}

/** Once more after `ensure`, if the database is unreachable, or another server has taken its place. */
async function connected<C>(connect: () => Promise<C>, ensure: DatabaseOptions['ensure']): Promise<C> {
  try {
    return await connect();
  } catch (error) {
    if (ensure === undefined || !mayHaveMoved(error)) throw error;
    await ensure();
    return await connect();
  }
}

/** Whoever listens at the old port of the embedded server does not know its password. */
function mayHaveMoved(error: unknown): boolean {
  if (isNiiError(asDatabaseFailure(error), 'NII_DATABASE_AWAY')) return true;
  return error instanceof pg.DatabaseError && (error.code === '28P01' || error.code === '28000');
}

/** The pool as Kysely takes it; a connection that failed is closed, not put back. */
function guarded(pool: pg.Pool, ensure: DatabaseOptions['ensure']): PostgresPool {
  return {
    connect: async () => guardedClient(await acquire(pool, ensure)),
    end: () => pool.end(),
  };
}

function guardedClient(client: pg.PoolClient): PostgresPoolClient {
  let broken: unknown;
  const query = async (text: string, parameters: readonly unknown[]) => {
    if (broken !== undefined) throw broken; // a rollback need not wait for a server that is gone
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      if (breaksConnection(error)) broken = error;
      throw error;
    }
  };
  return {
    // The other overload of the interface is for cursors, which are not in use
    query: query as unknown as PostgresPoolClient['query'],
    release: () => client.release(broken !== undefined),
  };
}

async function migrateThrough(pool: pg.Pool, ensure: DatabaseOptions['ensure']): Promise<void> {
  const client = await acquire(pool, ensure);
  let failed = true;
  try {
    await migrate(client);
    failed = false;
  } finally {
    client.release(failed);
  }
}

async function transaction<T>(kysely: Kysely<Tables>, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kysely.transaction().execute(work);
    } catch (error) {
      if (isCollision(error) && attempt < TRIES) continue;
      throw asDatabaseFailure(error);
    }
  }
}

async function answers(kysely: Kysely<Tables>): Promise<void> {
  // Writes nothing, but a standby that only reads must not count as ready
  const probe = transaction(kysely, async (tx) => {
    await sql`select pg_current_xact_id()`.execute(tx);
  });
  await within(
    probe,
    READY_MS,
    () => new NiiError('NII_DATABASE_AWAY', 'The database did not answer in time'),
  );
}

async function mayRewriteAudit(kysely: Kysely<Tables>): Promise<boolean> {
  const { rows } = await transaction(kysely, (tx) =>
    sql<{ may: boolean }>`${sql.raw(mayRewriteAuditQuery('current_user'))}`.execute(tx),
  );
  return rows[0]?.may !== false;
}

async function connectAlone(url: () => string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url(),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw asDatabaseFailure(error);
  }
}
