import { type Kysely, type Migration, sql } from 'kysely';

/** Turns for the senders of an administration; one with three timeouts in a row waits behind the others. */
export const senderTurns: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(database);
  },
};

const statements = [
  // the key that uploaded the revision; empty for work without a scan
  `alter table jobs add column sender text collate "C" not null default ''`,
  `create index jobs_of_senders on jobs (administration, sender, ready_at) where state <> 'dead'`,
  `create table sender_turns (
    administration text not null,
    sender text collate "C" not null,
    served timestamptz not null,
    timeouts integer not null default 0,
    primary key (administration, sender)
  )`,
];
