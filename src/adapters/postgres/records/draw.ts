import { randomBytes } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { type Case, QueueBand } from '../../../core/case/case.ts';
import type { Drawing } from '../../../core/ports/records/cases.ts';
import type { Tx } from '../database.ts';
import { instant, siteOf } from './cursor.ts';

/**
 * Cases among which one is drawn. Of fewer all are; of more as many that follow a random id, since ids are spread evenly.
 * Each comes among them with about the same chance, which nobody can foresee, and how many wait costs nothing.
 */
const SAMPLE = 256;

/** Locks one queued case; see CaseClaims. */
export async function drawCase(tx: Tx, scope: Scope, drawing: Drawing): Promise<Case | undefined> {
  const mayBeDealt = dealable(scope, drawing);
  const urgent = await lockOne(tx, urgentOnes(mayBeDealt, drawing), mayBeDealt, drawing);
  if (urgent !== undefined) return urgent;
  const start = randomId();
  for (const band of QueueBand.enum) {
    const drawn = await lockOne(tx, sampleOf(mayBeDealt, band, start), mayBeDealt, drawing);
    if (drawn !== undefined) return drawn;
  }
  return undefined;
}

/** Letters of ids; see stored/identity.ts. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

const randomId = () => Array.from(randomBytes(26), (byte) => alphabet[byte % alphabet.length]).join('');

function dealable(
  scope: Scope,
  { reader, isLinked, containers, declarations }: Drawing,
): RawBuilder<boolean> {
  const site = siteOf(scope);
  const conditions = [
    sql`administration = ${scope.administration} and state = 'queued'`,
    ...(site === undefined ? [] : [sql`site = ${site}`]),
    sql`not analysts && ${[...reader]}::text[]`,
    ...(isLinked ? [] : [sql`not is_read`]),
    sql`(container is null or container <> all (${[...containers]}::text[]))`,
    sql`not declarations && ${[...declarations]}::text[]`,
  ];
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** Of very many those that are due first. The bands are named so that an index finds the time in each. */
function urgentOnes(mayBeDealt: RawBuilder<boolean>, { urgentBefore }: Drawing): RawBuilder<unknown> {
  return sql`select id from cases where ${mayBeDealt} and band = any(${[...QueueBand.enum]}::text[])
    and due < ${instant(urgentBefore)}::timestamptz order by due limit ${SAMPLE}`;
}

/** From the random id on, and from the first one where the last is reached. */
function sampleOf(mayBeDealt: RawBuilder<boolean>, band: QueueBand, start: string): RawBuilder<unknown> {
  const part = (side: RawBuilder<unknown>) =>
    sql`(select id from cases where ${mayBeDealt} and band = ${band} and id ${side} ${start} order by id limit ${SAMPLE})`;
  return sql`${part(sql`>=`)} union all ${part(sql`<`)} limit ${SAMPLE}`;
}

async function lockOne(
  tx: Tx,
  among: RawBuilder<unknown>,
  mayBeDealt: RawBuilder<boolean>,
  { urgentBefore }: Drawing,
): Promise<Case | undefined> {
  const { rows } = await sql<{ readonly body: Case }>`
    select body from cases where id = any(array(${among})) and ${mayBeDealt}
    order by ${byWeight(urgentBefore)} limit 1 for update skip locked`.execute(tx);
  return rows[0]?.body;
}

/**
 * A draw in which each case has the weight of the minutes that it has been urgent, and one (Efraimidis and Spirakis,
 * 2006: the least of -ln(u)/w). u is of the system's randomness, 48 bits of a UUID, which nobody can foresee.
 */
function byWeight(urgentBefore: string): RawBuilder<number> {
  const drawn = sql`(('x' || right(gen_random_uuid()::text, 12))::bit(48)::bigint + 1)::float8 / 281474976710657`;
  const urgentMinutes = sql`greatest(0, extract(epoch from ${instant(urgentBefore)}::timestamptz - due)::float8 / 60)`;
  return sql<number>`-ln(${drawn}) / (1 + ${urgentMinutes})`;
}
