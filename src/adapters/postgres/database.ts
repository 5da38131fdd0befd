import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import type pg from 'pg';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { Turn, TurnOptions } from '../../core/ports/transactions.ts';
import { within } from '../../runtime/deadline.ts';
import { Connections, toEnd } from './connections.ts';
import { asDatabaseFailure, isCollision } from './errors.ts';
import { raiseNumbers } from './instruction-numbers.ts';
import { isPlanStale } from './kept-plans.ts';
import { makeLocks, sessionSettings } from './lock.ts';
import { migrate, migrateAsOwner, type SchemaReport } from './migrate.ts';
import { mayRewriteAudit, type ServiceRole } from './service-role.ts';
import type { Tables } from './tables.ts';
import { SessionTurns } from './turns.ts';

export type SqlTx = Transaction<Tables>;

/** One PostgreSQL database, at the newest schema, through a pool of connections. */
export interface Database {
  /**
   * Runs the work in one transaction; again, a few times, when another transaction was in the way.
   * @throws NII_DATABASE_UNREACHABLE (then it may or may not have been committed), NII_CONFLICT, NII_DISK_FULL
   */
  transaction<T>(work: (tx: SqlTx) => Promise<T>): Promise<T>;
  /** Runs alone among all processes; not to be nested. @throws NII_DATABASE_UNREACHABLE also when the lock was lost meanwhile */
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

const STATEMENT_MS = 30_000;
/** Between two statements of a transaction; they wait for nothing but the processor. */
const IDLE_IN_TRANSACTION_MS = 20_000;
const READY_MS = 3000;
const TRIES = 5;
const LOCK_CONNECTIONS = 16;

/** postgres://user:password@host:port/database; a function is asked anew for each connection, where it can change. */
type DatabaseAddress = string | (() => string);

/**
 * As the owner of the database: brings the schema up to date, and lets the role of the services use it.
 *
 * @throws NII_DATABASE_UNREACHABLE, NII_CONFIG (rejected, server older than 15, schema newer than this version, no such role)
 */
export async function migrateDatabase(
  address: DatabaseAddress,
  service: ServiceRole | undefined,
  { ensure }: Pick<DatabaseOptions, 'ensure'> = {},
): Promise<SchemaReport> {
  const connections = new Connections(asFunction(address), ensure);
  const pool = connections.makePool(1, {});
  try {
    return await throughRestarts(ensure, () => migrateAsOwner(connections.forMigrations(pool), service));
  } finally {
    await connections.close(pool);
  }
}

/** What is all or nothing is done again where an embedded server died meanwhile. */
async function throughRestarts<T>(ensure: DatabaseOptions['ensure'], work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const failure = asDatabaseFailure(error);
      const mayPass = ensure !== undefined && isNiiError(failure, 'NII_DATABASE_UNREACHABLE');
      if (!mayPass || attempt === TRIES) throw failure;
    }
  }
}

function asFunction(address: DatabaseAddress): () => string {
  return typeof address === 'string' ? () => address : address;
}

/** Of connections for transactions. */
const workLimits = {
  // The server ends a statement first; the client's own clock is for a server that has stopped answering
  statement_timeout: STATEMENT_MS,
  query_timeout: STATEMENT_MS + 5000,
  // Whoever vanished in a transaction must not keep the rows that it locked
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
};

/**
 * Connects, and brings the schema up to date where the role may.
 *
 * @throws NII_DATABASE_UNREACHABLE, NII_CONFIG (rejected, server older than 15, schema newer than this version or not to be changed)
 */
export async function openDatabase(
  address: DatabaseAddress,
  options: DatabaseOptions = {},
): Promise<Database> {
  const url = asFunction(address);
  const { ensure, connections: most = 10 } = options;
  const connections = new Connections(url, ensure);
  const work = connections.makePool(most, workLimits);
  // Waiting for a lock may take as long as the other's work; a pool of their own, so that those who hold a lock
  // always find a connection for their transactions
  const locks = connections.makePool(LOCK_CONNECTIONS, {});
  const kysely = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: connections.forTransactions(work) }),
  });
  const turns = new SessionTurns(() => connections.alone(ensure));
  const close = async (): Promise<void> => {
    await turns.close();
    await toEnd(kysely.destroy());
    await connections.close(work, locks);
  };
  try {
    await throughRestarts(ensure, () => migrate(connections.forMigrations(locks)));
    await transaction(kysely, raiseNumbers);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    transaction: (run) => transaction(kysely, run),
    exclusively: makeLocks(() => connections.acquireWith(locks, sessionSettings)),
    takeTurn: (name, turn) => turns.takeTurn(name, turn),
    connect: () => connections.alone(undefined),
    ready: () => answers(kysely),
    mayRewriteAudit: () => transaction(kysely, (tx) => mayRewriteAudit(tx)),
    close,
  };
}

async function transaction<T>(kysely: Kysely<Tables>, work: (tx: SqlTx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await kysely.transaction().execute(work);
    } catch (error) {
      if ((isCollision(error) || isPlanStale(error)) && attempt < TRIES) continue;
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
    () => new NiiError('NII_DATABASE_UNREACHABLE', 'The database did not respond in time'),
  );
}
