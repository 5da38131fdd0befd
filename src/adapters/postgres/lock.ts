import type pg from 'pg';
import { NiiError } from '../../core/errors.ts';
import { within } from '../../runtime/deadline.ts';
import { answered, keepUp } from './connections.ts';
import { asDatabaseFailure, isLockTimeout } from './errors.ts';

/** A connection with `sessionSettings`. */
type Connect = () => Promise<pg.PoolClient>;

/** Runs the work while nobody else holds the name, and nobody holds `among` alone. */
export type Exclusively = <T>(name: string, work: () => Promise<T>, among?: string) => Promise<T>;

/** How long the server may take for a statement that waits for nobody. */
const ANSWER_MS = 10_000;
/** A wait is asked for anew so often: a server that has gone silent must not look like one where others work. */
const WAIT_MS = 30_000;
/** A day of waiting; no work takes so long. */
const WAITS = 2880;
const LOST = 'The database lost the lock during the work; run it again';

/** Waiting must not be ended by a timeout set for all. */
export const sessionSettings = `set statement_timeout = 0; set lock_timeout = ${WAIT_MS}`;

/**
 * Locks among all processes: PostgreSQL's advisory lock, of a session of its own. No transaction stays open, and
 * what a killed process held is free at once. Work fails with NII_DATABASE_UNREACHABLE when the lock cannot be had, and
 * when it was lost while the work ran.
 */
export function makeLocks(connect: Connect): Exclusively {
  // Those of this process queue here, so that each name takes one connection at most
  const queues = new Map<string, Promise<unknown>>();
  return async (name, work, among) => {
    const before = queues.get(name) ?? Promise.resolve();
    const turn = before.then(() => locked(connect, name, work, among));
    const settled = turn.catch(() => undefined);
    queues.set(name, settled);
    try {
      return await turn;
    } finally {
      if (queues.get(name) === settled) queues.delete(name);
    }
  };
}

async function locked<T>(connect: Connect, name: string, work: () => Promise<T>, among?: string): Promise<T> {
  const client = await lock(connect, name, among);
  const endPulse = keepUp(() => answered(client.query('select 1')));
  try {
    const result = await work().finally(endPulse);
    await unlock(client, name, among);
    client.release();
    return result;
  } catch (error) {
    client.release(true); // ends the session, and the lock with it
    throw error;
  }
}

async function lock(connect: Connect, name: string, among?: string): Promise<pg.PoolClient> {
  let client: pg.PoolClient | undefined;
  try {
    client = await connect();
    await take(client, 'pg_advisory_lock', name);
    if (among !== undefined) await take(client, 'pg_advisory_lock_shared', among);
    return client;
  } catch (error) {
    client?.release(true);
    throw asDatabaseFailure(error);
  }
}

async function take(
  client: pg.PoolClient,
  lockFunction: 'pg_advisory_lock' | 'pg_advisory_lock_shared',
  name: string,
): Promise<void> {
  for (let waits = 0; waits < WAITS; waits += 1) {
    const query = client.query(`select ${lockFunction}(hashtextextended($1, 0))`, [name]);
    try {
      await within(query, WAIT_MS + ANSWER_MS, silent);
      return;
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }
  throw new NiiError('NII_DATABASE_UNREACHABLE', 'Another process has held this lock for a day');
}

function silent(): NiiError {
  return new NiiError('NII_DATABASE_UNREACHABLE', 'The database did not respond in time');
}

/** Only a lock that is still there was there all the time. */
async function unlock(client: pg.PoolClient, name: string, among?: string): Promise<void> {
  const query = client.query<{ held: boolean }>(
    `select pg_advisory_unlock(hashtextextended($1, 0))
      and ($2::text is null or pg_advisory_unlock_shared(hashtextextended($2, 0))) as held`,
    [name, among ?? null],
  );
  const lost = (cause?: unknown) => new NiiError('NII_DATABASE_UNREACHABLE', { detail: LOST, cause });
  const { rows } = await within(query, ANSWER_MS, lost).catch((cause: unknown) => {
    throw lost(cause);
  });
  if (rows[0]?.held !== true) throw lost();
}
