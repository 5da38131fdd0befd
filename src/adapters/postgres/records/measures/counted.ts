import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import { defined } from '../../../../core/defined.ts';
import {
  type FigureName,
  type FiguresOfPart,
  figuresOf,
  type Measure,
  type Part,
  percentiles,
  type StepTimes,
  steps,
} from '../../../../core/measures/figures.ts';
import type { CountedScan, Counting } from '../../../../core/ports/records/measures.ts';
import type { RecordsTx, Tx } from '../../../../core/ports/records.ts';
import type { SqlTx } from '../../database.ts';
import { fromCursor, instant, pageOf, siteOf } from '../cursor.ts';
import { type Base, ruleOf, secondsTo } from './rules.ts';

export function measureRecords(
  tx: SqlTx,
): Tx<'countFigures' | 'timesToSteps' | 'countedScans' | 'countByPerson' | 'pseudonymKey'> {
  return {
    async countFigures(scope, measure, counting) {
      const figures = figuresOf[measure];
      const parts = new Map<string, FiguresOfPart>();
      for (const base of new Set(figures.map((figure) => ruleOf(figure).base))) {
        const own = figures.filter((figure) => ruleOf(figure).base === base);
        const { rows } = await countQuery(scope, base, own, counting, partsOf[measure]).execute(tx);
        for (const row of rows) addTo(parts, partOf(row, counting), countsOf(row, own));
      }
      return [...parts.values()];
    },
    async timesToSteps(scope, counting) {
      const { rows } = await timesQuery(scope, counting).execute(tx);
      return rows.flatMap((row) => {
        const part = partOf(row, counting);
        return steps.map((step, i): StepTimes => {
          const { count = 0, seconds = null } = row.times[i] ?? {};
          return { part, step, count, seconds: seconds ?? [] };
        });
      });
    },
    async countedScans(scope, figure, counting, limit, cursor) {
      const { rows } = await listQuery(scope, figure, counting, limit + 1, cursor).execute(tx);
      return pageOf(rows, limit, toCounted, ({ at, id }) => [at.toISOString(), id]);
    },
    async countByPerson(scope, counting) {
      const { rows } = await personQuery(scope, counting).execute(tx);
      return rows;
    },
    async pseudonymKey() {
      const row = await tx.selectFrom('meta').select('pseudonym_key').executeTakeFirstOrThrow();
      return row.pseudonym_key;
    },
  };
}

/** The rows of each base, each with the time by which it is counted. */
const sources: Readonly<Record<Base, RawBuilder<unknown>>> = {
  scans: sql`(select scan_id, null::text as case_id, scan_id as id, administration, site, scanner, received as at
    from measured_scans)`,
  readings: sql`(select *, case_id || '/' || seq as id from measured_readings)`,
  arrived: sql`(select *, arrived as at, case_id as id from measured_cases)`,
  due: sql`(select *, due as at, case_id as id from measured_cases)`,
  unsettled: sql`(select *, due as at, case_id as id from measured_cases where settled is null)`,
};

/** Cases that are past due now are so whatever the period is. */
function isWithin(base: Base, { from, to }: Counting): RawBuilder<boolean> {
  if (base === 'unsettled') return sql`true`;
  return sql`one.at >= ${instant(from)}::timestamptz and one.at < ${instant(to)}::timestamptz`;
}

/** The rows that are counted. */
function rowsOf(scope: Scope, base: Base, counting: Counting): RawBuilder<unknown> {
  const site = siteOf(scope) ?? counting.site;
  const ofSite = site === undefined ? sql`` : sql`and one.site = ${site}`;
  const ofScanner = counting.scanner === undefined ? sql`` : sql`and one.scanner = ${counting.scanner}`;
  return sql`${sources[base]} as one
    where one.administration = ${scope.administration} and ${isWithin(base, counting)} ${ofSite} ${ofScanner}`;
}

interface PartRow {
  readonly starts: Date | null;
  readonly ends: Date | null;
  readonly site: string | null;
  readonly scanner: string | null;
  readonly is_scanner: boolean;
}

const startOf = ({ by, zone }: Counting, at: RawBuilder<unknown>) => sql`date_trunc(${by}, ${at}, ${zone})`;

/** Days and weeks last as long as the clock of the zone says. */
function endOf(counting: Counting, start: RawBuilder<unknown>): RawBuilder<unknown> {
  const { by, zone } = counting;
  if (by === 'hour') return sql`${start} + interval '1 hour'`;
  const length = by === 'day' ? sql`interval '1 day'` : sql`interval '7 days'`;
  return sql`((${start} at time zone ${zone}) + ${length}) at time zone ${zone}`;
}

/** What is counted beside the whole. */
interface Parts {
  readonly isByTime: boolean;
  readonly isByScanner: boolean;
}

const partsOf: Readonly<Record<Measure, Parts>> = {
  throughput: { isByTime: true, isByScanner: true },
  times: { isByTime: false, isByScanner: false },
  rates: { isByTime: true, isByScanner: false },
  agreement: { isByTime: false, isByScanner: false },
  'past-due': { isByTime: true, isByScanner: true },
};

type CountRow = PartRow & { readonly counts: readonly number[]; readonly weights: readonly number[] | null };

function countQuery(
  scope: Scope,
  base: Base,
  figures: readonly FigureName[],
  counting: Counting,
  { isByTime, isByScanner }: Parts,
): RawBuilder<CountRow> {
  const counts = figures.map((figure) => sql`count(*) filter (where ${ruleOf(figure).where(counting)})::int`);
  const weights = figures.includes('drawn') ? weightsOfDrawn(counting) : sql`null::float8[]`;
  // of what is so now there is no time
  const hasTime = isByTime && base !== 'unsettled';
  const sets = [sql`()`, ...(hasTime ? [sql`(starts)`] : []), ...(isByScanner ? [sql`(site, scanner)`] : [])];
  const time = hasTime
    ? sql`one.starts, ${endOf(counting, sql`one.starts`)} as ends`
    : sql`null::timestamptz as starts, null::timestamptz as ends`;
  const place = isByScanner
    ? sql`one.site, one.scanner, grouping(one.site) = 0 as is_scanner`
    : sql`null as site, null as scanner, false as is_scanner`;
  return sql<CountRow>`select ${time}, ${place}, array[${sql.join(counts)}] as counts, ${weights} as weights
    from (select one.*, ${startOf(counting, sql`one.at`)} as starts
      from ${rowsOf(scope, base, counting)}) as one
    group by grouping sets (${sql.join(sets)}) order by 1 nulls first, 3, 4 nulls first`;
}

function weightsOfDrawn(counting: Counting): RawBuilder<readonly number[]> {
  const sum = (value: RawBuilder<unknown>, figure: FigureName) =>
    sql`coalesce(sum(${value}) filter (where ${ruleOf(figure).where(counting)}), 0)::float8`;
  return sql`array[${sum(sql`1 / one.drawn_share`, 'drawn')},
    ${sum(sql`1 / (one.drawn_share * one.drawn_share)`, 'drawn')}, ${sum(sql`1 / one.drawn_share`, 'missed')}]`;
}

type TimesRow = PartRow & { readonly times: readonly { count: number; seconds: readonly number[] | null }[] };

function timesQuery(scope: Scope, counting: Counting): RawBuilder<TimesRow> {
  const names = steps.map((_, i) => sql.ref(`s${i}`));
  const shares = sql.join(percentiles.map((one) => sql`${one / 100}::float8`));
  const seconds = steps.map((step, i) => sql`${secondsTo(step)} as ${names[i] ?? sql``}`);
  const times = names.map(
    (name) => sql`json_build_object('count', count(${name}),
      'seconds', percentile_cont(array[${shares}]) within group (order by ${name}))`,
  );
  return sql<TimesRow>`select one.starts, ${endOf(counting, sql`one.starts`)} as ends, null as site, null as scanner,
      false as is_scanner, json_build_array(${sql.join(times)}) as times
    from (select ${startOf(counting, sql`one.at`)} as starts, ${sql.join(seconds)} from ${rowsOf(scope, 'arrived', counting)}) as one
    group by grouping sets ((), (starts)) order by one.starts nulls first`;
}

/** Of time, the part of it that lies in the period. */
function partOf({ starts, ends, site, scanner, is_scanner }: PartRow, { from, to }: Counting): Part {
  const [first, last] = [instant(from), instant(to)];
  if (is_scanner) {
    const place = defined({ site: site ?? undefined, scanner: scanner ?? undefined });
    return { kind: 'scanner', from: first, to: last, ...place };
  }
  if (starts === null || ends === null) return { kind: 'whole', from: first, to: last };
  const begins = new Date(Math.max(starts.getTime(), Date.parse(first))).toISOString();
  const stops = new Date(Math.min(ends.getTime(), Date.parse(last))).toISOString();
  return { kind: 'time', from: begins, to: stops };
}

function addTo(
  parts: Map<string, FiguresOfPart>,
  part: Part,
  found: Pick<FiguresOfPart, 'counts' | 'weights'>,
): void {
  const key = JSON.stringify(part);
  const before = parts.get(key);
  parts.set(key, { part, ...before, ...found, counts: { ...before?.counts, ...found.counts } });
}

function countsOf(
  { counts, weights }: CountRow,
  figures: readonly FigureName[],
): Pick<FiguresOfPart, 'counts' | 'weights'> {
  const named = Object.fromEntries(figures.map((figure, i) => [figure, counts[i] ?? 0]));
  if (weights === null) return { counts: named };
  const [sum = 0, ofSquares = 0, ofFinds = 0] = weights;
  return { counts: named, weights: { sum, ofSquares, ofFinds } };
}

interface ListRow {
  readonly id: string;
  readonly scan_id: string;
  readonly case_id: string | null;
  readonly site: string;
  readonly scanner: string | null;
  readonly at: Date;
}

function listQuery(
  scope: Scope,
  figure: FigureName,
  counting: Counting & { readonly atLeastSeconds?: number },
  count: number,
  cursor: string | undefined,
): RawBuilder<ListRow> {
  const { base, where, isListed = sql<boolean>`true` } = ruleOf(figure);
  const step = steps.find((one) => one === figure);
  const { atLeastSeconds } = counting;
  const isSlow =
    step === undefined || atLeastSeconds === undefined
      ? sql`true`
      : sql`${secondsTo(step)} >= ${atLeastSeconds}::float8`;
  return sql<ListRow>`select one.id, one.scan_id, one.case_id, one.site, one.scanner, one.at
    from ${rowsOf(scope, base, counting)} and ${where(counting)} and ${isListed} and ${isSlow} and ${after(cursor)}
    order by one.at, one.id collate "C" limit ${count}`;
}

function after(cursor: string | undefined): RawBuilder<boolean> {
  if (cursor === undefined) return sql`true`;
  const [at, id] = fromCursor(cursor, ['string', 'string']);
  return sql`(date_trunc('milliseconds', one.at), one.id collate "C") > (${instant(String(at))}::timestamptz, ${String(id)})`;
}

function toCounted({ scan_id, case_id, site, scanner, at }: ListRow): CountedScan {
  return {
    scanId: scan_id,
    site,
    at: at.toISOString(),
    ...defined({ caseId: case_id ?? undefined, scanner: scanner ?? undefined }),
  };
}

type PersonRow = Awaited<ReturnType<RecordsTx['countByPerson']>>[number];

/** A first reading agrees if what stands in the end says the same. Of cases that somebody may still read nothing is said. */
function personQuery(scope: Scope, counting: Counting): RawBuilder<PersonRow> {
  return sql<PersonRow>`select one.person, count(*)::int as decisions,
      count(*) filter (where one.verdict = 'suspect')::int as suspect,
      count(*) filter (where one.is_first and judged.final_verdict is not null)::int as "firstReadings",
      count(*) filter (where one.is_first and judged.final_verdict = one.verdict)::int as agreed
    from (select one.case_id, one.person, one.verdict, not exists (select from measured_readings as before
        where before.case_id = one.case_id and before.seq < one.seq) as is_first
      from ${rowsOf(scope, 'readings', counting)}) as one
    left join measured_cases as judged on judged.case_id = one.case_id
    group by one.person order by one.person`;
}
