import { type Kysely, type Migration, sql } from 'kysely';

/** When each job was last claimed: what its sender is charged for. */
export const begunJobs: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table jobs add column begun_at timestamptz`.execute(database);
  },
};
