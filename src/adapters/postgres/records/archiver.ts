import { sql } from 'kysely';
import { defined } from '../../../core/defined.ts';
import type { Archiver } from '../../../core/ports/records/archiver.ts';
import type { SqlTx } from '../database.ts';

interface Row {
  readonly isOn: boolean;
  readonly hasCommand: boolean;
  readonly timeoutSeconds: number;
  readonly archived: Date | null;
  readonly failed: Date | null;
}

export function archiverRecords(tx: SqlTx): Archiver {
  return {
    async archiver() {
      // pg_stat_archiver has one row
      const { rows } = await sql<Row>`select current_setting('archive_mode') <> 'off' as "isOn",
          current_setting('archive_command') not in ('', '(disabled)')
            or current_setting('archive_library') <> '' as "hasCommand",
          extract(epoch from current_setting('archive_timeout')::interval)::int as "timeoutSeconds",
          last_archived_time as archived, last_failed_time as failed from pg_stat_archiver`.execute(tx);
      const [{ archived, failed, ...settings } = nothing] = rows;
      const isFailing = failed !== null && (archived === null || failed > archived);
      return {
        ...settings,
        ...defined({
          lastArchivedAt: archived?.toISOString(),
          lastFailedAt: isFailing ? failed.toISOString() : undefined,
        }),
      };
    },
  };
}

const nothing: Row = { isOn: false, hasCommand: false, timeoutSeconds: 0, archived: null, failed: null };
