import { sql } from 'kysely';
import type { Case } from '../../../../core/case/case.ts';
import type { Comparisons } from '../../../../core/ports/records/cases.ts';
import type { SqlTx } from '../../database.ts';
import { siteOf } from '../cursor.ts';
import { readableJson } from '../readable-json.ts';

/** Older ones are not looked at: goods and scanners change. */
const NEWEST = 400;

export function comparisonRecords(tx: SqlTx): Comparisons {
  return {
    async references(scope, { scanId, converter, chapters, isEmpty }, limit) {
      if (chapters.length === 0 && !isEmpty) return [];
      const site = siteOf(scope);
      const { rows } = await sql<{ body: Case }>`
        select newest.body from (
          select id, site, scan_id, declarations, reference_since, body from cases
          where administration = ${scope.administration} and reference_since is not null
            ${site === undefined ? sql`` : sql`and site = ${site}`} and scan_id <> ${scanId}
          order by reference_since desc limit ${NEWEST}
        ) newest join scans on scans.id = newest.scan_id and scans.converter = ${converter}
        where exists (
          select 1 from declarations stated
          cross join lateral (select ${readableJson(sql.ref('stated.body'))} as body) as read
          where stated.administration = ${scope.administration} and stated.ref = any(newest.declarations)
            and (stated.site = newest.site or stated.site = '*')
            and (case when ${isEmpty} then read.body ->> 'declaredEmpty' = 'true'
              else exists (
                select 1 from json_array_elements_text(coalesce(read.body -> 'hsCodes', '[]')) code
                where left(code, 2) = any(${[...chapters]}::text[])) end))
        order by newest.reference_since desc, newest.id limit ${limit}`.execute(tx);
      return rows.map(({ body }) => body);
    },
    async offerScans(caseId, scanIds) {
      await withdrawOffers(tx, caseId);
      if (scanIds.length === 0) return;
      const rows = [...new Set(scanIds)].map((scan_id) => ({ case_id: caseId, scan_id }));
      await tx.insertInto('offered_scans').values(rows).execute();
    },
  };
}

/** The case is no longer claimed. */
export async function withdrawOffers(tx: SqlTx, caseId: string): Promise<void> {
  await tx.deleteFrom('offered_scans').where('case_id', '=', caseId).execute();
}
