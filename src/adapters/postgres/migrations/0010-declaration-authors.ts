import { type Kysely, type Migration, sql } from 'kysely';

/** Who stated a declaration: an officer does not explain an alarm by what they stated themselves. */
export const declarationAuthors: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await database.schema.alterTable('declarations').addColumn('stated_by', sql`text[]`).execute();
  },
};
