import { randomBytes } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { type Case, QueueBand } from '../../../core/case/case.ts';
import type { Drawing } from '../../../core/ports/records/cases.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { instant, siteOf } from './cursor.ts';

/**
 * Cases among which one is drawn. Of fewer all are; of more as many that follow a random id, since ids are spread evenly.
 * Each comes among them with about the same chance, which nobody can foresee, and how many wait costs nothing.
 */
const SAMPLE = 256;

/**
 * Locks one queued case; see CaseClaims. An urgent one before any other, then by band. So many are looked at, and those of
 * a later band only as far as there are fewer before; where others have locked all of these, each band is asked alone.
 */
export async function drawCase(tx: SqlTx, scope: Scope, drawing: Drawing): Promise<Case | undefined> {
  const mayBeDealt = dealable(scope, drawing);
  const start = randomId();
  const bands = QueueBand.enum.map((band) => sampleOf(mayBeDealt, band, start));
  const drawn = await lockOne(tx, [urgentOnes(mayBeDealt, drawing), ...bands], mayBeDealt, drawing);
  if (drawn !== undefined) return drawn;
  for (const band of bands) {
    const left = await lockOne(tx, [band], mayBeDealt, drawing);
    if (left !== undefined) return left;
  }
  return undefined;
}

async function lockOne(
  tx: SqlTx,
  groups: readonly RawBuilder<unknown>[],
  mayBeDealt: RawBuilder<boolean>,
  { urgentBefore }: Drawing,
): Promise<Case | undefined> {
  const ranked = groups.map(
    (group, rank) => sql`(select id, due, ${sql.lit(rank)} as rank from (${group}) as one)`,
  );
  const { rows } = await sql<{ readonly body: Case }>`
    select ${keptPlan} body from (
      select id as drawn, rank, ${byWeight(urgentBefore)} as weight
      from (${sql.join(ranked, sql` union all `)} limit ${SAMPLE}) as one order by rank, weight) as one
    join cases on id = drawn where ${mayBeDealt}
    order by rank, weight limit 1 for update of cases skip locked`.execute(tx);
  return rows[0]?.body;
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

/** Of very many those that are due first. Of each band by itself, since an index has the times in each. */
function urgentOnes(mayBeDealt: RawBuilder<boolean>, { urgentBefore }: Drawing): RawBuilder<unknown> {
  const ofBand = (band: QueueBand) =>
    sql`(select id, due from cases where ${mayBeDealt} and band = ${sql.lit(band)}
      and due < ${instant(urgentBefore)}::timestamptz order by due limit ${SAMPLE})`;
  return sql`${sql.join(QueueBand.enum.map(ofBand), sql` union all `)} order by due limit ${SAMPLE}`;
}

/** From the random id on, and from the first one where the last is reached. */
function sampleOf(mayBeDealt: RawBuilder<boolean>, band: QueueBand, start: string): RawBuilder<unknown> {
  const part = (side: RawBuilder<unknown>) =>
    sql`(select id, due from cases where ${mayBeDealt} and band = ${sql.lit(band)} and id ${side} ${start} order by id limit ${SAMPLE})`;
  return sql`${part(sql`>=`)} union all ${part(sql`<`)} limit ${SAMPLE}`;
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
