import { sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import type { StationDecisions } from '../../../core/ports/records/station.ts';
import type { ImportedReport } from '../../../core/scan/scan.ts';
import type { StoredDecisions } from '../../../core/scanner/station.ts';
import type { SqlTx } from '../database.ts';
import { instant } from './cursor.ts';
import { readableJson } from './readable-json.ts';

/** A statement takes at most 65,535 values. */
const ROWS_AT_ONCE = 1000;

/** What stations decided, one row a decision, and what is compared with it. */
export function stationRecords(tx: SqlTx): StationDecisions {
  return {
    async putStationDecisions(value) {
      const { administration, site, id } = value;
      const known = await tx
        .selectFrom('station_decisions')
        .select('position')
        .where('administration', '=', administration)
        .where('site', '=', site)
        .where('import_id', '=', id)
        .limit(1)
        .executeTakeFirst();
      if (known !== undefined) return false;
      const rows = rowsOf(value);
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        await tx
          .insertInto('station_decisions')
          .values(rows.slice(at, at + ROWS_AT_ONCE))
          .execute();
      return true;
    },
    async stationDecisions({ administration, site }, from, to) {
      const rows = await tx
        .selectFrom('station_decisions')
        .select('body')
        .where('administration', '=', administration)
        .where('site', '=', site)
        .where('decided', '>=', sql<Date>`${instant(from)}::timestamptz`)
        .where('decided', '<=', sql<Date>`${instant(to)}::timestamptz`)
        .orderBy('decided')
        .orderBy('import_id')
        .orderBy('position')
        .execute();
      return rows.map(({ body }) => body);
    },
    async casesReceived(scope, from, to) {
      const rows = await scansReceived(tx, scope, from, to)
        .innerJoin('cases', 'cases.scan_id', 'scans.id')
        .select(['cases.body', 'scans.group_key', 'scans.acquired_at', 'scans.received_at'])
        .orderBy('scans.received')
        .orderBy('cases.id')
        .execute();
      return rows.map((row) => ({
        case: row.body,
        groupKey: row.group_key,
        at: row.acquired_at ?? row.received_at,
      }));
    },
    async reportsReceived(scope, from, to) {
      const record = sql.ref('revisions.scan');
      const rows = await scansReceived(tx, scope, from, to)
        .innerJoin('revisions', (join) =>
          join.onRef('revisions.scan_id', '=', 'scans.id').onRef('revisions.revision', '=', 'scans.revision'),
        )
        .where(sql<boolean>`position('"reports":' in revisions.scan::text) > 0`)
        .select(['scans.id', 'scans.received_at'])
        .select(sql<readonly ImportedReport[] | null>`${readableJson(record)} -> 'reports'`.as('reports'))
        .orderBy('scans.id')
        .execute();
      return rows.map((row) => ({ scanId: row.id, receivedAt: row.received_at, reports: row.reports ?? [] }));
    },
  };
}

function scansReceived(tx: SqlTx, { administration, site }: Scope, from: string, to: string) {
  return tx
    .selectFrom('scans')
    .where('scans.administration', '=', administration)
    .where('scans.site', '=', site)
    .where('scans.received', '>=', sql<Date>`${instant(from)}::timestamptz`)
    .where('scans.received', '<=', sql<Date>`${instant(to)}::timestamptz`);
}

function rowsOf({ administration, site, id, receivedAt, decisions }: StoredDecisions) {
  return decisions.map((decision, position) => ({
    administration,
    site,
    import_id: id,
    position,
    decided: instant(decision.at.utc ?? receivedAt),
    body: JSON.stringify(decision),
  }));
}
