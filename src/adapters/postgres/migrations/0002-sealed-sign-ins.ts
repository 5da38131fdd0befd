import { type Kysely, type Migration, sql } from 'kysely';

/** Sign-ins on their way to the provider are in a cookie that this secret seals, not in rows. */
export const sealedSignIns: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql.raw('drop table sign_ins').execute(database);
    await sql
      .raw(
        'alter table meta add column sign_in_secret text not null default gen_random_uuid()::text || gen_random_uuid()::text',
      )
      .execute(database);
  },
};
