import { type Kysely, type Migration, sql } from 'kysely';

/** A visit is the same in every spelling: `V-26 2` and `v262`. Queries compare what `mark_of` makes of it. */
export const visitMarks: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create function mark_of(written text) returns text immutable strict parallel safe
      language sql as ${sql.lit("select upper(regexp_replace(written, '[\\s./-]', '', 'g'))")}`.execute(
      database,
    );
    await sql`create index scans_visit_mark on scans (administration, site, mark_of(visit), taken)
      where visit is not null`.execute(database);
    await sql`create index radiation_visit_mark on radiation (administration, site, mark_of(visit))
      where visit is not null`.execute(database);
  },
};
