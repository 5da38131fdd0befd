import { sql } from 'kysely';
import type { OriginalFile, RecordsTx } from '../core/ports.ts';
import type { Tx } from './database.ts';
import { instant } from './records-cursor.ts';
import { isOf, readable } from './records-scans.ts';

const originals = readable(sql.ref('revisions.originals'));

/** Files that wait, each a scan of its own, for the scan that they are of. */
export function lateRecords(tx: Tx): Pick<RecordsTx, 'waitingReports' | 'loneFiles'> {
  const newest = ({ administration, site }: { administration: string; site: string }, since: string) =>
    tx
      .selectFrom('scans')
      .innerJoin('revisions', (join) =>
        join.onRef('revisions.scan_id', '=', 'scans.id').onRef('revisions.revision', '=', 'scans.revision'),
      )
      .select('revisions.originals')
      .where('scans.administration', '=', administration)
      .where('scans.site', '=', site)
      .where('scans.received', '>=', sql<Date>`${instant(since)}::timestamptz`)
      .orderBy('scans.received')
      .orderBy('scans.id');
  return {
    async waitingReports(
      ...[scope, converters, instanceUids, since]: Parameters<RecordsTx['waitingReports']>
    ) {
      if (instanceUids.length === 0) return [];
      const rows = await newest(scope, since)
        .where('scans.converter', 'in', [...converters])
        .where(
          sql<boolean>`not exists (
            select 1 from json_array_elements(${originals}) as original
            where original -> 'refersTo' is null
          ) and exists (
            select 1 from json_array_elements(${originals}) as original,
              json_array_elements_text(original -> 'refersTo') as uid
            where uid = any(${[...instanceUids]}::text[])
          )`,
        )
        .execute();
      const wanted = new Set(instanceUids);
      return filesOf(rows).filter(({ refersTo = [] }) => refersTo.some((uid) => wanted.has(uid)));
    },
    async loneFiles(...[scope, converters, baseNames, since, scanner]: Parameters<RecordsTx['loneFiles']>) {
      if (converters.length === 0 || baseNames.length === 0) return [];
      const rows = await newest(scope, since)
        .where('scans.converter', 'in', [...converters])
        .where(
          sql<boolean>`json_array_length(${originals}) = 1
            and lower(regexp_replace(${originals} -> 0 ->> 'name', '^.*/', '')) = any(${[...baseNames]}::text[])`,
        )
        .$if(scanner !== undefined, (query) => query.where(isOf(scanner)))
        .execute();
      return filesOf(rows);
    },
  };
}

function filesOf(rows: readonly { readonly originals: readonly OriginalFile[] }[]): readonly OriginalFile[] {
  return rows.flatMap(({ originals }) => originals);
}
