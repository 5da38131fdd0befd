import type { Annotations, AnnotationWrites } from '../../../../core/ports/records/lists/annotations.ts';
import type { Tx } from '../../database.ts';
import { instant } from '../cursor.ts';

export function annotationRecords(tx: Tx): Annotations & AnnotationWrites {
  return {
    async annotationsOf(caseId) {
      const rows = await tx
        .selectFrom('annotations')
        .select('body')
        .where('case_id', '=', caseId)
        .orderBy('made')
        .orderBy('id')
        .execute();
      return rows.map(({ body }) => body);
    },
    async putAnnotation(value) {
      const { caseId, id, madeAt } = value;
      await tx
        .insertInto('annotations')
        .values({ case_id: caseId, id, made: instant(madeAt), body: JSON.stringify(value) })
        .onConflict((at) =>
          at.columns(['case_id', 'id']).doUpdateSet({ body: (row) => row.ref('excluded.body') }),
        )
        .execute();
    },
  };
}
