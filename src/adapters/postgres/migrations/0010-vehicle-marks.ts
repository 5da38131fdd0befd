import { type Kysely, type Migration, sql } from 'kysely';

/** Check-ins and passages are found by the marks of a vehicle, each as its kind and value: `plate AB123`. */
export const vehicleMarks: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`alter table documents add column marks text[]`.execute(database);
    await sql`create index documents_marks on documents using gin (marks) where marks is not null`.execute(
      database,
    );
  },
};
