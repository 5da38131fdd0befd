import { type Kysely, type Migration, sql } from 'kysely';

/** Numbers of the instructions to the lanes. They only rise: each start of the service raises them, see `raiseNumbers`. */
export const instructionNumbers: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create sequence instruction_numbers`.execute(database);
  },
};
