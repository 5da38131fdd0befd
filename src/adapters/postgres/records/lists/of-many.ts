import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Case } from '../../../../core/case/case.ts';
import type { ReadsOfMany } from '../../../../core/ports/records/of-many.ts';
import type { Hold } from '../../../../core/radiation/hold.ts';
import type { SqlTx } from '../../database.ts';
import { keptPlan } from '../../kept-plans.ts';
import type { Tables } from '../../tables.ts';
import { instant } from '../cursor.ts';
import { fromScan, isOfPurpose, isWithin } from '../scans.ts';

/** What one statement finds for each of many questions, which `n` numbers from 0. */
export function readsOfMany(tx: SqlTx): ReadsOfMany {
  return {
    async scanOfEach(asked) {
      const { rows } = await sql<ScanFound>`select ${keptPlan} asked.n, scans.*
        from unnest(${numbers(asked)}, ${texts(asked, ({ scope }) => scope.administration)},
            ${texts(asked, ({ scope }) => scope.site)}, ${texts(asked, ({ id }) => id)})
          as asked (n, administration, site, id)
        join scans on scans.id = asked.id and scans.administration = asked.administration
          and scans.site = asked.site`.execute(tx);
      return ofEach(asked, rows, fromScan).map(([scan]) => scan);
    },
    async scansByContainerOfEach(asked) {
      const each = asked.flatMap(({ containers, ...of }, n) =>
        containers.map((container) => ({ ...of, n, container })),
      );
      const { rows } =
        await sql<ScanFound>`select distinct on (asked.n, scans.taken, scans.id) asked.n, scans.*
        from unnest(${sql`${each.map(({ n }) => n)}::int[]`}, ${texts(each, ({ administration }) => administration)},
            ${texts(each, ({ container }) => container)}, ${times(each, ({ from }) => from)},
            ${times(each, ({ to }) => to)})
          as asked (n, administration, container, from_time, to_time)
        join scans on scans.administration = asked.administration and scans.containers && array[asked.container]
          and scans.taken between asked.from_time and asked.to_time
        order by asked.n, scans.taken, scans.id`.execute(tx);
      return ofEach(asked, rows, fromScan);
    },
    async scansOfVisitOfEach(asked) {
      const { rows } = await sql<ScanFound>`select asked.n, scans.*
        from unnest(${numbers(asked)}, ${texts(asked, ({ scope }) => scope.administration)},
            ${texts(asked, ({ scope }) => scope.site)}, ${texts(asked, ({ visit }) => visit)},
            ${times(asked, ({ from }) => from)}, ${times(asked, ({ to }) => to)})
          as asked (n, administration, site, visit, from_time, to_time)
        join scans on scans.administration = asked.administration and scans.site = asked.site
          and scans.visit is not null and mark_of(scans.visit) = mark_of(asked.visit) and ${isWithinAsked}
        order by asked.n, scans.taken, scans.id`.execute(tx);
      return ofEach(asked, rows, fromScan);
    },
    async newestScansOfEachMark(kind, asked, limit, purposes) {
      // offset 0: the mark is looked up first, not the newest scans of the site
      const { rows } = await sql<ScanFound>`select ${keptPlan} asked.n, found.*
        from unnest(${numbers(asked)}, ${texts(asked, ({ scope }) => scope.administration)},
            ${texts(asked, ({ scope }) => scope.site)}, ${texts(asked, ({ mark }) => mark)},
            ${times(asked, ({ from }) => from)}, ${times(asked, ({ to }) => to)})
          as asked (n, administration, site, mark, from_time, to_time)
        cross join lateral (select * from (
          select * from scans where scans.administration = asked.administration and scans.site = asked.site
            and ${hasMark[kind]} and ${isOfPurpose(purposes)} and ${isWithinAsked} offset 0) as named
          order by received desc, id limit ${limit}) as found
        order by asked.n, found.received desc, found.id`.execute(tx);
      return ofEach(asked, rows, fromScan);
    },
    async casesOfEachScan(scanIds) {
      const { rows } = await sql<Found & { readonly body: Case }>`select ${keptPlan} asked.n, cases.body
        from unnest(${numbers(scanIds)}, ${texts(scanIds, (id) => id)}) as asked (n, scan_id)
        join cases on cases.scan_id = asked.scan_id order by asked.n, cases.id`.execute(tx);
      return ofEach(scanIds, rows, ({ body }) => body);
    },
    async holdsOnEach(scanIds) {
      const { rows } = await sql<Found & { readonly body: Hold }>`select ${keptPlan} asked.n, held.body
        from unnest(${numbers(scanIds)}, ${texts(scanIds, (id) => id)}) as asked (n, scan_id)
        cross join lateral (select id, body from holds
          where id in (select id from holds where bears_on @> array[asked.scan_id]
            union all select hold_id from radiation where radiation.scan_id = asked.scan_id)) as held
        order by asked.n, held.id`.execute(tx);
      return ofEach(scanIds, rows, ({ body }) => body);
    },
  };
}

const isWithinAsked = isWithin(sql`asked.from_time`, sql`asked.to_time`);

const hasMark = {
  container: sql<boolean>`scans.containers && array[asked.mark]`,
  visit: sql<boolean>`scans.visit is not null and mark_of(scans.visit) = mark_of(asked.mark)`,
} as const;

interface Found {
  readonly n: number;
}

type ScanFound = Found & Selectable<Tables['scans']>;

const numbers = (asked: readonly unknown[]) => sql`${asked.map((_, n) => n)}::int[]`;

function texts<One>(asked: readonly One[], of: (one: One) => string): RawBuilder<unknown> {
  return sql`${asked.map(of)}::text[]`;
}

function times<One>(asked: readonly One[], of: (one: One) => string): RawBuilder<unknown> {
  return sql`${asked.map((one) => instant(of(one)))}::timestamptz[]`;
}

/** What was found, by question, in the order in which it was found. */
function ofEach<Row extends Found, One>(
  asked: readonly unknown[],
  rows: readonly Row[],
  read: (row: Row) => One,
): One[][] {
  const answers: One[][] = asked.map(() => []);
  for (const row of rows) answers[row.n]?.push(read(row));
  return answers;
}
