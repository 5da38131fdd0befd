import { type Kysely, type Migration, sql } from 'kysely';

/** Whether a reader has opened an image is asked with their verdict. */
export const openedImages: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create index audit_opened_images on audit (subject)
      where action in ('view samples', 'view dicos', 'view instance files', 'view instance frames')`.execute(
      database,
    );
  },
};
