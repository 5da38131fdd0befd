import { sql } from 'kysely';
import { ANY_SITE } from '../../../../core/access.ts';
import type { OutcomeKind, VerdictKind } from '../../../../core/case/case.ts';
import { defined } from '../../../../core/defined.ts';
import type { VendorScan, VendorScans } from '../../../../core/ports/records/models.ts';
import type { SqlTx } from '../../database.ts';
import { instant } from '../cursor.ts';
import { readableJson } from '../readable-json.ts';

interface ScanRow {
  readonly scan_id: string;
  readonly reports: VendorScan['reports'] | null;
  readonly models: VendorScan['models'] | null;
  readonly verdict: VerdictKind | null;
  readonly outcome: OutcomeKind | null;
}

/** From the records of scans: what came with them is nowhere else. */
export function vendorScanRecords(tx: SqlTx): VendorScans {
  return {
    async vendorScans({ administration, site }, from, most) {
      // a case is of one unit of the scan: the strictest of several counts
      const { rows } = await sql<ScanRow>`
        with newest as (
          select scan_id, revision, received from observations
          where administration = ${administration} and (${site} = ${ANY_SITE} or site = ${site}) and received >= ${instant(from)}::timestamptz
          order by received desc limit ${most}
        )
        select scan_id,
          (select json_agg(json_strip_nulls(json_build_object(
              'type', one->>'type', 'decision', one->>'decision', 'by', one->>'by')))
            from json_array_elements(${readableJson(sql.ref('revisions.scan'))} -> 'reports') as one
            where one->>'type' = 'MACHINE') as reports,
          (select json_agg(json_build_object('model', model_id || '@' || model_version,
              'alarm', coalesce(said.body->>'alarm' = 'true', false)) order by model_id, model_version)
            from analyses cross join lateral (select ${readableJson(sql.ref('analyses.body'))} as body) as said
            where scan_id = newest.scan_id and revision = newest.revision
              and said.body->>'status' = 'analysed') as models,
          (select final_verdict from measured_cases where scan_id = newest.scan_id and final_verdict is not null
            order by final_verdict = 'suspect' desc limit 1) as verdict,
          (select outcome from measured_cases where scan_id = newest.scan_id and outcome is not null
            order by outcome = 'found' desc limit 1) as outcome
        from newest join revisions using (scan_id, revision)
        where position('"reports":' in revisions.scan::text) > 0
        order by newest.received desc, scan_id`.execute(tx);
      return rows.map(
        ({ scan_id: scanId, reports, models, verdict, outcome }): VendorScan => ({
          scanId,
          reports: reports ?? [],
          models: models ?? [],
          ...defined({ verdict: verdict ?? undefined, outcome: outcome ?? undefined }),
        }),
      );
    },
  };
}
