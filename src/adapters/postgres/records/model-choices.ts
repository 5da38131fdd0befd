import type { ModelRegister } from '../../../core/ports/records/models.ts';
import type { KnownModel } from '../../../core/rules/model-choice.ts';
import type { SqlTx } from '../database.ts';

/** Versions of models that were found. */
export function modelRecords(tx: SqlTx): ModelRegister {
  return {
    async registeredModels() {
      const rows = await tx
        .selectFrom('model_packages')
        .selectAll()
        .orderBy('id')
        .orderBy('version')
        .execute();
      return rows.map(({ found, ...row }) => ({ ...row, at: found.toISOString() }));
    },
    async registerModels(found) {
      const changed: KnownModel[] = [];
      for (const { id, version, sha256, waits, at } of found) {
        const known = await tx
          .selectFrom('model_packages')
          .select('sha256')
          .where('id', '=', id)
          .where('version', '=', version)
          .executeTakeFirst();
        if (known?.sha256 === sha256) continue;
        if (known !== undefined) changed.push({ id, version, sha256, waits });
        await tx
          .insertInto('model_packages')
          .values({ id, version, sha256, waits, found: at })
          .onConflict((row) => row.columns(['id', 'version']).doUpdateSet({ sha256, waits }))
          .execute();
      }
      return changed;
    },
  };
}
