import { type RawBuilder, sql } from 'kysely';
import { defined } from '../../../../core/defined.ts';
import { isErrorCode } from '../../../../core/errors.ts';
import type { Observation, ScannerDay } from '../../../../core/scanner/scanner.ts';
import type { SqlTx } from '../../database.ts';
import { instant } from '../cursor.ts';

type OfScanner = Pick<Observation, 'administration' | 'site' | 'scanner'>;

interface DayRow {
  readonly day: string;
  readonly scans: number;
  readonly containers: number;
  readonly bad_containers: number;
  readonly channel_missing: number;
  readonly incomplete: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly clock_seconds: number | null;
}

const counts = sql.join(
  ['scans', 'containers', 'bad_containers', 'channel_missing', 'incomplete', 'failures', 'clock_seconds'].map(
    (name) => sql.ref(name),
  ),
);

/**
 * Days that have scans, in rising order. Those that were counted are read; today, a day that changed since, and a day of
 * which only a part is asked for are counted of their observations.
 */
export async function daysOf(tx: SqlTx, of: OfScanner, from: string): Promise<readonly ScannerDay[]> {
  const start = sql`${instant(from)}::timestamptz`;
  const isWhole = sql`${startOf(sql`day`)} >= ${start}`;
  const { rows } = await sql<DayRow>`
    select to_char(day, 'YYYY-MM-DD') as day, ${counts} from (
      select day, ${counts} from scanner_days where ${isOf(of)} and ${isWhole} and scans > 0
      union all
      select counted.* from (
        select greatest(${startOf(sql`day`)}, ${start}) as starts, ${startOf(sql`day + 1`)} as ends from scanner_days
        where ${isOf(of)} and ${startOf(sql`day + 1`)} > ${start} and (scans is null or not ${isWhole})
      ) as changed cross join lateral ${countedDays(of, sql`starts`, sql`ends`)} as counted
    ) as days order by days.day`.execute(tx);
  return rows.map(toDay);
}

/**
 * Counts the days of the scanner before this one that have changed since they were counted. A day that somebody changes
 * just now is left to the next scan.
 */
export async function countDaysBefore(tx: SqlTx, of: OfScanner, at: string): Promise<void> {
  const { rows: changed } = await sql<{ readonly day: string }>`
    select day::text as day from scanner_days
    where ${isOf(of)} and scans is null and day < (${instant(at)}::timestamptz at time zone 'UTC')::date
    for update skip locked`.execute(tx);
  // in a statement of its own, which sees what was committed before the days were locked
  for (const { day } of changed) await countDay(tx, of, day);
}

async function countDay(tx: SqlTx, of: OfScanner, name: string): Promise<void> {
  const day = sql`${name}::date`;
  await sql`
    update scanner_days set (${counts}) = (
      select coalesce(counted.scans, 0), containers, bad_containers, channel_missing, incomplete, failures, clock_seconds
      from (select) as one left join ${countedDays(of, startOf(day), startOf(sql`${day} + 1`))} as counted on true)
    where ${isOf(of)} and day = ${day}`.execute(tx);
}

function isOf({ administration, site, scanner }: OfScanner): RawBuilder<boolean> {
  return sql`administration = ${administration} and site = ${site} and scanner = ${scanner}`;
}

/** A day is one of UTC. */
const startOf = (day: RawBuilder<unknown>) => sql`((${day})::timestamp at time zone 'UTC')`;

function countedDays(
  { administration, site, scanner }: OfScanner,
  starts: RawBuilder<unknown>,
  ends: RawBuilder<unknown>,
) {
  return sql`count_scanner_days(${administration}, ${site}, ${scanner}, ${starts}, ${ends})`;
}

function toDay({ failures, ...row }: DayRow): ScannerDay {
  const known = Object.entries(failures).filter(([code]) => isErrorCode(code));
  return {
    day: row.day,
    scans: row.scans,
    containers: row.containers,
    badContainers: row.bad_containers,
    channelMissing: row.channel_missing,
    incomplete: row.incomplete,
    failed: known.reduce((total, [, scans]) => total + scans, 0),
    failures: Object.fromEntries(known),
    ...defined({ clockSeconds: row.clock_seconds ?? undefined }),
  };
}
