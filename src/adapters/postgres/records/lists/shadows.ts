import { sql } from 'kysely';
import { ANY_SITE } from '../../../../core/access.ts';
import type { OutcomeKind, VerdictKind } from '../../../../core/case/case.ts';
import type { Analysis } from '../../../../core/case/finding.ts';
import { defined } from '../../../../core/defined.ts';
import type { ShadowPair, Shadows } from '../../../../core/ports/records/models.ts';
import type { Purpose } from '../../../../core/scan/circumstances.ts';
import type { SqlTx } from '../../database.ts';

interface PairRow {
  readonly scan_id: string;
  readonly revision: number;
  readonly shadow: Analysis;
  readonly active: Analysis | null;
  readonly verdict: VerdictKind | null;
  readonly outcome: OutcomeKind | null;
  readonly site: string | null;
  readonly scanner: string | null;
  readonly purpose: Purpose | null;
}

/** What versions in shadow said, apart from what scores scans. */
export function shadowRecords(tx: SqlTx): Shadows {
  return {
    async putShadow({ scanId: scan_id, revision, administration, at, analysis }) {
      const { id: model_id, version: model_version } = analysis.model;
      const body = JSON.stringify(analysis);
      await tx
        .insertInto('shadow_analyses')
        .values({ scan_id, revision, administration, model_id, model_version, at, body })
        .onConflict((row) =>
          row.columns(['scan_id', 'revision', 'model_id', 'model_version']).doUpdateSet({ at, body }),
        )
        .execute();
    },
    async shadowPairs({ administration, site }, { id, version }, limit) {
      // a case is of one unit of the scan: the strictest of several counts
      const { rows } = await sql<PairRow>`
        select one.scan_id, one.revision, one.body as shadow,
          (select body from analyses where scan_id = one.scan_id and revision = one.revision
            and model_id = one.model_id order by model_version limit 1) as active,
          (select final_verdict from measured_cases where scan_id = one.scan_id and final_verdict is not null
            order by final_verdict = 'suspect' desc limit 1) as verdict,
          (select outcome from measured_cases where scan_id = one.scan_id and outcome is not null
            order by outcome = 'found' desc limit 1) as outcome,
          seen.site, seen.scanner, made.purpose
        from shadow_analyses as one
        left join observations as seen on seen.scan_id = one.scan_id
        left join scans as made on made.id = one.scan_id
        where one.administration = ${administration} and (${site} = ${ANY_SITE} or made.site = ${site})
          and model_id = ${id} and model_version = ${version}
        order by at desc, scan_id limit ${limit}`.execute(tx);
      return rows.map(
        ({ scan_id: scanId, revision, shadow, ...more }): ShadowPair => ({
          scanId,
          revision,
          shadow,
          ...defined({
            active: more.active ?? undefined,
            verdict: more.verdict ?? undefined,
            outcome: more.outcome ?? undefined,
            origin: originOf(more),
          }),
        }),
      );
    },
  };
}

function originOf({ site, scanner, purpose }: Pick<PairRow, 'site' | 'scanner' | 'purpose'>) {
  if (site === null || scanner === null || purpose === null) return undefined;
  return { site, scanner, purpose };
}
