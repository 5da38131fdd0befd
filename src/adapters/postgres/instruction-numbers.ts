import { type QueryExecutorProvider, sql } from 'kysely';

/** Any number, the same in every process of every version. */
const RAISE_LOCK = 4_711_003;
/** Microseconds since 1970: more than the instructions that any service gives. */
const byNow = sql`floor(extract(epoch from clock_timestamp()) * 1000000)::bigint`;

/**
 * Instructions get a higher number than every one before, also before a restore: the numbers go on from the time, unless they
 * are beyond it already, as where a clock was ahead.
 */
export async function raiseNumbers(tx: QueryExecutorProvider): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(RAISE_LOCK)})`.execute(tx);
  await sql`select setval('instruction_numbers', ${byNow}) from instruction_numbers where last_value < ${byNow}`.execute(
    tx,
  );
}

export async function nextNumber(tx: QueryExecutorProvider): Promise<number> {
  const { rows } = await sql<{ number: string }>`select nextval('instruction_numbers') as number`.execute(tx);
  return Number(rows[0]?.number);
}
