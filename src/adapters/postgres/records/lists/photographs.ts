import type { Photographs, PhotographWrites } from '../../../../core/ports/records/lists/photographs.ts';
import type { Tx } from '../../database.ts';
import { instant } from '../cursor.ts';

export function photographRecords(tx: Tx): Photographs & PhotographWrites {
  return {
    async photographsOf(caseId) {
      const rows = await tx
        .selectFrom('photographs')
        .select('body')
        .where('case_id', '=', caseId)
        .orderBy('added')
        .orderBy('id')
        .execute();
      return rows.map(({ body }) => body);
    },
    async putPhotograph(value) {
      const { caseId, id, addedAt } = value;
      await tx
        .insertInto('photographs')
        .values({ case_id: caseId, id, added: instant(addedAt), body: JSON.stringify(value) })
        .onConflict((at) =>
          at.columns(['case_id', 'id']).doUpdateSet({
            added: (row) => row.ref('excluded.added'),
            body: (row) => row.ref('excluded.body'),
          }),
        )
        .execute();
    },
  };
}
