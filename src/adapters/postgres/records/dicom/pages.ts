import { type RawBuilder, sql } from 'kysely';
import type { InstanceLevel } from '../../../../core/ports/records/instances.ts';
import type { SqlTx } from '../../database.ts';
import type { Matching } from './matching.ts';

/** Instances in the order of answers: the index has the first three of them. Numbers are text: the shorter is the smaller. */
export const inOrder = sql`study_date desc nulls last, study_uid, series_uid,
  length(instance_number), instance_number, instance_uid, key`;

/** Rows that are read for each one wanted, at first; a study has some four. */
const FIRST_FACTOR = 16;
const FIRST_ROWS = 4000;
/** Beyond that an index of what is looked for is faster. */
const MOST_ROWS = 64_000;
/** More than a sample lets expect, so that one more reading is enough. */
const MARGIN = 1.5;

/**
 * The first rows of an answer. Where many may match, the newest instances are read first, of whatever kind: they fill the
 * page, or tell how rare a match is. Of rare ones an index finds all.
 * @param wanted - this many rows are a full page
 * @param read - from rows under the name `instances`, in order; all that it finds there where those are fewer
 */
export async function readPage<Row>(
  { ordered, condition, askedOf, isNarrow, found }: Matching,
  wanted: number,
  read: (from: RawBuilder<unknown>, where: RawBuilder<boolean>) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  if (isNarrow) return read(sql`instances`, condition);
  const first = Math.max(FIRST_ROWS, wanted * FIRST_FACTOR);
  let count = first;
  while (count <= MOST_ROWS) {
    const newest = sql`(select * from instances where ${ordered} order by ${inOrder} limit ${count}) as instances`;
    // few of many match, and only of those it is looked up whether the caller may see them
    const matches = sql`(select * from ${newest} where ${askedOf(newest)} offset 0) as instances`;
    const rows = await read(count === first ? newest : matches, condition);
    if (rows.length >= wanted) return rows;
    const needed =
      rows.length === 0 ? Number.POSITIVE_INFINITY : Math.ceil((MARGIN * count * wanted) / rows.length);
    count = Math.max(needed, count + 1);
  }
  // by itself: beside an order and a limit PostgreSQL would read all in that order
  return read(sql`(select * from instances where ${found} offset 0) as instances`, sql<boolean>`true`);
}

export interface GroupKey {
  readonly study_uid: string;
  readonly series_uid: string;
}

/** Of candidates for a page; a study with several dates is one for each. */
const CANDIDATES_FACTOR = 8;

/**
 * The names of a page of groups, newest first. Candidates are read in the order of the index, and no more of them than
 * are needed: how many studies there are costs nothing. A group stands where its newest instance does.
 */
export async function pageOfGroups(
  tx: SqlTx,
  level: InstanceLevel,
  search: Matching,
  limit: number,
  offset: number,
): Promise<readonly GroupKey[]> {
  const wanted = limit + offset;
  const rows = await readPage(search, wanted, (from, where) =>
    groupsAmong(tx, level, search, from, where, wanted),
  );
  return rows.slice(offset, wanted);
}

/** As many groups as are wanted, or all that there are. */
async function groupsAmong(
  tx: SqlTx,
  level: InstanceLevel,
  { condition }: Matching,
  from: RawBuilder<unknown>,
  where: RawBuilder<boolean>,
  wanted: number,
): Promise<readonly GroupKey[]> {
  const isSeries = level === 'series';
  const series = isSeries ? sql`, series_uid` : sql``;
  const ofSeries = isSeries ? sql<boolean>`instances.series_uid = dated.series_uid` : sql<boolean>`true`;
  for (let candidates = wanted * 2; ; candidates *= CANDIDATES_FACTOR) {
    const { rows } = await sql<GroupKey & { readonly candidates: number }>`
      with dated as materialized (
        select distinct study_date, study_uid${series} from ${from} where ${where}
        order by study_date desc nulls last, study_uid${series} limit ${candidates}
      )
      select study_uid, ${isSeries ? sql`series_uid` : sql`''`} as series_uid, (select count(*) from dated)::int as candidates
      from dated where not exists (select 1 from instances where ${condition}
        and instances.study_uid = dated.study_uid and ${ofSeries}
        and (instances.study_date > dated.study_date or dated.study_date is null and instances.study_date is not null))
      order by study_date desc nulls last, study_uid${series}`.execute(tx);
    const isAll = (rows[0]?.candidates ?? 0) < candidates;
    if (isAll || rows.length >= wanted) return rows;
  }
}
