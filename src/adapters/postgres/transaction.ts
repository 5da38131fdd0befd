import {
  type CompiledQuery,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Dialect,
  DummyDriver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  Transaction,
} from 'kysely';
import type { Begun } from './connections.ts';
import type { Tables } from './tables.ts';

/** Kysely builds the statements. Its own transactions send one at a time; ours send what is asked for side by side together. */
const dialect: Dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};
const compiler = dialect.createQueryCompiler();
const adapter = dialect.createAdapter();
const builder = { config: { dialect }, dialect, driver: dialect.createDriver() };

/**
 * Runs the work in one transaction: all of it, or nothing.
 * @throws what the work throws; also if the work went on after a statement had failed
 */
export async function runTransaction<T>(
  begin: () => Promise<Begun>,
  work: (tx: Transaction<Tables>) => Promise<T>,
): Promise<T> {
  const begun = await begin();
  const connection = new TransactionConnection(begun);
  const provider = {
    provideConnection: <U>(use: (one: DatabaseConnection) => Promise<U>) => use(connection),
  };
  const executor = new DefaultQueryExecutor(compiler, adapter, provider);
  try {
    const result = await work(new Transaction<Tables>({ ...builder, executor }));
    connection.end();
    const { command } = await begun.query('commit', []);
    if (command === 'ROLLBACK') throw new Error('The work went on after a statement had failed');
    return result;
  } catch (error) {
    connection.end();
    // a connection that cannot do that is closed, and the server rolls back
    await begun.query('rollback', []).catch(() => undefined);
    throw error;
  } finally {
    begun.release();
  }
}

/** Sends statements at once; the server runs them in this order. */
class TransactionConnection implements DatabaseConnection {
  readonly #begun: Begun;
  #isOver = false;
  #failure: unknown;

  constructor(begun: Begun) {
    this.#begun = begun;
  }

  /** From here on a statement would run outside of the transaction. */
  end(): void {
    this.#isOver = true;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#isOver) throw new Error('The transaction is over');
    try {
      const { command, rowCount, rows } = await this.#begun.query(sql, parameters);
      return changing.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
    } catch (error) {
      // of those that were sent with it, each fails because of the first
      this.#failure ??= error;
      throw this.#failure;
    }
  }

  // biome-ignore lint/correctness/useYield: nothing reads in pieces
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Not in use');
  }
}

const changing = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
