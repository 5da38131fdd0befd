import { type Kysely, type Migration, sql } from 'kysely';

/**
 * When the bytes of each object were last compared with their hash, and what was wrong with them. What is stored before this migration
 * is due at once; what is stored after it was compared when it was written.
 */
export const checkedObjects: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table objects add column checked_at timestamptz not null default 'epoch'`.execute(
      database,
    );
    await sql`alter table objects alter column checked_at set default now()`.execute(database);
    await sql`alter table objects add column fault text`.execute(database);
    await sql`create index objects_checked on objects (checked_at)`.execute(database);
    await sql`create index objects_faulty on objects (fault) where fault is not null`.execute(database);
  },
};
