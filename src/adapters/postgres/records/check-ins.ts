import { sql } from 'kysely';
import type { LanePassage } from '../../../core/case/lane-passage.ts';
import type { CheckIns, MarksAsked } from '../../../core/ports/records/check-ins.ts';
import { nameOf, type StoredCheckIn } from '../../../core/rules/check-in.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import { instant } from './cursor.ts';

export function checkInRecords(tx: SqlTx): CheckIns {
  return {
    async checkInsNaming(asked, limit) {
      if (isEmpty(asked)) return [];
      const rows = await documentsNaming(tx, 'check-in', asked).limit(limit).execute();
      // checked when it was written
      return rows.map(({ body }) => body as StoredCheckIn);
    },
    async passagesNaming(asked, limit) {
      if (isEmpty(asked)) return [];
      const rows = await documentsNaming(tx, 'passage', asked)
        .where('at', '<=', sql<Date>`${instant(asked.to)}::timestamptz`)
        .limit(limit)
        .execute();
      return rows.map(({ body }) => body as LanePassage);
    },
  };
}

function isEmpty({ marks, sites }: MarksAsked): boolean {
  return marks.length === 0 || sites.length === 0;
}

function documentsNaming(
  tx: SqlTx,
  kind: 'check-in' | 'passage',
  { administration, sites, marks, from }: MarksAsked,
) {
  return tx
    .selectFrom('documents')
    .modifyFront(keptPlan)
    .select('body')
    .where(sql<boolean>`marks <> '{}' and marks && ${marks.map(nameOf)}::text[]`)
    .where('kind', '=', kind)
    .where('administration', '=', administration)
    .where(sql<boolean>`site = any(${[...sites]}::text[])`)
    .where('at', '>=', sql<Date>`${instant(from)}::timestamptz`)
    .orderBy('at')
    .orderBy('path');
}
