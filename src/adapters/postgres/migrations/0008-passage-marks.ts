import { type Kysely, type Migration, sql } from 'kysely';

/** Text that PostgreSQL cannot read stands in a report as an escape (records/readable-json.ts). */
const unreadable = sql.lit('\\\\u(0000|d[89a-f][0-9a-f]{2})');

/** Passages are found by their scans, containers and visit: `marksOfPassage` writes the same. */
export const passageMarks: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table documents add column marks text[] collate "C" not null default '{}'`.execute(
      database,
    );
    await sql`update documents set marks = array(
        select distinct mark from (
          select regexp_replace(body::text, ${unreadable}, ${sql.lit('\\\\ufffd')}, 'g')::json->'report' as report
        ) as readable cross join lateral (
          select 'scan:' || (report->>'scanId') as mark
          union all select 'scan:' || (report->'instruction'->>'scanId')
          union all select 'container:' || nullif(mark_of(container), '')
            from json_array_elements_text(report->'containers') as container
          union all select 'visit:' || nullif(mark_of(report->>'visit'), '')
        ) as named where mark is not null)
      where kind = 'passage'`.execute(database);
    await sql`create index documents_marked on documents using gin (marks) where marks <> '{}'`.execute(
      database,
    );
  },
};
