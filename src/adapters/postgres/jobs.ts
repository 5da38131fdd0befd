import { type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { JobOutcome, SetAsideJob } from '../../core/ports/jobs.ts';
import type { Jobs } from '../../core/ports/records.ts';
import { type ClaimedJob, isConversion, type Job, type JobKind, jobKinds } from '../../core/rows/job.ts';
import { readJob } from '../../core/rows/read-job.ts';
import { FAILURES_IN_A_ROW } from '../../runtime/children/failure-streaks.ts';
import { answered, keepUp, toEnd } from './connections.ts';
import type { Database, SqlTx } from './database.ts';
import { instant } from './records/cursor.ts';
import { JOBS_CHANNEL } from './records/jobs.ts';
import { recordsTx } from './records.ts';

/** A sender waits behind the others for no longer, however busy they are. */
const SLOW_MINUTES = 5;
/** So many scans that end in time always make up for it. */
const MOST_TIMEOUTS = 2 * FAILURES_IN_A_ROW;
/** A conversion that takes as long costs its sender the time of others: they are served for as long before the next one. */
const LONG_SECONDS = 2;
/** No sender owes the others more, however many long conversions end at once or the clock jumps. */
const MOST_SECONDS = 240;
/** The net under notifications: jobs whose time comes, and leases that end, notify nobody. */
const POLL_MS = 1500;
const RECONNECT_MS = 1000;

type Counts = Awaited<ReturnType<Jobs['counts']>>;

const UNKNOWN = 'NII_JOB_UNKNOWN';

/** Longest wait of a job whose worker ended time and again while it worked on it. */
const LONGEST_PAUSE_SECONDS = 300;

/**
 * The durable queue in the same database as the records. Leases are by the database's clock alone.
 * @param onSetAside - is told of each job that is set aside
 */
export function openJobs(database: Database, onSetAside: (job: SetAsideJob) => void = () => {}): Jobs {
  return {
    claim: async (kinds, worker, leaseSeconds) => {
      const { job, setAside } = await database.transaction((tx) =>
        claimKnown(tx, kinds, worker, leaseSeconds),
      );
      for (const one of setAside) onSetAside(one);
      return job;
    },
    takeUp: () => database.transaction(takeUp),
    extend: (job, leaseSeconds) =>
      database.transaction(async (tx) => {
        const held = await heldBy(tx, job)
          .set({ ready_at: inSeconds(leaseSeconds) })
          .executeTakeFirst();
        return held.numUpdatedRows > 0n;
      }),
    freeLeases: (worker) => database.transaction((tx) => freeLeases(tx, worker)),
    complete: (job, work, outcome = 'done') =>
      database.transaction(async (tx) => {
        const owner = await finish(tx, job);
        await work(recordsTx(tx));
        if (isConversion(job.kind)) await charge(tx, owner, outcome);
      }),
    retry: (job, error, runAfter) =>
      database.transaction(async (tx) => {
        const ready_at = sql<string>`${instant(runAfter)}::timestamptz`;
        const owner = await heldBy(tx, job)
          .set({ state: 'waiting', token: null, error, ready_at })
          .returning(turn)
          .executeTakeFirst();
        if (isConversion(job.kind) && owner !== undefined) await charge(tx, owner, 'again');
      }),
    bury: (job, error, work) =>
      database.transaction(async (tx) => {
        const owner = await heldBy(tx, job)
          .set({ state: 'dead', token: null, error })
          .returning(turn)
          .executeTakeFirst();
        if (owner === undefined) throw leaseLost();
        await work(recordsTx(tx));
        if (isConversion(job.kind)) await charge(tx, owner, 'again');
      }),
    counts: () => database.transaction(counts),
    onWork: (callback) => watch(database, callback),
  };
}

/**
 * Ready at once the first time, and later each time it was begun: a job that ends its worker does not keep others from
 * being done. Workers that wait are told.
 */
async function freeLeases(tx: SqlTx, worker: string): Promise<number> {
  const wait = sql`least(${LONGEST_PAUSE_SECONDS}::float8, power(2, least(attempts, 10) - 1) - 1)`;
  const readyAt = sql<string>`clock_timestamp() + make_interval(secs => ${wait})`;
  const free = { state: 'waiting' as const, token: null, ready_at: readyAt };
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set(free)
    .where('state', '=', 'running')
    .where('worker', '=', worker)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await sql`select pg_notify(${JOBS_CHANNEL}, '')`.execute(tx);
  return Number(numUpdatedRows);
}

interface Claimed {
  readonly job: ClaimedJob | undefined;
  readonly setAside: readonly SetAsideJob[];
}

/** Each job that is set aside is dead after that, so the loop ends. */
async function claimKnown(
  tx: SqlTx,
  kinds: readonly JobKind[],
  worker: string,
  leaseSeconds: number,
): Promise<Claimed> {
  const setAside: SetAsideJob[] = [];
  for (;;) {
    const row = kinds.length === 0 ? undefined : await claim(tx, kinds, worker, leaseSeconds);
    if (row === undefined || row.token === null) return { job: undefined, setAside };
    const job = knownJob(row);
    if (job !== undefined) return { job: { ...job, attempts: row.attempts, token: row.token }, setAside };
    await tx
      .updateTable('jobs')
      .set({ state: 'dead', token: null, error: UNKNOWN })
      .where('id', '=', row.id)
      .execute();
    setAside.push({ job: row.id, kind: row.kind, code: UNKNOWN });
  }
}

function knownJob(row: Parameters<typeof readJob>[0]): Job | undefined {
  try {
    return readJob(row);
  } catch (error) {
    if (isNiiError(error, UNKNOWN)) return undefined;
    throw error;
  }
}

/** A job of the administration whose turn it is, or of the next one that has a job which nobody else is taking just now. */
async function claim(tx: SqlTx, kinds: readonly JobKind[], worker: string, leaseSeconds: number) {
  for (const administration of await inTurn(tx, kinds)) {
    const row = await claimOf(tx, administration, kinds, worker, leaseSeconds);
    if (row === undefined) continue;
    const served = sql<string>`clock_timestamp()`;
    await tx
      .insertInto('job_turns')
      .values({ administration, served })
      .onConflict((at) => at.column('administration').doUpdateSet({ served }))
      .execute();
    return row;
  }
  return undefined;
}

/**
 * Administrations that have a job which is ready, the one that was served longest ago first. Steps from one to the next
 * in the index: how many jobs each of them has costs nothing.
 */
async function inTurn(tx: SqlTx, kinds: readonly JobKind[]): Promise<readonly string[]> {
  const { rows } = await sql<{ administration: string }>`
    with recursive owner as (
      (select administration from jobs where state <> 'dead' order by administration limit 1)
      union all
      select (select next.administration from jobs as next
        where next.state <> 'dead' and next.administration > owner.administration
        order by next.administration limit 1)
      from owner where owner.administration is not null
    )
    select owner.administration from owner left join job_turns using (administration)
    where owner.administration is not null and exists (
      select 1 from jobs where jobs.administration = owner.administration and ${isReady(kinds)})
    order by job_turns.served nulls first, owner.administration`.execute(tx);
  return rows.map(({ administration }) => administration);
}

/** Waiting or with its lease over; of one of the kinds, or of a kind that this version does not know. */
function isReady(kinds: readonly JobKind[]): RawBuilder<boolean> {
  return sql<boolean>`(jobs.state <> 'dead' and jobs.ready_at <= clock_timestamp()
    and (jobs.kind = any(${[...kinds]}::text[]) or jobs.kind <> all(${[...jobKinds]}::text[])))`;
}

/** The first step of an image. */
const FIRST_STEP: JobKind = 'convert';
const RECORD: JobKind = 'read-radiation';

/**
 * A job of the administration that nobody else is taking just now. Later steps go before first ones: of many scans that
 * come together the first is in the queue before the last is converted. So does a radiation record, because vehicles are held
 * until it is read, unless its sender owes the others time or had timeouts. The senders take turns for all else, and the
 * jobs of each go by how long they have been ready: a lane that cannot be reached keeps no scan from being converted. Turns
 * are of time: after a long conversion the others are served for as long.
 */
async function claimOf(
  tx: SqlTx,
  administration: string,
  kinds: readonly JobKind[],
  worker: string,
  leaseSeconds: number,
) {
  const take = (among: RawBuilder<boolean>) =>
    claimAmong(tx, administration, kinds, among, worker, leaseSeconds);
  const isSlow = sql<boolean>`exists (select 1 from sender_turns as turns
    where turns.administration = jobs.administration and turns.sender = jobs.sender
      and (turns.timeouts >= ${FAILURES_IN_A_ROW}::int or ${owedUntil('turns')} > clock_timestamp()))`;
  const later = await take(
    sql<boolean>`kind <> ${sql.lit(FIRST_STEP)} and attempts = 0 and not (kind = ${RECORD} and ${isSlow})`,
  );
  if (later?.kind === RECORD) await noteTurn(tx, administration, later.sender);
  if (later !== undefined) return later;
  for (const sender of await sendersInTurn(tx, administration, kinds)) {
    const row = await take(sql<boolean>`sender = ${sender}`);
    if (row === undefined) continue;
    await noteTurn(tx, administration, sender);
    return row;
  }
  return undefined;
}

/** What a sender owes stays owed, also while another worker takes a scan of theirs. */
async function noteTurn(tx: SqlTx, administration: string, sender: string): Promise<void> {
  await tx
    .insertInto('sender_turns')
    .values({ administration, sender, served: sql<string>`clock_timestamp()` })
    .onConflict((at) =>
      at
        .columns(['administration', 'sender'])
        .doUpdateSet({ served: sql<string>`greatest(${owedUntil('sender_turns')}, clock_timestamp())` }),
    )
    .execute();
}

/**
 * As `inTurn`, for the senders of an administration. A sender whose last scans timed out comes after the others, but is
 * served once in `SLOW_MINUTES` all the same. What ends in time takes one timeout back, so that a cheap file between
 * two poisoned ones wins little.
 */
async function sendersInTurn(
  tx: SqlTx,
  administration: string,
  kinds: readonly JobKind[],
): Promise<readonly string[]> {
  const { rows } = await sql<{ sender: string }>`
    with recursive owner as (
      (select sender from jobs where state <> 'dead' and administration = ${administration}
        order by sender limit 1)
      union all
      select (select next.sender from jobs as next
        where next.state <> 'dead' and next.administration = ${administration} and next.sender > owner.sender
        order by next.sender limit 1)
      from owner where owner.sender is not null
    )
    select owner.sender from owner
    left join sender_turns as turns on turns.administration = ${administration} and turns.sender = owner.sender
    where owner.sender is not null and exists (
      select 1 from jobs
      where jobs.administration = ${administration} and jobs.sender = owner.sender and ${isReady(kinds)})
    order by coalesce(turns.timeouts, 0) >= ${FAILURES_IN_A_ROW}::int
        and ${owedUntil('turns')} > clock_timestamp() - interval '${sql.raw(String(SLOW_MINUTES))} minutes', ${owedUntil('turns')} nulls first, owner.sender`.execute(
    tx,
  );
  return rows.map(({ sender }) => sender);
}

/** A clock that was ahead makes nobody wait for longer than the most that they can owe. */
function owedUntil(turns: 'turns' | 'sender_turns'): RawBuilder<string> {
  return sql`case when ${sql.ref(turns)}.served is null then null
    else least(${sql.ref(turns)}.served, clock_timestamp() + make_interval(secs => ${MOST_SECONDS}::int)) end`;
}

async function claimAmong(
  tx: SqlTx,
  administration: string,
  kinds: readonly JobKind[],
  among: RawBuilder<boolean>,
  worker: string,
  leaseSeconds: number,
) {
  return tx
    .updateTable('jobs')
    .set({
      state: 'running',
      attempts: sql<number>`attempts + 1`,
      token: sql<string>`gen_random_uuid()`,
      worker,
      begun_at: sql<string>`clock_timestamp()`,
      ready_at: inSeconds(leaseSeconds),
    })
    .where('id', '=', (inner) =>
      inner
        .selectFrom('jobs')
        .select('id')
        .where('administration', '=', administration)
        .where(among)
        .where(isReady(kinds))
        .orderBy('ready_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'kind', 'payload', 'attempts', 'token', 'sender'])
    .executeTakeFirst();
}

async function takeUp(tx: SqlTx): Promise<number> {
  const taken = await tx
    .updateTable('jobs')
    .set({ state: 'waiting', error: null, attempts: 0, ready_at: sql<string>`clock_timestamp()` })
    .where('state', '=', 'dead')
    .where('error', '=', UNKNOWN)
    .where('kind', 'in', [...jobKinds])
    .executeTakeFirst();
  return Number(taken.numUpdatedRows);
}

function inSeconds(seconds: number) {
  return sql<string>`clock_timestamp() + make_interval(secs => ${seconds}::float8)`;
}

function heldBy(tx: SqlTx, job: ClaimedJob) {
  return tx
    .updateTable('jobs')
    .where('id', '=', job.id)
    .where('state', '=', 'running')
    .where('token', '=', job.token);
}

/**
 * Removed before the work of its completion, which may queue the same job again. Until the transaction ends nobody
 * can take it: its row is locked.
 */
async function finish(tx: SqlTx, job: ClaimedJob): Promise<Turn> {
  const done = await tx
    .deleteFrom('jobs')
    .where('id', '=', job.id)
    .where('state', '=', 'running')
    .where('token', '=', job.token)
    .returning(turn)
    .executeTakeFirst();
  if (done === undefined) throw leaseLost();
  return done;
}

/** Whose work a job was, and since when. */
const turn = ['administration', 'sender', sql<string>`begun_at::text`.as('begunAt')] as const;

interface Turn {
  readonly administration: string;
  readonly sender: string;
  readonly begunAt: string | null;
}

/**
 * Charges the sender for the time that their conversion took. Last in its transaction, so that it waits for nothing while
 * it holds the row. One that is tried again, or given up, counts neither as a timeout nor as an end in time.
 */
async function charge(
  tx: SqlTx,
  { administration, sender, begunAt }: Turn,
  outcome: JobOutcome | 'again',
): Promise<void> {
  const took = sql`(clock_timestamp() - ${begunAt}::timestamptz)`;
  const timeouts = {
    timeout: sql<number>`least(timeouts + 1, ${MOST_TIMEOUTS}::int)`,
    done: sql<number>`greatest(timeouts - 1, 0)`,
    again: sql<number>`timeouts`,
  };
  await tx
    .updateTable('sender_turns')
    .set({
      served: sql<string>`case when ${took} >= make_interval(secs => ${LONG_SECONDS}::int)
        then least(greatest(served, clock_timestamp()) + ${took}, clock_timestamp() + make_interval(secs => ${MOST_SECONDS}::int))
        else served end`,
      timeouts: timeouts[outcome],
    })
    .where('administration', '=', administration)
    .where('sender', '=', sender)
    .execute();
}

function leaseLost(): NiiError {
  return new NiiError('NII_CONFLICT', 'The lease of this job has ended, and another worker has the job');
}

async function counts(tx: SqlTx): Promise<Counts> {
  const rows = await tx
    .selectFrom('jobs')
    .select(({ fn }) => ['kind', 'state', fn.countAll<string>().as('count')])
    .groupBy(['kind', 'state'])
    .execute();
  const of = (kind: JobKind) => {
    const count = (state: string): number =>
      Number(rows.find((row) => row.kind === kind && row.state === state)?.count ?? 0);
    return { waiting: count('waiting'), running: count('running'), dead: count('dead') };
  };
  return {
    convert: of('convert'),
    'read-radiation': of('read-radiation'),
    analyse: of('analyse'),
    triage: of('triage'),
    'notify-lane': of('notify-lane'),
    'watch-passages': of('watch-passages'),
    shadow: of('shadow'),
    'rejoin-declaration': of('rejoin-declaration'),
    'join-radiation': of('join-radiation'),
  };
}

/**
 * Listens until told to end. A connection that broke, or over which no answer comes, is replaced; the poll goes on
 * meanwhile.
 */
async function watch(database: Database, callback: () => void): Promise<() => Promise<void>> {
  let ended = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  const again = (): void => {
    client = undefined;
    if (!ended) retry = setTimeout(() => void connect(), RECONNECT_MS);
  };
  const connect = async (): Promise<void> => {
    try {
      const fresh = await database.connect();
      fresh.once('end', again);
      fresh.on('notification', callback);
      client = fresh;
      if (ended) await fresh.end();
      else await ask(fresh, `listen ${JOBS_CHANNEL}`);
    } catch {
      // The poll covers the time without a connection, and its claims report that the database is unreachable
      if (client === undefined) again();
    }
  };
  await connect();
  const poll = setInterval(callback, POLL_MS);
  // One that does not answer is at its end, which makes another
  const endPulse = keepUp(async () => client === undefined || (await ask(client, 'select 1')));
  return async () => {
    ended = true;
    clearInterval(poll);
    await endPulse();
    clearTimeout(retry);
    if (client !== undefined) await toEnd(client.end());
  };
}

/** A statement that waits for nobody. Without an answer the connection is ended. */
async function ask(client: pg.Client, statement: string): Promise<void> {
  try {
    await answered(client.query(statement));
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}
