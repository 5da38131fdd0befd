import { type Kysely, type Migration, sql } from 'kysely';
import { cases } from './initial/cases.ts';
import { counts } from './initial/counts.ts';
import { feedAndAudit } from './initial/feed-and-audit.ts';
import { instances } from './initial/instances.ts';
import { measures } from './initial/measures.ts';
import { people } from './initial/people.ts';
import { radiation } from './initial/radiation.ts';
import { rules } from './initial/rules.ts';
import { scanners } from './initial/scanners.ts';
import { scans } from './initial/scans.ts';
import { service } from './initial/service.ts';
import { uploads } from './initial/uploads.ts';

const parts = [
  service,
  feedAndAudit,
  scans,
  instances,
  cases,
  radiation,
  people,
  rules,
  scanners,
  uploads,
  measures,
  counts,
];

/**
 * The schema of version 0.2.0. It is never edited: a change is a new migration.
 *
 * Times that a caller gave are kept as the text that came (`*_at`), so that they return unchanged; the columns that
 * queries compare are instants. Bodies are `json`, not `jsonb`: it keeps the text, so numbers, the order of names
 * and the characters that jsonb refuses come back as they went in.
 */
export const initial: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    for (const part of parts) await sql.raw(part).execute(database);
  },
};
